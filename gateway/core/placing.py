"""From a rule's place to the seal's box on a page, all in the displayed frame in points."""

from __future__ import annotations

from gateway.core.errors import DocumentFault
from gateway.core.facts import DocumentFacts, TextHit, TextQuery
from gateway.core.filling import chosen_field, mark_of, off_page
from gateway.core.geometry import Box, PageFrame
from gateway.core.matching import Decision
from gateway.core.plan import Mark, SealingPlan
from gateway.core.rules import Certify, Corner, Place, Rulebook, Seal


def plan(rulebook: Rulebook, decision: Decision, facts: DocumentFacts) -> SealingPlan:
    """Turn a decision into a plan.

    Raises `DocumentFault`: `rules.no-match`, `plan.cannot-certify`, `plan.page-missing`,
    `plan.text-not-found`, `plan.seal-off-page`, `plan.field-…` or `pdf.usage-rights`.
    """
    rule = decision.rule
    if rule is None:
        looked = "; ".join(f"{look.rule}: {look.because}" for look in decision.trace)
        raise DocumentFault("rules.no-match", looked or "this inbox has no rules")
    if rule.profile.certify is not Certify.NO and facts.signatures:
        raise DocumentFault("plan.cannot-certify", rule.name)
    seal = rulebook.seal(rule.seal)
    filled = chosen_field(rule.place.field, facts) if rule.place.field is not None else None
    _check_usage_rights(facts, fills=filled is not None)
    return SealingPlan(
        rule=rule.name,
        snapshot=rulebook.snapshot,
        seals=(seal,),
        marks=(locate(rule.place, seal, facts) if filled is None else mark_of(filled, facts),),
        field=_free_field(facts) if filled is None else filled.name,
        profile=rule.profile,
        delivery=rule.delivery,
        trace=decision.trace,
        failover=rule.failover,
        fills=filled is not None,
    )


def _check_usage_rights(facts: DocumentFacts, *, fills: bool) -> None:
    rights = facts.usage_rights
    if rights is None or (rights.sign and (fills or rights.add_fields)):
        return
    missing = "to sign" if not rights.sign else "to add a signature field"
    raise DocumentFault("pdf.usage-rights", f"no right {missing}")


def locate(place: Place, seal: Seal, facts: DocumentFacts) -> Mark:
    """Find page and box for `seal`; raises `DocumentFault` when it cannot lie on the page."""
    if place.find is not None:
        mark = _at_text(place, place.find, seal, facts)
    else:
        index = _page_index(place.page, len(facts.pages))
        mark = Mark(index, _at_corner(place, seal, facts.pages[index]))
    frame = facts.pages[mark.page]
    if not mark.box.within(frame.width, frame.height):
        raise DocumentFault("plan.seal-off-page", off_page(mark.box, frame, mark.page))
    return mark


def _page_index(page: str, count: int) -> int:
    if page == "first":
        return 0
    if page == "last":
        return count - 1
    number = int(page)
    index = number - 1 if number > 0 else count + number
    if not 0 <= index < count:
        raise DocumentFault("plan.page-missing", f"page {page} of {count}")
    return index


def _at_corner(place: Place, seal: Seal, frame: PageFrame) -> Box:
    margin_x, margin_y = place.margin.points(frame.width), place.margin.points(frame.height)
    right, bottom = frame.width - seal.width - margin_x, frame.height - seal.height - margin_y
    x, y = {
        Corner.TOP_LEFT: (margin_x, margin_y),
        Corner.TOP_RIGHT: (right, margin_y),
        Corner.BOTTOM_LEFT: (margin_x, bottom),
        Corner.BOTTOM_RIGHT: (right, bottom),
        Corner.CENTER: ((frame.width - seal.width) / 2, (frame.height - seal.height) / 2),
    }[place.corner]
    x += place.offset_x.points(frame.width)
    y += place.offset_y.points(frame.height)
    return Box(x, y, seal.width, seal.height)


def _at_text(place: Place, text: str, seal: Seal, facts: DocumentFacts) -> Mark:
    hits: list[TextHit] = [hit for hit in facts.hits if hit.query == TextQuery(text)]
    if not hits:
        raise DocumentFault("plan.text-not-found", text)
    hit = hits[-1] if place.occurrence == "last" else hits[0]
    frame = facts.pages[hit.page]
    x = hit.box.x + hit.box.width / 2 - seal.width / 2 + place.offset_x.points(frame.width)
    y = hit.box.y + hit.box.height / 2 - seal.height / 2 + place.offset_y.points(frame.height)
    return Mark(hit.page, Box(x, y, seal.width, seal.height))


def _free_field(facts: DocumentFacts) -> str:
    """Choose a field name that no field of the document has as its own or as its first part."""
    taken = {name.split(".")[0] for name in facts.form_fields}
    taken |= {field.name.split(".")[0] for field in facts.empty_signature_fields}
    taken |= {signature.field.split(".")[0] for signature in facts.signatures}
    number = 1
    while f"Sealgate{number}" in taken:
        number += 1
    return f"Sealgate{number}"
