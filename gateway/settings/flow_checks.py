"""Checks of a flow as a whole: signatures that would forbid or break each other."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.core.flow_definition import Stage
from gateway.core.rules import Certify
from gateway.settings.parsing import Notes
from gateway.settings.yaml_file import Location


def check_signatures(
    notes: Notes, stages: tuple[Stage, ...], places: Mapping[str, Location]
) -> None:
    """Note a certification that is not the first signature, or after which nobody could sign."""
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
