"""Races: contestants sign documents in turn, round after round, in one run on one machine."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.corpus import Copies, on_disk
from bench.measuring import Took, median, say

_MOST_BYTES = 600_000_000
"""Of the documents of one contestant in one round."""
_MOST_FILES = 4000


@dataclass
class Runner:
    """One who takes part, and how fast each round was."""

    name: str
    run: Callable[[Sequence[Path], Path], Took]
    """Signs files; returns what it took. The folder is for results, and thrown away."""
    first: int = 2
    """Documents of the trial run, which tells how many fill a round, and the fewest of a round."""
    count: int = 0
    rates: list[float] = field(default_factory=list)
    """Documents a second, of each round."""
    costs: list[float] = field(default_factory=list)
    """Milliseconds of processor time a document, of each round."""

    @property
    def rate(self) -> float:
        """Return the median of the rounds."""
        return median(self.rates)

    @property
    def cost(self) -> float:
        """Return the median of the rounds."""
        return median(self.costs)


@dataclass(frozen=True)
class Length:
    """How long a race is."""

    rounds: int
    seconds: float
    """That a contestant's documents of a round should take."""
    share: int = 1
    """By which the trial run is shortened."""


def race(runners: Sequence[Runner], copies: Copies, scratch: Path, length: Length) -> None:
    """Let all run in turn, as many rounds as asked for."""
    most = min(_MOST_FILES, max(2, _MOST_BYTES // copies.size))
    for runner in runners:
        first = max(2, min(runner.first, most // 4) // length.share)
        rate = first / _once(runner, first, copies, scratch).seconds
        runner.count = max(first, min(most, int(rate * length.seconds)))
    for number in range(length.rounds):
        for runner in runners:
            took = _once(runner, runner.count, copies, scratch)
            runner.rates.append(runner.count / took.seconds)
            runner.costs.append(1000 * took.processor / runner.count)
            shown = f"{runner.rates[-1]:9.2f} documents/s, {runner.costs[-1]:7.1f} ms each"
            who = f"{copies.kind.name}, round {number + 1}: {runner.name:52}"
            say(f"{who} {shown} ({runner.count})")


def _once(runner: Runner, count: int, copies: Copies, scratch: Path) -> Took:
    files = copies.take(count)
    out = scratch / "results"
    out.mkdir(parents=True)
    on_disk()
    took = runner.run(files, out)
    shutil.rmtree(out)
    for path in files:
        path.unlink(missing_ok=True)
    return took


def ratio(one: Runner, other: Runner) -> float:
    """Return how many times faster one is than another: the median of the rounds' ratios."""
    return median(mine / theirs for mine, theirs in zip(one.rates, other.rates, strict=True))
