"""A design at another size: what is measured in millimetres grows or shrinks with the seal."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

LENGTHS = frozenset(
    {
        *("width", "height", "rim", "border", "corner", "padding", "rule", "rules", "pen"),
        *("line", "gap", "diameter", "size"),
    }
)
"""Keys whose value, where it is a number, is a length; but see `SHARES`."""
SHARES = frozenset({("ring", "size")})
"""Keys below others that are called like a length and are none."""
_FIGURES = 4


def in_proportion(
    before: dict[str, Any], after: dict[str, Any], changed: Container[str]
) -> dict[str, Any]:
    """Return a design whose width or height was changed, with all other lengths to match.

    Both designs are read ones, lengths in mm. A side that was not changed keeps the proportion;
    of two that were, the one that shrank more decides about lines and letters.
    """
    ratios = {
        side: after[side] / before[side]
        for side in ("width", "height")
        if side in changed and before.get(side)
    }
    if not ratios:
        return after
    ratio = min(ratios.values())
    kept = {side: after[side] for side in ("width", "height") if side in changed}
    return {**_scaled(after, ratio, ""), **kept}


def _scaled(value: Any, ratio: float, parent: str) -> Any:
    if isinstance(value, list):
        return [_scaled(item, ratio, parent) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: round(item * ratio, _FIGURES)
        if isinstance(item, int | float) and key in LENGTHS and (parent, key) not in SHARES
        else _scaled(item, ratio, key)
        for key, item in value.items()
    }
