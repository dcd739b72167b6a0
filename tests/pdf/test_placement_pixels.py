"""Seals as two renderers show them: where they were asked, upright, and nothing else changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import pytest
from PIL import Image

from gateway.core.facts import TextQuery
from gateway.core.geometry import Box, PageFrame
from gateway.core.lengths import Length
from gateway.core.pages import ANYWHERE
from gateway.core.places import (
    AtComment,
    AtCorner,
    AtEdge,
    AtField,
    AtPoint,
    AtText,
    Corner,
    Edge,
    Place,
    Side,
)
from gateway.core.plan import seal_box
from gateway.pdf.reader import ReaderDocuments
from tests.e2e.pages import assembled
from tests.pdf.conftest import SMALL, Bench, Key
from tests.pdf.rendering import RENDERERS, difference, draw, pixels, upright

_DOTS = 254
"""Ten dots a millimetre, on a page whose unit is 1/72 inch."""
_MOST = 0.2
"""Millimetres by which a seal may be elsewhere than asked."""


@dataclass(frozen=True)
class Sheet:
    """A page: its boxes in user space, how it is turned, and its unit."""

    media: tuple[float, float, float, float]
    crop: tuple[float, float, float, float] | None
    rotate: int
    unit: float
    inherited: bool = False

    @property
    def visible(self) -> tuple[float, float, float, float]:
        """Return what is displayed of the page."""
        return self.crop or self.media

    def displayed(self, left: float, bottom: float, right: float, top: float) -> Box:
        """Carry a rectangle of user space to the page as displayed, in true points.

        Reckoned corner by corner, unlike the code that is tested.
        """
        x0, y0, x1, y1 = self.visible
        corners = []
        for x, y in ((left, bottom), (right, top)):
            turned = {
                0: (x - x0, y1 - y),
                90: (y - y0, x - x0),
                180: (x1 - x, y - y0),
                270: (y1 - y, x1 - x),
            }[self.rotate]
            corners.append(turned)
        (xa, ya), (xb, yb) = corners
        unit = self.unit
        return Box(min(xa, xb) * unit, min(ya, yb) * unit, abs(xa - xb) * unit, abs(ya - yb) * unit)


SHEETS = [
    Sheet(media, crop, 90 * turns, 1.0 + (number + turns) % 2, inherited)
    for (number, (media, crop, inherited)), turns in product(
        enumerate(
            (
                ((0, 0, 420, 360), None, False),
                ((0, 0, 500, 460), (40, 60, 460, 420), False),
                ((-200, 100, 220, 460), None, True),
                ((-300, -150, 200, 330), (-250, -100, 170, 260), True),
            )
        ),
        range(4),
    )
]
"""All boxes, turned every way; each of both with either unit."""


def name_of(sheet: Sheet) -> str:
    """Name a sheet for the list of tests."""
    crop = "crop" if sheet.crop else "full"
    return f"{sheet.rotate}-{crop}-{sheet.media[0]:g}-unit{sheet.unit:g}"


def write_sheet(path: Path, sheet: Sheet) -> Path:
    """Write a page with words, a form field and a drawn rectangle, and lines all over it."""
    x0, y0, x1, y1 = sheet.visible
    boxes = f"/MediaBox [{' '.join(map(str, sheet.media))}]"
    boxes += f" /CropBox [{' '.join(map(str, sheet.crop))}]" if sheet.crop else ""
    boxes += f" /Rotate {sheet.rotate}"
    field, drawn = _field(sheet), _drawn(sheet)
    # The page's content leaves its graphics state turned and scaled: that must move no seal.
    lines = "".join(f"{x0 + step} {y0} m {x1} {y1 - step} l S " for step in range(0, 400, 25))
    content = f"0.7 G {lines} BT /F1 12 Tf {x0 + 180} {y0 + 200} Td (Anchor) Tj ET 2 0 0 2 7 9 cm"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [6 0 R] /DA (/F1 9 Tf) "
        b"/DR << /Font << /F1 5 0 R >> >> >> >>",
        f"<< /Type /Pages /Kids [3 0 R] /Count 1 {boxes if sheet.inherited else ''} "
        "/Resources << /Font << /F1 5 0 R >> >> >>".encode(),
        f"<< /Type /Page /Parent 2 0 R {'' if sheet.inherited else boxes} /Contents 4 0 R "
        f"/UserUnit {sheet.unit:g} /Annots [6 0 R 7 0 R] >>".encode(),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content.encode()),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        f"<< /Type /Annot /Subtype /Widget /FT /Tx /T (Stamp.Here) /F 4 "
        f"/Rect [{' '.join(map(str, field))}] >>".encode(),
        f"<< /Type /Annot /Subtype /Square /Contents (seal here) /F 4 /C [0 0.5 0] "
        f"/Rect [{' '.join(map(str, drawn))}] /AP << /N 8 0 R >> >>".encode(),
        b"<< /Type /XObject /Subtype /Form /BBox [0 0 10 10] /Length 0 >>\nstream\n\nendstream",
    ]
    path.write_bytes(assembled(objects))
    return path


def _field(sheet: Sheet) -> tuple[float, float, float, float]:
    x0, y0, _, _ = sheet.visible
    return x0 + 65, y0 + 165, x0 + 135, y0 + 195


def _drawn(sheet: Sheet) -> tuple[float, float, float, float]:
    x0, y0, _, _ = sheet.visible
    return x0 + 300, y0 + 180, x0 + 360, y0 + 220


@pytest.mark.parametrize("sheet", SHEETS, ids=name_of)
def test_every_kind_of_place(
    reader: ReaderDocuments, quadrants: Path, key: Key, tmp_path: Path, sheet: Sheet
) -> None:
    """On every kind of page each seal is within 0.2 mm of its place, upright, and alone changed."""
    original = write_sheet(tmp_path / "sheet.pdf", sheet)
    places = (
        Place(AtCorner(Corner.BOTTOM_RIGHT, Length(5, "mm")), seal=""),
        Place(AtEdge(Edge.LEFT, Length(30, "%"), Length(4, "mm")), seal=SMALL.name),
        Place(AtPoint(Length(55, "%"), Length(6, "mm")), seal=SMALL.name),
        Place(AtText(TextQuery("Anchor"), side=Side.OVER), ANYWHERE, seal=SMALL.name),
        Place(AtField("stamp.*", side=Side.OVER), ANYWHERE, seal=SMALL.name),
        Place(AtComment("seal here", side=Side.OVER), ANYWHERE, seal=SMALL.name),
    )
    bench = Bench(reader, quadrants, tmp_path)
    sealed, plan, _ = bench.seal(original, key, places)
    frame = reader.examine(original).pages[0]
    expected = _expected(sheet, frame)
    for mark, wanted in zip(plan.marks, expected, strict=True):
        if wanted is not None:
            assert _apart(mark.box, wanted) < 0.01
    assert abs(_along_words(sheet, plan.marks[3].box)) < _MOST * 72 / 25.4
    for renderer in RENDERERS:
        before, after = (
            draw(renderer, path, 0, round(_DOTS * sheet.unit)) for path in (original, sealed)
        )
        assert after.width / frame.width * 72 / 25.4 >= 9.9, "dots a millimetre"
        changed = difference(before, after)
        for mark in plan.marks:
            _check(changed, after, pixels(mark.box, frame, after), f"{renderer} {mark.asked}")
        assert changed.getbbox() is None, f"{renderer}: something else changed"


TURNED_SHEETS = (SHEETS[0], replace(SHEETS[5], unit=2.0), SHEETS[10], SHEETS[15])


@pytest.mark.parametrize("sheet", TURNED_SHEETS, ids=name_of)
def test_seals_of_another_size_that_are_turned(
    reader: ReaderDocuments, quadrants: Path, key: Key, tmp_path: Path, sheet: Sheet
) -> None:
    """However a page lies, a seal is as large and turned as far as asked, field and stamp alike."""
    original = write_sheet(tmp_path / "sheet.pdf", sheet)
    width = Length(25, "mm")
    places = (
        Place(AtCorner(Corner.BOTTOM_RIGHT, Length(5, "mm")), width=width, rotation=30.0),
        Place(AtPoint(Length(8, "mm"), Length(9, "mm")), width=Length(18, "mm"), rotation=240.0),
        Place(AtEdge(Edge.LEFT, Length(80, "%")), seal=SMALL.name, rotation=90.0),
    )
    sealed, plan, _ = Bench(reader, quadrants, tmp_path).seal(original, key, places)
    frame = reader.examine(original).pages[0]
    millimetre, corner = 72 / 25.4, plan.mark.box
    # Of 25 × 18.75 mm, turned by 30 degrees: 25·cos 30 + 18.75·sin 30, and the other way round.
    assert corner.width == pytest.approx(31.026 * millimetre, abs=0.01)
    assert corner.height == pytest.approx(28.738 * millimetre, abs=0.01)
    right = corner.x + corner.width + 5 * millimetre
    assert right == pytest.approx(frame.width, abs=0.01)
    assert plan.marks[2].box.width == pytest.approx(SMALL.height)
    for renderer in RENDERERS:
        before, after = (
            draw(renderer, path, 0, round(_DOTS * sheet.unit)) for path in (original, sealed)
        )
        changed = difference(before, after)
        for mark in plan.marks:
            whole = pixels(seal_box(mark, 4 / 3), frame, after)
            assert upright(after, whole, mark.rotation), f"{renderer}: {mark.rotation}"
            _check(changed, after, pixels(mark.box, frame, after), renderer, looked=True)
        assert changed.getbbox() is None, f"{renderer}: something else changed"


def _expected(sheet: Sheet, frame: PageFrame) -> list[Box | None]:
    """Return where each seal was asked, reckoned apart; None for words: see `_along_words`."""
    millimetre = 72 / 25.4
    across = (sheet.visible[2] - sheet.visible[0]) * sheet.unit
    down = (sheet.visible[3] - sheet.visible[1]) * sheet.unit
    if sheet.rotate in (90, 270):
        across, down = down, across
    assert (frame.width, frame.height) == (pytest.approx(across), pytest.approx(down))
    width, height = SMALL.width, SMALL.height

    def centred(rectangle: tuple[float, float, float, float]) -> Box:
        box = sheet.displayed(*rectangle)
        x, y = box.x + box.width / 2, box.y + box.height / 2
        return Box(x - width / 2, y - height / 2, width, height)

    return [
        Box(across - 113.4 - 5 * millimetre, down - 85.05 - 5 * millimetre, 113.4, 85.05),
        Box(4 * millimetre, 0.3 * down - height / 2, width, height),
        Box(0.55 * across, 6 * millimetre, width, height),
        None,
        centred(_field(sheet)),
        centred(_drawn(sheet)),
    ]


def _along_words(sheet: Sheet, seal: Box) -> float:
    """Return how far a seal's centre is from that of the words, along them, in points.

    Their width follows from the widths of Helvetica: A 667, n 556, c 500, h 556, o 556, r 333.
    """
    x0, y0, _, _ = sheet.visible
    words = sheet.displayed(x0 + 180, y0 + 200, x0 + 180 + 12 * 3.168, y0 + 212)
    if sheet.rotate in (0, 180):
        return seal.x + seal.width / 2 - words.x - words.width / 2
    return seal.y + seal.height / 2 - words.y - words.height / 2


def _apart(one: Box, other: Box) -> float:
    return max(
        abs(one.x - other.x),
        abs(one.y - other.y),
        abs(one.width - other.width),
        abs(one.height - other.height),
    )


def _check(
    changed: Image.Image,
    after: Image.Image,
    place: tuple[float, ...],
    what: str,
    *,
    looked: bool = False,
) -> None:
    """Find the seal's edges in what changed, its colours in the quadrants, and blank it out."""
    slack = 6
    left, top, right, bottom = place
    around = (round(left) - slack, round(top) - slack, round(right) + slack, round(bottom) + slack)
    found = changed.crop(around).getbbox()
    assert found is not None, what
    edges = tuple(found[side] + around[side % 2] for side in range(4))
    apart = max(abs(edge - asked) for edge, asked in zip(edges, place, strict=True))
    assert apart <= _MOST * 10, f"{what}: {apart:.1f} dots, of which ten are a millimetre"
    assert looked or upright(after, place), f"{what}: turned"
    changed.paste(0, around)
