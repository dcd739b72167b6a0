"""Which signature fields a flow makes before anybody signs, where, and what is locked by them.

After a certification no new field can be made that shows anything (DocMDP 2), so whoever signs
later needs one that was there before. A flow that certifies gets one for every later step.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from gateway.core.errors import DocumentFault
from gateway.core.facts import DocumentFacts, Wanted
from gateway.core.filling import ONLY
from gateway.core.flow_definition import FlowDefinition, Step
from gateway.core.geometry import Box
from gateway.core.places import IntoField, Place
from gateway.core.placing import Placing, signing_mark
from gateway.core.profile import FieldLock, LockAction
from gateway.core.rules import Certify, Rule, Rulebook, Seal

_OURS = "flow-"
"""Before the name of a step, the name of the field that is made for it unasked."""
_ROOM = "field."
"""Before the name of a step, the name of what stands for its field's extent: no seal has a dot."""


@dataclass(frozen=True)
class FieldInAdvance:
    """A signature field that is made empty, for a signature to come."""

    name: str
    page: int = 0
    """Index from 0."""
    box: Box | None = None
    """As displayed; None for one that shows nothing."""
    lock: FieldLock | None = None
    """What the signature in it will lock."""
    label: str = ""
    """What people read of it; empty for its name."""


def field_of(definition: FlowDefinition, step: Step) -> str:
    """Return the field that a step's signature goes into; empty for one of its own making."""
    if step.field:
        return step.field
    named = _named_by(step.sealing)
    if named:
        return "" if named == ONLY else named
    return f"{_OURS}{step.name}" if _certified_before(definition, step) else ""


def _named_by(rule: Rule | None) -> str:
    """Return the field into which a rule puts its seal by itself, if it does."""
    spots = [place.spot for place in rule.places if isinstance(place, Place)] if rule else []
    return next((spot.name for spot in spots if isinstance(spot, IntoField)), "")


def other_fields(definition: FlowDefinition, step: Step) -> tuple[str, ...]:
    """Return the fields that belong to other steps."""
    fields = (field_of(definition, one) for one in definition.steps if one is not step)
    return tuple(dict.fromkeys(field for field in fields if field))


def signs_last(definition: FlowDefinition, step: Step) -> bool:
    """Tell whether no step after or beside this one can sign."""
    stages = definition.stages[definition.stage_of(step.name) :]
    return not any(one.signs for stage in stages for one in stage.steps if one is not step)


def locked_out(definition: FlowDefinition) -> tuple[tuple[Step, Step], ...]:
    """Return each step that locks the field of one that signs after it, or beside it."""
    found = []
    for step in definition.steps:
        lock = step.sealing.profile.lock if step.sealing is not None else None
        later = definition.stages[definition.stage_of(step.name) :]
        others = [one for stage in later for one in stage.steps if one.signs and one is not step]
        found += [(step, one) for one in others if lock and _locks(lock, field_of(definition, one))]
    return tuple(found)


def _locks(lock: FieldLock, field: str) -> bool:
    """Tell whether a lock is about a field; one that is made when it is signed has no name yet."""
    named = any(field == name or field.startswith(f"{name}.") for name in lock.fields)
    if lock.action is LockAction.INCLUDE:
        return named
    return not named


def sealing_of(definition: FlowDefinition, step: Step) -> Rule | None:
    """Return how a step seals: as it says, but into its field where it has one.

    What the signature locks is then in the field, where earlier signers could read it.
    """
    rule, field = step.sealing, field_of(definition, step)
    if rule is None or not field or _named_by(rule):
        return rule
    return replace(
        rule,
        places=(Place(IntoField(field)),),
        profile=replace(rule.profile, lock=None),
    )


def wanted_for_fields(definition: FlowDefinition) -> Wanted:
    """Return what must be known of a document to place the fields of a flow."""
    return _rulebook(definition).wanted(_ROOM)


def fields_in_advance(
    definition: FlowDefinition, facts: DocumentFacts, source: str
) -> tuple[FieldInAdvance, ...]:
    """Place the fields that a flow makes in a document; `source` is the document's path.

    A field that the document brings, empty, stays as it is. Raises `DocumentFault`: `plan.…`
    when a place is not there, `flow.field-missing`, `flow.field-signed`.
    """
    rulebook = _rulebook(definition)
    rules = {rule.name: rule for rule in rulebook.rules}
    there = {field.name for field in facts.empty_signature_fields}
    signed = {signature.field for signature in facts.signatures}
    made: list[FieldInAdvance] = []
    for step in definition.steps:
        name = field_of(definition, step)
        if name in signed:
            raise DocumentFault("flow.field-signed", name)
        if not name or name in there or not step.signs:
            continue
        if (step.field and step.room is None) or _named_by(step.sealing):
            raise DocumentFault("flow.field-missing", name)
        made.append(_made(definition, step, name))
        if step.name in rules:
            page, box = _placed(rulebook, rules[step.name], facts, source)
            made[-1] = replace(made[-1], page=page, box=box)
    return tuple(made)


def _made(definition: FlowDefinition, step: Step, name: str) -> FieldInAdvance:
    lock = step.sealing.profile.lock if step.sealing is not None else None
    return FieldInAdvance(name, lock=lock, label=definition.party(step.party).label)


def _placed(
    rulebook: Rulebook, rule: Rule, facts: DocumentFacts, source: str
) -> tuple[int, Box | None]:
    placing = Placing(rulebook, rule, facts, source)
    placing.place_all()
    mark = placing.marks[signing_mark(placing.marks)]
    return mark.page, mark.box if mark.visible else None


def _certified_before(definition: FlowDefinition, step: Step) -> bool:
    """Tell whether a step signs after one that certifies."""
    if not step.signs:
        return False
    former = definition.stages[: definition.stage_of(step.name)]
    return any(_certifies(one) for stage in former for one in stage.steps)


def _certifies(step: Step) -> bool:
    return step.sealing is not None and step.sealing.profile.certify is not Certify.NO


def _rulebook(definition: FlowDefinition) -> Rulebook:
    """Return a rule for each step whose field shows something: where, and how large."""
    rules: list[Rule] = []
    seals = list(definition.seals)
    for step in definition.steps:
        if not field_of(definition, step) or _named_by(step.sealing):
            continue
        if step.room is not None:
            extent = Seal(f"{_ROOM}{step.name}", "", step.room.width, step.room.height, "")
            seals.append(extent)
            rules.append(Rule(step.name, _ROOM, extent.name, step.room.places))
        elif step.sealing is not None:
            rules.append(replace(step.sealing, name=step.name, inbox=_ROOM))
    return Rulebook("", tuple(rules), tuple(seals))
