"""Contract flows as lists and boards show them, to whoever asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from gateway.core.flow_definition import FlowDefinition
from gateway.core.flow_events import FlowState
from gateway.ports.flows import FlowRow


@dataclass(frozen=True)
class Viewer:
    """Who asks: somebody sees the flows that he began, and those of his parties."""

    login: str
    groups: frozenset[str] = frozenset()
    everything: bool = False
    """All flows are seen, whoever's they are."""


@dataclass(frozen=True)
class FlowQuery:
    """Which flows are asked for; each that is given must hold."""

    viewer: Viewer
    ended: bool = False
    """Those that have ended, instead of those that run."""
    state: FlowState | None = None
    """Of those that have ended."""
    name: str = ""
    """Of the definition."""
    step: str = ""
    """It is open there, or being sealed."""
    party: str = ""
    """It is this party's turn."""
    mine: bool = False
    """It is the viewer's turn."""
    overdue: bool = False


@dataclass(frozen=True)
class FlowPage:
    """Some flows: those that run by their deadlines, those that have ended by when they did."""

    rows: tuple[FlowRow, ...]
    after: str
    """Leads to the next page; empty when there is none."""


@dataclass(frozen=True)
class FlowColumn:
    """How many flows that run stand at a step."""

    name: str
    """Of the definition."""
    step: str
    count: int


class FlowLists(Protocol):
    """Looks flows up page by page, however many there are."""

    def page(self, query: FlowQuery, *, after: str = "", limit: int) -> FlowPage:
        """Return flows: overdue ones first, then by deadline; ended ones the latest first.

        `after` is that of the page before; a word that no page gave is the beginning.
        """

    def count(self, query: FlowQuery) -> int:
        """Return how many there are."""

    def columns(self, viewer: Viewer) -> tuple[FlowColumn, ...]:
        """Return at which steps flows stand that run; one that stands at two counts in both."""

    def definition(self, sha256: str) -> FlowDefinition:
        """Return a definition to which flows are pinned; raises `UsageFault` (`flow.unknown`)."""
