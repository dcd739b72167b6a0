"""Each kind of fault once, and each schedule that failed before: the real daemon survives them.

Thousands of schedules: `python -m bench.faults`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.books import Books
from tests.faults.kept import KEPT
from tests.faults.running import conclude, possible, run, stand_in
from tests.faults.schedule import OF_DATABASE, Kind, Schedule, drawn
from tests.faults.stand import Stand

KINDS = tuple(kind for kind in Kind if kind not in OF_DATABASE)
ELSEWHERE = frozenset({Kind.CLOCK})
"""Kinds that have a test of their own (tests/e2e/test_clock_steps.py) and take long here."""
SCHEDULES = (
    *KEPT,
    *(
        schedule
        for schedule in (drawn(seed, KINDS) for seed in range(len(KINDS)))
        if schedule.faults[0].kind not in ELSEWHERE
    ),
)
"""The first faults of the first seeds are one of each kind."""


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stand, Books]]:
    """Return one stand for all; at the end its log and all results are verified."""
    with stand_in(tmp_path_factory.mktemp("faults")) as (built, books):
        yield built, books
        assert conclude(built) == ()
        assert built.restarts == 0, "the daemon ended by itself"


@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda schedule: str(schedule.seed))
def test_schedule(stand: tuple[Stand, Books], schedule: Schedule) -> None:
    """Every document comes to its one end, paid once, and the daemon is well again by itself."""
    missing = {fault.kind for fault in schedule.faults}.difference(possible())
    if missing:
        pytest.skip(f"this machine does not let us make: {', '.join(sorted(missing))}")
    assert run(*stand, schedule).wrong == ()


def test_schedules_are_the_same_every_time() -> None:
    """A seed gives one schedule, and together they hold every kind of fault."""
    kinds = tuple(Kind)
    assert drawn(7, kinds) == drawn(7, kinds)
    drawings = (drawn(seed, kinds) for seed in range(len(kinds)))
    assert {fault.kind for schedule in drawings for fault in schedule.faults} == set(kinds)
