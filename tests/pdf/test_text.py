"""Words on pages are found however a producer wrote them, and their boxes are where they stand."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from gateway.core.facts import TextHit, TextQuery, Wanted
from gateway.core.geometry import Box
from gateway.pdf.facts import examine
from gateway.pdf.reader import ReaderDocuments
from gateway.pdf.runs import MOST_AREAS
from gateway.pdf.text import MOST_HITS
from tests.e2e.pages import write_pdf
from tests.pdf.lettering import at, chinese, lettered, mapped

SPREAD = b"".join(at(60 + 40 * index, 400, chinese(one), "G") for index, one in enumerate("盖章处"))
COLUMN = b"".join(at(60, 400 - 16 * row, chinese(one), "G") for row, one in enumerate("盖章处"))
WRITTEN = {
    "pieces": (b"BT /H 14 Tf 60 400 Td [(Se) -50 (al) -600 (here)] TJ ET", "Seal here"),
    "separate strings": (at(77.1, 400, b"(al here)") + at(60, 400, b"(Se)"), "Seal here"),
    "letter-spaced": (b"BT /H 14 Tf 8 Tc 60 400 Td (SEAL HERE) Tj ET", "SEAL HERE"),
    "hard space": (at(60, 400, rb"(Seal\240 here)"), "Seal here"),
    "two lines": (b"BT /H 14 Tf 60 400 Td (Seal) Tj 0 -16 Td (here) Tj ET", "Seal here"),
    "word divided": (b"BT /H 14 Tf 60 400 Td (an agree-) Tj 0 -16 Td (ment) Tj ET", "agreement"),
    "hyphen at the end": (
        b"BT /H 14 Tf 60 400 Td (a well-) Tj 0 -16 Td (known) Tj ET",
        "well-known",
    ),
    "curved apostrophe": (at(60, 400, rb"(Seller\222s seal)"), "Seller's seal"),
    "letters for a ligature": (at(60, 400, mapped(1), "M"), "ﬁ"),
    "a ligature for letters": (at(60, 400, mapped(2), "M"), "fi"),
    "ligature in the document": (at(60, 400, mapped(2), "M"), "ﬁ"),
    "beyond the first plane": (at(60, 400, mapped(3, 3, 4), "M"), "𠮷章"),
    "radical for an ideograph": (at(60, 400, mapped(6), "M"), "页"),
    "radical of Kangxi": (at(60, 400, mapped(7), "M"), "小"),
    "spread ideographs": (SPREAD, "盖章处"),
    "spaced query": (at(60, 400, chinese("盖章处"), "G"), "盖 章　处"),
    "column": (COLUMN, "盖章处"),
    "vertical writing": (at(60, 400, chinese("盖章处"), "V"), "盖章处"),
    "vertical by identity": (at(60, 400, mapped(5, 4, 8), "I"), "盖章处"),
    "vertical Japanese": (at(60, 400, b"<889F88A0>", "J"), "亜唖"),
    "line broken in a phrase": (
        at(60, 400, chinese("请在此盖"), "G") + at(60, 384, chinese("章处签字"), "G"),
        "盖章处",
    ),
    "two fonts": (at(60, 400, chinese("甲方"), "G") + at(88, 400, b"(\\(A\\))"), "甲方（A）"),
    "full-width parentheses": (at(60, 400, chinese("甲方（ 盖 章 ）"), "G"), "甲方(盖章)"),
    "parentheses of Latin": (
        at(60, 400, chinese("甲方"), "G")
        + at(95, 400, b"(\\()")
        + at(105, 400, chinese("章"), "G"),
        "甲方（章",
    ),
    "full-width digits": (at(60, 400, chinese("合同２０２４"), "G"), "合同2024"),
    "space between writings": (at(60, 400, chinese("2024 年 5 月"), "G"), "2024年5月"),
    "invisible": (b"3 Tr " + at(60, 400, b"(Seal here)"), "Seal here"),
    "recognised, without ink": (
        b"3 Tr " + at(60, 400, mapped(5, 4), "O") + at(90, 400, mapped(8, 7), "O"),
        "盖章处",
    ),
    "turned": (b"BT /H 14 Tf 0 1 -1 0 60 400 Tm (Seal here) Tj ET", "Seal here"),
    "slanting": (b"BT /H 14 Tf 0.7 0.7 -0.7 0.7 60 400 Tm (Seal here) Tj ET", "Seal here"),
    "upside down": (b"BT /H 14 Tf -1 0 0 -1 360 400 Tm (Seal here) Tj ET", "Seal here"),
    "drawn twice for weight": (
        at(60, 400, chinese("盖章处"), "G") + at(60.3, 400, chinese("盖章处"), "G"),
        "盖章处",
    ),
}


def hits(path: Path, *words: str, expression: bool = False) -> tuple[TextHit, ...]:
    """Return where words are found."""
    queries = tuple(TextQuery(word, expression) for word in words)
    return examine(path, Wanted(queries)).hits


def rounded(box: Box) -> tuple[int, int, int, int]:
    """Return a box in whole points."""
    return round(box.x), round(box.y), round(box.width), round(box.height)


@pytest.mark.parametrize(("content", "words"), WRITTEN.values(), ids=WRITTEN)
def test_found(tmp_path: Path, content: bytes, words: str) -> None:
    """Words are found once in a page that shows them once, however its producer wrote them."""
    assert len(hits(lettered(tmp_path / "p.pdf", content), words)) == 1


@pytest.mark.parametrize("words", ["Seal", "SEAL HERE", "盖 处", "sealhere", "agree-ment", "   "])
def test_not_found(tmp_path: Path, words: str) -> None:
    """What a page does not say is not found: case, spaces between Latin words and order count."""
    content = at(60, 400, b"(seal here)") + at(60, 300, chinese("盖章处"), "G")
    assert not hits(lettered(tmp_path / "p.pdf", content), words)


BOXES = {
    # Helvetica is 1.17 times as high as its size, of which 0.22 below the baseline.
    "across": (at(60, 400, b"(Seal)"), "Seal", (60, 429, 28, 16)),
    "low letters stand as high": (at(60, 400, b"(ace)"), "ace", (60, 429, 23, 16)),
    "part of a word": (at(60, 400, b"(Seal)"), "al", (77, 429, 11, 16)),
    "spaces have no place": (SPREAD, "盖章", (60, 430, 54, 14)),
    "column": (COLUMN, "盖章处", (60, 430, 14, 46)),
    "vertical": (at(60, 400, chinese("盖章处"), "V"), "盖章处", (53, 442, 14, 42)),
    "last line of Chinese": (WRITTEN["line broken in a phrase"][0], "盖章处", (60, 446, 28, 14)),
    "last line of Latin": (WRITTEN["two lines"][0], "Seal here", (60, 445, 28, 16)),
    "last line of a divided word": (WRITTEN["word divided"][0], "agreement", (60, 445, 31, 16)),
    "turned": (WRITTEN["turned"][0], "Seal here", (47, 382, 16, 60)),
    "last line of what is turned": (
        b"BT /H 14 Tf 0 1 -1 0 60 400 Tm (Seal) Tj 0 -16 Td (here) Tj ET",
        "Seal here",
        (63, 414, 16, 28),
    ),
    "after pairs of halves": (at(60, 400, mapped(3, 3, 4), "M"), "章", (88, 430, 14, 14)),
}


@pytest.mark.parametrize(("content", "words", "box"), BOXES.values(), ids=BOXES)
def test_box(tmp_path: Path, content: bytes, words: str, box: tuple[int, int, int, int]) -> None:
    """A hit's box is that of its characters on its last line, in points from the top left."""
    (hit,) = hits(lettered(tmp_path / "p.pdf", content), words)
    assert rounded(hit.box) == box


