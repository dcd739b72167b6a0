"""Signature fields and the place of a seal, in words and as values for JSON."""

from __future__ import annotations

from gateway.core.facts import EmptyField
from gateway.core.geometry import Box
from gateway.core.lengths import POINTS_PER_MILLIMETRE
from gateway.core.names import display
from gateway.core.plan import SealingPlan


def describe_field(field: EmptyField) -> str:
    """Say where an empty signature field is and what its author asks of a signature."""
    parts = [display(field.name)]
    if field.box is None or field.page is None:
        parts.append("invisible")
    else:
        _, _, width, height = _millimetres(field.box)
        parts.append(f"page {field.page + 1}, {width:.1f} × {height:.1f} mm")
    if field.widgets > 1:
        parts.append(f"in {field.widgets} places")
    if field.seed_values:
        parts.append(f"asks for {display(', '.join(field.seed_values))}")
    if field.lock:
        parts.append(f"locks {display(field.lock)}")
    return "; ".join(parts)


def field_value(field: EmptyField) -> dict[str, object]:
    """Return the same as a value for JSON."""
    return {
        "name": field.name,
        "page": field.page + 1 if field.page is not None else None,
        "box_mm": [round(number, 2) for number in _millimetres(field.box)] if field.box else None,
        "seed_values": list(field.seed_values),
        "lock": field.lock,
    }


def describe_place(decided: SealingPlan) -> str:
    """Say where a seal goes, and into which field if that is in the document already."""
    where = f"field {display(decided.field)}, " if decided.fills else ""
    if not decided.mark.visible:
        return f"{where}invisible"
    x, y, width, height = _millimetres(decided.mark.box)
    extent = f", {width:.1f} × {height:.1f} mm" if decided.fills else ""
    return f"{where}page {decided.mark.page + 1}, {x:.1f} mm right, {y:.1f} mm down{extent}"


def _millimetres(box: Box) -> tuple[float, float, float, float]:
    x, y, width, height = (
        number / POINTS_PER_MILLIMETRE for number in (box.x, box.y, box.width, box.height)
    )
    return x, y, width, height
