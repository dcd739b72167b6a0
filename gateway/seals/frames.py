"""Frames: turning, moving and stretching, as six numbers (`gateway.core.drawing.Matrix`)."""

from __future__ import annotations

import math

from gateway.core.drawing import Matrix

Spot = tuple[float, float]


def after(inner: Matrix, outer: Matrix) -> Matrix:
    """Return the matrix that does `inner` first, then `outer`."""
    a, b, c, d, e, f = inner
    k, m, n, p, q, r = outer
    return (
        a * k + b * n,
        a * m + b * p,
        c * k + d * n,
        c * m + d * p,
        e * k + f * n + q,
        e * m + f * p + r,
    )


def carried(spot: Spot, matrix: Matrix) -> Spot:
    """Return where the matrix takes a point."""
    (x, y), (a, b, c, d, e, f) = spot, matrix
    return a * x + c * y + e, b * x + d * y + f


def moved(x: float, y: float) -> Matrix:
    """Return the matrix that moves."""
    return (1.0, 0.0, 0.0, 1.0, x, y)


def stretched(across: float, up: float) -> Matrix:
    """Return the matrix that stretches from the origin."""
    return (across, 0.0, 0.0, up, 0.0, 0.0)


def turned(degrees: float) -> Matrix:
    """Return the matrix that turns about the origin, counter-clockwise."""
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    return (cosine, sine, -sine, cosine, 0.0, 0.0)
