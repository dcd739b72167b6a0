"""Ready designs: seals as they are usual, into which only words have to be put.

Sizes and rims follow what is customary for seals in China: 40 mm with a rim of 1.0 mm and a star
of 14 mm for a limited company, 42 mm and 1.2 mm for a joint-stock company, 38 mm for a
department, 40 by 30 mm for an oval invoice seal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ReadyDesign:
    """A design with places for words."""

    what: str
    """In a sentence."""
    wants: tuple[str, ...]
    """Words that must be given: text, lower, line, number, title, lines, name, content, strokes."""
    takes: tuple[str, ...]
    """Words that may be given."""
    design: dict[str, Any]
    """With ${word} where a word goes; a part whose word is not given is left out."""


READY_DESIGNS: dict[str, ReadyDesign] = {
    "limited-company": ReadyDesign(
        "Company seal of a limited company: 40 mm, a star, its name, perhaps its number.",
        ("text",),
        ("lower", "serial"),
        {
            "kind": "round",
            "width": 40,
            "rim": 1.0,
            "upper": {"text": "${text}"},
            "middle": {"shape": "star", "diameter": 14},
            "line": {"text": "${lower}"},
            "lower": {"text": "${serial}"},
            "multiply": True,
        },
    ),
    "joint-stock-company": ReadyDesign(
        "Company seal of a joint-stock company: 42 mm, a star, its name, perhaps its number.",
        ("text",),
        ("lower", "serial"),
        {
            "kind": "round",
            "width": 42,
            "rim": 1.2,
            "upper": {"text": "${text}"},
            "middle": {"shape": "star", "diameter": 14},
            "line": {"text": "${lower}"},
            "lower": {"text": "${serial}"},
            "multiply": True,
        },
    ),
    "contract": ReadyDesign(
        "Seal for contracts: 40 mm, empty in the middle, its purpose in a straight line.",
        ("text",),
        ("lower", "serial"),
        {
            "kind": "round",
            "width": 40,
            "rim": 1.0,
            "upper": {"text": "${text}"},
            "line": {"text": "${lower:合同专用章}"},
            "lower": {"text": "${serial}"},
            "multiply": True,
        },
    ),
    "finance": ReadyDesign(
        "Seal of a finance office: 40 mm, empty in the middle, its purpose in a straight line.",
        ("text",),
        ("lower", "serial"),
        {
            "kind": "round",
            "width": 40,
            "rim": 1.0,
            "upper": {"text": "${text}"},
            "line": {"text": "${lower:财务专用章}"},
            "lower": {"text": "${serial}"},
            "multiply": True,
        },
    ),
    "department": ReadyDesign(
        "Seal of a department: 38 mm, a star, the company's name, the department's below.",
        ("text", "lower"),
        ("serial",),
        {
            "kind": "round",
            "width": 38,
            "rim": 1.0,
            "upper": {"text": "${text}"},
            "middle": {"shape": "star", "diameter": 13},
            "line": {"text": "${lower}"},
            "lower": {"text": "${serial}"},
            "multiply": True,
        },
    ),
    "corporate": ReadyDesign(
        "Company seal as it is usual outside China: 42 mm, a ring, words above and below.",
        ("text",),
        ("lower",),
        {
            "kind": "round",
            "width": 42,
            "rim": 0.9,
            "second_rim": {"line": 0.25, "gap": 0.5},
            "ring": {"size": 0.62, "line": 0.3},
            "upper": {"text": "${text}"},
            "lower": {"text": "${lower}"},
            "middle": {"shape": "star", "diameter": 14},
            "separator": "dot",
            "colour": "stamp-blue",
            "multiply": True,
        },
    ),
    "invoice-oval": ReadyDesign(
        "Oval seal for invoices: 40 by 30 mm, the company's name, its number, the purpose.",
        ("text", "serial"),
        ("lower",),
        {
            "kind": "oval",
            "width": 40,
            "height": 30,
            "rim": 1.0,
            "upper": {"text": "${text}"},
            "middle": [{"text": "${serial}", "font": {"style": "sans"}}],
            "line": {"text": "${lower:发票专用章}"},
            "multiply": True,
        },
    ),
    "signature-block": ReadyDesign(
        "A frame that says who signed, when and why, perhaps with a code that leads to more.",
        (),
        ("title", "name", "content"),
        {
            "kind": "block",
            "width": 80,
            "height": 26,
            "border": {"line": 0.4, "corner": 1.5},
            "padding": 2.2,
            "title": {"text": "${title:Digitally signed}"},
            "rule": 0.15,
            "lines": [
                {"text": "${name:{signer}}", "font": {"weight": "bold"}},
                {"text": "{reason}"},
                {"text": "{date} {time}", "share": 0.9},
            ],
            "code": {"content": "${content}", "side": "right"},
            "colour": "ink-blue",
            "date": {"format": "yyyy-MM-dd", "time": "HH:mm xxx"},
        },
    ),
    "personal-name": ReadyDesign(
        "A personal name seal: 18 mm square, two to four characters in columns.",
        ("text",),
        ("ground",),
        {
            "kind": "name",
            "width": 18,
            "text": "${text}",
            "ground": "${ground:white}",
            "multiply": True,
        },
    ),
    "handwritten": ReadyDesign(
        "A signature by hand above a line, with the name in print.",
        ("name",),
        ("strokes", "picture"),
        {
            "kind": "handwriting",
            "width": 60,
            "height": 25,
            "strokes": "${strokes}",
            "picture": "${picture}",
            "colour": "ink-blue",
            "lines": [{"text": "${name}"}, {"text": "{date}", "share": 0.8}],
        },
    ),
    "text-only": ReadyDesign(
        "Who signed, when and why, in three lines without a frame.",
        (),
        ("name",),
        {
            "kind": "text",
            "width": 60,
            "height": 14,
            "colour": "ink-black",
            "lines": [
                {"text": "${name:{signer}}", "font": {"weight": "bold"}},
                {"text": "{date} {time}"},
                {"text": "{reason}"},
            ],
            "date": {"format": "d MMMM yyyy", "time": "HH:mm 'UTC'"},
        },
    ),
    "qr": ReadyDesign(
        "A QR code, perhaps with a line below it.",
        ("content",),
        ("caption",),
        {
            "kind": "code",
            "width": 25,
            "code": {"content": "${content}", "symbology": "qr"},
            "caption": {"text": "${caption}"},
        },
    ),
    "data-matrix": ReadyDesign(
        "A Data Matrix, perhaps with a line below it.",
        ("content",),
        ("caption",),
        {
            "kind": "code",
            "width": 18,
            "code": {"content": "${content}", "symbology": "data-matrix"},
            "caption": {"text": "${caption}"},
        },
    ),
    "received-stamp": ReadyDesign(
        "A stamp for what came in: the word, the day large, the running number.",
        (),
        ("title", "text"),
        {
            "kind": "block",
            "width": 50,
            "height": 26,
            "border": {"line": 0.7, "corner": 1.2, "second": {"line": 0.2, "gap": 0.45}},
            "padding": 1.6,
            "align": "centre",
            "title": {"text": "${title:RECEIVED}", "tracking": 0.18},
            "rule": 0.2,
            "rules": 0.2,
            "lines": [
                {"text": "{date}", "font": {"weight": "bold"}, "share": 1.3},
                {"text": "${text}"},
                {"text": "No. {serial}", "share": 0.9},
            ],
            "colour": "stamp-blue",
            "date": {"format": "dd MMM yyyy", "locale": "en"},
            "multiply": True,
        },
    ),
}
