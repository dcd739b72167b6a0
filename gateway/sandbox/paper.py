"""Paper: draws simple pages as PDF, by hand, in points from the top left as displayed.

Just enough of PDF for the sample documents: the standard Helvetica fonts, text, lines and
boxes. Sheets may be rotated, cropped or scaled; what is drawn reads upright all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

A4 = (595.0, 842.0)
A5_LANDSCAPE = (595.0, 420.0)

_ADVANCE = {".": 278, ",": 278, " ": 278, "-": 333, ":": 278}
"""Of Helvetica, in thousandths; digits and most capitals are near 556."""


@dataclass(frozen=True)
class Sheet:
    """One page's geometry, in default user units before rotation."""

    size: tuple[float, float] = A4
    rotate: int = 0
    crop: tuple[float, float, float, float] | None = None
    unit: float = 1.0
    """UserUnit: how many points one unit is."""

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Return what is displayed of the sheet, as PDF has it."""
        return self.crop or (0.0, 0.0, *self.size)

    @property
    def displayed(self) -> tuple[float, float]:
        """Return width and height as displayed, in points."""
        x0, y0, x1, y1 = self.box
        width, height = (x1 - x0) * self.unit, (y1 - y0) * self.unit
        return (height, width) if self.rotate in (90, 270) else (width, height)

    @property
    def matrix(self) -> tuple[float, ...]:
        """Return the way from displayed points, origin bottom left, to user space."""
        x0, y0, x1, y1 = self.box
        one = 1 / self.unit
        return {
            0: (one, 0, 0, one, x0, y0),
            90: (0, one, -one, 0, x1, y0),
            180: (-one, 0, 0, -one, x1, y1),
            270: (0, -one, one, 0, x0, y1),
        }[self.rotate]


class Paper:
    """One page being drawn on."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.width, self.height = sheet.displayed
        self._out = ["q " + " ".join(f"{number:g}" for number in sheet.matrix) + " cm"]

    @property
    def content(self) -> bytes:
        """Return the content stream."""
        return "\n".join([*self._out, "Q"]).encode("cp1252")

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: float = 10,
        *,
        bold: bool = False,
        grey: float = 0,
    ) -> None:
        """Write one line, its base line at `y`."""
        escaped = words.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        font = "F2" if bold else "F1"
        place = f"{x:g} {self.height - y:g}"
        self._out.append(f"BT {grey:g} g /{font} {size:g} Tf {place} Td ({escaped}) Tj ET")

    def lines(self, x: float, y: float, several: tuple[str, ...], size: float = 10) -> float:
        """Write lines under each other; return the base line that follows."""
        for words in several:
            self.text(x, y, words, size)
            y += size * 1.5
        return y

    def amount(
        self, x: float, y: float, number: str, size: float = 10, *, bold: bool = False
    ) -> None:
        """Write a number that ends at `x`."""
        width = sum(_ADVANCE.get(character, 556) for character in number) * size / 1000
        self.text(x - width, y, number, size, bold=bold)

    def rule(
        self, x: float, y: float, x2: float, y2: float | None = None, weight: float = 0.6
    ) -> None:
        """Draw a line, level when `y2` is left out."""
        end = self.height - (y if y2 is None else y2)
        self._out.append(f"0.25 G {weight:g} w {x:g} {self.height - y:g} m {x2:g} {end:g} l S")

    def box(self, x: float, y: float, width: float, height: float, fill: str = "") -> None:
        """Draw a box by its upper left corner; `fill` is `r g b`, without it an outline."""
        area = f"{x:g} {self.height - y - height:g} {width:g} {height:g} re"
        self._out.append(f"{fill} rg {area} f" if fill else f"0.25 G 0.8 w {area} S")

    def table(
        self, x: float, y: float, stops: tuple[float, ...], rows: tuple[tuple[str, ...], ...]
    ) -> float:
        """Draw a table, first row its head; return where it ends.

        `stops` are the columns' offsets; the last is the right edge, to which numbers align.
        """
        right = x + stops[-1]
        self.box(x, y, stops[-1], 20, "0.90 0.92 0.95")
        for index, row in enumerate(rows):
            base = y + 14 + 20 * index
            for column, words in enumerate(row):
                if column == len(row) - 1:
                    self.amount(right - 6, base, words, bold=index == 0)
                else:
                    self.text(x + stops[column] + 6, base, words, bold=index == 0)
            self.rule(x, y + 20 * (index + 1), right, weight=0.9 if index == 0 else 0.3)
        return y + 20 * len(rows)


def write_pdf(path: Path, title: str, pages: tuple[Paper, ...]) -> None:
    """Write a complete PDF under a partial name first, as a careful sender does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.part")
    partial.write_bytes(_assembled(_objects(title, pages)))
    partial.replace(path)


def _objects(title: str, pages: tuple[Paper, ...]) -> list[bytes]:
    kids = " ".join(f"{5 + 2 * index} 0 R" for index in range(len(pages)))
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /{} /Encoding /WinAnsiEncoding >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        font.format("Helvetica").encode(),
        font.format("Helvetica-Bold").encode(),
    ]
    for index, page in enumerate(pages):
        content = page.content
        objects.append(_page(page.sheet, 6 + 2 * index))
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
    objects.append(f"<< /Title ({title}) /Producer (Sealgate samples) >>".encode())
    return objects


def _page(sheet: Sheet, content: int) -> bytes:
    width, height = sheet.size
    crop = "" if sheet.crop is None else "/CropBox [{:g} {:g} {:g} {:g}] ".format(*sheet.crop)
    unit = "" if sheet.unit == 1 else f"/UserUnit {sheet.unit:g} "
    return (
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width:g} {height:g}] {crop}{unit}"
        f"/Rotate {sheet.rotate} /Contents {content} 0 R "
        "/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>"
    ).encode()


def _assembled(objects: list[bytes]) -> bytes:
    version = b"1.7"
    out = bytearray(b"%%PDF-%s\n%%\xe2\xe3\xcf\xd3\n" % version)
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for offset in offsets:
        out += b"%010d 00000 n \n" % offset
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\n" % (len(objects) + 1, len(objects))
    out += b"startxref\n%d\n%%%%EOF\n" % start
    return bytes(out)
