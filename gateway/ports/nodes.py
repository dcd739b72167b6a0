"""The machines that share the work of a site."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class NodeFacts:
    """What a node says of itself when it joins."""

    name: str
    host: str
    version: str
    """Of the program."""
    configuration: str
    """Hash of the site's settings."""


@dataclass(frozen=True)
class Joined:
    """What a node is told when it joins."""

    number: int
    """Of its process: no other has it, before or after."""
    draining: bool
    """It is to take nothing."""


Forget = Callable[[Callable[[int], bool]], None]
"""Is given what tells whether the process of a number is none of the site's any more."""


@dataclass(frozen=True)
class Node:
    """A node as the others know it."""

    facts: NodeFacts
    since: datetime
    seen: datetime
    """Its last sign of life, by the ledger's clock."""
    silent: float
    """Seconds since then."""
    working: bool
    """It takes jobs."""
    draining: bool
    """Somebody has told it to take no more."""
    coordinating: bool
    in_flight: int
    """Jobs it has taken and not ended."""


@dataclass(frozen=True)
class Cluster:
    """The nodes of a site at one moment."""

    nodes: tuple[Node, ...]
    """All that ever joined, by name."""
    queued: int
    """Jobs that may go on and that no node has taken yet."""


class Nodes(Protocol):
    """The nodes of a site; the ledger's clock alone says how long one is silent."""

    def join(self, facts: NodeFacts) -> Joined:
        """Take a node on.

        What a former process of that name had taken is free again, and it commits nothing.
        """

    def sign_of_life(self, name: str, worker: int | None) -> bool:
        """Say that a node lives, which takes jobs as that worker; return whether it is to drain.

        Raises `SiteFault` (`ledger.fenced`) when others have taken over from that worker.
        """

    def take_over(self, seconds: float, forget: Forget, *, always: bool = False) -> tuple[str, ...]:
        """Take over from the nodes that were silent for so long; return their names.

        From then on they commit nothing. Before their jobs are free, `forget` sees to it that
        they reach no files, either; with `always`, also when there is nobody to take over from.
        """

    def drain(self, name: str, draining: bool, actor: str) -> None:
        """Let a node take nothing more, or work again; raises `UsageFault` (`usage.no-node`)."""

    def look(self) -> Cluster:
        """Return who there is and what waits."""
