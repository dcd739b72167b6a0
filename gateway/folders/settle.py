"""Settling: a file is taken when it has stayed the same for its quiet time.

The quiet time is measured from when this process first saw the file as it is now, by a clock
that never goes back; the file's own times are compared, never believed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gateway.ports import Candidate, Clock


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
    incomplete: bool = False
    ready: bool = False


class Settling:
    """What one inbox's files looked like when they were first seen so; forgets what is gone."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sightings: dict[str, _Sighting] = {}

    def settled(
        self,
        candidates: Iterable[Candidate],
        quiet: float,
        incomplete_after: float,
        looks_complete: Callable[[Candidate], bool],
    ) -> tuple[Candidate, ...]:
        """Return those of a scan's candidates that may be taken; durations in seconds.

        A file that does not look complete is taken after `incomplete_after` all the same: it
        will not get better, and its owner should hear of it.
        """
        now = self._clock.monotonic()
        former, self._sightings = self._sightings, {}
        ready = []
        for candidate in candidates:
            sighting = former.get(candidate.source)
            if sighting is None or sighting.candidate != candidate:
                sighting = _Sighting(candidate, now, now + quiet)
            self._sightings[candidate.source] = sighting
            age = now - sighting.since
            if age >= quiet and not sighting.ready:
                sighting.incomplete = not looks_complete(candidate)
                sighting.ready = not sighting.incomplete or age >= incomplete_after
                sighting.due = sighting.since + max(quiet, incomplete_after)
            if sighting.ready:
                ready.append(candidate)
        return tuple(ready)

    def waiting(self) -> tuple[Waiting, ...]:
        """Return the files of the last scan that were not settled then."""
        return tuple(
            Waiting(
                sighting.candidate,
                "no end-of-file mark yet" if sighting.incomplete else "still changing",
            )
            for sighting in self._sightings.values()
            if not sighting.ready
        )

    def next_due(self) -> float | None:
        """Return the seconds until a file could have settled; None when there is none waiting."""
        now = self._clock.monotonic()
        due = [sighting.due for sighting in self._sightings.values() if not sighting.ready]
        return max(0.0, min(due) - now) if due else None
