"""Foretelling whether registered seals may be used: for one document, and for every rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from gateway.core.droppers import Dropper
from gateway.core.errors import DocumentFault, SealgateError
from gateway.core.flow_people import KnownPeople, strangers
from gateway.core.plan import SealingPlan
from gateway.core.seal_use import forewarn, permit, use_of
from gateway.pipeline.equipment import Equipment
from gateway.settings import LoadedSite


@dataclass(frozen=True)
class Warned:
    """Something of the configuration that would not work today, and why."""

    source: str
    """`file:line`."""
    fault: SealgateError


def refuse(equipment: Equipment, plan: SealingPlan, inbox: str, dropper: Dropper) -> None:
    """Raise the `DocumentFault` that a document dropped now by somebody would meet at its seals.

    What would only wait, for an approval or for the next day, is not refused.
    """
    use = use_of(inbox, plan.rule, dropper, equipment.clock.now())
    for seal in plan.seals:
        if seal.version:
            registered = equipment.seals.find(seal.name)
            if registered is None:
                raise DocumentFault("seal.not-registered", seal.name)
            permit(registered, use)


def warnings(loaded: LoadedSite, today: date, known: KnownPeople) -> Iterator[Warned]:
    """Tell of every rule, and step of a flow, that may not use one of its registered seals.

    And of every party of a flow whose user or group is not known.
    """
    registered = {seal.name: seal for seal in loaded.registered}
    of_flows = (rule for flow in loaded.flows for rule in flow.sealings)
    for rule in (*loaded.rulebook.rules, *of_flows):
        for seal in (registered[name] for name in rule.seals if name in registered):
            fault = forewarn(seal, rule.inbox, rule.name, today)
            if fault is not None:
                yield Warned(rule.source, fault)
    for flow in loaded.flows:
        yield from (Warned(flow.source, stranger) for stranger in strangers(flow, known))
