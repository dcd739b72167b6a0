"""The artist: draws any design."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

from gateway.core.drawing import Drawing
from gateway.seals.block_seal import draw_block, draw_text
from gateway.seals.canvas import Canvas, Finish
from gateway.seals.code_seal import caption_room, draw_code_seal
from gateway.seals.colours import colour
from gateway.seals.design_models import (
    AnyDesign,
    BlockDesign,
    CodeDesign,
    HandwritingDesign,
    NameDesign,
    OvalDesign,
    RoundDesign,
    TextDesign,
)
from gateway.seals.designs import placeholders_of, read_design
from gateway.seals.fonts import FontLibrary, Style
from gateway.seals.handwriting import draw_handwriting
from gateway.seals.name_seal import draw_name
from gateway.seals.oval_seal import draw_oval
from gateway.seals.round_seal import draw_round
from gateway.seals.studio import Studio
from gateway.seals.values import Filling, likely

_LOCK = threading.Lock()
"""fontTools reads opened fonts as they are asked for, and does so for one caller at a time."""

_MANNERS: dict[str, tuple[Style, int]] = {
    "round": ("serif", 700),
    "oval": ("serif", 700),
    "block": ("sans", 400),
    "name": ("serif", 700),
    "handwriting": ("sans", 400),
    "text": ("sans", 400),
    "code": ("sans", 400),
}
"""What each kind of seal is set in where its design does not choose."""


class DesignArtist:
    """`ports.SealArtist`: the same design, values and fonts give the same drawing."""

    def __init__(self, fonts: tuple[Path, ...] = ()) -> None:
        """Draw with the fonts in these folders, and after them those of the machine."""
        self._library = FontLibrary(fonts)

    def draw(self, design: bytes, values: Mapping[str, str]) -> Drawing:
        """Draw a design (JSON) with the values of its changing lines.

        Values: `moment` (ISO 8601) for {date} and {time}, and `serial`, `signer`, `reason`,
        `hash`, `receipt`, `name`. Raises `DocumentFault` (`seal.design-invalid`,
        `seal.glyph-missing`, `seal.text-too-long`) and `SiteFault` (`site.font-missing`).
        """
        read = read_design(design)
        style, weight = _MANNERS[read.kind]
        studio = Studio(self._library, Filling(read, values), colour(read.colour), style, weight)
        canvas = _canvas(read, likely(read, placeholders_of(read)))
        with _LOCK:
            _draw(read, canvas, studio)
            return canvas.finish(Finish(read.turn, read.opacity, read.multiply))


def _canvas(design: AnyDesign, spare: frozenset[str]) -> Canvas:
    match design:
        case RoundDesign(width=width):
            return Canvas(width, width, elliptical=True, spare=spare)
        case OvalDesign(width=width, height=height):
            return Canvas(width, height, elliptical=True, spare=spare)
        case CodeDesign(width=width):
            return Canvas(width, width + caption_room(design), spare=spare)
        case NameDesign(width=width, height=height):
            return Canvas(width, height or width, spare=spare)
        case _:
            return Canvas(design.width, design.height, spare=spare)


def _draw(design: AnyDesign, canvas: Canvas, studio: Studio) -> None:
    match design:
        case RoundDesign():
            draw_round(design, canvas, studio)
        case OvalDesign():
            draw_oval(design, canvas, studio)
        case BlockDesign():
            draw_block(design, canvas, studio)
        case NameDesign():
            draw_name(design, canvas, studio)
        case HandwritingDesign():
            draw_handwriting(design, canvas, studio)
        case TextDesign():
            draw_text(design, canvas, studio)
        case CodeDesign():
            draw_code_seal(design, canvas, studio)
