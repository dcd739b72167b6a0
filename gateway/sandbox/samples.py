"""Sample documents for the demonstration: small business papers on various pages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_A4 = (595.0, 842.0)
_A5_LANDSCAPE = (595.0, 420.0)


@dataclass(frozen=True)
class _Sample:
    """One document: its path, the lines of each page, and how the page is displayed."""

    path: str
    title: str
    pages: tuple[tuple[str, ...], ...]
    size: tuple[float, float] = _A4
    """Points, before rotation."""
    rotate: int = 0
    crop: tuple[float, float, float, float] | None = None
    unit: float = 1.0


_INVOICE = (
    "Example Ltd, 1 Harbour Road, 2000 Antwerp",
    "",
    "Invoice number    2026-0042",
    "Date              23 November 2026",
    "Customer          Northwind Trading GmbH",
    "",
    "12  Gate valves, stainless steel            1,140.00",
    " 3  Pressure gauges                           267.00",
    " 1  Delivery                                   45.00",
    "    Total EUR                               1,452.00",
    "",
    "Payable within 30 days to the account on file.",
)
_CONTRACT = (
    (
        "This agreement is made between Example Ltd (the Supplier) and",
        "Northwind Trading GmbH (the Customer).",
        "",
        "1  The Supplier delivers the goods listed in Annex A.",
        "2  The Customer accepts delivery on working days from 8 to 16.",
        "3  Prices are fixed for twelve months from the date of the seal.",
    ),
    (
        "4  Either party may end this agreement with three months' notice.",
        "5  Changes need the written form, sealed by both parties.",
        "6  Disputes are settled by the court at the Supplier's seat.",
    ),
    ("Annex A", "", "Gate valves DN 50 to DN 200", "Pressure gauges 0 to 16 bar", "", "Seal here:"),
)
_NOTE = ("Goods received in good order:", "", "4 pallets, 1 crate", "Lorry 17, gate 3")

_SAMPLES = (
    _Sample("invoice-0042.pdf", "Invoice", (_INVOICE,)),
    _Sample("contracts/supply-agreement.pdf", "Supply agreement", _CONTRACT),
    _Sample("delivery-note-landscape.pdf", "Delivery note", (_NOTE,), rotate=90),
    _Sample("receipt-a5.pdf", "Receipt", (_NOTE,), size=_A5_LANDSCAPE),
    _Sample("scan-cropped.pdf", "Scanned form", (_NOTE,), crop=(40, 120, 555, 800)),
    _Sample("letters/plan-rotated.pdf", "Site plan", (_NOTE,), rotate=270, unit=2.0),
)


def write_samples(folder: Path) -> tuple[Path, ...]:
    """Write the samples below a folder and return their paths; existing ones stay as they are."""
    written = []
    for sample in _SAMPLES:
        path = folder / sample.path
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.part")
        partial.write_bytes(_document(sample))
        partial.replace(path)
        written.append(path)
    return tuple(written)


def _document(sample: _Sample) -> bytes:
    count = len(sample.pages)
    kids = " ".join(f"{5 + 2 * index} 0 R" for index in range(count))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>",
    ]
    for index, lines in enumerate(sample.pages):
        content = _content(sample, lines, index + 1)
        objects.append(_page(sample, 6 + 2 * index))
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
    objects.append(f"<< /Title ({sample.title}) /Producer (Sealgate samples) >>".encode())
    return _assembled(objects)


def _page(sample: _Sample, content: int) -> bytes:
    width, height = sample.size
    crop = "" if sample.crop is None else "/CropBox [{} {} {} {}] ".format(*sample.crop)
    unit = "" if sample.unit == 1 else f"/UserUnit {sample.unit:g} "
    return (
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width:g} {height:g}] {crop}{unit}"
        f"/Rotate {sample.rotate} /Contents {content} 0 R "
        "/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>"
    ).encode()


def _content(sample: _Sample, lines: tuple[str, ...], number: int) -> bytes:
    """Write a page so that it reads upright as displayed: the text is turned with the page."""
    width, height = sample.size
    turn = {
        0: "1 0 0 1 0 0",
        90: f"0 1 -1 0 {width:g} 0",
        180: f"-1 0 0 -1 {width:g} {height:g}",
        270: f"0 -1 1 0 0 {height:g}",
    }[sample.rotate]
    across, down = (width, height) if sample.rotate in (0, 180) else (height, width)
    left, top, right, bottom = 60.0, down - 130, across - 60, 0.0
    if sample.crop is not None:
        bottom = sample.crop[1]
    out = [f"q {turn} cm", f"BT /F1 22 Tf {left:g} {top:g} Td ({sample.title}) Tj ET"]
    out.append(f"0.6 w {left:g} {top - 14:g} m {right:g} {top - 14:g} l S")
    out.append(f"BT /F2 11 Tf 16 TL {left:g} {top - 46:g} Td")
    for line in lines:
        escaped = line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        out.append(f"({escaped}) Tj T*")
    out.append("ET")
    foot = f"{sample.title}, page {number} of {len(sample.pages)}"
    out.append(f"BT /F2 8 Tf {left:g} {bottom + 40:g} Td ({foot}) Tj ET Q")
    return "\n".join(out).encode("latin-1")


def _assembled(objects: list[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
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
