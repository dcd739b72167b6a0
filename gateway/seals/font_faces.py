"""The fonts of this machine: which there are, found by the names that they give themselves."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fontTools.ttLib import TTFont, TTLibError
from fontTools.ttLib.ttCollection import TTCollection

BROKEN = (
    TTLibError,
    OSError,
    struct.error,
    AssertionError,
    AttributeError,
    IndexError,
    KeyError,
    TypeError,
    ValueError,
)
"""What fontTools raises for files that are no fonts, or damaged."""

_ENDINGS = (".ttf", ".otf", ".ttc", ".otc")
_FAMILY, _TYPOGRAPHIC_FAMILY, _POSTSCRIPT = 1, 16, 6
_RESTRICTED, _USAGE = 0x0002, 0x000F
_NO_SUBSET, _BITMAPS_ONLY = 0x0100, 0x0200


@dataclass(frozen=True)
class Face:
    """One font of one file."""

    path: Path
    index: int
    """In a collection; -1 in a file of one font."""
    families: frozenset[str]
    """Every family name in every language, folded."""
    name: str
    """PostScript name."""
    weight: int
    """OS/2 usWeightClass: 400 regular, 700 bold."""
    width: int
    """OS/2 usWidthClass: 5 normal, 3 condensed."""
    italic: bool
    embeddable: bool
    """Its licence lets it be embedded, as a subset (OS/2 fsType)."""


def system_folders() -> tuple[Path, ...]:
    """Return where fonts are looked for on every machine."""
    own = Path.home() / ".local/share/fonts"
    return (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), own)


@lru_cache(maxsize=8)
def faces_in(folders: tuple[Path, ...]) -> tuple[Face, ...]:
    """Return every usable font below the folders, in an order that does not change.

    Damaged files and fonts without outlines are passed over. Looked up once a process.
    """
    return tuple(face for folder in folders for path in _files(folder) for face in _faces(path))


def open_face(face: Face) -> TTFont:
    """Open a font afresh, to be read or cut down."""
    return TTFont(face.path, fontNumber=face.index, lazy=True, recalcTimestamp=False)


def _files(folder: Path) -> list[Path]:
    return sorted(
        Path(root, name)
        for root, _, names in os.walk(folder)
        for name in names
        if name.lower().endswith(_ENDINGS)
    )


def _faces(path: Path) -> list[Face]:
    try:
        if path.suffix.lower() not in (".ttc", ".otc"):
            with TTFont(path, lazy=True) as font:
                found = [_face(path, -1, font)]
        else:
            with TTCollection(path, lazy=True) as collection:
                found = [_face(path, index, font) for index, font in enumerate(collection)]
    except BROKEN:
        return []
    return [face for face in found if face is not None]


def _face(path: Path, index: int, font: TTFont) -> Face | None:
    if "glyf" not in font and "CFF " not in font:
        return None
    names, style = font["name"], font["OS/2"]
    families = frozenset(
        record.toUnicode().casefold()
        for record in names.names
        if record.nameID in (_FAMILY, _TYPOGRAPHIC_FAMILY)
    )
    return Face(
        path=path,
        index=index,
        families=families,
        name=names.getDebugName(_POSTSCRIPT) or path.stem,
        weight=style.usWeightClass,
        width=style.usWidthClass,
        italic=bool(font["head"].macStyle & 0b10),
        embeddable=_may_be_embedded(style.fsType),
    )


def _may_be_embedded(rights: int) -> bool:
    """Tell whether a subset may go into a document (OpenType, OS/2 fsType)."""
    return rights & _USAGE != _RESTRICTED and not rights & (_NO_SUBSET | _BITMAPS_ONLY)
