"""Sample documents for the demonstration: small business papers on pages of every kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gateway.sandbox.paper import A5_LANDSCAPE, Paper, Sheet, write_pdf

_BLUE = "0.13 0.27 0.48"
_PALE = "0.93 0.95 0.98"
_GREEN = "0.87 0.93 0.86"


def write_samples(folder: Path) -> tuple[Path, ...]:
    """Write the six samples below a folder, whole, and return their paths."""
    written = []
    for name, title, draw in _SAMPLES:
        write_pdf(folder / name, title, draw())
        written.append(folder / name)
    return tuple(written)


def _headed(title: str, sheet: Sheet, aside: str = "") -> Paper:
    """Return a page with the company's head and foot."""
    paper = Paper(sheet)
    left, right = 50, paper.width - 50
    paper.box(0, 0, paper.width, 7, _BLUE)
    paper.text(left, 42, "Example Ltd", 15, bold=True)
    paper.text(left, 56, "1 Harbour Road, 2000 Antwerp", 8, grey=0.4)
    paper.text(left, 100, title, 20, bold=True)
    if aside:
        paper.text(left, 118, aside, 9, grey=0.4)
    paper.rule(left, 128, right, weight=1)
    foot = "Example Ltd    VAT BE 0123.456.789    IBAN BE00 0000 0000 0000"
    paper.text(left, paper.height - 24, foot, 7, grey=0.5)
    return paper


def _invoice() -> tuple[Paper, ...]:
    paper = _headed("Invoice 2026-0042", Sheet(), "23 November 2026")
    paper.text(50, 158, "To", 8, grey=0.4)
    paper.lines(50, 174, ("Northwind Trading GmbH", "Speicherstrasse 12", "20457 Hamburg"))
    paper.text(340, 158, "Your order", 8, grey=0.4)
    paper.lines(340, 174, ("NT-7781 of 9 November", "Delivered 20 November"))
    rows = (
        ("Qty", "Description", "Unit", "EUR"),
        ("12", "Gate valve DN 80, stainless steel", "95.00", "1,140.00"),
        ("3", "Pressure gauge 0 to 16 bar", "89.00", "267.00"),
        ("40", "Flange gasket DN 80", "1.10", "44.00"),
        ("1", "Delivery, free at gate", "45.00", "45.00"),
    )
    end = paper.table(50, 240, (0, 50, 340, 495), rows)
    paper.text(390, end + 24, "Net")
    paper.amount(539, end + 24, "1,496.00")
    paper.text(390, end + 42, "VAT 21 %")
    paper.amount(539, end + 42, "314.16")
    paper.rule(384, end + 50, 545, weight=0.9)
    paper.text(390, end + 66, "Total EUR", bold=True)
    paper.amount(539, end + 66, "1,810.16", bold=True)
    paper.text(50, end + 110, "Payable within 30 days. Goods remain ours until paid in full.", 9)
    return (paper,)


_CLAUSES = (
    (
        ("1  Subject", "The Supplier delivers the goods listed in Annex A, in the quantities that",
         "the Customer calls off in writing, and the Customer takes and pays for them."),
        ("2  Delivery", "Goods are delivered free at the Customer's gate on working days between",
         "8 and 16 o'clock, within ten working days after each call-off."),
        ("3  Prices", "The prices in Annex A are fixed for twelve months from the date of the last",
         "seal. Invoices are payable within 30 days."),
        ("4  Inspection", "The Customer inspects the goods on arrival and reports visible defects",
         "within five working days."),
    ),
    (
        ("5  Warranty", "The Supplier mends or replaces defective goods free of charge for",
         "twenty-four months after delivery."),
        ("6  Term", "This agreement runs for two years. Either party may end it in writing with",
         "three months' notice to the end of a quarter."),
        ("7  Form", "Changes to this agreement need the written form and the seals of both",
         "parties. An electronic seal counts as such."),
        ("8  Law", "The law of the Supplier's seat applies; its courts settle disputes."),
    ),
)  # fmt: skip


def _contract() -> tuple[Paper, ...]:
    pages = []
    for number in (1, 2, 3):
        paper = _headed("Supply agreement", Sheet(), "No. 2026/117    Gate valves and fittings")
        paper.amount(paper.width - 50, 118, f"{number} / 3", 9)
        pages.append(paper)
    parties = ("between Example Ltd, Antwerp (the Supplier)", "and Northwind Trading GmbH, Hamburg")
    y = pages[0].lines(50, 158, (*parties, "(the Customer)"), 10.5) + 14
    for paper, clauses in zip(pages, _CLAUSES, strict=False):
        for head, *body in clauses:
            paper.text(50, y, head, 11, bold=True)
            y = paper.lines(50, y + 18, tuple(body), 10.5) + 16
        y = 160
    _annex(pages[2])
    return tuple(pages)


