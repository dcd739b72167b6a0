"""What people import becomes a page that looks like it, or is refused with a reason."""

from __future__ import annotations

import io
import os
import subprocess
from pathlib import Path

import pytest
from PIL import Image, ImageCms, ImageDraw
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter

from gateway.core.errors import DocumentFault
from gateway.core.site import Limits
from gateway.pdf.reader import ReaderDocuments
from gateway.ports.seals import MadePage, Wish
from tests.e2e.pages import write_pdf
from tests.pdf.drawings import (
    apart,
    by_pdfium,
    by_poppler,
    faultless,
    plain,
    png,
    ring,
    scanned,
    seal_drawing,
)

RED = (200, 0, 0)
CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
DRAWN = """
q 0.8 0 0 rg 100 100 60 30 re f Q
q 0 0 0.8 RG 6 w 110 150 m 180 190 l S Q
"""


class Importer:
    """Imports bytes under a name that says nothing."""

    def __init__(self, reader: ReaderDocuments, folder: Path) -> None:
        self.reader = reader
        self.page = folder / "page.pdf"
        self.source = folder / "artwork"

    def take(self, content: bytes, **wish: object) -> MadePage:
        """Import, and let qpdf judge."""
        self.source.write_bytes(content)
        made = self.reader.from_file(self.source, self.page, Wish(**{"width": 72.0, **wish}))  # type: ignore[arg-type]
        assert faultless(self.page)
        return made

    def refused(self, content: bytes, **wish: object) -> tuple[str, str]:
        """Return code and detail of a refusal, which leaves no page behind."""
        self.page.unlink(missing_ok=True)
        with pytest.raises(DocumentFault) as fault:
            self.take(content, **wish)
        assert not self.page.exists()
        return fault.value.code, fault.value.detail


@pytest.fixture
def importer(reader: ReaderDocuments, tmp_path: Path) -> Importer:
    """Return an importer with a folder of its own."""
    return Importer(reader, tmp_path)


def drawn_pdf(path: Path, entries: str = "", resources: str = "", content: str = DRAWN) -> bytes:
    """Return a PDF of one page, 200 by 200 points, that needs no font."""
    write_pdf(path, ("x",), size=(200, 200), page_entries=entries)
    data = path.read_bytes()
    start, end = data.index(b"stream\n") + 7, data.index(b"\nendstream")
    data = data[:start] + content.encode() + data[end:]
    data = data.replace(b"/Length %d" % (end - start), b"/Length %d" % len(content))
    data = data.replace(b"/Font << /F1 3 0 R >>", resources.encode())
    path.write_bytes(data)
    # Offsets have moved: qpdf writes the table anew.
    mended = path.with_suffix(".mended")
    subprocess.run(("qpdf", path, mended), check=False, capture_output=True)
    return mended.read_bytes()


def test_png_keeps_its_alpha(importer: Importer) -> None:
    """A picture's clear parts stay clear, its ink keeps its colour up to the softest edge."""
    made = importer.take(png(ring()), width=72.0)
    assert (made.width, made.height, made.dots) == (72, 72, 200)
    on_green = by_pdfium(importer.page, 300, "#00c000")
    assert on_green.getpixel((150, 150)) == (0, 192, 0)
    assert on_green.getpixel((150, 30)) == RED
    mixed = {pixel for _, pixel in on_green.getcolors(100000) or ()}  # type: ignore[misc]
    assert all(blue < 12 for _, _, blue in mixed), "neither grey nor white at the edges"
    ours, theirs = (see(importer.page, 300).reduce(5) for see in (by_pdfium, by_poppler))
    assert apart(ours, theirs) < 4


def test_scan_loses_its_paper(importer: Importer) -> None:
    """Paper is taken from a scanned JPEG without a rim, and its ink is neither faint nor grey."""
    content = png(scanned(), "JPEG", quality=85)
    importer.take(content, whiteness="transparent")
    assert importer.page.stat().st_size < 2 * len(content)
    on_blue = by_pdfium(importer.page, 300, "#0000ff")
    assert on_blue.getpixel((150, 150)) == (0, 0, 255), "paper inside the ring"
    assert on_blue.getpixel((2, 2)) == (0, 0, 255), "paper outside of it"
    red, green, blue = on_blue.getpixel((150, 30))  # type: ignore[misc]
    assert 185 < red < 215
    assert max(green, blue) < 25
    mixed = {pixel for _, pixel in on_blue.getcolors(100000) or ()}  # type: ignore[misc]
    assert all(green < 45 for _, green, _ in mixed), "white paper would be green and red, too"


