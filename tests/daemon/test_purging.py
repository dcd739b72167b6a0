"""When the daemon purges, and what keeps a purge due."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from gateway.core.errors import SiteFault, UsageFault
from gateway.core.job import Job
from gateway.core.retention import Retention
from gateway.core.schedules import Schedule
from gateway.core.states import Event, State
from gateway.daemon.lock import SiteLock
from gateway.daemon.purging import ScheduledPurge
from gateway.folders.purging import FolderPurger
from gateway.ledger import SqliteLedger
from tests.contracts.test_seal_registry import StandingClock

DAILY = (Schedule.parse("0 3 * * *", UTC),)
WAY = (Event.ACCEPTED, Event.PLANNED, Event.REUSED, Event.DELIVERED, Event.ARCHIVED)


class Ground:
    """A ledger and an archive with the jobs `a` and `b`, purged the day after."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.clock = StandingClock()
        self.ledger = SqliteLedger(root / "ledger.sqlite", self.clock)
        for name in ("a", "b"):
            now = self.clock.now()
            job = self.ledger.open(Job(name, State.CLAIMED, 1, "in", "a.pdf", "/s", now, now), {})
            for event in WAY:
                job = self.ledger.advance(job, event, {})
            folder = root / "archive" / f"{now:%Y/%m/%d}" / name
            folder.mkdir(parents=True)
            (folder / "a.pdf").write_bytes(b"hello")
        self.purge = self.started()

    def started(self) -> ScheduledPurge:
        """Return what a daemon that has just started has."""
        equipment = SimpleNamespace(
            clock=self.clock,
            memory=self.ledger,
            log=self.ledger,
            jobs=self.ledger,
            purges=self.ledger.purges,
            archive_folders=FolderPurger(self.root / "archive"),
        )
        renewals = self.root / "renewals"
        return ScheduledPurge(equipment, Retention(days=1), DAILY, renewals)  # type: ignore[arg-type]

    def told(self, event: str) -> int:
        """Return how many entries of an event the log has."""
        return len(list(self.ledger.entries(event=event)))


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    """Yield a ground on which the schedule was seen, and two days have passed."""
    made = Ground(tmp_path)
    assert not made.purge.due(), "a new schedule has nothing to make up"
    made.clock.moment += timedelta(days=2)
    yield made
    made.ledger.close()


def test_what_was_missed_is_made_up_once(ground: Ground) -> None:
    """Two days missed are one purge, also after a restart; the next is due at its time."""
    assert ground.started().due()
    assert dict(ground.purge.run()) == {"purged": 2}
    assert ground.told("purge.ended") == 1
    assert not ground.started().due()
    ground.clock.moment += timedelta(days=1)
    assert ground.purge.due()
    assert not ground.purge.run()
    assert ground.told("purge.ended") == 1, "nothing was to be purged"


def test_a_purge_that_is_stopped_stays_due(ground: Ground) -> None:
    """Told to stop, it ends after the job under way; the next start does the rest."""
    ground.purge.stopping.set()
    assert dict(ground.purge.run()) == {"purged": 1}
    again = ground.started()
    assert again.due()
    assert dict(again.run()) == {"purged": 1}
    assert not again.due()


def test_nothing_is_purged_while_somebody_renews(ground: Ground) -> None:
    """Renewing and purging exclude each other; the purge stays due."""
    (ground.root / "renewals").mkdir()
    with SiteLock(ground.root / "renewals"), pytest.raises(UsageFault, match="already-running"):
        ground.purge.run()
    assert ground.purge.due()
    assert ground.told("archive.purged") == 0


def test_a_fault_of_the_site_is_logged_once(ground: Ground) -> None:
    """An archive that is gone keeps the purge due, and the log is not filled with it."""
    shutil.move(ground.root / "archive", ground.root / "elsewhere")
    for _ in range(2):
        with pytest.raises(SiteFault):
            ground.purge.run()
    assert ground.told("purge.failed") == 1
    shutil.move(ground.root / "elsewhere", ground.root / "archive")
    assert ground.purge.due()
    assert dict(ground.purge.run()) == {"purged": 2}


def test_a_clock_that_went_wrong_keeps_nothing_from_being_purged(ground: Ground) -> None:
    """A purge remembered from the future is forgotten."""
    ground.ledger.remember("purge.latest", datetime(2099, 1, 1, tzinfo=UTC).isoformat())
    assert not ground.purge.due()
    ground.clock.moment += timedelta(days=1)
    assert ground.purge.due()
