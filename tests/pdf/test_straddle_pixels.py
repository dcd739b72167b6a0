"""Straddle seals: slices cut out of rendered pages make the whole seal again."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from PIL import Image

from gateway.core.drawing import Colour, Drawing, Shape
from gateway.core.geometry import PageFrame
from gateway.core.pages import ANYWHERE, Pages
from gateway.core.places import AtCorner, Corner, Edge, Place, Straddle
from gateway.core.plan import WHOLE, Mark
from gateway.pdf.reader import ReaderDocuments
from tests.e2e.pages import assembled
from tests.pdf.conftest import EVEN, Bench, Key
from tests.pdf.rendering import RENDERERS, difference, draw, pixels

_DOTS = 432
"""Six dots a point: what is cut at whole points is cut between dots."""


def write_book(path: Path, turns: tuple[int, ...]) -> Path:
    """Write a document of empty pages, each turned as told, with boxes of its own."""
    kids = " ".join(f"{3 + number} 0 R" for number in range(len(turns)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(turns)} /Resources << >> >>".encode(),
        *(
            f"<< /Type /Page /Parent 2 0 R /Rotate {turn} "
            f"/MediaBox [-50 20 {250 + 2 * number} 340] "
            f"/CropBox [-30 40 {240 + 2 * number} 320] >>".encode()
            for number, turn in enumerate(turns)
        ),
    ]
    path.write_bytes(assembled(objects))
    return path


@pytest.fixture(scope="module")
def patterned(reader: ReaderDocuments, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Draw artwork that is different everywhere: bars, a diagonal, a frame."""
    blue, red, green = Colour(0.1, 0.1, 0.6), Colour(0.8, 0.1, 0.1), Colour(0.1, 0.5, 0.2)
    bars = " ".join(f"{7 + 11 * bar} 4 {2 + bar % 5} {10 + 6 * bar} re" for bar in range(10))
    drawing = Drawing(
        EVEN.width,
        EVEN.height,
        (
            Shape("0 0 120 90 re", fill=Colour(0.98, 0.94, 0.86)),
            Shape("2 2 116 86 re", stroke=green, line_width=4),
            Shape(bars, fill=red),
            Shape("0 90 m 120 0 l", stroke=blue, line_width=3),
        ),
    )
    page = tmp_path_factory.mktemp("patterned") / "patterned.pdf"
    reader.from_drawing(drawing, page)
    return page


@pytest.mark.parametrize(
    ("edge", "turns", "straddle", "rotation"),
    [
        (Edge.RIGHT, (0, 0), {}, 0),
        (Edge.RIGHT, (0, 90, 180, 270, 0), {}, 0),
        (Edge.LEFT, (0, 90, 270), {}, 0),
        (Edge.TOP, (180, 0, 90, 0, 0), {}, 0),
        (Edge.BOTTOM, (270, 0, 0), {}, 0),
        (Edge.RIGHT, (0, 90, 0, 180, 0), {"random": True}, 0),
        (Edge.BOTTOM, (0, 0, 90, 0), {"random": True}, 0),
        (Edge.RIGHT, (0, 90, 180), {}, 90),
        (Edge.LEFT, (0, 270), {}, 30),
    ],
)
def test_slices_make_the_seal_again(
    reader: ReaderDocuments,
    patterned: Path,
    key: Key,
    tmp_path: Path,
    edge: Edge,
    turns: tuple[int, ...],
    straddle: dict[str, bool],
    rotation: float,
) -> None:
    """Laid side by side as fanned-out pages show them, the slices are the seal as drawn whole."""
    original = write_book(tmp_path / "book.pdf", (*turns, 0))
    whole = Place(AtCorner(Corner.CENTER), Pages("last"), rotation=rotation)
    pages = Pages(f"1-{len(turns)}")
    sliced = Place(Straddle(edge, **straddle), pages, rotation=rotation)
    bench = Bench(reader, patterned, tmp_path)
    bench.own = EVEN
    sealed, plan, _ = bench.seal(original, key, (whole, sliced))
    frames = reader.examine(original).pages
    slices = sorted(plan.stamps, key=lambda mark: (mark.part.left, mark.part.top))
    assert plan.mark.part == WHOLE
    for renderer in RENDERERS:
        wanted = _cut(renderer, sealed, plan.mark, frames)
        joined = Image.new("RGB", wanted.size)
        for mark in slices:
            at = (round(wanted.width * mark.part.left), round(wanted.height * mark.part.top))
            joined.paste(_cut(renderer, sealed, mark, frames), at)
        changed = difference(joined.reduce(2), wanted.reduce(2), least=48)
        assert changed.histogram()[255] < 0.01 * changed.width * changed.height, renderer


def _cut(renderer: str, path: Path, mark: Mark, frames: tuple[PageFrame, ...]) -> Image.Image:
    """Cut a mark out of its rendered page."""
    page = draw(renderer, path, mark.page, _DOTS)
    left, top, right, bottom = pixels(mark.box, frames[mark.page], page)
    return page.crop((round(left), round(top), round(right), round(bottom)))


def test_a_seal_is_there_once_however_many_pages(bench: Bench, key: Key, tmp_path: Path) -> None:
    """Sixty pages with a slice each, and a seal on every page, hold one picture of the seal."""
    small = write_book(tmp_path / "two.pdf", (0, 0))
    large = write_book(tmp_path / "sixty.pdf", (0,) * 60)
    grown = []
    for original in (small, large):
        places = (Place(AtCorner(), ANYWHERE), Place(Straddle(), ANYWHERE))
        sealed, plan, _ = bench.seal(original, key, places)
        shown = subprocess.run(
            ["qpdf", "--qdf", "--object-streams=disable", sealed, "-"],
            capture_output=True,
            check=True,
        ).stdout
        assert shown.count(b"/Subtype /Image") == 2, "the picture and its transparency"
        grown.append((sealed.stat().st_size - original.stat().st_size, len(plan.marks)))
    (few, few_marks), (many, many_marks) = grown
    assert (many - few) / (many_marks - few_marks) < 400, "bytes for one more place"
