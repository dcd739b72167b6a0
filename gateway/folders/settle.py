"""Settling: a file is taken when it has stayed the same for its quiet time.

The quiet time is measured from when this process first saw the file as it is now, by a clock
that never goes back; the file's own times are compared, never believed. A file that somebody
still has open for writing waits however quiet it is: an upload that pauses is not at its end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gateway.ports import Candidate, Clock

_RECHECK = 5.0
"""Seconds until an open file is looked at again; where there are events, closing it is one."""


_CHANGING = "still changing"
_OPEN = "still open for writing"
_ENDLESS = "no end-of-file mark yet"


@dataclass(frozen=True)
class Patience:
    """How long a file must have been quiet to be taken; seconds."""

    quiet: float
    incomplete_after: float
    """When it does not look complete; counted from when it was last seen open for writing."""
    open_after: float
    """When somebody still has it open for writing."""


@dataclass(frozen=True)
class Waiting:
    """A file that is not taken yet, and why, in words."""

    candidate: Candidate
    why: str


@dataclass
class _Sighting:
    candidate: Candidate
    since: float
    due: float
    why: str = _CHANGING
    """Empty when the file may be taken."""
    held_open: float = 0.0
    """When it was last seen open for writing."""


class Settling:
    """What one inbox's files looked like when they were first seen so; forgets what is gone."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sightings: dict[str, _Sighting] = {}

    def settled(
        self,
        candidates: Iterable[Candidate],
        patience: Patience,
        looks_complete: Callable[[Candidate], bool],
        being_written: Callable[[Candidate], bool],
    ) -> tuple[Candidate, ...]:
        """Return those of a scan's candidates that may be taken.

        A file that does not look complete, or that stays open, is taken in the end all the
        same: it will not get better, and its owner should hear of it.
        """
        now = self._clock.monotonic()
        former, self._sightings = self._sightings, {}
        ready = []
        for candidate in candidates:
            sighting = former.get(candidate.source)
            if sighting is None or sighting.candidate != candidate:
                sighting = _Sighting(candidate, now, now + patience.quiet)
            self._sightings[candidate.source] = sighting
            age = now - sighting.since
            if sighting.why and age >= patience.quiet:
                if age < patience.open_after and being_written(candidate):
                    _keep_open(sighting, patience, now)
                else:
                    _judge(sighting, patience, now, complete=looks_complete(candidate))
            if not sighting.why:
                ready.append(candidate)
        return tuple(ready)

    def waiting(self) -> tuple[Waiting, ...]:
        """Return the files of the last scan that were not settled then."""
        sightings = self._sightings.values()
        return tuple(Waiting(one.candidate, one.why) for one in sightings if one.why)

    def next_due(self) -> float | None:
        """Return the seconds until a file could have settled; None when there is none waiting."""
        now = self._clock.monotonic()
        due = [sighting.due for sighting in self._sightings.values() if sighting.why]
        return max(0.0, min(due) - now) if due else None


def glance(
    candidate: Candidate,
    unchanged: float,
    quiet: float,
    looks_complete: Callable[[Candidate], bool],
    being_written: Callable[[Candidate], bool],
) -> str:
    """Return why a file that lies there has not settled, or nothing when one look cannot tell.

    For those who do not watch: `unchanged` is the age of its content and `quiet` the time for
    which it has to stay so, in seconds.
    """
    if being_written(candidate):
        return _OPEN
    if unchanged < quiet:
        return _CHANGING
    return "" if looks_complete(candidate) else _ENDLESS


def _keep_open(sighting: _Sighting, patience: Patience, now: float) -> None:
    sighting.why = _OPEN
    sighting.held_open = now
    sighting.due = min(now + _RECHECK, sighting.since + patience.open_after)


def _judge(sighting: _Sighting, patience: Patience, now: float, *, complete: bool) -> None:
    late = max(sighting.since, sighting.held_open) + patience.incomplete_after
    sighting.why = "" if complete or now >= late else _ENDLESS
    sighting.due = max(sighting.since + patience.quiet, late)