def _annex(paper: Paper) -> None:
    paper.text(50, 160, "Annex A", 11, bold=True)
    rows = (
        ("Article", "Description", "EUR"),
        ("GV-080", "Gate valve DN 80, stainless steel", "95.00"),
        ("GV-200", "Gate valve DN 200, stainless steel", "310.00"),
        ("PG-016", "Pressure gauge 0 to 16 bar", "89.00"),
    )
    end = paper.table(50, 174, (0, 90, 495), rows)
    for x, who in ((50, "For the Customer"), (320, "For the Supplier")):
        paper.text(x, end + 70, who, bold=True)
        paper.rule(x, end + 130, x + 200)
        paper.text(x, end + 143, "Place, date", 8, grey=0.4)
    paper.text(320, end + 180, "Seal here:", 10)


def _delivery_note() -> tuple[Paper, ...]:
    paper = _headed("Delivery note 5590", Sheet(rotate=90), "20 November 2026    Lorry 17, gate 3")
    rows = (
        ("Pallet", "Content", "Packing", "kg"),
        ("1", "Gate valves DN 80, 6 pieces", "Euro pallet, wrapped", "214"),
        ("2", "Gate valves DN 80, 6 pieces", "Euro pallet, wrapped", "214"),
        ("3", "Pressure gauges, 3 pieces; gaskets, 40 pieces", "Crate", "38"),
        ("4", "Empty pallets returned", "-", "60"),
    )
    end = paper.table(50, 150, (0, 70, 440, 742), rows)
    paper.text(50, end + 40, "Goods received complete and in good order:")
    paper.rule(270, end + 42, 480)
    return (paper,)


def _receipt() -> tuple[Paper, ...]:
    paper = _headed("Receipt 318", Sheet(size=A5_LANDSCAPE), "24 November 2026")
    paper.box(50, 148, 495, 62, _PALE)
    paper.text(66, 172, "Received from Northwind Trading GmbH", 11)
    paper.text(66, 194, "EUR 1,810.16 for invoice 2026-0042", 13, bold=True)
    paper.text(50, 240, "Paid by bank transfer. With thanks.")
    return (paper,)


def _inspection() -> tuple[Paper, ...]:
    sheet = Sheet(crop=(40, 120, 555, 800))
    paper = _headed("Incoming inspection", sheet, "Form Q-12    scanned, margins cut off")
    checks = ("Packing undamaged", "Quantity as ordered", "Surface without scratches",
              "Certificate of material enclosed", "Pressure test 16 bar passed")  # fmt: skip
    for index, words in enumerate(checks):
        y = 158 + 34 * index
        paper.box(50, y, 14, 14)
        paper.rule(53, y + 7, 57, y + 12, 1.6)
        paper.rule(57, y + 12, 63, y + 1, 1.6)
        paper.text(78, y + 11, words, 11)
        paper.rule(50, y + 24, paper.width - 50, weight=0.3)
    paper.text(50, 360, "Inspector", 8, grey=0.4)
    paper.text(50, 376, "J. Peeters, 20 November 2026")
    return (paper,)


def _site_plan() -> tuple[Paper, ...]:
    sheet = Sheet(size=(297.5, 421.0), rotate=270, unit=2.0)
    paper = _headed("Site plan", sheet, "Yard and gates    1 : 500")
    paper.box(60, 160, 480, 340, _GREEN)
    for x, y, width, height, name in (
        (90, 190, 180, 110, "Hall A"),
        (310, 190, 180, 70, "Hall B"),
        (90, 360, 120, 90, "Office"),
    ):
        paper.box(x, y, width, height, _PALE)
        paper.box(x, y, width, height)
        paper.text(x + 12, y + 24, name, 12, bold=True)
    paper.box(60, 160, 480, 340)
    paper.rule(250, 500, 250, 380, 1.2)
    paper.rule(290, 500, 290, 380, 1.2)
    paper.text(300, 490, "Gate 3", 10)
    paper.lines(580, 420, ("Drawn 3 November 2026", "Sheet 1 of 1", "Lengths in metres"), 9)
    return (paper,)


_SAMPLES: tuple[tuple[str, str, Callable[[], tuple[Paper, ...]]], ...] = (
    ("invoice-0042.pdf", "Invoice 2026-0042", _invoice),
    ("contracts/supply-agreement.pdf", "Supply agreement", _contract),
    ("delivery-note-landscape.pdf", "Delivery note 5590", _delivery_note),
    ("receipt-a5.pdf", "Receipt 318", _receipt),
    ("scan-cropped.pdf", "Incoming inspection", _inspection),
    ("letters/plan-rotated.pdf", "Site plan", _site_plan),
)
