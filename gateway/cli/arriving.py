"""Why files in an inbox are not taken yet, by a quick look of one's own.

The daemon measures how long a file has been unchanged by its own clock, from when it first saw
it so; here the file's own times are believed, which are at hand without a daemon, too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from gateway.cli.output import say
from gateway.core.names import display
from gateway.folders.inbox import FolderInbox
from gateway.folders.settle import glance
from gateway.pipeline.equipment import Equipment
from gateway.ports import Candidate

_LOOKED_AT = 100
"""Files of an inbox, the newest first: each is opened."""


@dataclass(frozen=True)
class NotTaken:
    """A file that is not taken yet."""

    inbox: str
    source: str
    why: str
    unchanged: int
    """Whole seconds since it was last modified, by its own time."""


def arriving(
    equipment: Equipment, inbox: FolderInbox, candidates: tuple[Candidate, ...]
) -> tuple[NotTaken, ...]:
    """Return which of an inbox's files have not settled, as far as a look can tell.

    `candidates` are those that no manifest keeps from being taken.
    """
    now = equipment.clock.now()
    newest = sorted(candidates, key=lambda one: one.modified, reverse=True)[:_LOOKED_AT]
    found = []
    for one in newest:
        unchanged = _unchanged(one, now)
        why = glance(one, unchanged, inbox.quiet, inbox.looks_complete, inbox.being_written)
        if why:
            found.append(NotTaken(inbox.name, display(one.source), why, int(unchanged)))
    return tuple(found)


def tell_arriving(files: Iterable[NotTaken]) -> None:
    """Say of each file why it is not taken yet."""
    for one in files:
        say(f"arriving {one.inbox}/{one.source}: {one.why}, unchanged for {one.unchanged} s")


def _unchanged(candidate: Candidate, now: datetime) -> float:
    return max(0.0, now.timestamp() - candidate.modified / 1e9)
