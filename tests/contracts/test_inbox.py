"""What every inbox does: it shows what waits, hands each file over once, and takes it back."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.core.errors import SiteFault
from gateway.core.site import InboxSettings
from gateway.folders.inbox import FolderInbox
from gateway.ports import Candidate, Inbox
from tests.folders.site import PDF, DictMemory


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    """Return the folder into which people drop their files."""
    (tmp_path / "inbox").mkdir()
    return tmp_path / "inbox"


@pytest.fixture(params=["folder"])
def inbox(request: pytest.FixtureRequest, tmp_path: Path, drop: Path) -> Inbox:
    """Return each kind of inbox over the folder."""
    (tmp_path / "state").mkdir()
    made = FolderInbox(InboxSettings("main", drop), tmp_path / "state" / "spool", DictMemory())
    return {"folder": made}[request.param]


def dropped(drop: Path, source: str = "a.pdf", content: bytes = PDF) -> Path:
    """Drop a file."""
    path = drop / source
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def waiting(inbox: Inbox) -> tuple[Candidate, ...]:
    """Return what waits, by path."""
    return tuple(sorted(inbox.examine()[0], key=lambda candidate: candidate.source))


def test_an_empty_inbox_shows_nothing(inbox: Inbox) -> None:
    """There is no candidate and no bystander where nothing was dropped."""
    assert inbox.examine() == ((), ())


def test_dropped_files_are_shown_until_they_are_claimed(inbox: Inbox, drop: Path) -> None:
    """Examining takes nothing; claiming takes exactly one, under the path that was named."""
    dropped(drop)
    dropped(drop, "sub/b.pdf")
    assert [c.source for c in waiting(inbox)] == ["a.pdf", "sub/b.pdf"]
    first, second = waiting(inbox)
    assert (first.inbox, first.size) == ("main", len(PDF))
    spooled = inbox.spool_path(second, "job-1")
    assert not spooled.exists()
    assert inbox.claim(second, spooled)
    assert spooled.read_bytes() == PDF
    assert waiting(inbox) == (first,)


def test_a_candidate_is_the_same_until_it_changes(inbox: Inbox, drop: Path) -> None:
    """Two examinations of an untouched file give equal candidates; a longer one is another."""
    path = dropped(drop)
    before = waiting(inbox)
    assert waiting(inbox) == before
    path.write_bytes(PDF + b"more")
    assert waiting(inbox) != before


def test_a_file_is_claimed_once(inbox: Inbox, drop: Path) -> None:
    """A second claim of the same file finds nothing."""
    dropped(drop)
    (candidate,) = waiting(inbox)
    assert inbox.claim(candidate, inbox.spool_path(candidate, "job-1"))
    assert not inbox.claim(candidate, inbox.spool_path(candidate, "job-2"))


def test_a_changed_file_is_not_claimed(inbox: Inbox, drop: Path) -> None:
    """What is not the candidate any more stays for the next examination."""
    dropped(drop)
    (candidate,) = waiting(inbox)
    older = replace(candidate, modified=candidate.modified - 1)
    assert not inbox.claim(older, inbox.spool_path(older, "job-1"))
    assert waiting(inbox) == (candidate,)


def test_completeness_asks_for_a_pdfs_tail(inbox: Inbox, drop: Path) -> None:
    """A PDF cut short is not complete; what is no PDF is, so that it can fail clearly."""
    dropped(drop, "a.pdf")
    dropped(drop, "b.pdf", b"%PDF-1.7\nhalf")
    dropped(drop, "c.pdf", b"no PDF")
    assert [inbox.looks_complete(c) for c in waiting(inbox)] == [True, False, True]


def test_an_open_file_is_being_written(inbox: Inbox, drop: Path) -> None:
    """A file is being written while some process has it open to write, not while it is read."""
    path = dropped(drop)
    (candidate,) = waiting(inbox)
    assert not inbox.being_written(candidate)
    with path.open("rb"):
        assert not inbox.being_written(candidate)
    with path.open("r+b"):
        assert inbox.being_written(candidate)
    assert not inbox.being_written(candidate)
    path.unlink()
    assert not inbox.being_written(candidate)


def test_links_are_bystanders(inbox: Inbox, drop: Path, tmp_path: Path) -> None:
    """A link is left where it is, with a reason in words."""
    (tmp_path / "outside.pdf").write_bytes(PDF)
    (drop / "link.pdf").symlink_to(tmp_path / "outside.pdf")
    candidates, (bystander,) = inbox.examine()
    assert candidates == ()
    assert (bystander.inbox, bystander.source) == ("main", "link.pdf")
    assert "link" in bystander.why


def test_a_claimed_file_that_changed_goes_back(inbox: Inbox, drop: Path) -> None:
    """It waits again under its path, or a numbered one when that is taken by another file."""
    accepted = hashlib.sha256(PDF).hexdigest()
    for number, expected in enumerate(["sub/a.pdf", "sub/a-2.pdf"]):
        dropped(drop, "sub/a.pdf")
        (candidate,) = waiting(inbox)
        spooled = inbox.spool_path(candidate, f"job-{number}")
        assert inbox.claim(candidate, spooled)
        spooled.write_bytes(PDF + b"appended")
        if number:
            dropped(drop, "sub/a.pdf", b"newer")
        assert inbox.give_back_changed(spooled, candidate.source, accepted) == expected
        assert (drop / expected).read_bytes() == PDF + b"appended"
        assert not spooled.exists()
        assert inbox.give_back_changed(spooled, candidate.source, accepted) == ""
        (drop / "sub/a.pdf").unlink()


def test_a_claimed_file_that_did_not_change_stays(inbox: Inbox, drop: Path) -> None:
    """What is still the accepted version is not given back."""
    dropped(drop)
    (candidate,) = waiting(inbox)
    spooled = inbox.spool_path(candidate, "job-1")
    assert inbox.claim(candidate, spooled)
    accepted = hashlib.sha256(PDF).hexdigest()
    assert inbox.give_back_changed(spooled, candidate.source, accepted) == ""
    assert spooled.read_bytes() == PDF
    assert waiting(inbox) == ()


def test_a_missing_folder_is_a_fault(inbox: Inbox, drop: Path) -> None:
    """An inbox that is not there is never taken for an empty one."""
    drop.rmdir()
    with pytest.raises(SiteFault) as caught:
        inbox.examine()
    assert caught.value.code == "site.folder-missing"
