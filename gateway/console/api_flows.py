"""Contract flows by HTTP: the same acts as on the pages and in the folders, by the same office."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Query, UploadFile
from pydantic import BaseModel, Field
from starlette.responses import Response

from gateway.console.contracts import SEEN, FlowSight, Turn
from gateway.console.handing import bring_in
from gateway.console.visit import attachment
from gateway.core.errors import UsageFault
from gateway.core.flow_acts import Act, ActKind
from gateway.core.flow_drawing import drawn
from gateway.core.flow_events import FlowState, StepState
from gateway.core.names import display
from gateway.core.visiting import Visitor
from gateway.ports import Flow, FlowQuery
from gateway.wiring import Site
from gateway.wiring.flows import flow_office

Allowed = Callable[..., Callable[..., Visitor]]
_MOST = 500


class StepFacts(BaseModel):
    """Where one step stands."""

    name: str
    kind: str
    state: str
    parties: list[str]
    """Who may act now."""
    actor: str
    at: datetime | None
    due: datetime | None
    why: str
    yours: bool
    """It waits for whoever asks."""


class RevisionFacts(BaseModel):
    """One version of the document."""

    sha256: str
    step: str
    at: datetime


class FlowFacts(BaseModel):
    """Where a contract flow stands."""

    flow: str
    name: str
    title: str
    document: str
    state: FlowState
    owner: str
    why: str
    begun: datetime | None
    due: datetime | None
    ended: datetime | None
    steps: list[StepFacts]
    revisions: list[RevisionFacts]

    @classmethod
    def of(cls, flow: Flow, turns: tuple[Turn, ...]) -> FlowFacts:
        """Return a flow as the API tells of it."""
        status, definition = flow.status, flow.definition
        yours = {turn.step.name for turn in turns}
        return cls(
            flow=flow.id,
            name=definition.name,
            title=display(definition.title),
            document=display(status.source),
            state=status.state,
            owner=status.owner,
            why=display(status.why),
            begun=status.begun,
            due=status.due,
            ended=status.ended,
            steps=[
                StepFacts(
                    name=one.name,
                    kind=definition.step(one.name).kind.value,
                    state=one.state.value,
                    parties=list(one.parties),
                    actor=display(one.actor),
                    at=one.at,
                    due=one.due,
                    why=display(one.why),
                    yours=one.name in yours,
                )
                for one in status.steps
            ],
            revisions=[
                RevisionFacts(sha256=one.sha256, step=one.step, at=one.at)
                for one in status.revisions
            ],
        )


class ActWanted(BaseModel):
    """What is to be done to a flow."""

    act: Annotated[str, Field(pattern="^(approve|reject|delegate|withdraw)$")]
    step: Annotated[str, Field(max_length=200)] = ""
    """Where several steps wait for whoever asks."""
    why: Annotated[str, Field(max_length=500)] = ""
    """A rejection needs one."""
    to: Annotated[str, Field(max_length=200)] = ""
    """Party that is handed the step."""
    sha256: Annotated[str, Field(pattern="^([0-9a-f]{64})?$")] = ""
    """Of the document that was looked at before it was approved."""


def add_flows(router: APIRouter, site: Site, allowed: Allowed) -> None:
    """Add what programs may ask of contract flows, and do in them."""
    seeing = Depends(allowed(site, *SEEN))
    office = flow_office(site)

    def seen_by(visitor: Visitor) -> FlowSight:
        return FlowSight(office, site.ledger.flow_lists, visitor)

    @router.get("/flows")
    def flows(
        visitor: Visitor = seeing,
        ended: bool = False,  # FastAPI passes it by name
        limit: Annotated[int, Query(ge=1, le=_MOST)] = 100,
    ) -> list[FlowFacts]:
        """Return the flows that run, or those that have ended; overdue ones first."""
        sight = seen_by(visitor)
        found = sight.find(FlowQuery(sight.viewer, ended=ended), limit=limit)
        flows = [sight.flow(row.id) for row in found.rows]
        return [FlowFacts.of(flow, sight.turns(flow)) for flow in flows]

    @router.get("/flows/{flow}")
    def show(flow: str, visitor: Visitor = seeing) -> FlowFacts:
        """Return where a flow stands."""
        sight = seen_by(visitor)
        found = sight.flow(flow)
        return FlowFacts.of(found, sight.turns(found))

    @router.post("/flows/{flow}/acts")
    def act(flow: str, wanted: ActWanted, visitor: Visitor = seeing) -> FlowFacts:
        """Act for the party that whoever asks belongs to; done again, it changes nothing."""
        sight = seen_by(visitor)
        found = sight.flow(flow)
        if _done_before(found, wanted, visitor.actor):
            return FlowFacts.of(found, sight.turns(found))
        done = office.act(found.id, _act(sight, found, wanted))
        return FlowFacts.of(done, sight.turns(done))

    @router.post("/flows/{flow}/returns")
    def bring_back(
        flow: str, file: UploadFile, visitor: Visitor = seeing, step: str = ""
    ) -> FlowFacts:
        """Bring back a document that was signed outside; one that is not as agreed is refused."""
        sight = seen_by(visitor)
        found = sight.flow(flow)
        turn = _turn(sight, found, step, returns=True)
        wanted = Act(ActKind.RETURN, turn.step.name, sight.acting(turn))
        done = bring_in(office, found.id, wanted, file)
        return FlowFacts.of(done, sight.turns(done))

    @router.get("/flows/{flow}/drawing", response_class=Response)
    def drawing(flow: str, visitor: Visitor = seeing) -> Response:
        """Return the way of a flow, and where it stands, as SVG."""
        found = seen_by(visitor).flow(flow)
        return Response(drawn([found.definition], story=found.status), media_type="image/svg+xml")

    @router.get("/flows/{flow}/revisions/{sha256}", response_class=Response)
    def revision(flow: str, sha256: str, visitor: Visitor = seeing) -> Response:
        """Return a version of a flow's document, checked."""
        found = seen_by(visitor).flow(flow)
        content = office.revision(found.id, sha256).read_bytes()
        headers = attachment(f"{Path(found.status.source).stem}.pdf")
        return Response(content, media_type="application/pdf", headers=headers)


def _done_before(flow: Flow, wanted: ActWanted, actor: str) -> bool:
    """Tell whether the same was done before, by the same person: it is not to be refused then."""
    status = flow.status
    if wanted.act == "withdraw":
        return (status.state, status.ended_by) == (FlowState.WITHDRAWN, actor)
    standing = next((one for one in status.steps if one.name == wanted.step), None)
    if standing is None:
        return False
    if wanted.act == "delegate":
        return standing.state is StepState.OPEN and standing.parties == (wanted.to,)
    granted = {StepState.RELEASED, StepState.SEALING, StepState.DONE}
    states = granted if wanted.act == "approve" else {StepState.REJECTED}
    return standing.state in states and standing.actor == actor


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
    turn = _turn(sight, flow, wanted.step)
    return Act(kind, turn.step.name, sight.acting(turn), why, wanted.sha256, to=wanted.to)


def _turn(sight: FlowSight, flow: Flow, step: str, *, returns: bool = False) -> Turn:
    """Return the one turn that is meant."""
    found = [
        turn
        for turn in sight.turns(flow)
        if (not step or turn.step.name == step) and (turn.returns or not returns)
    ]
    if len(found) == 1:
        return found[0]
    if flow.status.state.ended:
        raise UsageFault("flow.ended", flow.status.state.value)
    code = "flow.unknown-step" if found else "flow.not-your-step"
    raise UsageFault(code, ", ".join(turn.step.name for turn in found) or display(step)[:100])
