"""Drawings become one-page PDFs that other programs read as they were meant."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.core.drawing import Colour, Drawing, Shape
from gateway.pdf.reader import ReaderDocuments
from gateway.pdf.wire import DrawingRequest, Request
from tests.pdf.drawings import (
    LATIN,
    apart,
    by_pdfium,
    by_poppler,
    cut,
    faultless,
    plain,
    seal_drawing,
)


def test_two_programs_see_the_same(reader: ReaderDocuments, tmp_path: Path) -> None:
    """Shapes, glyphs and a picture look alike in pdfium and poppler, in a file without faults."""
    page = tmp_path / "seal.pdf"
    made = reader.from_drawing(seal_drawing(alpha=128), page)
    assert (made.width, made.height, made.dots) == (120, 100, 96)
    assert faultless(page)
    ours, theirs = by_pdfium(page), by_poppler(page)
    assert ours.size == (240, 200)
    assert apart(ours, theirs) < 3
    assert ours.getpixel((50, 157)) == (204, 0, 0), "filled"
    assert ours.getpixel((80, 146)) == (255, 255, 255), "a hole, by the even-odd rule"
    red, green, blue = ours.getpixel((180, 130))  # type: ignore[misc]
    assert red == green
    assert 120 < red < 135, "half of a blue dot"
    assert blue > 220


def test_text_can_be_found(reader: ReaderDocuments, tmp_path: Path) -> None:
    """Both kinds of fonts are embedded subsets whose text comes back out."""
    page = tmp_path / "seal.pdf"
    reader.from_drawing(seal_drawing(), page)
    listed = subprocess.run(("pdffonts", page), capture_output=True, text=True, check=True).stdout
    rows = listed.splitlines()[2:]
    assert len(rows) == 2
    assert all(re.match(r"[A-Z]{6}\+", row) for row in rows)
    assert all(re.search(r"Identity-H +yes yes yes", row) for row in rows)
    text = subprocess.run(
        ("pdftotext", "-layout", page, "-"), capture_output=True, text=True, check=True
    ).stdout
    assert "Sealed 2026ä" in text
    assert "合同专用章" in text


def test_names_instead_of_numbers(reader: ReaderDocuments, tmp_path: Path) -> None:
    """A CFF whose glyphs have names looks like the TrueType font that it was made from."""
    pictures = []
    for named in (False, True):
        font = cut(LATIN, "Sealed", named=named)
        drawing = Drawing(100, 40, (font.line(0, "Sealed", 5, 10, 24),), (font.subset,))
        page = tmp_path / f"{named}.pdf"
        reader.from_drawing(drawing, page)
        assert faultless(page)
        assert apart(by_pdfium(page), by_poppler(page)) < 4
        pictures.append(by_poppler(page))
    assert apart(*pictures) < 1


def test_one_glyph_two_texts(reader: ReaderDocuments, tmp_path: Path) -> None:
    """A glyph that stands for something else in one place is read as that there."""
    font = cut(LATIN, "Sealed")
    line = font.line(0, "Seal", 5, 10, 24)
    changed = replace(line.glyphs[3], text="ŀ", matrix=(24, 0, 0, 24, 80, 10))
    line = replace(line, glyphs=(*line.glyphs, changed))
    page = tmp_path / "seal.pdf"
    reader.from_drawing(Drawing(120, 40, (line,), (font.subset,)), page)
    text = subprocess.run(("pdftotext", page, "-"), capture_output=True, check=True)
    assert "ŀ" in text.stdout.decode()
    assert "Seal" in text.stdout.decode()


def test_same_drawing_same_file(reader: ReaderDocuments, tmp_path: Path) -> None:
    """A drawing gives the same bytes each time, and another one another identifier."""
    one, two, other = (tmp_path / name for name in ("1.pdf", "2.pdf", "3.pdf"))
    reader.from_drawing(seal_drawing(alpha=90), one)
    reader.from_drawing(seal_drawing(alpha=90), two)
    reader.from_drawing(seal_drawing(), other)
    assert one.read_bytes() == two.read_bytes()
    identifiers = [re.search(rb"/ID\s*\[\s*<(\w+)>", path.read_bytes()) for path in (one, other)]
    assert all(identifiers)
    assert identifiers[0][1] != identifiers[1][1]  # type: ignore[index]


def test_opaque_means_opaque(reader: ReaderDocuments, tmp_path: Path) -> None:
    """A drawing that lets nothing through holds nothing of transparency, as PDF/A-1 asks."""
    page = tmp_path / "seal.pdf"
    reader.from_drawing(seal_drawing(), page)
    found = plain(page)
    assert b"/Font" in found
    assert not re.search(rb"/SMask|/ca |/CA |/BM|/Group|/ExtGState", found)


def test_faint_as_one(reader: ReaderDocuments, tmp_path: Path) -> None:
    """Where faint marks overlap nothing shows through, in both programs."""
    marks = (
        Shape("0 0 60 60 re", fill=Colour(0, 0, 1)),
        Shape("20 20 60 60 re", fill=Colour(1, 0, 0)),
    )
    faint = tmp_path / "faint.pdf"
    reader.from_drawing(Drawing(80, 80, marks, opacity=0.5), faint)
    assert faultless(faint)
    for picture in (by_pdfium(faint), by_poppler(faint)):
        assert picture.getpixel((80, 80)) == picture.getpixel((140, 20)), "overlap and red alone"
        assert picture.getpixel((140, 20))[1] in (127, 128)  # type: ignore[index]


def test_binary_parts_survive_the_wire() -> None:
    """A drawing with fonts and pictures comes out of the pipe as it went in."""
    drawing = seal_drawing(alpha=77)
    call = DrawingRequest.of(drawing, Path("/nowhere"))
    again = Request.model_validate_json(Request(call=call, seconds=1).model_dump_json())
    assert isinstance(again.call, DrawingRequest)
    assert again.call.drawing == drawing


@pytest.mark.parametrize("path", ["0 0 m Q", "0 0 m (x) Tj", "1e5 0 m", "0 0 m/X Do"])
def test_paths_are_paths(reader: ReaderDocuments, tmp_path: Path, path: str) -> None:
    """A path cannot smuggle other operators into the page."""
    drawing = Drawing(10, 10, (Shape(path, fill=Colour(0, 0, 0)),))
    with pytest.raises(Exception, match="path"):
        reader.from_drawing(drawing, tmp_path / "x.pdf")
    assert not (tmp_path / "x.pdf").exists()
