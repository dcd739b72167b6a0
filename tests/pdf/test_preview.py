"""A preview shows what will be: the same pixels, before anything is spent."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from PIL import Image, ImageChops
from pyhanko.sign.fields import SigFieldSpec

from gateway.core.errors import DocumentFault
from gateway.core.geometry import PageFrame
from gateway.core.lengths import Length
from gateway.core.pages import ANYWHERE, Pages
from gateway.core.places import AtComment, AtCorner, AtPoint, Corner, IntoField, Place, Straddle
from gateway.core.plan import Mark, SealingPlan
from gateway.core.rules import Profile
from gateway.core.secret import Secret
from gateway.core.site import Limits
from gateway.pdf.preview import described
from gateway.pdf.reader import ReaderDocuments
from tests.e2e.pages import assembled, write_pdf
from tests.pdf.conftest import SEAL, SMALL, Bench, Key, Placed
from tests.pdf.making import add_fields
from tests.pdf.rendering import pixels
from tests.pdf.test_placement_pixels import SHEETS, Sheet, name_of, write_sheet
from tests.pdf.test_stamping import LEFT_OPEN, book, stream
from tests.pdf.test_straddle_pixels import write_book

_LONGEST = 1400
_GAP = 24


@pytest.fixture
def quartered(reader: ReaderDocuments, quadrants: Path, tmp_path: Path) -> Bench:
    """Return a bench whose seals show whether they are upright."""
    return Bench(reader, quadrants, tmp_path)


def previewed(bench: Bench, original: Path, plan: SealingPlan) -> Image.Image:
    """Return the sheet of a plan."""
    sheet = bench.folder / f"{original.stem}.sheet.png"
    bench.reader.preview(original, plan, (bench.artwork,) * len(plan.seals), png=sheet)
    with Image.open(sheet) as opened:
        return opened.convert("RGB").copy()


def drawn(path: Path, page: int) -> Image.Image:
    """Draw a page of a sealed file as large as previews do."""
    document = pdfium.PdfDocument(path)
    document.init_forms()
    seen = document[page]
    bitmap = seen.render(scale=_LONGEST / max(seen.get_size()), may_draw_forms=True)
    picture: Image.Image = bitmap.to_pil().convert("RGB").copy()
    document.close()
    return picture


def assert_foretold(bench: Bench, key: Key, original: Path, places: Placed) -> SealingPlan:
    """Seal, preview, and hold the one page of the sheet against the page that was made."""
    sealed, plan, _ = bench.seal(original, key, places)
    page = plan.mark.page
    plan = replace(plan, marks=tuple(mark for mark in plan.marks if mark.page == page))
    sheet, made = previewed(bench, original, plan), drawn(sealed, page)
    left = _GAP + (sheet.width - 2 * _GAP - made.width) // 2
    shown = sheet.crop((left, _GAP, left + made.width, _GAP + made.height))
    frame = bench.reader.examine(original).pages[page]
    difference = ImageChops.difference(shown, made)
    for mark in plan.marks:
        _blank_outline(difference, mark, frame)
    for mark in plan.marks:
        inside = tuple(round(edge) for edge in pixels(mark.box, frame, made))
        assert difference.crop(inside).getbbox() is None, f"{mark.asked} {mark.box}"
        assert len(made.crop(inside).getcolors(1 << 24) or ()) > 1, "nothing is there"
    return plan


def _blank_outline(picture: Image.Image, mark: Mark, frame: PageFrame) -> None:
    left, top, right, bottom = (round(edge) for edge in pixels(mark.box, frame, picture))
    for side in ((left, top, right, top), (left, bottom, right, bottom)):
        picture.paste(0, (side[0] - 3, side[1] - 3, side[2] + 4, side[3] + 4))
    for side in ((left, top, left, bottom), (right, top, right, bottom)):
        picture.paste(0, (side[0] - 3, side[1] - 3, side[2] + 4, side[3] + 4))


@pytest.mark.parametrize("sheet", SHEETS[::3], ids=name_of)
def test_same_pixels(quartered: Bench, key: Key, tmp_path: Path, sheet: Sheet) -> None:
    """On turned and cropped pages the field's seal and the stamps are shown as they will be."""
    places = (
        Place(AtCorner(Corner.BOTTOM_RIGHT, Length(5, "mm"))),
        Place(AtCorner(Corner.TOP_LEFT, Length(5, "mm")), seal=SMALL.name),
        Place(AtCorner(Corner.TOP_RIGHT), offset_x=Length(-5, "mm"), seal=SMALL.name),
    )
    assert_foretold(quartered, key, write_sheet(tmp_path / "sheet.pdf", sheet), places)


