"""What every kind of seal is drawn with: fonts, values and ink of one design."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.core.drawing import Colour
from gateway.core.errors import DocumentFault
from gateway.seals.design_models import BlockTextPart
from gateway.seals.design_parts import FontPart, TextPart
from gateway.seals.fonts import FontChoice, FontLibrary, Style
from gateway.seals.lines import Paragraph
from gateway.seals.typefaces import Letter
from gateway.seals.values import Filling

WEIGHTS = {"light": 300, "regular": 400, "medium": 500, "bold": 700, "black": 900}


@dataclass(frozen=True)
class Studio:
    """Where one design is drawn."""

    library: FontLibrary
    filling: Filling
    ink: Colour
    style: Style
    """Of the kind of seal, where a text does not choose."""
    weight: int

    def letters(
        self, written: str, font: FontPart, *, weight: int | None = None
    ) -> tuple[Letter, ...]:
        """Return the letters of a text, filled; a text that is empty then has one blank."""
        text = self.filling.text(written).strip() or " "
        choice = FontChoice(
            font.families,
            font.style or self.style,
            WEIGHTS[font.weight] if font.weight else weight or self.weight,
        )
        return self.library.letters(text, choice)

    def text(self, part: TextPart) -> tuple[Letter, ...]:
        """Return the letters of a text of a seal."""
        return self.letters(part.text, part.font)

    def paragraph(
        self, part: BlockTextPart, *, weight: int | None = None, after: float = 0.0
    ) -> Paragraph:
        """Return a line of a block, ready to be set."""
        letters = self.letters(part.text, part.font, weight=weight)
        return Paragraph(letters, part.share, part.size, part.tracking, after)


def no_room(what: str) -> DocumentFault:
    """Return the error that tells of a design whose parts leave no room for one of them."""
    return DocumentFault("seal.design-invalid", f"there is no room for {what}")
