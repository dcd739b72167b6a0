"""The contracts of `Lettering` and `Printer`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest

from gateway.core.drawing import Colour
from gateway.core.errors import SiteFault
from gateway.core.printed_page import A4, Block, Page, Words
from gateway.pdf.printing import PdfPrinter
from gateway.ports import About, Lettering, Printer
from gateway.seals.lettering import FontLettering

_ABOUT = About("A (title) \\ 题", "somebody", "en")


@pytest.fixture
def lettering() -> Lettering:
    """Return the letters of this machine."""
    return FontLettering()


def test_widths_add_up(lettering: Lettering) -> None:
    """A text is as wide as its characters, and every character has a width or none."""
    for bold in (False, True):
        assert lettering.width("", bold) == 0
        apart = sum(lettering.width(one, bold) for one in "Aa 中")
        assert lettering.width("Aa 中", bold) == pytest.approx(apart)
    assert lettering.width("中", False) == pytest.approx(1.0, abs=0.1)


def test_what_was_noted_is_set(lettering: Lettering) -> None:
    """Glyphs follow the text; what no font has is shown by a stand-in and kept as text."""
    text = "A中\U000e0041🎉\x07"
    lettering.note(text, False)
    fonts = lettering.fonts()
    glyphs = lettering.glyphs(text, False)
    assert [one.shown for one in glyphs][:2] == ["A", "中"]
    assert [one.text for one in glyphs] == ["A", "中", "□", "🎉", "□"]
    assert all(0 < one.number < len(fonts[one.font].widths) for one in glyphs)


def test_composed_and_bold_letters_are_their_own(lettering: Lettering) -> None:
    """A letter with its accent is one glyph, and bold ones are of another font."""
    for bold in (False, True):
        lettering.note("u\u0308", bold)
    fonts = lettering.fonts()
    (plain,), (bold_one,) = (lettering.glyphs("u\u0308", bold) for bold in (False, True))
    assert plain.text == "ü"
    assert fonts[plain.font].name != fonts[bold_one.font].name


def test_pages_are_printed(lettering: Lettering, tmp_path: Path) -> None:
    """Pages are asked for twice, the second time with their number, and read back as text."""
    printer: Printer = PdfPrinter()
    asked: list[int] = []

    def pages(total: int) -> Iterator[Page]:
        asked.append(total)
        for number in (1, 2):
            yield (
                Block(50, 60, 200, 20, Colour(0.9, 0.9, 0.9), radius=4),
                Words(60, 100, f"第 {number} of {total} (x) \\ <y>", 12, bold=number == 2),
            )

    target = tmp_path / "printed.pdf"
    assert printer.print(pages, lettering, _ABOUT, target) == 2
    assert asked == [0, 2]
    document = pypdfium2.PdfDocument(target)
    texts = [document[index].get_textpage().get_text_bounded() for index in (0, 1)]
    assert texts == ["第 1 of 2 (x) \\ <y>", "第 2 of 2 (x) \\ <y>"]
    assert document[0].get_size() == A4
    assert document.get_metadata_dict()["Title"] == _ABOUT.title
    document.close()


def test_nothing_is_overwritten(lettering: Lettering, tmp_path: Path) -> None:
    """A file that is there stays as it is; a folder that is not there is named."""
    target = tmp_path / "printed.pdf"
    target.write_bytes(b"mine")
    missing = tmp_path / "missing" / "printed.pdf"
    for path, code in ((target, "site.input-output"), (missing, "site.folder-missing")):
        with pytest.raises(SiteFault, match=code):
            PdfPrinter().print(lambda total: [()], lettering, _ABOUT, path)
    assert target.read_bytes() == b"mine"