def test_seals_over_each_other(quartered: Bench, key: Key, tmp_path: Path) -> None:
    """Where seals overlap, the field's lies on the stamps, whatever the order of the places."""
    x = Length(20, "mm")
    places = (Place(AtPoint(x, x)), Place(AtPoint(x, Length(30, "mm")), seal=SMALL.name))
    assert_foretold(quartered, key, write_pdf(tmp_path / "over.pdf"), places)


@pytest.mark.parametrize("box", [(300, 100, 560, 160), (300, 100, 360, 300)])
def test_field_of_another_shape(
    quartered: Bench, key: Key, tmp_path: Path, box: tuple[int, int, int, int]
) -> None:
    """In a field that waits for it, the seal is shown unstretched, as it will be."""
    original = add_fields(write_pdf(tmp_path / "field.pdf"), SigFieldSpec("Here", box=box))
    assert assert_foretold(quartered, key, original, Place(IntoField("Here"))).fills


def test_slices(quartered: Bench, key: Key, tmp_path: Path) -> None:
    """A rule of nothing but slices is shown as it will be, the field's own slice, too."""
    original = write_book(tmp_path / "book.pdf", (0, 90, 0))
    assert_foretold(quartered, key, original, Place(Straddle(), ANYWHERE))


@pytest.mark.parametrize("left", ["a moved state below another", "restored too often, then moved"])
def test_content_that_is_left_open(quartered: Bench, key: Key, tmp_path: Path, left: str) -> None:
    """What a page leaves open moves no seal in the preview either."""
    original = tmp_path / "open.pdf"
    page = "/MediaBox [0 0 400 300] /Contents 10 0 R"
    original.write_bytes(book(page, others=(stream(LEFT_OPEN[left]),)))
    places = (Place(AtCorner()), Place(AtCorner(Corner.TOP_LEFT), seal=SMALL.name))
    assert_foretold(quartered, key, original, places)


def test_encrypted(quadrants: Path, key: Key, tmp_path: Path) -> None:
    """A document that the site has the password for is shown as any other."""
    clear, locked = write_pdf(tmp_path / "clear.pdf"), tmp_path / "locked.pdf"
    command = ("qpdf", "--encrypt", "opens", "owner", "256", "--", clear, locked)
    subprocess.run(command, check=True)
    reader = ReaderDocuments(Limits(), (Secret("made-up", "opens"),))
    bench = Bench(reader, quadrants, tmp_path)
    places = (Place(AtCorner()), Place(AtCorner(Corner.TOP_LEFT), seal=SMALL.name))
    try:
        plan = bench.plan(reader.examine(locked), places, Profile())
        shown, usual = previewed(bench, locked, plan), previewed(bench, clear, plan)
    finally:
        reader.close()
    assert ImageChops.difference(shown, usual).getbbox() is None


def test_page_that_is_there_twice(bench: Bench, tmp_path: Path) -> None:
    """What would be refused when it is sealed is refused in the preview, by the same code."""
    original = tmp_path / "twice.pdf"
    content = book(*["/MediaBox [0 0 400 300]"] * 2)
    original.write_bytes(content.replace(b"[3 0 R 4 0 R]", b"[3 0 R 3 0 R]"))
    plan = bench.plan(bench.reader.examine(original), Place(AtCorner()), Profile())
    with pytest.raises(DocumentFault) as fault:
        previewed(bench, original, plan)
    assert fault.value.code == "pdf.page-tree"


def test_many_pages(bench: Bench, tmp_path: Path) -> None:
    """The sheet holds twelve pages and says how many more there are; the PDF holds them all."""
    sheets = {}
    for count in (12, 14):
        original = write_pdf(tmp_path / f"{count}.pdf", ("A page",) * count)
        facts = bench.reader.examine(original)
        plan = bench.plan(
            facts, (Place(AtCorner(), Pages("first")), Place(Straddle(), ANYWHERE)), Profile()
        )
        sheets[count] = previewed(bench, original, plan)
        book = tmp_path / f"{count}.book.pdf"
        bench.reader.preview(original, plan, (bench.artwork,), pdf=book)
        told = subprocess.run(("pdfinfo", book), capture_output=True, text=True, check=True)
        assert f"Pages:           {count}\n" in told.stdout
        subprocess.run(("qpdf", "--check", book), check=True, capture_output=True)
    full, more = sheets[12], sheets[14]
    assert full.width == more.width
    assert 0 < more.height - full.height < 60
    last = more.crop((0, full.height - 12, more.width, more.height)).convert("L")
    assert last.getextrema()[0] < 60, "something is written below the pages"


