"""`sealgate flows list, show, act`: flows that run, and what is done to them."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import datetime

from gateway.cli.output import Cell, say, show, show_value
from gateway.cli.site import actor, opened, remind_of_daemon
from gateway.core.errors import UsageFault
from gateway.core.flow_acts import Act, ActKind, Actor
from gateway.core.flow_events import FlowState, StepState
from gateway.core.flow_progress import lacking_level
from gateway.core.flow_state import StepStatus
from gateway.core.flow_story import StoryLine, story_of
from gateway.core.names import display
from gateway.flows.office import OPEN, Office
from gateway.ports import Flow, FlowRow
from gateway.wiring.flows import flow_office

_LIST = ("flow", "name", "document", "state", "waits for", "at", "due", "begun")
_STEPS = ("step", "type", "state", "who", "when", "due", "why")
_REVISIONS = ("revision", "at", "made by", "sha256")
_STORY = ("entry", "at", "event", "step", "actor", "detail")
_SHORTEST = 4
_QUIET = ("definition", "flow", "source", "owner", "parties")
_HASH = 12
"""Digits that tell a version from the others."""


def flows_list(chosen: argparse.Namespace) -> int:
    """List flows, the newest first: those that run, or all; or those that were asked for."""
    states = tuple(FlowState) if chosen.all else OPEN
    if chosen.state:
        states = tuple(map(FlowState, chosen.state))
    with opened(chosen.site) as site:
        office, now = flow_office(site), site.equipment.clock.now()
        found = office.flows(states)
        if chosen.party:
            found = tuple(one for one in found if _concerns(office, one, chosen.party))
        if chosen.overdue:
            found = tuple(one for one in found if _overdue(office.flow(one.id), now))
    show("Contract flows", _LIST, [_row(one) for one in found], as_json=chosen.json)
    return 0


def _concerns(office: Office, row: FlowRow, party: str) -> bool:
    """Tell whether a flow waits for a party, or, when it has ended, whether that took part."""
    if not row.state.ended:
        return party in row.parties
    return party in {one.name for one in office.flow(row.id).definition.parties}


def _overdue(flow: Flow, now: datetime) -> bool:
    """Tell whether a flow has waited too long: a step was escalated, or a deadline has passed."""
    if flow.status.state is not FlowState.RUNNING:
        return False
    waiting = flow.status.at(StepState.OPEN)
    dues = [flow.status.due, *(one.due for one in waiting)]
    late = any(due is not None and due <= now for due in dues)
    return late or any(one.escalated for one in waiting)


def flows_show(chosen: argparse.Namespace) -> int:
    """Show where a flow stands, its revisions and its story."""
    with opened(chosen.site) as site:
        office = flow_office(site)
        flow = named(office, chosen.flow)
        story = story_of(site.equipment.log.entries(job=flow.id))
    if chosen.json:
        show_value(_value(flow, story))
    else:
        _tell(flow, story)
    return 0


def flows_act(chosen: argparse.Namespace) -> int:
    """Do on behalf of a party what it would do by moving a file."""
    kind = ActKind(chosen.act)
    with opened(chosen.site) as site:
        office = flow_office(site)
        flow = named(office, chosen.flow)
        act = Act(
            kind,
            step=chosen.step,
            actor=_on_behalf(flow, chosen.party, kind),
            why=chosen.why,
            to=chosen.to,
        )
        _check(chosen, kind)
        if kind is ActKind.RETURN:
            flow = office.bring_in(flow.id, act, chosen.file)
        else:
            flow = office.act(flow.id, act)
        say(_conclusion(flow))
        remind_of_daemon(site)
    return 0


def _check(chosen: argparse.Namespace, kind: ActKind) -> None:
    if kind is ActKind.REJECT and not chosen.why.strip():
        raise UsageFault("flow.not-here", "--why is missing")
    if kind is ActKind.RETURN and chosen.file is None:
        raise UsageFault("flow.not-here", "--file is missing")


def _on_behalf(flow: Flow, party: str, kind: ActKind) -> Actor:
    """Return who acts; without a party, for the only one whose turn it is."""
    turns = flow.status.open_parties
    if not party and kind is not ActKind.WITHDRAW:
        if len(turns) > 1:
            raise UsageFault("flow.not-your-step", f"name the --party: {', '.join(turns)}")
        party = turns[0] if turns else ""
    return Actor(actor(), party=party, operator=True)


def named(office: Office, name: str) -> Flow:
    """Return a flow by its id, or by the end of it; raises `UsageFault` (`flow.unknown`)."""
    if len(name) >= _SHORTEST:
        found = [one.id for one in office.flows() if one.id.endswith(name)]
        if len(found) == 1:
            return office.flow(found[0])
    return office.flow(name)


def _moment(value: datetime | None) -> str:
    return "" if value is None else f"{value:%Y-%m-%d %H:%M}Z"


def _row(row: FlowRow) -> tuple[Cell, ...]:
    return (
        row.id,
        row.name,
        row.source,
        row.state.value,
        ", ".join(row.parties),
        ", ".join(row.steps),
        _moment(row.due),
        _moment(row.begun),
    )


def _tell(flow: Flow, story: tuple[StoryLine, ...]) -> None:
    status, title = flow.status, flow.definition.title
    say(f"flow      {flow.id}")
    say(f"is        {flow.definition.name}{f': {title}' if title else ''}")
    say(f"document  {display(status.source)}")
    say(f"begun     {_moment(status.begun)} by {display(story[0].actor)}")
    if status.due is not None and not status.state.ended:
        say(f"due       {_moment(status.due)}")
    for key, value in status.fields:
        say(f"ticket    {display(key)}: {display(value)}")
    say(f"state     {_conclusion(flow)}")
    show("Revisions", _REVISIONS, list(_revisions(flow)), as_json=False)
    show("Steps", _STEPS, [_step_row(flow, one) for one in status.steps], as_json=False)
    show("Story", _STORY, [_event_row(one) for one in story], as_json=False)


def _step_row(flow: Flow, one: StepStatus) -> tuple[Cell, ...]:
    kind = flow.definition.step(one.name).kind.value
    who = one.actor or ", ".join(one.parties)
    why = one.code or one.why
    return one.name, kind, one.state.value, who, _moment(one.at), _moment(one.due), display(why)


def _revisions(flow: Flow) -> Iterator[tuple[Cell, ...]]:
    for number, one in enumerate(flow.status.revisions):
        yield str(number), _moment(one.at), one.step or "as it came", one.sha256


def _event_row(line: StoryLine) -> tuple[Cell, ...]:
    told = (
        f"document: {value[:_HASH]}" if key == "sha256" else f"{key}: {value}"
        for key, value in line.details
        if key not in _QUIET
    )
    at = line.at.isoformat(timespec="seconds")
    return str(line.entry), at, line.event, line.step, line.actor, display(", ".join(told))


def _conclusion(flow: Flow) -> str:
    status = flow.status
    if status.state.ended:
        ending = f"{status.state.value} by {status.ended_by or 'sealgate'}"
        return f"{ending}: {display(status.why)}" if status.why else ending
    turns = ", ".join(flow.definition.party(name).label for name in status.open_parties)
    if turns:
        return f"{status.state.value}, waits for {turns}"
    level = lacking_level(flow.definition, status)
    doing = "sealing" if level is None else f"extending to {level}"
    return f"{status.state.value}, {doing}"


def _value(flow: Flow, story: tuple[StoryLine, ...]) -> dict[str, object]:
    status = flow.status
    return {
        "flow": flow.id,
        "name": flow.definition.name,
        "definition": flow.definition.sha256,
        "document": display(status.source),
        "state": status.state.value,
        "owner": status.owner,
        "why": status.why,
        "due": _moment(status.due),
        "waits_for": list(status.open_parties),
        "revisions": [
            {"sha256": one.sha256, "step": one.step, "at": _moment(one.at)}
            for one in status.revisions
        ],
        "steps": [
            dict(zip(_STEPS, _step_row(flow, one), strict=True)) | {"parties": list(one.parties)}
            for one in status.steps
        ],
        "story": [
            dict(zip(_STORY, _event_row(one), strict=True)) | {"details": dict(one.details)}
            for one in story
        ],
    }
