"""Stamps on pages that are unusual, shared or broken: in place, alone, and liked by others."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.core.errors import DocumentFault
from gateway.core.lengths import Length
from gateway.core.pages import ANYWHERE
from gateway.core.places import AtCorner, Corner, Fit, Place
from gateway.pdf.reader import ReaderDocuments
from tests.e2e.pages import assembled, write_pdf
from tests.pdf.conftest import SMALL, Bench, Key
from tests.pdf.making import judged_by_pdfsig, refusal
from tests.pdf.rendering import RENDERERS, difference, draw, pixels, upright

PLACES = (
    Place(AtCorner(Corner.BOTTOM_RIGHT, Length(5, "mm"))),
    Place(AtCorner(Corner.TOP_LEFT, Length(5, "mm")), ANYWHERE, seal=SMALL.name),
)
BOX = "/MediaBox [0 0 400 300]"
MARK = "0 0.6 0.6 rg 180 140 30 20 re f"
"""What pages show: a small rectangle in the middle."""


def stream(content: str, entries: str = "") -> bytes:
    """Return a stream object."""
    return f"<< /Length {len(content)} {entries} >>\nstream\n{content}\nendstream".encode("latin-1")


def book(*pages: str, tree: str = "", others: tuple[bytes, ...] = ()) -> bytes:
    """Return a document; `others` are numbered from 10, pages from 3, each in the root."""
    kids = " ".join(f"{3 + number} 0 R" for number in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} {tree} >>".encode(),
        *(f"<< /Type /Page /Parent 2 0 R {page} >>".encode() for page in pages),
    ]
    objects += [b"null"] * (9 - len(objects))
    return assembled([*objects, *others])


FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
CONTENT = stream(MARK)
TAKEN = stream(MARK, "/Type /XObject /Subtype /Form /BBox [0 0 400 300]")

STRANGE: dict[str, bytes] = {
    "no resources, no content": book(BOX),
    "null content and resources": book(f"{BOX} /Contents null /Resources null /Annots null"),
    "content that is not there": book(f"{BOX} /Contents 99 0 R /Resources 98 0 R /Annots 97 0 R"),
    "content that is null": book(f"{BOX} /Contents 9 0 R /Resources 9 0 R /Annots 9 0 R"),
    "no content in an array": book(f"{BOX} /Contents [] /Resources << >> /Annots []"),
    "an array with nulls": book(
        f"{BOX} /Contents [null 10 0 R 9 0 R 99 0 R null] /Annots [null 9 0 R]",
        others=(CONTENT,),
    ),
    "an array elsewhere": book(
        f"{BOX} /Contents 10 0 R", others=(b"[11 0 R 12 0 R]", stream("0 0.6 0.6 rg"), CONTENT)
    ),
    "the same content twice": book(*[f"{BOX} /Contents 10 0 R"] * 2, others=(CONTENT,)),
    "resources from above, written there": book(
        *["/Contents 10 0 R"] * 3,
        tree=f"{BOX} /Resources << /Font << /F1 11 0 R >> >>",
        others=(CONTENT, FONT),
    ),
    "resources from above, an object": book(
        *["/Contents 10 0 R"] * 3,
        tree=f"{BOX} /Resources 11 0 R",
        others=(CONTENT, b"<< /XObject 12 0 R >>", b"<< >>"),
    ),
    "forms shared, a name taken": book(
        *[f"{BOX} /Contents 10 0 R /Resources << /XObject 11 0 R >>"] * 3,
        others=(stream("/Sealgate1 Do"), b"<< /Sealgate1 12 0 R /Sealgate3 12 0 R >>", TAKEN),
    ),
    "a name taken by nothing": book(
        f"{BOX} /Contents 10 0 R /Resources << /XObject << /Sealgate1 99 0 R >> >>",
        others=(CONTENT,),
    ),
    "forms that are none": book(
        f"{BOX} /Contents 10 0 R /Resources << /XObject [1 2] >>", others=(CONTENT,)
    ),
    "resources that are none": book(
        f"{BOX} /Contents 10 0 R /Resources [/Font]", others=(CONTENT,)
    ),
    "boxes without extent": book(
        "/MediaBox [0 0 0 90] /Contents 10 0 R", others=(CONTENT,)
    ),
    "a page twice as large as it says": book(
        f"{BOX} /UserUnit 2 /Contents 10 0 R", others=(CONTENT,)
    ),
    "turned, its corner elsewhere": book(
        "/MediaBox [-100 50 300 350] /Rotate 270 /Contents 10 0 R",
        others=(stream("0 0.6 0.6 rg 80 190 30 20 re f"),),
    ),
}


@pytest.fixture
def quartered(reader: ReaderDocuments, quadrants: Path, tmp_path: Path) -> Bench:
    """Return a bench whose seals show whether they are upright."""
    return Bench(reader, quadrants, tmp_path)


def seal_and_judge(bench: Bench, key: Key, original: Path, password: str = "") -> Path:
    """Seal, and let others look: the seals are there, upright, and nothing else has changed."""
    sealed, plan, _ = bench.seal(original, key, PLACES)
    frames = bench.reader.examine(original).pages
    options = ("-upw", password) if password else ()
    assert judged_by_pdfsig(sealed, *options) == ["Signature is Valid."]
    assert complaints(sealed) <= complaints(original)
    for renderer in RENDERERS:
        for page, frame in enumerate(frames):
            unit = round(144 * frame.user_unit)
            before, after = (draw(renderer, path, page, unit) for path in (original, sealed))
            changed = difference(before, after)
            for mark in (mark for mark in plan.marks if mark.page == page):
                place = pixels(mark.box, frame, after)
                assert upright(after, place), f"{renderer}, page {page + 1}: not there, or turned"
                changed.paste(
                    0,
                    tuple(
                        round(edge) + step for edge, step in zip(place, (-2, -2, 2, 2), strict=True)
                    ),
                )
            assert changed.getbbox() is None, f"{renderer}, page {page + 1}: something else changed"
    return sealed


def complaints(path: Path) -> int:
    """Return qpdf's verdict: 0 for a file without faults, 1 for warnings, 2 for errors."""
    done = subprocess.run(("qpdf", "--check", path), capture_output=True, check=False)
    return {0: 0, 3: 1}.get(done.returncode, 2)


