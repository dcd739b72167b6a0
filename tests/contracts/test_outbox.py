"""What every outbox does: each job ends in one place, complete, over nobody's file."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.core.job import Job
from gateway.core.states import State
from gateway.folders.outbox import FolderOutbox
from gateway.ports import Drafted, Outbox, Parcel

SEALED = b"%PDF-1.7\nsealed\n%%EOF\n"
CREATED = datetime(2026, 11, 23, 23, 7, 14, tzinfo=UTC)
JOB = Job("job-1", State.VERIFIED, 5, "main", "sub/a.pdf", "", CREATED, CREATED)


@pytest.fixture(params=["folder"])
def outbox(request: pytest.FixtureRequest, tmp_path: Path) -> Outbox:
    """Return each kind of outbox, empty."""
    folders = [tmp_path / name for name in ("outbox", "archive", "failed")]
    for folder in folders:
        folder.mkdir()
    return {"folder": FolderOutbox}[request.param](*folders)


def parcel(tmp_path: Path, job: str = "job-1") -> Parcel:
    """Return a parcel whose result is stored in the job's own folder, to go to `contracts`."""
    sealed = tmp_path / job / "sealed.pdf"
    sealed.parent.mkdir(exist_ok=True)
    sealed.write_bytes(SEALED)
    names = itertools.chain(["a.pdf"], (f"a-{number}.pdf" for number in itertools.count(2)))
    return Parcel(job, sealed, hashlib.sha256(SEALED).hexdigest(), "contracts", names)


def receipt_of(job: str) -> Callable[[Path], bytes]:
    """Return a writer of a minimal receipt."""
    return lambda path: json.dumps({"job": job, "path": str(path)}).encode()


def deliver(outbox: Outbox, sent: Parcel) -> Drafted:
    """Bring a parcel into the outbox; return how it was drafted."""
    drafted = outbox.draft(sent)
    assert outbox.give(sent.job_id, sent.sha256, drafted, receipt_of(sent.job_id)(drafted.path))
    return drafted


def beside(path: Path) -> dict[str, str]:
    """Read the receipt beside a file."""
    read: dict[str, str] = json.loads(path.with_name(f"{path.name}.receipt.json").read_bytes())
    return read


def test_a_delivery_has_its_receipt_beside_it(outbox: Outbox, tmp_path: Path) -> None:
    """The result lies complete in its folder; the receipt knows the job and the path."""
    path = deliver(outbox, parcel(tmp_path)).path
    assert path == tmp_path / "outbox" / "contracts" / "a.pdf"
    assert path.read_bytes() == SEALED
    assert beside(path) == {"job": "job-1", "path": str(path)}


def test_a_name_is_given_once(outbox: Outbox, tmp_path: Path) -> None:
    """A result that was carried away is not given again, however often it is asked for."""
    drafted = deliver(outbox, parcel(tmp_path))
    for _ in range(2):
        assert outbox.give("job-1", parcel(tmp_path).sha256, drafted, b"{}")
        assert len(list(drafted.path.parent.iterdir())) == 2
    for path in list(drafted.path.parent.iterdir()):
        path.unlink()
    assert outbox.give("job-1", parcel(tmp_path).sha256, drafted, b"{}")
    assert list(drafted.path.parent.iterdir()) == []


def test_a_lost_receipt_is_laid_again(outbox: Outbox, tmp_path: Path) -> None:
    """A result that is there, without its receipt, gets it when delivery is finished."""
    drafted = deliver(outbox, parcel(tmp_path))
    drafted.path.with_name("a.pdf.receipt.json").unlink()
    assert outbox.give("job-1", parcel(tmp_path).sha256, drafted, b'{"job": "job-1"}')
    assert beside(drafted.path) == {"job": "job-1"}


def test_a_draft_is_not_to_be_seen(outbox: Outbox, tmp_path: Path) -> None:
    """Until its name is given nothing is in the outbox; withdrawn, nothing is left at all."""
    drafted = outbox.draft(parcel(tmp_path))
    assert list(drafted.path.parent.iterdir()) == []
    before = set(tmp_path.rglob("*"))
    outbox.withdraw(drafted)
    outbox.withdraw(drafted)
    assert before - set(tmp_path.rglob("*")) == {drafted.draft}


def test_two_jobs_have_two_names(outbox: Outbox, tmp_path: Path) -> None:
    """A name that is taken is left alone, the next one is used."""
    first = deliver(outbox, parcel(tmp_path, "job-1")).path
    second = deliver(outbox, parcel(tmp_path, "job-2")).path
    assert (first.name, second.name) == ("a.pdf", "a-2.pdf")
    assert (beside(first)["job"], beside(second)["job"]) == ("job-1", "job-2")


def test_who_comes_second_for_a_name_is_told(outbox: Outbox, tmp_path: Path) -> None:
    """Of two that were drafted for one name the second is not given it, and leaves no receipt."""
    first, second = (outbox.draft(parcel(tmp_path, job)) for job in ("job-1", "job-2"))
    assert outbox.give("job-1", parcel(tmp_path, "job-1").sha256, first, b'{"job": "job-1"}')
    assert not outbox.give("job-2", parcel(tmp_path, "job-2").sha256, second, b'{"job": "job-2"}')
    assert beside(first.path) == {"job": "job-1"}


def test_the_archive_has_all_three(outbox: Outbox, tmp_path: Path) -> None:
    """Original, result and receipt lie together; doing it again changes nothing."""
    (tmp_path / "original.pdf").write_bytes(b"original")
    (tmp_path / "sealed.pdf").write_bytes(SEALED)
    for _ in range(2):
        folder = outbox.archive(
            JOB, tmp_path / "original.pdf", tmp_path / "sealed.pdf", b"{}", "a-sealed.pdf"
        )
    assert folder == tmp_path / "archive" / "2026" / "11" / "23" / "job-1"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        "a.pdf": b"original",
        "a-sealed.pdf": SEALED,
        "a-sealed.pdf.receipt.json": b"{}",
    }


def test_a_failed_original_is_explained_and_can_be_withdrawn(
    outbox: Outbox, tmp_path: Path
) -> None:
    """It lies under its own path with its receipt, until it is taken back, receipt and all."""
    (tmp_path / "spool").mkdir()
    spooled = tmp_path / "spool" / "job-1.pdf"
    spooled.write_bytes(b"original")
    for _ in range(2):
        path = outbox.fail(JOB, spooled, receipt_of("job-1"))
    assert path == tmp_path / "failed" / "main" / "sub" / "a.pdf"
    assert beside(path)["job"] == "job-1"
    assert not spooled.exists()

    failed = replace(JOB, state=State.FAILED, returned=str(path))
    assert outbox.withdraw_failed(failed, spooled)
    assert spooled.read_bytes() == b"original"
    assert list(path.parent.iterdir()) == []
    spooled.unlink()
    assert not outbox.withdraw_failed(failed, spooled)
