"""What `sealgate explain` tells of a document that would begin a contract flow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gateway.cli.fields import describe_mark, describe_seal, mark_value, seal_value
from gateway.cli.output import say, show_value
from gateway.core.droppers import Dropper
from gateway.core.errors import DocumentFault
from gateway.core.flow_definition import FlowDefinition, Step
from gateway.core.flow_fields import FieldInAdvance, fields_in_advance, wanted_for_fields
from gateway.core.flow_words import FlowWords
from gateway.core.names import display
from gateway.core.plan import SealingPlan
from gateway.core.rules import Rule, Rulebook
from gateway.core.tickets import ReceivedTicket, fields_for
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.explaining import Explained, explain


@dataclass(frozen=True)
class ExplainedStep:
    """A step, whether it is left out, and where its seal would go."""

    step: Step
    left_out: bool
    found: Explained | None


def explain_flow(
    equipment: Equipment,
    definition: FlowDefinition,
    file: Path,
    source: str,
    *,
    dropper: Dropper,
    ticket: ReceivedTicket | None,
    sha256: str,
    as_json: bool,
    draw: Callable[[SealingPlan | None], tuple[Path, ...]],
) -> int:
    """Tell which flow a file begins, its steps and where seals go; 1 when one could not be put.

    `draw` draws the first seal that the flow puts on, where that is wished.
    """

    def planned(rule: Rule) -> Explained:
        fixed = equipment.rulebook().fixed
        rulebook = Rulebook(definition.sha256, (rule,), definition.seals, fixed)
        return explain(equipment, rulebook, file, rule.inbox, source, dropper=dropper)

    made: tuple[FieldInAdvance, ...] = ()
    steps: tuple[ExplainedStep, ...] = ()
    try:
        fields = _fields(definition, ticket, sha256)
        facts = equipment.documents.examine(file, wanted_for_fields(definition))
        made = fields_in_advance(definition, facts, source)
    except DocumentFault as refused:
        fault: DocumentFault | None = refused
    else:
        steps = tuple(_explained(step, fields, planned) for step in definition.steps)
        fault = next((one.found.fault for one in steps if one.found and one.found.fault), None)
    plans = [one.found.plan for one in steps if one.found is not None and one.found.plan]
    pictures = draw(plans[0] if plans else None)
    if as_json:
        show_value(_value(definition, source, made, steps, fault))
    else:
        _tell(definition, source, made, steps, fault)
        for picture in pictures:
            say(f"picture   {picture}")
    return 1 if fault is not None else 0


def _fields(
    definition: FlowDefinition, ticket: ReceivedTicket | None, sha256: str
) -> dict[str, str]:
    """Return the fields of a ticket; raises `DocumentFault` when no flow could begin with it."""
    fields = dict(fields_for(definition.name, ticket, sha256))
    for condition in (one for step in definition.steps for one in step.when):
        try:
            condition.holds(fields)
        except ValueError as error:
            raise DocumentFault("flow.ticket-field", f"{definition.name}: {error}") from None
    return fields


def _explained(
    step: Step, fields: dict[str, str], planned: Callable[[Rule], Explained]
) -> ExplainedStep:
    left_out = not all(one.holds(fields) for one in step.when)
    if left_out or step.sealing is None:
        return ExplainedStep(step, left_out, None)
    return ExplainedStep(step, left_out, planned(step.sealing))


def _tell(
    definition: FlowDefinition,
    source: str,
    made: tuple[FieldInAdvance, ...],
    steps: tuple[ExplainedStep, ...],
    fault: DocumentFault | None,
) -> None:
    say(f"file      {definition.inbox}/{display(source)}")
    title = f": {definition.title}" if definition.title else ""
    say(f"flow      {definition.name}{title} ({definition.source})")
    for field in made:
        say(f"field     {display(field.name)}: made {_where(field)}")
    said = FlowWords()
    for one in steps:
        step, times = one.step, said.times(one.step)
        says = f"{definition.party(step.party).label} {said.does(step)}"
        says += f"; {times}" if times else ""
        out = f" (left out: only {' '.join(said.conditions(step.when))})" if one.left_out else ""
        say(f"step      {step.name}: {says}{out}")
        plan = one.found.plan if one.found is not None else None
        if plan is not None:
            for seal in plan.seals:
                say(f"seal      {describe_seal(seal)}")
            for line in (line for mark in plan.marks for line in describe_mark(plan, mark)):
                say(line)
    if fault is not None:
        say(f"fails     {fault.code}: {fault.sentence}")
        say(f"remedy    {fault.remedy}")


def _where(field: FieldInAdvance) -> str:
    """Return where a field is made, as it is displayed."""
    if field.box is None:
        return "invisible"
    x, y, width, height = (
        length * 25.4 / 72
        for length in (field.box.x, field.box.y, field.box.width, field.box.height)
    )
    where = f"{x:.1f} mm right, {y:.1f} mm down, {width:.1f} × {height:.1f} mm"
    return f"on page {field.page + 1}, {where}"


def _value(
    definition: FlowDefinition,
    source: str,
    made: tuple[FieldInAdvance, ...],
    steps: tuple[ExplainedStep, ...],
    fault: DocumentFault | None,
) -> dict[str, object]:
    value: dict[str, object] = {
        "inbox": definition.inbox,
        "source": display(source),
        "flow": definition.name,
        "fields": [{"field": one.name, "made": _where(one)} for one in made],
        "steps": [_step_value(one) for one in steps],
    }
    if fault is not None:
        told = {"code": fault.code, "sentence": fault.sentence, "remedy": fault.remedy}
        value["error"] = told
    return value


def _step_value(one: ExplainedStep) -> dict[str, object]:
    step, plan = one.step, one.found.plan if one.found is not None else None
    value: dict[str, object] = {
        "step": step.name,
        "type": step.kind.value,
        "party": step.party,
        "left_out": one.left_out,
    }
    if plan is not None:
        value["seals"] = [seal_value(seal) for seal in plan.seals]
        value["places"] = [mark_value(plan, mark) for mark in plan.marks]
    return value