@pytest.mark.parametrize("strange", STRANGE)
def test_strange_pages(quartered: Bench, key: Key, tmp_path: Path, strange: str) -> None:
    """However a page keeps its content and resources, it gets its stamps and keeps the rest."""
    original = tmp_path / "strange.pdf"
    original.write_bytes(STRANGE[strange])
    seal_and_judge(quartered, key, original)


LEFT_OPEN = {
    "nothing": MARK,
    "a state, never restored": f"q q {MARK} 3 0 0 3 50 50 cm",
    "a moved state below another": f"2 0 0 2 -200 -150 cm q q 0.5 0 0 0.5 0 0 cm {MARK}",
    "states moved at every level": f"q 2 0 0 2 0 0 cm q 2 0 0 2 9 9 cm q q {MARK}",
    "one restored too often": f"{MARK} Q Q",
    "moved, then restored too often": f"0.5 0 0 0.5 100 75 cm Q {MARK} Q q 3 0 0 3 0 0 cm",
    "restored too often, then moved": f"Q Q {MARK} 3 0 0 3 9 9 cm",
    "text": f"{MARK} BT /F1 12 Tf 30 30 Td (Open) Tj",
    "marked content": f"/Span << /Lang (de) >> BDC /Artifact BMC {MARK}",
    "a clip": f"{MARK} 0 0 9 9 re W n",
    "a path": f"{MARK} 0 0 30 30 re W",
    "words that look like operators": f"(q q \\) Q) pop <51> /q [(Q)] << /q (Q) >> % q q\n{MARK}",
    "a picture in the page": f"q 2 0 0 2 0 0 cm BI /W 4 /H 1 /BPC 8 /CS /G ID Q q  EI q {MARK}",
    "colours and lines": f"{MARK} 0.2 g 5 w [9 9] 0 d 1 Tr 50 Tz",
}


@pytest.mark.parametrize("left", LEFT_OPEN)
def test_whatever_a_page_leaves_open(quartered: Bench, key: Key, tmp_path: Path, left: str) -> None:
    """States, text, marks and paths that a page's content leaves open move or hide no stamp."""
    original = tmp_path / "open.pdf"
    page = f"{BOX} /Contents [10 0 R 11 0 R] /Resources << /Font << /F1 12 0 R >> >>"
    first, second = LEFT_OPEN[left].rsplit(" ", 1)
    original.write_bytes(book(page, others=(stream(first), stream(second), FONT)))
    seal_and_judge(quartered, key, original)
