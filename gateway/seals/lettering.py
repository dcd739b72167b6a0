"""Letters for reports: any text is set, with a stand-in for what no font of the machine has.

Scripts that need shaping are set letter after letter, in the order in which they are stored. That
is not how they are written, but nothing is left out, and nothing can turn the direction of reading.
"""

from __future__ import annotations

import threading
import unicodedata
from pathlib import Path

from gateway.core.drawing import FontSubset
from gateway.core.errors import SiteFault
from gateway.ports import SetGlyph
from gateway.seals.font_faces import Face
from gateway.seals.fonts import FontChoice, FontLibrary
from gateway.seals.subsets import Subset, cut
from gateway.seals.typefaces import Letter

_LOCK = threading.Lock()
"""fontTools reads opened fonts as they are asked for, and does so for one caller at a time."""
_STAND_INS = "□�?"
_CHOICES = {
    False: FontChoice(style="sans", weight=400),
    True: FontChoice(style="sans", weight=700),
}


class FontLettering:
    """The port `Lettering`, for one report; not safe to use from several threads."""

    def __init__(self, fonts: tuple[Path, ...] = ()) -> None:
        """Set in the fonts of these folders, and after them in those of the machine."""
        self._library = FontLibrary(fonts)
        self._letters: dict[tuple[str, bool], Letter] = {}
        self._noted: dict[Face, set[str]] = {}
        self._subsets: dict[Face, tuple[int, Subset]] = {}

    def width(self, text: str, bold: bool) -> float:
        """Return how wide a text is, in ems."""
        return sum(self._letter(one, bold).advance for one in _composed(text))

    def note(self, text: str, bold: bool) -> None:
        """Remember that these characters will be set."""
        for one in _composed(text):
            letter = self._letter(one, bold)
            self._noted.setdefault(letter.typeface.face, set()).add(letter.character)

    def fonts(self) -> tuple[FontSubset, ...]:
        """Return the fonts cut down to what was noted."""
        with _LOCK:
            self._subsets = {
                face: (index, cut(face, frozenset(characters)))
                for index, (face, characters) in enumerate(self._noted.items())
            }
        return tuple(subset.font for _, subset in self._subsets.values())

    def glyphs(self, text: str, bold: bool) -> tuple[SetGlyph, ...]:
        """Return the glyphs of a noted text, after `fonts`."""
        found = []
        for one in _composed(text):
            letter = self._letter(one, bold)
            index, subset = self._subsets[letter.typeface.face]
            shown = letter.character
            found.append(SetGlyph(index, subset.numbers[shown], shown, _plain(one)))
        return tuple(found)

    def _letter(self, character: str, bold: bool) -> Letter:
        """Return the letter that shows a character, which may be a stand-in."""
        key = character, bold
        if key not in self._letters:
            with _LOCK:
                found = (
                    self._library.any_letter(one, _CHOICES[bold])
                    for one in (_plain(character), *_STAND_INS)
                )
                letter = next((one for one in found if one is not None), None)
            if letter is None:
                raise SiteFault("site.font-missing")
            self._letters[key] = letter
        return self._letters[key]


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _plain(character: str) -> str:
    """Return a character that has ink: controls and marks of direction have none to be seen."""
    return "□" if unicodedata.category(character)[0] == "C" else character
