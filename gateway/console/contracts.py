"""What one visitor sees of contract flows, and may do in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gateway.console.visit import Visit
from gateway.core.errors import UsageFault
from gateway.core.flow_acts import Actor
from gateway.core.flow_definition import FlowDefinition, Party, Step, StepKind
from gateway.core.flow_events import FlowEvent, FlowState, StepState
from gateway.core.flow_state import StepStatus
from gateway.core.names import display
from gateway.core.people import Permission
from gateway.core.visiting import Visitor
from gateway.flows.office import Office
from gateway.ports import Flow, FlowColumn, FlowLists, FlowPage, FlowQuery, FlowRow, Viewer
from gateway.wiring import Site

SEEN = (Permission.SEE_DOCUMENTS, Permission.OWN_FLOWS, Permission.SUBMIT)
"""Any one of these leads to the pages; which flows are there is another matter."""


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
    document: str
    title: str
    """Of its definition."""
    steps: tuple[str, ...]
    """Those that are open or being sealed."""
    parties: tuple[str, ...]
    due: datetime | None
    overdue: bool
    mine: bool
    """It waits for the visitor."""


class FlowSight:
    """The flows of a site, as one visitor meets them."""

    def __init__(self, office: Office, lists: FlowLists, visitor: Visitor) -> None:
        self._office = office
        self._lists = lists
        self._visitor = visitor
        self._all = visitor.may(Permission.SEE_DOCUMENTS)
        self._works = visitor.may(Permission.WORK_DOCUMENTS)
        person = visitor.person
        self._actor = Actor(visitor.actor, person.login, frozenset(person.groups))
        self.viewer = Viewer(person.login, person.groups, everything=self._all)

    def flow(self, flow_id: str) -> Flow:
        """Return a flow that the visitor may see.

        Raises `UsageFault` (`flow.unknown`): what may not be seen might as well not be there.
        """
        flow = self._office.flow(flow_id)
        if not self._sees(flow):
            raise UsageFault("flow.unknown", display(flow_id))
        return flow

    def find(self, query: FlowQuery, *, after: str = "", limit: int) -> FlowPage:
        """Return some flows; the port says in which order."""
        return self._lists.page(query, after=after, limit=limit)

    def count(self, query: FlowQuery) -> int:
        """Return how many there are."""
        return self._lists.count(query)

    def columns(self) -> tuple[FlowColumn, ...]:
        """Return at which steps flows stand that run."""
        return self._lists.columns(self.viewer)

    def definition(self, row: FlowRow) -> FlowDefinition:
        """Return the definition that a flow is pinned to."""
        return self._lists.definition(row.definition)

    def story(self, flow: Flow) -> tuple[FlowEvent, ...]:
        """Return all that happened in a flow."""
        return self._office.story(flow.id)

    def revision(self, flow: Flow, sha256: str) -> Path:
        """Return where a version of a flow's document lies; raises as the office does."""
        return self._office.revision(flow.id, sha256)

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

    def card(self, row: FlowRow, now: datetime, step: str = "") -> Card:
        """Return a flow as the board shows it, in the column of a step or by itself."""
        definition = self.definition(row)
        parties = [definition.party(name) for name in row.parties]
        own = definition.step(step).party if step else ""
        elsewhere = {definition.step(one).party for one in row.steps if step and one != step}
        return Card(
            row.id,
            display(row.source),
            definition.title or definition.name,
            row.steps,
            tuple(one.label for one in parties if one.name == own or one.name not in elsewhere),
            row.deadline,
            row.deadline is not None and row.deadline <= now,
            any(self._actor.is_of(party) for party in parties),
        )

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


def flow_sight(visit: Visit) -> FlowSight:
    """Return the flows as the visitor of a page meets them."""
    return FlowSight(visit.office.flows, visit.site.ledger.flow_lists, visit.somebody)


def definitions_of(site: Site) -> tuple[FlowDefinition, ...]:
    """Return the definitions by which contract flows may begin now, as their files say now."""
    site.rules.follow()
    return site.rules.flows()