def test_photograph_loses_its_shadow(importer: Importer) -> None:
    """Paper that lies in a shadow goes as well, and neither ink nor solid areas suffer."""
    photograph = scanned()
    ImageDraw.Draw(photograph).rectangle((150, 150, 249, 249), fill=RED)
    shadow = (
        Image.linear_gradient("L").resize(photograph.size).point(lambda value: 150 + value // 3)
    )
    dark = Image.new("RGB", photograph.size, (0, 0, 0))
    shaded = Image.composite(photograph, dark, shadow)
    importer.take(png(shaded, "JPEG", quality=85), whiteness="transparent")
    on_blue = by_pdfium(importer.page, 300, "#0000ff")
    for spot in ((2, 2), (297, 2), (2, 297), (150, 70), (150, 230)):
        red, green, blue = on_blue.getpixel(spot)  # type: ignore[misc]
        assert (red < 12, green < 12, blue > 243) == (True, True, True), spot
    for spot in ((150, 30), (150, 270), (150, 150)):
        red, green, blue = on_blue.getpixel(spot)  # type: ignore[misc]
        assert (red > 150, max(green, blue) < 30) == (True, True), spot


def test_jpeg_is_kept(importer: Importer) -> None:
    """A JPEG that needs no change is not packed anew, but leaves behind what it tells of its
    maker."""
    where = Image.Exif()
    where[0x010F] = "Camera of somebody"
    settings = {"quality": 85, "exif": where, "comment": b"at home"}
    for progressive in (False, True):
        content = png(scanned(), "JPEG", progressive=progressive, **settings) + b"and more"
        importer.take(content)
        found = importer.page.read_bytes()
        scan = content[content.index(b"\xff\xda") : content.rindex(b"\xff\xd9") + 2]
        assert scan in found
        for word in (b"Camera", b"at home", b"and more"):
            assert word not in found
        ours, theirs = (see(importer.page, 300).reduce(5) for see in (by_pdfium, by_poppler))
        assert apart(ours, theirs) < 4


def test_reduced_to_what_is_printed(importer: Importer) -> None:
    """A picture finer than 600 dots an inch is reduced to that, and its own fineness is told."""
    made = importer.take(png(ring(1500)), width=72.0)
    assert made.dots == 1500
    assert b"/Width 600" in plain(importer.page)


def test_kinds_of_pictures(importer: Importer) -> None:
    """CMYK, palettes, grey of 16 bits, bitmaps, profiles and turned photographs look right."""
    base = scanned(100)
    turned = Image.Exif()
    turned[0x0112] = 6
    half = Image.new("RGB", (100, 50), "white")
    half.paste(RED, (0, 0, 50, 50))
    made = importer.take(png(half, "JPEG", exif=turned, quality=95))
    assert (made.width, made.height) == (72, 144)
    top = by_pdfium(importer.page).getpixel((72, 70))
    assert top[0] > 180 and top[1] < 20, "its left side is up now"  # type: ignore[index]  # noqa: PT018
    importer.take(png(base.convert("CMYK"), "JPEG", quality=95))
    assert apart(by_pdfium(importer.page), base.resize((144, 144))) < 8
    palette = Image.new("P", (20, 20), 1)
    palette.putpalette([0, 0, 0, *RED])
    palette.paste(0, (0, 0, 10, 20))
    importer.take(png(palette, transparency=0))
    on_green = by_pdfium(importer.page, backdrop="#00c000")
    assert on_green.getpixel((20, 70)) == (0, 192, 0)
    assert on_green.getpixel((120, 70)) == RED
    deep = Image.new("I;16", (20, 20), 0x8000)
    importer.take(png(deep))
    assert by_pdfium(importer.page).getpixel((70, 70)) == (128, 128, 128)
    importer.take(png(base.convert("1")))
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    importer.take(png(base, icc_profile=srgb))
    assert apart(by_pdfium(importer.page), base.resize((144, 144))) < 4


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "seal.artwork-unreadable"),
        (b"no picture at all", "seal.artwork-unreadable"),
        (png(ring())[:900], "seal.artwork-unreadable"),
        (png(scanned(), "JPEG")[:900], "seal.artwork-unreadable"),
        (png(Image.new("1", (9000, 9000))), "seal.artwork-unsupported"),
        (png(Image.new("RGBA", (9, 9), (200, 0, 0, 0))), "seal.artwork-empty"),
        (png(Image.new("RGB", (9, 9), "white")), "seal.artwork-empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(21 * 2**20), "seal.artwork-unsupported"),
        (b"%PDF-1.7\nnothing", "seal.artwork-unreadable"),
    ],
)
def test_pictures_that_are_refused(importer: Importer, content: bytes, code: str) -> None:
    """Damaged, endless and empty artwork is refused, each with its code."""
    assert importer.refused(content)[0] == code


