"""Which font shows which character: families by taste, then whatever has the character."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from gateway.core.errors import DocumentFault, SiteFault
from gateway.seals.font_faces import BROKEN, Face, faces_in, system_folders
from gateway.seals.typefaces import Letter, Typeface, is_wide, typeface

Style = Literal["serif", "sans"]

_LATIN: dict[Style, tuple[str, ...]] = {
    "serif": (
        "Noto Serif",
        "Source Serif 4",
        "Source Serif Pro",
        "Noto Serif CJK SC",
        "Source Han Serif SC",
        "Liberation Serif",
        "Times New Roman",
        "DejaVu Serif",
        "FreeSerif",
    ),
    "sans": (
        "Noto Sans",
        "Source Sans 3",
        "Source Sans Pro",
        "Noto Sans CJK SC",
        "Source Han Sans SC",
        "Liberation Sans",
        "Arial",
        "DejaVu Sans",
        "FreeSans",
    ),
}
_CHINESE: dict[Style, tuple[str, ...]] = {
    "serif": (
        "Noto Serif CJK SC",
        "Source Han Serif SC",
        "Noto Serif SC",
        "SimSun",
        "STSong",
        "AR PL UMing CN",
    ),
    "sans": (
        "Noto Sans CJK SC",
        "Source Han Sans SC",
        "Noto Sans SC",
        "Microsoft YaHei",
        "SimHei",
        "WenQuanYi Micro Hei",
        "WenQuanYi Zen Hei",
    ),
}
_SYMBOLS = ("DejaVu Sans", "Noto Sans Symbols", "Noto Sans Symbols2", "Symbola")
_NORMAL_WIDTH = 5


@dataclass(frozen=True)
class FontChoice:
    """What a text is to be set in."""

    families: tuple[str, ...] = ()
    """Tried before the usual ones; at least one must be there."""
    style: Style = "serif"
    weight: int = 400


class FontLibrary:
    """The fonts of this machine, and those of the site's own folders before them."""

    def __init__(self, folders: tuple[Path, ...] = ()) -> None:
        self._folders = (*folders, *system_folders())

    def letters(self, text: str, choice: FontChoice) -> tuple[Letter, ...]:
        """Choose a font for each character of a text.

        Raises `SiteFault` (`site.font-missing`) when there is no font, `DocumentFault` when
        none has a character (`seal.glyph-missing`) or a named font may not be embedded
        (`seal.design-invalid`).
        """
        named = self._named(choice)
        return tuple(self._letter(one, choice, named) for one in unicodedata.normalize("NFC", text))

    def any_letter(self, character: str, choice: FontChoice) -> Letter | None:
        """Choose a font for a character, whether its script needs shaping or not; None without.

        A font that cannot be opened is passed over.
        """
        for name in _families(character, choice.style):
            face = self._face(name, choice.weight)
            if face is None or not face.embeddable or (opened := _opened(face)) is None:
                continue
            if opened.has(character):
                # Where its ink is does not matter for lines of text, and takes long to find.
                return Letter(character, opened, opened.advance(character), None)
        return None

    def _named(self, choice: FontChoice) -> tuple[Face, ...]:
        """Return the fonts that the design asks for by name."""
        found = [face for name in choice.families if (face := self._face(name, choice.weight))]
        if choice.families and not found:
            raise SiteFault("site.font-missing", ", ".join(choice.families))
        for face in found:
            if not face.embeddable:
                what = f"the licence of the font {face.name} does not let it be embedded"
                raise DocumentFault("seal.design-invalid", f"{what}; name another one")
        return tuple(found)

    def _face(self, family: str, weight: int) -> Face | None:
        return _nearest(faces_in(self._folders), family, weight)

    def _letter(self, character: str, choice: FontChoice, named: tuple[Face, ...]) -> Letter:
        if _needs_shaping(character):
            raise DocumentFault("seal.glyph-missing", _unset(character))
        usual = (self._face(name, choice.weight) for name in _families(character, choice.style))
        some = False
        for face in (*named, *usual):
            if face is None or not face.embeddable or (opened := _opened(face)) is None:
                continue
            some = True
            if opened.has(character):
                return _measured(character, opened)
        if not some:
            raise SiteFault("site.font-missing")
        raise DocumentFault("seal.glyph-missing", _missing(character))


@lru_cache(maxsize=512)
def _nearest(faces: tuple[Face, ...], family: str, weight: int) -> Face | None:
    """Return the family's upright face of the nearest weight, of normal width if there is one."""
    wanted = family.casefold()
    found = [face for face in faces if wanted in face.families]

    def distance(face: Face) -> tuple[bool, bool, int, int]:
        width = abs(face.width - _NORMAL_WIDTH)
        return (not face.embeddable, face.italic, width, abs(face.weight - weight))

    return min(found, key=distance, default=None)


def _families(character: str, style: Style) -> tuple[str, ...]:
    """Return family names in the order in which they are tried for a character."""
    other: Style = "sans" if style == "serif" else "serif"
    latin, chinese = (*_LATIN[style], *_LATIN[other]), (*_CHINESE[style], *_CHINESE[other])
    if is_wide(character):
        return (*chinese, *latin, *_SYMBOLS)
    return (*latin, *chinese, *_SYMBOLS)


def _opened(face: Face) -> Typeface | None:
    try:
        return typeface(face)
    except BROKEN:
        return None


def _measured(character: str, opened: Typeface) -> Letter:
    try:
        return Letter(character, opened, opened.advance(character), opened.bounds(character))
    except BROKEN as error:
        what = f"the font {opened.face.path} is damaged at {_named_character(character)}"
        raise DocumentFault("seal.design-invalid", what) from error


def _needs_shaping(character: str) -> bool:
    """Tell whether a character belongs to a script that is not written letter after letter."""
    right_to_left = unicodedata.bidirectional(character) in ("R", "AL")
    return right_to_left or unicodedata.category(character) in ("Mn", "Mc")


def _named_character(character: str) -> str:
    return f"{character} U+{ord(character):04X} {unicodedata.name(character, '')}".rstrip()


def _unset(character: str) -> str:
    return f"{_named_character(character)}: its script needs shaping, which seals do not do"


def _missing(character: str) -> str:
    if is_wide(character):
        package = "fonts-noto-cjk"
    elif unicodedata.category(character)[0] == "S":
        package = "fonts-symbola"
    else:
        package = "fonts-noto-core"
    return f"{_named_character(character)}; the package {package} may bring it"
