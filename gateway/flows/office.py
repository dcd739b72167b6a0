"""The office of contract flows: whatever is done to one, by whichever way, is done here."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from gateway.core.errors import SiteFault, UsageFault
from gateway.core.flow_acts import Act, ActKind
from gateway.core.flow_deciding import check_open
from gateway.core.flow_definition import OutsideSigner, Step, StepKind
from gateway.core.flow_events import FlowEvent, FlowState, StepState
from gateway.core.flow_fields import field_of, other_fields
from gateway.core.job import job_name
from gateway.core.names import display
from gateway.ports import Clock, Flow, FlowAgenda, FlowRow, Flows, Revisions
from gateway.ports.returning import Awaited, ReturnedFiles

OPEN = (FlowState.RUNNING,)
_WANTS = {
    ActKind.APPROVE: frozenset({StepKind.APPROVE, StepKind.REVIEW}),
    ActKind.RETURN: frozenset({StepKind.SIGN_OUTSIDE}),
    ActKind.REJECT: frozenset(kind for kind in StepKind if kind.wants_act),
    ActKind.DELEGATE: frozenset(kind for kind in StepKind if kind.wants_act),
}


@dataclass(frozen=True)
class Returns:
    """What judges files that come back signed."""

    files: ReturnedFiles
    anchors: Callable[[], tuple[bytes, ...]]
    """The site's own authorities, PEM or DER."""


class Office:
    """Acts on flows and shows them; safe to use from several threads and processes."""

    def __init__(
        self,
        books: Flows,
        agenda: FlowAgenda,
        revisions: Revisions,
        clock: Clock,
        returns: Returns,
    ) -> None:
        self._returns = returns
        self._books = books
        self._agenda = agenda
        self._revisions = revisions
        self._clock = clock

    def act(self, flow: str, act: Act) -> Flow:
        """Do an act, and return the flow as it then is; done again, it changes nothing.

        An act without a step is for the one that waits for this act by this actor. Raises
        `UsageFault` (`flow.…`) and `DocumentFault` (`flow.other-document`).
        """
        if act.kind in _WANTS and not act.step:
            act = replace(act, step=self._step_for(self.flow(flow), act))
        return self._books.act(flow, act)

    def bring_back(self, flow: str, act: Act, file: Path) -> Flow:
        """Accept what a party has signed outside, and return the flow as it then is.

        `file` is a private copy, the act names its hash. What was accepted before changes
        nothing. Raises `UsageFault` (`flow.…`), `DocumentFault` (`outside.…`) and `SiteFault`.
        """
        found = self.flow(flow)
        name = act.step or self._step_for(found, act)
        if any((one.step, one.sha256) == (name, act.sha256) for one in found.status.revisions):
            return found
        step = self._open_step(found, name, act)
        sent = self._revisions.path(flow, found.status.current)
        awaited = awaiting(found, step, self._returns.anchors())
        returned = self._returns.files.check_return(sent, file, awaited)
        sha256 = self._revisions.keep(flow, file)
        if sha256 != returned.sha256:
            raise SiteFault("site.artifact-damaged", f"{file} changed while it was looked at")
        accepted = replace(
            act,
            step=name,
            sha256=sha256,
            signer=returned.signer,
            fingerprint=returned.fingerprint,
        )
        return self._books.act(flow, accepted)

    def bring_in(self, flow: str, act: Act, file: Path) -> Flow:
        """Accept a file of somebody else's in the same way; raises `usage.no-file`, too."""
        found = self.flow(flow)
        with self._revisions.drafting(found.id, file) as draft:
            with draft.open("rb") as stream:
                sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
            return self.bring_back(found.id, replace(act, sha256=sha256), draft)

    def flow(self, flow: str) -> Flow:
        """Return a flow; raises `UsageFault` (`flow.unknown`)."""
        found = self._books.get(flow)
        if found is None:
            raise UsageFault("flow.unknown", display(flow))
        return found

    def flows(
        self, states: tuple[FlowState, ...] = tuple(FlowState), limit: int = 0
    ) -> tuple[FlowRow, ...]:
        """Return the newest flows in any of some states, newest first; 0 for all."""
        return self._agenda.find(states, limit=limit)

    def story(self, flow: str) -> tuple[FlowEvent, ...]:
        """Return all that happened in a flow."""
        return self._books.events(self.flow(flow).id)

    def revision(self, flow: str, sha256: str) -> Path:
        """Return where a version of a flow's document lies.

        Raises `UsageFault` (`flow.unknown`) when it never had it, and `SiteFault`.
        """
        if all(one.sha256 != sha256 for one in self.flow(flow).status.revisions):
            raise UsageFault("flow.unknown", f"revision {display(sha256)}")
        return self._revisions.path(flow, sha256)

    def new_job(self) -> str:
        """Return an id for a job that seals for a flow."""
        return job_name(self._clock.now(), secrets.token_bytes(4))

    @staticmethod
    def _open_step(flow: Flow, name: str, act: Act) -> Step:
        """Return the step for which something came back, before that is looked at."""
        step = next((one for one in flow.definition.steps if one.name == name), None)
        if step is None or step.kind is not StepKind.SIGN_OUTSIDE:
            raise UsageFault("flow.unknown-step", display(name))
        check_open(flow.definition, flow.status, replace(act, step=name))
        return step

    @staticmethod
    def _step_for(flow: Flow, act: Act) -> str:
        fitting = [
            one.name
            for one in flow.status.at(StepState.OPEN)
            if flow.definition.step(one.name).kind in _WANTS[act.kind]
            and act.actor.is_of_any(flow.definition, one.parties)
        ]
        if len(fitting) != 1:
            what = ", ".join(fitting) or f"no step waits for {act.kind} by {act.actor.name}"
            if flow.status.state.ended:
                raise UsageFault("flow.ended", flow.status.state.value)
            raise UsageFault("flow.unknown-step", what)
        return fitting[0]


def awaiting(flow: Flow, step: Step, anchors: tuple[bytes, ...]) -> Awaited:
    """Return what a file that comes back for a step is held against."""
    ahead = [
        one
        for one in flow.definition.steps
        if one.name != step.name
        and one.signs
        and flow.status.step(one.name).state is StepState.PENDING
    ]
    return Awaited(
        step.signer or OutsideSigner(),
        anchors,
        field_of(flow.definition, step),
        other_fields(flow.definition, step),
        last=not ahead,
    )