def test_white_ink(importer: Importer) -> None:
    """White shapes on nothing may be a seal for coloured paper, but not as ink that multiplies."""
    white = Image.new("RGBA", (40, 40), (255, 255, 255, 0))
    ImageDraw.Draw(white).ellipse((5, 5, 35, 35), fill="white")
    assert importer.refused(png(white), multiply=True)[0] == "seal.artwork-empty"
    assert importer.take(png(white)).width == 72


def test_links_are_not_followed(importer: Importer, tmp_path: Path) -> None:
    """Artwork behind a symbolic link, or a pipe, is refused at once."""
    (tmp_path / "real").write_bytes(png(ring()))
    importer.source.symlink_to(tmp_path / "real")
    for _ in "12":
        with pytest.raises(DocumentFault) as fault:
            importer.reader.from_file(importer.source, importer.page, Wish(72))
        assert fault.value.code == "seal.artwork-unreadable"
        importer.source.unlink()
        os.mkfifo(importer.source)


def test_finish(importer: Importer) -> None:
    """Turned artwork gets the room it needs; opacity is the whole seal's."""
    made = importer.take(png(Image.new("RGB", (40, 20), RED)), width=80.0, turn=90.0, opacity=0.5)
    assert (round(made.width, 6), round(made.height, 6)) == (40, 80)
    red, green, _ = by_pdfium(importer.page).getpixel((40, 80))  # type: ignore[misc]
    assert (red, green) in ((227, 127), (227, 128))
    made = importer.take(png(Image.new("RGB", (40, 20), RED)), width=80.0, turn=45.0)
    assert (round(made.width, 2), round(made.height, 2)) == (84.85, 84.85)
    picture = by_poppler(importer.page)
    assert picture.getpixel((15, 15)) == (255, 255, 255), "upper left is empty"
    assert picture.getpixel((135, 35))[1] < 10, "it rises to the right"  # type: ignore[index]


def test_page_of_pdf(importer: Importer, tmp_path: Path) -> None:
    """A PDF's page comes as displayed: cropped, turned, in its unit; vector stays vector."""
    entries = "/CropBox [90 90 190 140] /Rotate 90 /UserUnit 2"
    made = importer.take(drawn_pdf(tmp_path / "a.pdf", entries), width=50.0)
    assert (made.width, made.height, made.dots) == (50, 100, None)
    picture = by_pdfium(importer.page, 72)
    assert apart(picture, by_poppler(importer.page, 72)) < 4
    assert picture.getpixel((25, 40)) == (204, 0, 0)
    assert picture.getpixel((5, 40)) == (255, 255, 255)
    assert picture.getpixel((25, 5)) == (255, 255, 255)
    assert picture.getpixel((25, 85)) == (255, 255, 255)
    assert b" re" in plain(importer.page)


def test_pdf_brings_nothing_but_its_looks(importer: Importer, tmp_path: Path) -> None:
    """Actions, annotations, attachments and metadata stay behind."""
    entries = (
        "/AA << /O << /S /JavaScript /JS (app.alert\\(1\\)) >> >> "
        "/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] "
        "/A << /S /URI /URI (http://example.org) >> >>]"
    )
    resources = (
        "/ExtGState << /AA << /LW 3 /Metadata << /Secret (x) >> >> >> "
        "/Properties << /P << /Type /Page /Back (y) >> >>"
    )
    importer.take(drawn_pdf(tmp_path / "a.pdf", entries, resources, DRAWN + "/AA gs"))
    found = plain(importer.page)
    for word in (b"JavaScript", b"/Annot", b"/URI", b"Secret", b"Back"):
        assert word not in found
    assert b"/LW 3" in found, "a resource keeps the name its author chose"


def test_pdfs_that_are_refused(importer: Importer, tmp_path: Path) -> None:
    """Pages that would not look right in a seal are refused, and the detail says why."""
    path = tmp_path / "a.pdf"
    code, detail = importer.refused(write_pdf(path).read_bytes())
    assert (code, "Helvetica" in detail) == ("seal.artwork-unsupported", True)
    code, detail = importer.refused(write_pdf(path, ("1", "2", "3")).read_bytes())
    assert (code, "3 pages" in detail) == ("seal.artwork-unsupported", True)
    assert importer.refused(drawn_pdf(path, content="q Q"))[0] == "seal.artwork-empty"
    path.write_bytes(drawn_pdf(path))
    locked = tmp_path / "locked.pdf"
    subprocess.run(("qpdf", "--encrypt", "a", "b", "256", "--", path, locked), check=True)
    assert importer.refused(locked.read_bytes())[0] == "seal.artwork-unreadable"


