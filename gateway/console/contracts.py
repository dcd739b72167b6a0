"""What one visitor sees of contract flows, and may do in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.core.errors import UsageFault
from gateway.core.flow_acts import Actor
from gateway.core.flow_definition import FlowDefinition, Party, Step, StepKind
from gateway.core.flow_events import FlowState, StepState
from gateway.core.flow_state import StepStatus
from gateway.core.names import display
from gateway.core.people import Permission
from gateway.core.visiting import Visitor
from gateway.flows.office import OPEN, Office
from gateway.ports import Flow

SEEN = (Permission.SEE_DOCUMENTS, Permission.OWN_FLOWS, Permission.SUBMIT)
"""Any one of these leads to the pages; which flows are there is another matter."""
_MOST = 500
"""Flows that are looked through for somebody who does not see them all."""


@dataclass(frozen=True)
class Turn:
    """A step that waits for the visitor, or for a partner on whose behalf he may act."""

    step: Step
    standing: StepStatus
    party: Party
    on_behalf: bool

    @property
    def returns(self) -> bool:
        """Tell whether a signed file is awaited."""
        return self.step.kind is StepKind.SIGN_OUTSIDE


@dataclass(frozen=True)
class Card:
    """One flow on the board."""

    id: str
    name: str
    document: str
    steps: tuple[str, ...]
    """Those that are open or being sealed."""
    parties: tuple[str, ...]
    due: datetime | None
    overdue: bool
    mine: bool
    """It waits for the visitor."""


class FlowSight:
    """The flows of a site, as one visitor meets them."""

    def __init__(self, office: Office, visitor: Visitor) -> None:
        self._office = office
        self._visitor = visitor
        self._all = visitor.may(Permission.SEE_DOCUMENTS)
        self._works = visitor.may(Permission.WORK_DOCUMENTS)
        person = visitor.person
        self._actor = Actor(visitor.actor, person.login, frozenset(person.groups))

    def flow(self, flow_id: str) -> Flow:
        """Return a flow that the visitor may see.

        Raises `UsageFault` (`flow.unknown`): what may not be seen might as well not be there.
        """
        flow = self._office.flow(flow_id)
        if not self._sees(flow):
            raise UsageFault("flow.unknown", display(flow_id))
        return flow

    def running(self) -> tuple[Flow, ...]:
        """Return the flows that run, the newest first."""
        return self._found(OPEN, _MOST)

    def ended(self, most: int) -> tuple[Flow, ...]:
        """Return the flows that ended, the newest first."""
        over = tuple(state for state in FlowState if state.ended)
        return self._found(over, _MOST)[:most]

    def turns(self, flow: Flow) -> tuple[Turn, ...]:
        """Return what the visitor may do in a flow now."""
        if flow.status.state is not FlowState.RUNNING:
            return ()
        found = []
        for standing in flow.status.at(StepState.OPEN):
            turn = self._turn(flow.definition, standing)
            if turn is not None:
                found.append(turn)
        return tuple(found)

    def acting(self, turn: Turn) -> Actor:
        """Return who acts when the visitor does what waits."""
        if not turn.on_behalf:
            return self._actor
        return Actor(self._visitor.actor, party=turn.party.name, operator=True)

    def withdrawing(self, flow: Flow) -> Actor | None:
        """Return who acts when the visitor calls a flow off; None when that is not his."""
        if flow.status.state is not FlowState.RUNNING:
            return None
        owners = flow.definition.owners
        owns = flow.status.owner == self._visitor.person.login and bool(flow.status.owner)
        if owns or (owners and self._actor.is_of(flow.definition.party(owners))):
            return self._actor
        return Actor(self._visitor.actor, operator=True) if self._works else None

    def card(self, flow: Flow, now: datetime) -> Card:
        """Return a flow as the board shows it."""
        status = flow.status
        dues = [one.due for one in status.at(StepState.OPEN) if one.due is not None]
        due = min([*dues, *([status.due] if status.due else [])], default=None)
        return Card(
            flow.id,
            flow.definition.name,
            display(status.source),
            status.steps_under_way,
            tuple(flow.definition.party(name).label for name in status.open_parties),
            due,
            due is not None and due <= now,
            any(not turn.on_behalf for turn in self.turns(flow)),
        )

    def _found(self, states: tuple[FlowState, ...], most: int) -> tuple[Flow, ...]:
        rows = self._office.flows(states, most)
        return tuple(flow for row in rows if self._sees(flow := self._office.flow(row.id)))

    def _sees(self, flow: Flow) -> bool:
        login = self._visitor.person.login
        return self._all or flow.status.owner == login or self._belongs(flow.definition)

    def _belongs(self, definition: FlowDefinition) -> bool:
        return any(self._actor.is_of(party) for party in definition.parties)

    def _turn(self, definition: FlowDefinition, standing: StepStatus) -> Turn | None:
        """Return the turn at an open step: one's own, or a partner's who cannot log in."""
        step = definition.step(standing.name)
        parties = [definition.party(name) for name in standing.parties]
        for party in parties:
            if self._actor.is_of(party):
                return Turn(step, standing, party, on_behalf=False)
        for party in parties:
            if self._works and not (party.user or party.group):
                return Turn(step, standing, party, on_behalf=True)
        return None
