"""Measures and colours of printed reports, in points; calm, and readable in black and white."""

from __future__ import annotations

from gateway.core.drawing import Colour
from gateway.core.log_query import LogOutcome
from gateway.core.printed_page import A4

LEFT, TOP, BOTTOM = 48.0, 54.0, A4[1] - 56
RIGHT = A4[0] - LEFT
WIDTH = RIGHT - LEFT
FAINT = Colour(0.36, 0.39, 0.44)
HAIR = Colour(0.89, 0.89, 0.91)
GROUND = Colour(0.965, 0.966, 0.972)
ACCENT = Colour(0.23, 0.30, 0.79)
SOFT = Colour(0.80, 0.83, 0.96)
GOOD = Colour(0.10, 0.50, 0.29)
BAD = Colour(0.70, 0.15, 0.12)
WARN = Colour(0.54, 0.35, 0.0)
OUTCOME_COLOURS = {
    LogOutcome.DELIVERED: GOOD,
    LogOutcome.FAILED: BAD,
    LogOutcome.HELD: WARN,
    LogOutcome.REFUSED: BAD,
    LogOutcome.UNANSWERED: WARN,
    LogOutcome.EXPIRED: WARN,
    LogOutcome.WITHDRAWN: FAINT,
}
