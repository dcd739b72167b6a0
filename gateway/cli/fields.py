"""Signature fields and the place of a seal, in words and as values for JSON."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.core.facts import DocumentFacts, EmptyField
from gateway.core.findings import Finding
from gateway.core.geometry import Box
from gateway.core.lengths import POINTS_PER_MILLIMETRE
from gateway.core.names import display
from gateway.core.plan import WHOLE, Mark, Part, SealingPlan, size_words
from gateway.core.rules import Seal


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


def document_value(facts: DocumentFacts) -> dict[str, object]:
    """Return as a value for JSON what a rule's author may place a seal by; boxes in millimetres."""
    return {
        "empty_fields": [_empty_field(field) for field in facts.empty_signature_fields],
        "form_fields": [
            {"name": display(one.name), "page": one.page + 1, "box_mm": _rounded(one.box)}
            for one in facts.fields
        ],
        "comments": [
            {
                "kind": one.kind,
                "text": display(one.text),
                "page": one.page + 1,
                "box_mm": _rounded(one.box),
            }
            for one in facts.annotations
        ],
        "claims": {"pdfa": facts.claims.pdfa, "tagged": facts.claims.tagged},
        "findings": [
            {
                "name": one.name,
                "severity": one.kind.severity.value,
                "meaning": one.kind.meaning,
                "detail": display(one.detail),
            }
            for one in facts.findings
        ],
    }


def describe_finding(finding: Finding) -> str:
    """Say what was found, what that means and what it is for sealing."""
    detail = f" ({display(finding.detail)})" if finding.detail else ""
    return f"{finding.kind.severity.value:7} {finding.name}: {finding.kind.meaning}{detail}"


def _rounded(box: Box) -> list[float]:
    return [round(number, 2) for number in _millimetres(box)]


def _empty_field(field: EmptyField) -> dict[str, object]:
    return {
        "name": field.name,
        "page": field.page + 1 if field.page is not None else None,
        "box_mm": _rounded(field.box) if field.box else None,
        "seed_values": list(field.seed_values),
        "lock": field.lock,
    }


def describe_seal(seal: Seal) -> str:
    """Say which seal it is, and how large on paper."""
    width, height = seal.width / POINTS_PER_MILLIMETRE, seal.height / POINTS_PER_MILLIMETRE
    version = f" version {seal.version}" if seal.version else ""
    return f"{seal.name}{version}, {width:.1f} × {height:.1f} mm"


def seal_value(seal: Seal) -> dict[str, object]:
    """Return the same as a value for JSON."""
    return {"name": seal.name, "version": seal.version, "artwork": seal.artwork}


def describe_mark(decided: SealingPlan, mark: Mark) -> Iterator[str]:
    """Say where a seal goes, what anchors it, what was done so that it fits, and who asked."""
    where = f"field {display(decided.field)}, " if _fills(decided, mark) else ""
    if not mark.visible:
        yield f"place     {where}invisible"
        return
    x, y, _, _ = _millimetres(mark.box)
    seal = decided.seals[mark.seal]
    what = "" if mark is decided.mark else f"stamp {seal.name}, "
    yield (
        f"place     {where}{what}page {mark.page + 1}, {x:.1f} mm right, {y:.1f} mm down, "
        f"{size_words(mark, seal)}"
    )
    if mark.part != WHOLE:
        yield f"          shows {_part(mark.part)} of the seal"
    if mark.found is not None:
        x, y, _, _ = _millimetres(mark.found.box)
        yield f"          at {display(mark.found.what)}, {x:.1f} mm right, {y:.1f} mm down"
    for note in mark.notes:
        yield f"          {display(note)}"
    if mark.asked:
        yield f"          {display(mark.asked)}"


def mark_value(decided: SealingPlan, mark: Mark) -> dict[str, object]:
    """Return the same as a value for JSON; lengths in millimetres."""
    x, y, width, height = (round(number, 2) for number in _millimetres(mark.box))
    found = mark.found
    return {
        "page": mark.page + 1,
        "x_mm": x,
        "y_mm": y,
        "width_mm": width,
        "height_mm": height,
        "rotation": mark.rotation,
        "shown_seal": decided.seals[mark.seal].name,
        "part": [mark.part.left, mark.part.top, mark.part.right, mark.part.bottom],
        "anchor": display(found.what) if found else None,
        "anchor_mm": _rounded(found.box) if found else None,
        "notes": [display(note) for note in mark.notes],
        "asked": mark.asked,
    }


def _fills(decided: SealingPlan, mark: Mark) -> bool:
    return decided.fills and mark is decided.mark


def _part(part: Part) -> str:
    if (part.top, part.bottom) == (0.0, 1.0):
        return f"{part.left:.1%} to {part.right:.1%} across"
    return f"{part.top:.1%} to {part.bottom:.1%} down"


def _millimetres(box: Box) -> tuple[float, float, float, float]:
    x, y, width, height = (
        number / POINTS_PER_MILLIMETRE for number in (box.x, box.y, box.width, box.height)
    )
    return x, y, width, height