@pytest.mark.parametrize(
    ("entries", "box"),
    [
        (b"/Rotate 90", (397, 60, 16, 28)),
        (b"/Rotate 180", (507, 397, 28, 16)),
        (b"/Rotate 270", (429, 507, 16, 28)),
        (b"/CropBox [50 300 400 600]", (10, 187, 28, 16)),
        (b"/CropBox [50 300 400 600] /Rotate 90", (97, 10, 16, 28)),
        (b"/UserUnit 2", (120, 858, 56, 33)),
    ],
)
def test_frame(tmp_path: Path, entries: bytes, box: tuple[int, int, int, int]) -> None:
    """Boxes are those of the page as displayed: cropped, turned and in true points."""
    path = lettered(tmp_path / "p.pdf", at(60, 400, b"(Seal)"), entries=entries)
    (hit,) = hits(path, "Seal")
    assert rounded(hit.box) == box


@pytest.mark.parametrize(
    "content",
    [at(-200, 400, b"(Seal)"), at(60, 900, b"(Seal)")],
    ids=["left of the page", "above it"],
)
def test_off_the_page(tmp_path: Path, content: bytes) -> None:
    """Words that stand outside of what is displayed are not found."""
    assert not hits(lettered(tmp_path / "p.pdf", content), "Seal")


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        (r"盖\s*章", ["盖章"]),
        ("盖章", ["盖章"]),
        ("（盖 章）", ["(盖章)"]),
        (r"\（盖章[）]", ["(盖章)"]),
        (r"No\. (\d+)", ["42"]),
        ("No. .*", ["No. 42"]),
        ("seal here", ["seal here"]),
        (r"(absent)?No", ["No"]),
        (r"(?x) seal \s here", ["seal here"]),
        ("x*", []),
    ],
)
def test_expressions(tmp_path: Path, expression: str, found: list[str]) -> None:
    """Expressions run on folded text, stop at line ends, give their first group, never nothing."""
    content = (
        at(60, 500, chinese("甲方（ 盖 章 ）"), "G")
        + at(60, 400, b"(No. 42)")
        + at(60, 384, b"(please seal)")
        + at(60, 368, b"(here)")
    )
    path = lettered(tmp_path / "p.pdf", content)
    assert [hit.text for hit in hits(path, expression, expression=True)] == found


