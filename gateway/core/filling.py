"""Which empty signature field a seal goes into, and where that is on the page."""

from __future__ import annotations

from gateway.core.errors import DocumentFault
from gateway.core.facts import DocumentFacts, EmptyField
from gateway.core.geometry import Box, PageFrame
from gateway.core.plan import Mark

ONLY = "only"
"""What a rule writes instead of a name, for the only empty field there is."""

_LEAST = 5.0
"""Points across or down, below which nobody could see what is in a field."""

_MILLIMETRES = 25.4 / 72


def chosen_field(name: str, facts: DocumentFacts) -> EmptyField:
    """Find the empty field called `name`, or the only one.

    Raises `DocumentFault`: `plan.field-missing`, `plan.field-signed`, `plan.field-ambiguous`
    or `plan.field-unusable`.
    """
    empty = facts.empty_signature_fields
    names = ", ".join(field.name for field in empty) or "none is empty"
    if name == ONLY and len(empty) > 1:
        raise DocumentFault("plan.field-ambiguous", names)
    found = next((field for field in empty if name in (ONLY, field.name)), None)
    if found is None:
        signed = any(signature.field == name for signature in facts.signatures)
        raise DocumentFault("plan.field-signed" if signed else "plan.field-missing", names)
    if found.box is not None and min(found.box.width, found.box.height) < _LEAST:
        raise DocumentFault("plan.field-unusable", f"{found.name} is too small to show a seal")
    if found.widgets > 1:
        raise DocumentFault("plan.field-unusable", f"{found.name} shows in several places")
    return found


def mark_of(field: EmptyField, facts: DocumentFacts) -> Mark:
    """Return the field's own place; raises `DocumentFault` (`plan.seal-off-page`)."""
    if field.page is None or field.box is None:
        return Mark(field.page or 0, Box(0.0, 0.0, 0.0, 0.0))
    frame = facts.pages[field.page]
    if not field.box.within(frame.width, frame.height):
        raise DocumentFault("plan.seal-off-page", off_page(field.box, frame, field.page))
    return Mark(field.page, field.box)


def off_page(box: Box, frame: PageFrame, page: int) -> str:
    """Return the measures, in millimetres, of a seal that does not lie on its page."""
    return (
        f"page {page + 1} is {frame.width * _MILLIMETRES:.0f} × "
        f"{frame.height * _MILLIMETRES:.0f} mm; the seal would be "
        f"{box.width * _MILLIMETRES:.0f} × {box.height * _MILLIMETRES:.0f} mm at "
        f"{box.x * _MILLIMETRES:.0f}, {box.y * _MILLIMETRES:.0f} mm from the top left"
    )
