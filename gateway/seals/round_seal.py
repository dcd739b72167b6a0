"""Round seals: of companies, of departments, for one purpose."""

from __future__ import annotations

import math

from gateway.seals.canvas import Canvas
from gateway.seals.design_models import RoundDesign
from gateway.seals.design_parts import EmblemPart, MiddleTextPart, StarPart, TextPart
from gateway.seals.frames import after, moved, stretched
from gateway.seals.lines import Line, set_line
from gateway.seals.paths import ellipse, from_svg, star
from gateway.seals.rims import Arcs, Hints, Rim, draw_arcs, draw_rims, set_arcs
from gateway.seals.studio import Studio
from gateway.seals.typesetting import SMALLEST, has_wide

_LEADING = 1.5
"""From line to line in the middle, in heights of letters."""
_LOW = 0.245
"""How far below the centre the middle of the straight line is, by the seal's diameter."""


def draw_round(design: RoundDesign, canvas: Canvas, studio: Studio) -> None:
    """Draw a round seal on a canvas of its size."""
    rim = draw_rims(canvas, studio, design.rim, design.second_rim)
    ring = _ring(design, canvas, studio)
    hints = Hints(
        small=design.width,
        white=0.024 * design.width,
        room=rim.across - ring if ring else None,
        separator=design.separator,
    )
    line = _line(design, studio, rim, ring) if design.line else None
    if line is not None and ring is None:
        hints = Hints(hints.small, hints.white, None, _widest(line, design), design.separator)
    arcs = set_arcs(studio, rim, design.upper, design.lower, hints)
    draw_arcs(canvas, studio, rim, arcs, hints)
    if line is not None:
        line.draw_centred(canvas, 0, -_LOW * design.width * _inward(ring), studio.ink)
    inner = (ring - (design.ring.line if design.ring else 0)) if ring else _free(rim, arcs, hints)
    _draw_middle(design, canvas, studio, inner, line)


def _inward(ring: float | None) -> float:
    return 0.66 if ring else 1.0


def _ring(design: RoundDesign, canvas: Canvas, studio: Studio) -> float | None:
    """Draw the ring about the middle; return its outer radius."""
    if design.ring is None:
        return None
    radius = design.ring.size * design.width / 2
    canvas.stroke(
        ellipse(radius - design.ring.line / 2, radius - design.ring.line / 2),
        design.ring.line,
        studio.ink,
    )
    return radius


def _free(rim: Rim, arcs: Arcs, hints: Hints) -> float:
    """Return the radius of the white inside the texts along the rim."""
    return max(rim.across - (hints.white + arcs.depth if arcs.depth else 0), SMALLEST)


def _line(design: RoundDesign, studio: Studio, rim: Rim, ring: float | None) -> Line:
    """Set the straight text below the middle; it may reach to the rim, or to the lower text."""
    part = design.line or TextPart(text="-")
    letters = studio.text(part)
    usual = (0.085 if has_wide(letters) else 0.06) * design.width * (0.8 if ring else 1)
    low = _LOW * design.width * _inward(ring)
    edge = ring * 0.94 if ring else rim.across - 0.024 * design.width
    if design.lower is not None and ring is None:
        edge -= max(SMALLEST, 0.037 * design.width) + 0.02 * design.width

    def room(height: float) -> float:
        return 2 * math.sqrt(max(edge**2 - (low + height / 2) ** 2, 0.0)) * 0.84

    tracking = 0.06 if part.tracking is None else part.tracking
    natural = 0.86 if has_wide(letters) else 1.0
    return set_line(letters, part.height or usual, room, tracking=tracking, natural=natural)


def _widest(line: Line, design: RoundDesign) -> float:
    """Return how far the upper text may reach without touching the straight one's corners."""
    aside, top = line.width / 2, -_LOW * design.width + line.height / 2
    corner = math.atan2(aside + 0.035 * design.width, top + 0.01 * design.width)
    return min(corner, math.radians(135))


def _draw_middle(
    design: RoundDesign, canvas: Canvas, studio: Studio, radius: float, line: Line | None
) -> None:
    match design.middle:
        case StarPart(diameter=diameter):
            reach = min((diameter or 0.35 * design.width) / 2, radius * 0.97)
            if line is not None and design.ring is not None:
                reach = min(reach, radius * 0.45)
            canvas.fill(star(reach), studio.ink)
        case EmblemPart() as emblem:
            _draw_emblem(emblem, canvas, studio, emblem.size or min(0.4 * design.width, radius))
        case MiddleTextPart(lines=lines):
            _draw_lines(lines, canvas, studio, radius, raised=line is not None)


def _draw_emblem(part: EmblemPart, canvas: Canvas, studio: Studio, size: float) -> None:
    outline = from_svg(part.path)
    left, bottom, right, top = outline.box
    scale = size / max(right - left, top - bottom, 1e-9)
    matrix = after(moved(-(left + right) / 2, -(bottom + top) / 2), stretched(scale, scale))
    canvas.fill(outline.under(matrix), studio.ink, even_odd=part.even_odd)


def _draw_lines(
    parts: tuple[TextPart, ...], canvas: Canvas, studio: Studio, radius: float, *, raised: bool
) -> None:
    """Draw the lines of the middle; each may be as wide as the circle is where it stands."""
    usual = min(0.36 * radius, 1.3 * radius / (len(parts) * _LEADING))
    wished = [part.height or usual for part in parts]
    whole = sum(wished) + sum(height * (_LEADING - 1) for height in wished[1:])
    top = whole / 2 + (0.2 * radius if raised else 0.0)
    for part, height in zip(parts, wished, strict=True):
        middle = top - height / 2

        def room(tall: float, middle: float = middle) -> float:
            return 2 * math.sqrt(max((0.9 * radius) ** 2 - (abs(middle) + tall / 2) ** 2, 0.0))

        line = set_line(studio.text(part), height, room, tracking=part.tracking or 0.03)
        line.draw_centred(canvas, 0, middle, studio.ink)
        top -= height * _LEADING
