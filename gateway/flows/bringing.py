"""What parties have moved: which act it is, whose, and whether it can be accepted."""

from __future__ import annotations

from dataclasses import replace

from gateway.core.error_codes import CODES
from gateway.core.errors import DocumentFault, SealgateError, UsageFault
from gateway.core.flow_acts import Act, ActKind, Actor
from gateway.core.flow_definition import StepKind
from gateway.core.flow_events import StepState
from gateway.core.flow_story import REFUSED
from gateway.core.names import display
from gateway.core.visiting import actor_of
from gateway.flows.naming import flow_in, step_in
from gateway.flows.office import OPEN
from gateway.flows.room import FlowRoom
from gateway.ports import Brought, Flow, Looked, Verdict

_INBOX = "flows"
"""As homes of users name the folders of parties."""


def take(room: FlowRoom, brought: Brought) -> None:
    """Do what a party wants by moving a file; what cannot be accepted is refused with a note.

    Raises `SiteFault`; then it is taken up again.
    """
    flow: Flow | None = None
    try:
        looked = room.trays.look(brought)
        flow = _flow_of(room, brought, looked)
        _act(room, flow, brought, looked)
    except FileNotFoundError:
        return  # it was moved on, or is being changed: the next scan sees
    except (DocumentFault, UsageFault) as fault:
        _refuse(room, flow, brought, fault)
    else:
        room.trays.finish(brought)


def _flow_of(room: FlowRoom, brought: Brought, looked: Looked) -> Flow:
    """Find the flow by the file's name; else by its bytes, or as the only one that waits."""
    named = flow_in(brought.name)
    if named:
        return room.office.flow(named)
    for revision in (looked.sha256, ""):
        rows = room.agenda.find(OPEN, revision=revision)
        mine = [row for row in rows if brought.party in row.parties]
        if len(mine) == 1:
            return room.office.flow(mine[0].id)
    raise DocumentFault("flow.other-document", brought.name)


def _act(room: FlowRoom, flow: Flow, brought: Brought, looked: Looked) -> None:
    step = step_in(brought.name, flow.id, flow.definition)
    actor = _actor(room, brought, looked)
    if brought.verdict is Verdict.REJECT:
        act = Act(ActKind.REJECT, step, actor, looked.why, looked.sha256)
    elif _signed_outside(flow, step, brought.party):
        _bring_back(room, flow, brought, Act(ActKind.RETURN, step, actor, looked.why))
        return
    else:
        act = Act(ActKind.APPROVE, step, actor, looked.why, looked.sha256)
    room.office.act(flow.id, act)


def _signed_outside(flow: Flow, step: str, party: str) -> bool:
    """Tell whether a file comes back for a step; without a name, by what waits for the party."""
    waits = (one.name for one in flow.status.at(StepState.OPEN) if party in one.parties)
    steps = [flow.definition.step(name) for name in ((step,) if step else waits)]
    return bool(steps) and all(one.kind is StepKind.SIGN_OUTSIDE for one in steps)


def _bring_back(room: FlowRoom, flow: Flow, brought: Brought, act: Act) -> None:
    """Let a copy that nobody else can write be judged, and accepted."""
    with room.revisions.drafting(flow.id) as draft:
        copied = room.trays.look(brought, draft)
        room.office.bring_back(flow.id, replace(act, sha256=copied.sha256), draft)


def _actor(room: FlowRoom, brought: Brought, looked: Looked) -> Actor:
    """Return who moved a file: its owner, where that is not ourselves; else the folder's party.

    Moving a file keeps its owner, so it is often only the reason beside it that tells.
    """
    dropper = room.droppers.who(_INBOX, brought.file.source, looked.owner)
    person = dropper.person
    if person is not None:
        return Actor(actor_of(person.login), person.login, frozenset(person.groups), brought.party)
    if looked.owner:
        return Actor(f"user:{display(looked.owner)}", party=brought.party)
    return Actor(f"party:{brought.party}", party=brought.party)


def _refuse(room: FlowRoom, flow: Flow | None, brought: Brought, fault: SealgateError) -> None:
    """Put a file aside with the reason; the party has the good copy in todo/ again."""
    entry = CODES[fault.code]
    lines = (brought.name, f"{entry.meaning} ({fault.detail})", entry.remedy, f"[{fault.code}]")
    told = {
        "step": step_in(brought.name, flow.id, flow.definition) if flow is not None else "",
        "party": brought.party,
        "file": display(brought.name),
        "code": fault.code,
        "detail": display(fault.detail),
    }
    details = {key: value for key, value in told.items() if value}
    room.log.record(REFUSED, details, job=flow.id if flow is not None else "")
    room.trays.finish(brought, "\n".join(map(display, lines)) + "\n")
    if flow is not None:
        room.agenda.recall(flow.id)
