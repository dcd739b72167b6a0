"""The contracts of legal holds, purges and archive folders, held against their implementations."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.core.errors import DocumentFault, SiteFault, UsageFault
from gateway.core.job import Job
from gateway.core.states import Event, State
from gateway.folders.purging import FolderPurger
from gateway.ledger import Ledger
from gateway.ports import Clock, PurgedFile, Renewal
from tests.contracts.test_seal_registry import StandingClock

START = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
LATER = START + timedelta(days=1)
FILES = (PurgedFile("a.pdf", "ab" * 32),)
HELLO = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"


def job_called(name: str) -> Job:
    """Return a job of that id."""
    return Job(name, State.CLAIMED, 1, "in", "a.pdf", "/spool", START, START)


@pytest.fixture
def ledger(open_ledger: Callable[[Clock], Ledger]) -> Iterator[Ledger]:
    """Yield a ledger with an archived job `old` and one under way, `young`."""
    opened = open_ledger(StandingClock())
    job = opened.open(job_called("old"), {})
    opened.open(job_called("young"), {})
    way = (Event.ACCEPTED, Event.PLANNED, Event.REUSED, Event.DELIVERED, Event.ARCHIVED)
    for event in way:
        job = opened.advance(job, event, {})
    yield opened
    opened.close()


def refused(code: str, call: Callable[[], object]) -> None:
    """Let a call be refused with a code."""
    with pytest.raises(UsageFault) as caught:
        call()
    assert caught.value.code == code


def test_only_archived_jobs_of_an_age_are_due(ledger: Ledger) -> None:
    """A job is due when it was archived before the time, and not when it is under way."""
    assert ledger.purges.due(START) == ()
    assert ledger.purges.due(LATER) == ("old",)
    assert not ledger.purges.begin("young", FILES, "user:x")
    assert not ledger.purges.begin("unknown", FILES, "user:x")


def test_a_purge_is_logged_before_it_is_done(ledger: Ledger) -> None:
    """It begins once, with every hash in the log, is under way until finished, and ends renewal."""
    ledger.watch(Renewal("old", Path("/a.pdf"), "2027-01-01"))
    assert ledger.purges.begin("old", FILES, "user:x")
    assert not ledger.purges.begin("old", FILES, "user:x")
    (entry,) = ledger.entries(event="archive.purged")
    assert dict(entry.details) == {"job": "old", "files": "1", "file.1": f"{'ab' * 32}  a.pdf"}
    assert entry.actor == "user:x"
    assert ledger.purges.purged("old")
    assert not ledger.purges.purged("young")
    assert ledger.ending("2028") == ()
    assert ledger.purges.due(LATER) == ()
    assert ledger.purges.under_way() == ("old",)
    ledger.purges.finish("old")
    assert ledger.purges.under_way() == ()
    assert ledger.purges.purged("old")
    assert ledger.verify() == ()


def test_held_or_purged_but_never_both(ledger: Ledger) -> None:
    """What is held is not purged, what is purged cannot be held; each is told by its code."""
    holds = ledger.legal_holds
    holds.hold("old", "case 1", "user:x")
    refused("usage.legal-hold", lambda: holds.hold("old", "case 2", "user:x"))
    refused("usage.unknown-job", lambda: holds.hold("unknown", "case 1", "user:x"))
    assert [(one.job, one.why, one.actor, one.since) for one in holds.all()] == [
        ("old", "case 1", "user:x", START)
    ]
    assert ledger.purges.due(LATER) == ()
    assert not ledger.purges.begin("old", FILES, "user:x")
    holds.release("old", "user:y")
    refused("usage.legal-hold", lambda: holds.release("old", "user:y"))
    assert ledger.purges.begin("old", FILES, "user:x")
    refused("usage.purged", lambda: holds.hold("old", "case 1", "user:x"))
    told = [entry.event for entry in ledger.entries(event="archive.*")]
    assert told == ["archive.held", "archive.released", "archive.purged"]


@pytest.fixture(params=[FolderPurger])
def folders(tmp_path: Path, request: pytest.FixtureRequest) -> FolderPurger:
    """Return the archive's folders, with those of two jobs of one day."""
    for name in ("old", "young"):
        folder = tmp_path / "archive" / "2026" / "11" / "29" / name
        folder.mkdir(parents=True)
        (folder / "a.pdf").write_bytes(b"hello")
        (folder / "a.pdf.receipt.json").write_bytes(b"hello")
    return request.param(tmp_path / "archive")


def test_a_folder_is_listed_and_removed(folders: FolderPurger, tmp_path: Path) -> None:
    """Files go with their folder; folders of dates go with the last job; again does no harm."""
    names = ("a.pdf", "a.pdf.receipt.json")
    assert folders.contents(job_called("old")) == tuple(PurgedFile(one, HELLO) for one in names)
    folders.remove(job_called("old"))
    day = tmp_path / "archive" / "2026" / "11" / "29"
    assert [one.name for one in day.iterdir()] == ["young"]
    folders.remove(job_called("old"))
    with pytest.raises(DocumentFault, match=r"archive\.missing"):
        folders.contents(job_called("old"))
    folders.remove(job_called("young"))
    assert list((tmp_path / "archive").iterdir()) == []
    folders.remove(job_called("young"))


@pytest.mark.parametrize("what", ["link", "folder", "fifo"])
def test_what_is_foreign_stays(folders: FolderPurger, tmp_path: Path, what: str) -> None:
    """Something that is no plain file lets everything stay as it is."""
    folder = tmp_path / "archive" / "2026" / "11" / "29" / "old"
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "kept").write_bytes(b"kept")
    match what:
        case "link":
            (folder / "x").symlink_to(precious)
        case "folder":
            (folder / "x").mkdir()
        case _:
            os.mkfifo(folder / "x")
    for call in (folders.contents, folders.remove):
        with pytest.raises(DocumentFault, match=r"archive\.foreign"):
            call(job_called("old"))
    assert len(list(folder.iterdir())) == 3
    assert (precious / "kept").exists()


def test_no_link_is_followed(folders: FolderPurger, tmp_path: Path) -> None:
    """A link in the place of a job's folder is not followed, and what it leads to stays."""
    folder = tmp_path / "archive" / "2026" / "11" / "29" / "old"
    elsewhere = tmp_path / "elsewhere"
    folder.rename(elsewhere)
    folder.symlink_to(elsewhere)
    for call in (folders.contents, folders.remove):
        with pytest.raises(SiteFault, match=r"site\.denied"):
            call(job_called("old"))
    assert len(list(elsewhere.iterdir())) == 2


def test_an_archive_that_is_gone_is_no_removed_folder(
    folders: FolderPurger, tmp_path: Path
) -> None:
    """Where the whole archive is missing, nothing counts as removed."""
    shutil.rmtree(tmp_path / "archive")
    for call in (folders.contents, folders.remove):
        with pytest.raises(SiteFault, match=r"site\.folder-missing"):
            call(job_called("old"))