def with_image(entries: dict[str, generic.PdfObject], data: bytes) -> bytes:
    """Return a PDF of one page with a drawing, and an image of these entries beside it."""
    writer = PdfFileWriter()
    sizes: dict[str, generic.PdfObject] = dict.fromkeys(
        ("/Width", "/Height"), generic.NumberObject(1)
    )
    image = {"/Subtype": generic.NameObject("/Image"), **sizes, **entries}
    reference = writer.add_object(generic.StreamObject(image, encoded_data=data))
    names = generic.DictionaryObject({"/I": reference})
    content = writer.add_object(generic.StreamObject(stream_data=DRAWN.encode()))
    resources = generic.DictionaryObject({"/XObject": names})
    writer.insert_page(PageObject(content, (0, 0, 200, 200), resources))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_blemishes_stay_outside(importer: Importer) -> None:
    """Pictures that lie in other files, or cannot be unpacked, reach no document."""
    code, detail = importer.refused(with_image({"/F": generic.pdf_string("/etc/passwd")}, b""))
    assert (code, "another file" in detail) == ("seal.artwork-unsupported", True)
    flate: dict[str, generic.PdfObject] = {"/Filter": generic.NameObject("/FlateDecode")}
    assert importer.refused(with_image(flate, b"no stream"))[0] == "seal.artwork-unreadable"


def test_layers(importer: Importer, tmp_path: Path) -> None:
    """A page with layers that are switched off is refused: they would come to light."""
    data = drawn_pdf(tmp_path / "a.pdf")
    for off, refused in (("/OFF [1 0 R]", True), ("/ON [1 0 R]", False)):
        layers = f"/OCProperties << /OCGs [] /D << {off} >> >> /Type /Catalog".encode()
        layered = data.replace(b"/Type /Catalog", layers, 1)
        (tmp_path / "b.pdf").write_bytes(layered)
        mended = tmp_path / "c.pdf"
        subprocess.run(("qpdf", tmp_path / "b.pdf", mended), check=False, capture_output=True)
        if refused:
            assert "layers" in importer.refused(mended.read_bytes())[1]
        else:
            assert importer.take(mended.read_bytes()).width == 72


def test_dots_of_a_picture_in_a_pdf(importer: Importer, tmp_path: Path) -> None:
    """The coarsest picture of an imported PDF is measured as it will be printed."""
    importer.take(png(ring(144)), width=72.0)
    made = importer.take(importer.page.read_bytes(), width=36.0)
    assert made.dots == 288


def test_own_page_again(importer: Importer, tmp_path: Path) -> None:
    """A page that was drawn here can be imported again, and looks the same."""
    first = tmp_path / "first.pdf"
    importer.reader.from_drawing(seal_drawing(alpha=128), first)
    importer.take(first.read_bytes(), width=120.0)
    assert apart(by_pdfium(first), by_pdfium(importer.page)) < 0.2
    assert apart(by_poppler(first), by_poppler(importer.page)) < 0.2


def test_artwork_that_costs_too_much(tmp_path: Path) -> None:
    """Artwork that would not end is refused as artwork; the next one is read."""
    limited = ReaderDocuments(Limits(document_seconds=1, readers=1))
    importer = Importer(limited, tmp_path)
    slow = "0 0 200 200 re f " * 300_000
    try:
        code, detail = importer.refused(drawn_pdf(tmp_path / "a.pdf", content=slow))
        assert (code, "too costly" in detail) == ("seal.artwork-unreadable", True)
        assert importer.take(png(ring(50))).dots == 50
    finally:
        limited.close()


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the collection of real PDFs is not here")
def test_real_files(importer: Importer) -> None:
    """Whatever lies in collections of real and broken PDFs is imported whole, or refused as
    artwork."""
    codes = set()
    for path in sorted(CORPUS.glob("*.pdf")) + sorted(CORPUS.glob("*.fuzz")):
        try:
            importer.reader.from_file(path, importer.page, Wish(100.0))
        except DocumentFault as fault:
            codes.add(fault.code)
        else:
            codes.add("made")
    assert codes == {
        "made",
        *(f"seal.artwork-{word}" for word in ("unreadable", "unsupported", "empty")),
    }
