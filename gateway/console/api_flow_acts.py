"""Acts on contract flows by HTTP: the same as on pages and in folders, by the same office."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from fastapi import APIRouter, Depends, UploadFile

from gateway.console.api_flow_models import ActWanted, FlowFacts
from gateway.console.api_repeats import Key, Repeats
from gateway.console.contracts import FlowSight
from gateway.console.flow_doing import turn_for, was_done, was_returned
from gateway.console.handing import bring_in
from gateway.core.errors import UsageFault
from gateway.core.flow_acts import Act, ActKind, Actor
from gateway.core.visiting import Visitor
from gateway.flows.office import Office
from gateway.ports import Flow


@dataclass(frozen=True)
class FlowActs:
    """What acts by the API are done with."""

    office: Office
    repeats: Repeats
    seen_by: Callable[[Visitor], FlowSight]

    def act(self, flow: str, wanted: ActWanted, visitor: Visitor) -> FlowFacts:
        """Do an act that says its step, or that needs none; done again, it changes nothing."""
        sight = self.seen_by(visitor)
        found = sight.flow(flow)
        asked = Act(
            ActKind(wanted.act), wanted.step, Actor(visitor.actor), "", wanted.sha256, to=wanted.to
        )
        if was_done(found, asked, self.office.story(found.id)):
            return _facts(sight, found)
        return _facts(sight, self.office.act(found.id, _act(sight, found, wanted)))

    def act_once(self, flow: str, wanted: ActWanted, visitor: Visitor, key: str) -> FlowFacts:
        """Do an act, or answer as before to the same key."""
        sight = self.seen_by(visitor)
        found = sight.flow(flow)

        def do(step: str) -> FlowFacts:
            return self.act(flow, wanted.model_copy(update={"step": step}), visitor)

        return self.repeats.answer(
            _named(visitor, found, "act", key),
            wanted.model_dump_json(),
            lambda: _act(sight, found, wanted).step,
            do,
            FlowFacts,
        )

    def bring_back(
        self, flow: str, file: UploadFile, visitor: Visitor, sha256: str, step: str
    ) -> FlowFacts:
        """Take a signed file back; the very same one again changes nothing."""
        sight = self.seen_by(visitor)
        found = sight.flow(flow)
        if was_returned(found, step, sha256, visitor.actor):
            return _facts(sight, found)
        turn = turn_for(sight, found, step, returns=True)
        act = Act(ActKind.RETURN, turn.step.name, sight.acting(turn))
        return _facts(sight, bring_in(self.office, found.id, act, file))

    def bring_back_once(
        self, flow: str, file: UploadFile, visitor: Visitor, step: str, key: str
    ) -> FlowFacts:
        """Take a signed file back, or answer as before to the same key."""
        sight = self.seen_by(visitor)
        found = sight.flow(flow)
        sha256 = hashlib.file_digest(file.file, "sha256").hexdigest()  # type: ignore[arg-type]
        file.file.seek(0)
        do = partial(self.bring_back, flow, file, visitor, sha256)
        if not key:
            return do(step)

        def meant() -> str:
            if was_returned(found, step, sha256, visitor.actor):
                return step
            return turn_for(sight, found, step, returns=True).step.name

        name = _named(visitor, found, "return", key)
        return self.repeats.answer(name, f"{sha256} {step}", meant, do, FlowFacts)


def add_flow_acts(router: APIRouter, acts: FlowActs, seeing: Callable[..., Visitor]) -> None:
    """Add what programs may do in contract flows."""
    who = Depends(seeing)

    @router.post("/flows/{flow}/acts")
    def act(flow: str, wanted: ActWanted, visitor: Visitor = who, key: Key = "") -> FlowFacts:
        """Act for the party that whoever asks belongs to; done again, it changes nothing.

        A repeat names its step, or comes with the Idempotency-Key of the first time.
        """
        if key:
            return acts.act_once(flow, wanted, visitor, key)
        return acts.act(flow, wanted, visitor)

    @router.post("/flows/{flow}/returns")
    def bring_back(
        flow: str, file: UploadFile, visitor: Visitor = who, step: str = "", key: Key = ""
    ) -> FlowFacts:
        """Bring back a document that was signed outside; one that is not as agreed is refused.

        The same file again changes nothing.
        """
        return acts.bring_back_once(flow, file, visitor, step, key)


def _facts(sight: FlowSight, flow: Flow) -> FlowFacts:
    return FlowFacts.of(flow, sight.turns(flow))


def _named(visitor: Visitor, flow: Flow, what: str, key: str) -> str:
    return f"api:{visitor.person.login}:flow:{flow.id}:{what}:{key}"


def _act(sight: FlowSight, flow: Flow, wanted: ActWanted) -> Act:
    """Return what is to be done, by whoever may; raises `UsageFault` (`flow.…`)."""
    kind = ActKind(wanted.act)
    why = wanted.why.strip()
    if kind is ActKind.WITHDRAW:
        actor = sight.withdrawing(flow)
        if actor is None:
            raise UsageFault("flow.not-withdrawable", flow.status.state.value)
        return Act(kind, actor=actor, why=why)
    if kind is ActKind.REJECT and not why:
        raise UsageFault("flow.not-here", "why is missing")
    turn = turn_for(sight, flow, wanted.step)
    return Act(kind, turn.step.name, sight.acting(turn), why, wanted.sha256, to=wanted.to)
