"""Codes alone, with a line below them."""

from __future__ import annotations

from gateway.seals.canvas import Canvas
from gateway.seals.codes import draw_code
from gateway.seals.colours import colour
from gateway.seals.design_models import CodeDesign
from gateway.seals.lines import set_line
from gateway.seals.paths import rectangle
from gateway.seals.studio import Studio

_CAPTION = 0.085
"""Height of the caption's letters by the code's width."""


def caption_room(design: CodeDesign) -> float:
    """Return the height of what is below the code, in millimetres."""
    if design.caption is None:
        return 0.0
    return _caption(design) * 1.7


def _caption(design: CodeDesign) -> float:
    wished = design.caption.height if design.caption else None
    return wished or max(_CAPTION * design.width, 1.3)


def draw_code_seal(design: CodeDesign, canvas: Canvas, studio: Studio) -> None:
    """Draw a code on a canvas as wide as it is."""
    across, up = canvas.width / 2, canvas.height / 2
    if design.background is not None:
        canvas.fill(rectangle(-across, -up, across, up), colour(design.background))
    bottom = up - canvas.width
    content = studio.filling.text(design.code.content)
    draw_code(canvas, design.code, content, (-across, bottom, canvas.width), studio.ink)
    if design.caption is not None:
        part = design.caption
        most = canvas.width * 0.94
        line = set_line(
            studio.text(part), _caption(design), lambda _: most, tracking=part.tracking or 0.02
        )
        line.draw_centred(canvas, 0, -up + _caption(design) * 1.1, studio.ink)
