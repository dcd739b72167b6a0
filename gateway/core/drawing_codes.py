"""What can be wrong with drawing a seal from its design."""

from __future__ import annotations

from gateway.core.error_code import document, site

DRAWING_CODES = (
    document(
        "seal.design-invalid",
        "The seal's design cannot be drawn as it is written.",
        "Correct the design as the sentence says; docs/schema/design.schema.json has every key.",
    ),
    document(
        "seal.glyph-missing",
        "No font that may be used has a character of the seal.",
        "Install the package that is named, name a font that has it, or write the text otherwise.",
    ),
    document(
        "seal.text-too-long",
        "A text of the seal is so long that nobody could read it.",
        "Shorten the text, or make the seal larger.",
    ),
    site(
        "site.font-missing",
        "This machine has no font with which the seal could be drawn.",
        "Install fonts-noto-cjk, or the font that the design names, then use sealgate retry.",
    ),
)
