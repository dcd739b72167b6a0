"""Checks of a flow as a whole: signatures that would forbid or break each other."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.core.flow_definition import FlowDefinition
from gateway.core.flow_fields import locked_out
from gateway.core.rules import Certify
from gateway.settings.parsing import Notes
from gateway.settings.yaml_file import Location


def check_signatures(
    notes: Notes, definition: FlowDefinition, places: Mapping[str, Location]
) -> None:
    """Note what a signature would do to others; `places` tells where each step stands."""
    _check_certification(notes, definition, places)
    _check_fields(notes, definition, places)
    for step, other in locked_out(definition):
        what = f"This locks the field in which {other.name} signs after it."
        remedy = f"Let it lock other fields, or put {step.name} behind {other.name}."
        here = (*places[step.name], "profile", "lock")
        notes.add(here, "settings.wrong-value", what, remedy)


def _check_certification(
    notes: Notes, definition: FlowDefinition, places: Mapping[str, Location]
) -> None:
    """Note a certification that is not the first signature, or after which nobody could sign."""
    stages = definition.stages
    for number, stage in enumerate(stages):
        for step in stage.steps:
            certify = step.sealing.profile.certify if step.sealing is not None else Certify.NO
            if certify is Certify.NO:
                continue
            beside = [one for one in stage.steps if one is not step and one.signs]
            before = [one for former in stages[:number] for one in former.steps if one.signs]
            after = [one for later in stages[number + 1 :] for one in later.steps if one.signs]
            here = (*places[step.name], "profile", "certify")
            if before or beside:
                other = (before or beside)[0].name
                what = f"Only the first signature can certify, and {other} may sign before it."
                notes.add(here, "settings.wrong-value", what, "Certify in the first step only.")
            elif certify is Certify.NO_CHANGES and after:
                what = f"After this seal nothing may be changed, so {after[0].name} cannot sign."
                remedy = "Write form-filling, which lets others sign."
                notes.add(here, "settings.wrong-value", what, remedy)


def _check_fields(notes: Notes, definition: FlowDefinition, places: Mapping[str, Location]) -> None:
    """Note a field that two steps would use: it holds one signature."""
    users: dict[str, str] = {}
    for step in definition.steps:
        former = users.setdefault(step.field, step.name) if step.field else step.name
        if former != step.name:
            what = f"Step {former} signs in the field {step.field}."
            here = (*places[step.name], "field")
            notes.add(here, "settings.duplicate-name", what, "Name another field.")
