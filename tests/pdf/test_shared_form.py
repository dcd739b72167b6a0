"""One form of a seal in a document: small, faithful, and plain where the document must be."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

from gateway.core.drawing import Colour, Drawing, Shape
from gateway.core.errors import DocumentFault
from gateway.pdf.artwork.forms import SealForm, shared_form
from gateway.pdf.reader import ReaderDocuments
from gateway.pdf.writing import SealingWriter
from gateway.ports.seals import Wish
from tests.e2e.pages import write_pdf
from tests.pdf.drawings import apart, by_pdfium, by_poppler, faultless, plain, png, seal_drawing
from tests.pdf.test_artwork_import import ring, scanned

PAPER = b"0.5 0.5 0 rg 0 0 300 300 re f "
TRANSPARENCY = re.compile(rb"/SMask|/ca |/CA |/BM|/Group")


def placed(
    artwork: Path,
    target: Path,
    *,
    paper: bytes = b"",
    password: str = "",
    times: int = 1,
    **wanted: bool,
) -> SealForm:
    """Append an update that shows the artwork at (50, 50) of the first page, in its own size."""
    with target.open("r+b") as stream:
        reader = PdfFileReader(stream, strict=False)
        if password:
            reader.decrypt(password)
        writer: IncrementalPdfFileWriter = SealingWriter(stream, reader)
        form = shared_form(writer, artwork, 60.0, 60.0, **wanted)
        paint = paper + b"q 1 0 0 1 50 50 cm /Seal Do Q " * times
        content = writer.add_object(generic.StreamObject(stream_data=paint))
        names = generic.DictionaryObject({pdf_name("/Seal"): form.reference})
        resources = generic.DictionaryObject({pdf_name("/XObject"): names})
        writer.add_stream_to_page(0, content, resources)
        writer.write_in_place()
    return form


def target_in(folder: Path) -> Path:
    """Write a document of one page, 300 by 300 points."""
    return write_pdf(folder / "target.pdf", (" ",), size=(300, 300))


@pytest.fixture
def drawn(reader: ReaderDocuments, tmp_path: Path) -> Path:
    """Return a seal drawn as a page, with a half transparent dot in it."""
    page = tmp_path / "seal.pdf"
    reader.from_drawing(seal_drawing(alpha=140), page)
    return page


def test_looks_as_its_page(drawn: Path, tmp_path: Path) -> None:
    """The form shows what the seal's page shows, its text can be found, and the file has no
    faults."""
    target = target_in(tmp_path)
    form = placed(drawn, target)
    assert (form.width, form.height, form.notes) == (120, 100, ())
    assert faultless(target)
    for see in (by_pdfium, by_poppler):
        seen = see(target).crop((100, 300, 340, 500))
        assert apart(seen, see(drawn)) < 0.3
    text = subprocess.run(("pdftotext", target, "-"), capture_output=True, check=True)
    assert "合同专用章" in text.stdout.decode()


def test_costs_its_bytes_once(drawn: Path, tmp_path: Path) -> None:
    """Several places cost no more than a few bytes each, and pictures are not packed anew."""
    before = target_in(tmp_path).stat().st_size
    target = target_in(tmp_path)
    placed(drawn, target, times=20)
    added = target.stat().st_size - before
    assert added < drawn.stat().st_size + 3000
    packed = re.search(rb"/FontFile2.*?stream\n(.*?)\nendstream", drawn.read_bytes(), re.DOTALL)
    assert packed is not None
    assert packed[1] in target.read_bytes()


@pytest.mark.parametrize("kind", ["40", "128", "256"])
def test_encrypted_document(drawn: Path, tmp_path: Path, kind: str) -> None:
    """In an encrypted document the seal is encrypted with the rest, and looks the same."""
    clear, target = target_in(tmp_path), tmp_path / "locked.pdf"
    options = ("--allow-weak-crypto",) if kind != "256" else ()
    command = ("qpdf", *options, "--encrypt", "", "owner", kind, "--", clear, target)
    subprocess.run(command, check=True)
    placed(drawn, target, password="owner")
    assert faultless(target)
    seen = by_poppler(target).crop((100, 300, 340, 500))
    assert apart(seen, by_poppler(drawn)) < 0.3
    text = subprocess.run(("pdftotext", target, "-"), capture_output=True, check=True)
    assert "Sealed 2026ä" in text.stdout.decode()


def test_ink_darkens_what_is_below(reader: ReaderDocuments, tmp_path: Path) -> None:
    """A seal that multiplies leaves dark what it covers; overlapping marks are as one."""
    marks = (
        Shape("0 0 60 60 re", fill=Colour(0, 0, 1)),
        Shape("20 20 60 60 re", fill=Colour(1, 0, 0)),
    )
    page, target = tmp_path / "seal.pdf", target_in(tmp_path)
    reader.from_drawing(Drawing(80, 80, marks, multiply=True), page)
    placed(page, target, paper=PAPER)
    for picture in (by_pdfium(target, 72), by_poppler(target, 72)):
        assert max(picture.getpixel((60, 240))) < 3, "blue on olive"  # type: ignore[type-var]
        for place in ((120, 180), (85, 215)):
            red, green, blue = picture.getpixel(place)  # type: ignore[misc]
            assert (abs(red - 128) < 3, green, blue) == (True, 0, 0), "red on olive"


def test_opaque(drawn: Path, tmp_path: Path) -> None:
    """For PDF/A-1 soft masks become stencils, in the colours they have on white paper."""
    target = target_in(tmp_path)
    form = placed(drawn, target, opaque=True, paper=PAPER)
    assert form.notes == ("soft edges of pictures",)
    assert faultless(target)
    assert not TRANSPARENCY.search(plain(target))
    for picture in (by_pdfium(target), by_poppler(target)):
        red, green, blue = picture.getpixel((100 + 180, 600 - 100 - 70))  # type: ignore[misc]
        assert abs(red - 115) < 4, "half blue on white, not on olive"
        assert (red, blue > 200) == (green, True)
        assert picture.getpixel((100 + 154, 600 - 100 - 44)) == picture.getpixel((20, 20))


def test_opaque_drops_opacity(reader: ReaderDocuments, tmp_path: Path) -> None:
    """Opacity and blending of a whole seal are dropped, and it is told."""
    page, target = tmp_path / "seal.pdf", target_in(tmp_path)
    drawing = replace(seal_drawing(), opacity=0.4, multiply=True)
    reader.from_drawing(drawing, page)
    form = placed(page, target, opaque=True)
    assert form.notes == ("opacity", "blending")
    assert not TRANSPARENCY.search(plain(target))
    assert by_poppler(target).getpixel((150, 600 - 100 - 43)) == (204, 0, 0)


def test_opaque_picture_of_others(reader: ReaderDocuments, tmp_path: Path) -> None:
    """Pictures of an imported page are made opaque, too, deep inside its forms."""
    source, page, target = tmp_path / "ring.png", tmp_path / "seal.pdf", target_in(tmp_path)
    source.write_bytes(png(ring()))
    reader.from_file(source, page, Wish(60.0, turn=30.0, opacity=0.7))
    again = tmp_path / "again.pdf"
    reader.from_file(page, again, Wish(80.0))
    form = placed(again, target, opaque=True, paper=PAPER)
    assert set(form.notes) == {"opacity", "soft edges of pictures"}
    found = plain(target)
    assert not TRANSPARENCY.search(found)
    assert found.count(b"/ImageMask true") == 1


def test_opaque_scan(reader: ReaderDocuments, tmp_path: Path) -> None:
    """A scanned stamp, whose colours are kept as JPEG, is made opaque as well."""
    source, page, target = tmp_path / "scan.jpg", tmp_path / "seal.pdf", target_in(tmp_path)
    source.write_bytes(png(scanned(200), "JPEG", quality=90))
    reader.from_file(source, page, Wish(60.0, whiteness="transparent"))
    assert b"/DCTDecode" in page.read_bytes()
    placed(page, target, opaque=True, paper=PAPER)
    assert not TRANSPARENCY.search(plain(target))
    for picture in (by_pdfium(target), by_poppler(target)):
        assert picture.getpixel((160, 440)) == picture.getpixel((20, 20)), "clear inside"
        red, green, blue = picture.getpixel((160, 600 - 100 - 110))  # type: ignore[misc]
        assert red > 180
        assert max(green, blue) < 40


def test_calibrated(drawn: Path, tmp_path: Path) -> None:
    """Device colours are given a meaning wherever the form or one inside it has resources."""
    target = target_in(tmp_path)
    placed(drawn, target, calibrated=True)
    found = plain(target)
    assert found.count(b"/DefaultRGB") == 1
    assert b"/CalRGB" in found
    assert b"/CalGray" in found
    assert faultless(target)
    seen = by_pdfium(target).crop((100, 300, 340, 500))
    assert apart(seen, by_pdfium(drawn)) < 3


def test_calibrated_inside(reader: ReaderDocuments, tmp_path: Path) -> None:
    """Forms inside the form get the same meaning of colours."""
    page, target = tmp_path / "seal.pdf", target_in(tmp_path)
    reader.from_drawing(replace(seal_drawing(), opacity=0.5), page)
    placed(page, target, calibrated=True)
    assert plain(target).count(b"/DefaultRGB") == 2


@pytest.mark.parametrize("opaque", [False, True])
def test_picture_as_artwork(tmp_path: Path, opaque: bool) -> None:
    """Artwork of the old kind is shown in the wanted size, no finer than 300 dots an inch."""
    artwork, target = tmp_path / "seal.png", target_in(tmp_path)
    artwork.write_bytes(png(ring(800)))
    form = placed(artwork, target, opaque=opaque, calibrated=True, paper=PAPER)
    assert (form.width, form.height) == (60, 60)
    assert form.notes == (("soft edges of pictures",) if opaque else ())
    found = plain(target)
    assert b"/Width 250" in found
    assert bool(TRANSPARENCY.search(found)) is not opaque
    for picture in (by_pdfium(target), by_poppler(target)):
        red, green, blue = picture.getpixel((160, 600 - 100 - 110))  # type: ignore[misc]
        assert abs(red - 200) < 3
        assert max(green, blue) < 3
        assert picture.getpixel((160, 440)) == picture.getpixel((20, 20)), "clear inside"


def test_damaged_artwork(tmp_path: Path) -> None:
    """Artwork that cannot be read is a fault with a code of a seal's artwork."""
    artwork, target = tmp_path / "seal.pdf", target_in(tmp_path)
    artwork.write_bytes(b"%PDF-1.7 nothing")
    with pytest.raises(DocumentFault) as fault:
        placed(artwork, target)
    assert fault.value.code == "seal.artwork-unreadable"
    Image.new("RGB", (2, 2)).save(tmp_path / "seal.png")
    (tmp_path / "seal.png").write_bytes((tmp_path / "seal.png").read_bytes()[:40])
    with pytest.raises(DocumentFault) as fault:
        placed(tmp_path / "seal.png", target)
    assert fault.value.code == "seal.artwork-unreadable"