def test_a_book_of_many_pages_takes_little_memory(
    reader: ReaderDocuments, artwork: Path, tmp_path: Path
) -> None:
    """Every page is in the PDF, though all of their pictures at once would be too large."""
    original = write_pdf(tmp_path / "long.pdf", ("A page",) * 80)
    tight = ReaderDocuments(Limits(document_memory=512 * 1024 * 1024))
    try:
        bench = Bench(tight, artwork, tmp_path)
        plan = bench.plan(tight.examine(original), Place(pages=ANYWHERE), Profile())
        tight.preview(original, plan, (artwork,), pdf=tmp_path / "book.pdf")
    finally:
        tight.close()
    assert len(pdfium.PdfDocument(tmp_path / "book.pdf")) == 80


def test_writes_nothing_else(bench: Bench, tmp_path: Path) -> None:
    """The document stays as it is, and nothing but the sheet is made."""
    original = write_pdf(tmp_path / "one.pdf")
    before = original.read_bytes()
    previewed(bench, original, bench.plan(bench.reader.examine(original), Place(), Profile()))
    assert original.read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {"one.pdf", "one.sheet.png"}


def test_captions(bench: Bench, tmp_path: Path) -> None:
    """Captions say seal, kind, measures, anchor, what was done, and the line that asked."""
    original = commented(tmp_path / "comment.pdf", "盖章处")
    wanted = Place(AtComment("盖章"), ANYWHERE, source="rules/x.yaml:7")
    stamp = Place(AtCorner(), Pages("last"), seal=SMALL.name, source="rules/x.yaml:9")
    plan = bench.plan(bench.reader.examine(original), (wanted, stamp), Profile())
    first, second = (list(described(mark, plan)) for mark in plan.marks)
    assert first[0].startswith(f"{SEAL.name} (signature): ")
    assert first[0].endswith("40.0 × 30.0 mm")
    assert first[1:] == ["    at comment 盖章处", "    rules/x.yaml:7"]
    assert second[0].startswith(f"{SMALL.name} (stamp): ")
    assert second[1:] == ["    rules/x.yaml:9"]


def test_chinese_captions_can_be_read(bench: Bench, tmp_path: Path) -> None:
    """Different characters are written differently, not as boxes."""
    if not Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc").is_file():
        pytest.skip("fonts-noto-cjk is not installed")
    sheets = []
    for words in ("盖", "章"):
        original = commented(tmp_path / f"{words}.pdf", words)
        place = Place(AtComment(words), ANYWHERE)
        plan = bench.plan(bench.reader.examine(original), place, Profile())
        sheets.append(previewed(bench, original, plan))
    one, other = sheets
    assert one.size == other.size
    changed = ImageChops.difference(one, other).getbbox()
    assert changed is not None
    assert changed[2] - changed[0] < 40, "one character"


def commented(path: Path, words: str) -> Path:
    """Write a page with a drawn rectangle that has a text."""
    text = words.encode("utf-16-be").hex()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 300] /Annots [4 0 R] >>",
        f"<< /Type /Annot /Subtype /Square /Rect [150 100 250 200] /F 4 "
        f"/Contents <FEFF{text}> >>".encode(),
    ]
    path.write_bytes(assembled(objects))
    return path


def test_a_page_is_drawn_with_its_seals_as_they_will_be(
    quartered: Bench, key: Key, tmp_path: Path
) -> None:
    """A single page with its seals shows what the sealed file shows, pixel by pixel."""
    original = write_sheet(tmp_path / "sheet.pdf", SHEETS[3])
    sealed, plan, _ = quartered.seal(original, key, Place(AtCorner(Corner.TOP_LEFT)))
    png, page = tmp_path / "page.png", plan.mark.page
    artwork = (quartered.artwork,)
    quartered.reader.draw_sealed(original, plan, artwork, page, png, longest=_LONGEST)
    with Image.open(png) as shown:
        assert ImageChops.difference(shown.convert("RGB"), drawn(sealed, page)).getbbox() is None
    with pytest.raises(DocumentFault) as missing:
        quartered.reader.draw(original, 99, png)
    assert missing.value.code == "plan.page-missing"


def test_artwork_is_drawn_without_paper(bench: Bench, tmp_path: Path) -> None:
    """A page drawn without paper is transparent where nothing is, and as large as was asked."""
    original = write_pdf(tmp_path / "plain.pdf", ("one",))
    png = tmp_path / "page.png"
    bench.reader.draw(original, 0, png, longest=400, paper=False)
    with Image.open(png) as shown:
        assert max(shown.size) == 400
        assert shown.mode == "RGBA"
        lowest, highest = shown.getchannel("A").getextrema()
        assert lowest == 0
        assert highest > 100