def test_order(tmp_path: Path) -> None:
    """Hits come in the order of pages and text, whatever query they are of."""
    pages = at(60, 400, b"(two one two)"), at(60, 400, b"(one)")
    found = hits(lettered(tmp_path / "p.pdf", *pages), "one", "two", "one")
    assert [(hit.page, hit.text) for hit in found] == [
        (0, "two"),
        (0, "one"),
        (0, "two"),
        (1, "one"),
    ]


def test_bounded(tmp_path: Path) -> None:
    """What a page repeats without end is told a bounded number of times, without much time."""
    lines = b"".join(at(20, 830 - 8 * line, b"(%s)" % (b"ab" * 60), size=4) for line in range(50))
    path = lettered(tmp_path / "p.pdf", lines)
    begun = time.process_time()
    found = hits(path, "ab", "ba")
    assert len(found) == 2 * MOST_HITS
    assert time.process_time() - begun < 3


def test_textless(tmp_path: Path) -> None:
    """A document without any character says so when words are wanted; spaces are none."""
    wanted = Wanted((TextQuery("Seal"),))
    picture = lettered(tmp_path / "scan.pdf", b"0 0 100 100 re f", at(60, 400, b"(  )"))
    assert examine(picture, wanted).textless
    assert not examine(picture, Wanted()).textless
    for mode in (b"", b"3 Tr "):
        spoken = lettered(tmp_path / "text.pdf", b"", mode + at(60, 400, b"(other)"))
        assert not examine(spoken, wanted).textless


def test_text_boxes(tmp_path: Path) -> None:
    """Where text stands is told by line, without what is off the page or invisible beside it."""
    lines = b"BT /H 14 Tf 60 400 Td (Seal) Tj ( or sign) Tj 0 -20 Td (here) Tj ET\n"
    others = at(-200, 300, b"(off)") + b"3 Tr " + at(60, 200, b"(hidden)")
    path = lettered(tmp_path / "p.pdf", lines + others, b"3 Tr " + at(60, 200, b"(scan)"), b"")
    first, second, third = examine(path, Wanted(text_boxes=True)).text_boxes
    assert [rounded(box) for box in first] == [(60, 429, 74, 16), (60, 449, 28, 16)]
    assert [rounded(box) for box in second] == [(60, 629, 30, 16)]
    assert third == ()
    assert examine(path, Wanted()).text_boxes == ()


def test_few_text_boxes(tmp_path: Path) -> None:
    """A page of scattered letters has few boxes, and each letter is in one of them."""
    places = [(20 + 18 * across, 20 + 16 * up) for across in range(30) for up in range(50)]
    content = b"".join(at(x, y, b"(x)", size=5) for x, y in places)
    (boxes,) = examine(lettered(tmp_path / "p.pdf", content), Wanted(text_boxes=True)).text_boxes
    assert 0 < len(boxes) <= MOST_AREAS
    for x, y in places:
        across, down = x + 1, 842 - y - 1
        assert any(
            box.x <= across <= box.x + box.width and box.y <= down <= box.y + box.height
            for box in boxes
        )


def test_dense_page(tmp_path: Path) -> None:
    """A page of 5,000 characters costs little more than pdfium needs for it."""
    line = b"(%s)" % b"seal it " * 9
    content = b"".join(at(20, 830 - 8 * row, line, size=7) for row in range(70))
    path = lettered(tmp_path / "p.pdf", *[content] * 10)
    begun = time.process_time()
    assert hits(path, "it seal")
    assert time.process_time() - begun < 10 * 0.05


def test_through_the_reader(reader: ReaderDocuments, tmp_path: Path) -> None:
    """The reader process tells the same as a direct call, halves of pairs and all."""
    path = lettered(tmp_path / "p.pdf", at(60, 400, mapped(3, 4), "M"))
    wanted = Wanted((TextQuery("𠮷"),), text_boxes=True)
    assert reader.examine(path, wanted) == examine(path, wanted)


def test_only_pages_that_are_asked_about_are_read(reader: ReaderDocuments, tmp_path: Path) -> None:
    """Words asked for on some pages are found there alone, and only there text is missed."""
    path = write_pdf(tmp_path / "long.pdf", ("Seal", "Seal", ""))
    last, middle = TextQuery("Seal", pages="last"), TextQuery("Seal", pages="2,9")
    facts = reader.examine(path, Wanted((last, middle)))
    assert [(hit.query, hit.page) for hit in facts.hits] == [(middle, 1)]
    assert not facts.textless
    assert reader.examine(path, Wanted((last,))).textless
