"""Whatever is done to the signing log behind its back is found."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gateway.ledger import SqliteLedger
from tests.ledger.making import WAY, rehash, tamper, travelled

_ALTERED = {
    "time": "UPDATE log SET at = '2020-01-01T00:00:00.000000Z' WHERE sequence = 7",
    "event": "UPDATE log SET event = 'job.held' WHERE sequence = 7",
    "job": "UPDATE log SET job = 'two' WHERE sequence = 7",
    "actor": "UPDATE log SET actor = 'somebody' WHERE sequence = 7",
    "details": "UPDATE log SET details = '{}' WHERE sequence = 7",
    "details that are no JSON": "UPDATE log SET details = 'gone' WHERE sequence = 7",
    "details that are no texts": "UPDATE log SET details = '{\"a\": 1}' WHERE sequence = 7",
    "details that are bytes": "UPDATE log SET details = x'ff00' WHERE sequence = 7",
    "hash": "UPDATE log SET hash = 'abc' WHERE sequence = 7",
    "previous": "UPDATE log SET previous = 'abc' WHERE sequence = 7",
    "number": "UPDATE log SET sequence = 700 WHERE sequence = 7",
}


@pytest.fixture
def told(ledger: SqliteLedger) -> SqliteLedger:
    """Return a ledger with two jobs at their ends and some entries of the site."""
    ledger.record("daemon.started", {})
    travelled(ledger, "one")
    travelled(ledger, "two")
    ledger.record("daemon.stopped", {"why": "停"})
    return ledger


def test_untouched_log_has_no_flaws(told: SqliteLedger) -> None:
    """A log that nobody touched is whole, and so is an empty one."""
    assert told.verify() == ()


def test_empty_log_has_no_flaws(ledger: SqliteLedger) -> None:
    """A new ledger's log is whole."""
    assert ledger.verify() == ()


@pytest.mark.parametrize("what", _ALTERED)
def test_altered_entry_is_found(told: SqliteLedger, path: Path, what: str) -> None:
    """An entry changed in any of its columns is named by its number."""
    tamper(path, _ALTERED[what])
    assert {7, 700} & {flaw.sequence for flaw in told.verify()}


@pytest.mark.parametrize("number", [1, 7, 22])
def test_deleted_entry_is_found(told: SqliteLedger, path: Path, number: int) -> None:
    """A missing entry is found wherever it stood: first, in the middle, last."""
    tamper(path, f"DELETE FROM log WHERE sequence = {number}")  # noqa: S608  # our numbers
    assert told.verify()


def test_swapped_entries_are_found(told: SqliteLedger, path: Path) -> None:
    """Two entries that changed places are both named."""
    tamper(
        path,
        "UPDATE log SET sequence = -5 WHERE sequence = 5",
        "UPDATE log SET sequence = 5 WHERE sequence = 6",
        "UPDATE log SET sequence = 6 WHERE sequence = -5",
    )
    assert {5, 6} <= {flaw.sequence for flaw in told.verify()}


def test_swapped_contents_are_found(told: SqliteLedger, path: Path) -> None:
    """Two entries whose details were exchanged, numbers and hashes kept, are both named."""
    tamper(
        path,
        "UPDATE log SET event = 'job.prepared', details = '{\"why\":\"job.prepared\"}'"
        " WHERE sequence = 4",
        "UPDATE log SET event = 'job.planned', details = '{\"why\":\"job.planned\"}'"
        " WHERE sequence = 5",
    )
    assert {4, 5} <= {flaw.sequence for flaw in told.verify()}


def test_cut_off_log_is_found(told: SqliteLedger, path: Path) -> None:
    """A log that ends too early is found by its recorded head."""
    tamper(path, "DELETE FROM log WHERE sequence > 9")
    assert any("cut off" in flaw.what for flaw in told.verify())


def test_tail_cut_off_with_its_head_is_found(told: SqliteLedger, path: Path) -> None:
    """A tail removed together with the head that pointed to it is missed by the jobs."""
    tamper(
        path,
        "DELETE FROM log WHERE sequence > 19",
        "UPDATE head SET sequence = 19, hash = (SELECT hash FROM log WHERE sequence = 19)",
    )
    assert [flaw.what for flaw in told.verify()] == ["job two: has 8 entries instead of 10"]


def test_removed_job_is_missed(told: SqliteLedger, path: Path) -> None:
    """A job taken out of the table is missed by its own entries."""
    tamper(path, "DELETE FROM jobs WHERE id = 'two'")
    assert any("job two" in flaw.what and "gone" in flaw.what for flaw in told.verify())


def test_job_set_to_another_state_is_found(told: SqliteLedger, path: Path) -> None:
    """A job must stand where its events lead."""
    tamper(path, "UPDATE jobs SET state = 'verified' WHERE id = 'two'")
    (flaw,) = told.verify()
    assert flaw.what == "job two: its events lead to archived, it stands at verified"


def test_job_added_without_a_story_is_found(told: SqliteLedger, path: Path) -> None:
    """A job that nobody told of is found."""
    tamper(
        path,
        "INSERT INTO jobs (id, state, version, inbox, source, spooled, created, updated)"
        " VALUES ('x', 'archived', 10, 'i', x'61', x'61', '2026', '2026')",
    )
    (flaw,) = told.verify()
    assert flaw.what == "job x: has 0 entries instead of 10"


def test_story_rewritten_with_fresh_hashes_is_found(told: SqliteLedger, path: Path) -> None:
    """An event renamed with the whole chain computed anew still contradicts the job's way."""
    tamper(path, "UPDATE log SET event = 'job.held' WHERE sequence = 5")
    rehash(path)
    assert any("do not follow each other" in flaw.what for flaw in told.verify())


def test_missing_head_is_found(told: SqliteLedger, path: Path) -> None:
    """The record of the log's end cannot be taken away unnoticed."""
    tamper(path, "DELETE FROM head")
    assert told.verify()


def test_entry_beyond_the_head_is_found(told: SqliteLedger, path: Path) -> None:
    """An entry slipped in behind the recorded end is found."""
    tamper(
        path,
        "INSERT INTO log SELECT 23, at, event, '', actor, details, hash, hash FROM log"
        " WHERE sequence = 22",
    )
    assert told.verify()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log SET actor = 'x' WHERE sequence = 1",
        "DELETE FROM log WHERE sequence = 1",
        "INSERT OR REPLACE INTO log SELECT sequence, at, 'x', job, actor, details, previous, hash"
        " FROM log WHERE sequence = 1",
        "INSERT INTO log SELECT 99, at, event, job, actor, details, previous, hash FROM log"
        " WHERE sequence = 1",
    ],
)
def test_accidents_are_refused(told: SqliteLedger, path: Path, statement: str) -> None:
    """The log cannot be changed by accident, with whatever tool."""
    with (
        closing(sqlite3.connect(path)) as connection,
        pytest.raises(sqlite3.IntegrityError, match="append-only"),
    ):
        connection.execute(statement)
    assert told.verify() == ()


def test_way_of_the_jobs_is_the_whole_way() -> None:
    """The jobs of these tests have ten entries each, on which the numbers above rely."""
    assert len(WAY) + 1 == 10
