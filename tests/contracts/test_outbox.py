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
from gateway.ports import Outbox, Parcel

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
    """Return a parcel whose result is stored, to go to `contracts`."""
    sealed = tmp_path / f"{job}.pdf"
    sealed.write_bytes(SEALED)
    names = itertools.chain(["a.pdf"], (f"a-{number}.pdf" for number in itertools.count(2)))
    return Parcel(job, sealed, hashlib.sha256(SEALED).hexdigest(), "contracts", names)


def receipt_of(job: str) -> Callable[[Path], bytes]:
    """Return a writer of a minimal receipt."""
    return lambda path: json.dumps({"job": job, "path": str(path)}).encode()


def beside(path: Path) -> dict[str, str]:
    """Read the receipt beside a file."""
    read: dict[str, str] = json.loads(path.with_name(f"{path.name}.receipt.json").read_bytes())
    return read


def test_a_delivery_has_its_receipt_beside_it(outbox: Outbox, tmp_path: Path) -> None:
    """The result lies complete in its folder; the receipt knows the job and the path."""
    path = outbox.deliver(parcel(tmp_path), receipt_of("job-1"))
    assert path == tmp_path / "outbox" / "contracts" / "a.pdf"
    assert path.read_bytes() == SEALED
    assert beside(path) == {"job": "job-1", "path": str(path)}


def test_a_repeated_delivery_is_the_same(outbox: Outbox, tmp_path: Path) -> None:
    """One job has one result, however often it is delivered."""
    paths = {outbox.deliver(parcel(tmp_path), receipt_of("job-1")) for _ in range(3)}
    assert len(paths) == 1
    assert len(list(paths.pop().parent.iterdir())) == 2


def test_two_jobs_have_two_names(outbox: Outbox, tmp_path: Path) -> None:
    """A name that is taken is left alone, the next one is used."""
    first = outbox.deliver(parcel(tmp_path, "job-1"), receipt_of("job-1"))
    second = outbox.deliver(parcel(tmp_path, "job-2"), receipt_of("job-2"))
    assert (first.name, second.name) == ("a.pdf", "a-2.pdf")
    assert (beside(first)["job"], beside(second)["job"]) == ("job-1", "job-2")


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
