"""Failed originals: moved, explained, numbered, and taken back for another try."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.core.errors import SiteFault
from gateway.core.job import Job
from gateway.folders.outbox import FolderOutbox
from tests.folders.site import PDF, Site, Stopped, names, receipt_of, stop_at

MakeJob = Callable[..., Job]


@pytest.fixture
def outbox(site: Site) -> FolderOutbox:
    """Return the site's outbox."""
    return FolderOutbox(site.root / "outbox", site.root / "archive", site.root / "failed")


def spooled(site: Site, name: str = "job-1.pdf", content: bytes = PDF) -> Path:
    """Lay a claimed file into the spool."""
    site.spool.mkdir(exist_ok=True)
    (site.spool / name).write_bytes(content)
    return site.spool / name


def test_a_failed_original_keeps_its_path_owner_and_mode(
    site: Site, outbox: FolderOutbox, job: MakeJob
) -> None:
    """The original is moved, not copied, to its path below failed/, its receipt beside it."""
    original = spooled(site)
    original.chmod(0o604)
    inode = original.stat().st_ino
    path = outbox.fail(job(source="2026/may/a.pdf"), original, receipt_of(job().id))
    assert path == site.root / "failed" / "main" / "2026" / "may" / "a.pdf"
    assert (path.stat().st_ino, stat.S_IMODE(path.stat().st_mode)) == (inode, 0o604)
    assert names(path.parent) == ["a.pdf", "a.pdf.receipt.json"]
    assert json.loads((path.parent / "a.pdf.receipt.json").read_text())["result"] == str(path)
    assert not original.exists()


def test_the_same_name_fails_again_under_a_number(
    site: Site, outbox: FolderOutbox, job: MakeJob
) -> None:
    """Also when it is the very same file: both stay, each with its receipt."""
    outbox.fail(job(id="job-1"), spooled(site), receipt_of("job-1"))
    second = outbox.fail(job(id="job-2"), spooled(site, "job-2.pdf"), receipt_of("job-2"))
    assert second.name == "a-2.pdf"
    assert len(names(second.parent)) == 4


@pytest.mark.parametrize(
    "source", ["x" * 251 + ".pdf", "盖" * 83 + ".pdf", "x" * 255, "a." + "x" * 253, "caf\udce9.pdf"]
)
def test_long_and_undecodable_names_leave_room_for_the_receipt(
    site: Site, outbox: FolderOutbox, job: MakeJob, source: str
) -> None:
    """Two files of one long name both fit, with their receipts, in 255 bytes a name."""
    for number in (1, 2):
        name = f"job-{number}"
        path = outbox.fail(
            job(id=name, source=source), spooled(site, f"{name}.pdf"), receipt_of(name)
        )
        assert path.read_bytes() == PDF
        assert path.with_name(path.name + ".receipt.json").exists()
    assert len(names(path.parent)) == 4


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("other_device", [False, True], ids=["rename", "copy"])
def test_failing_stopped_at_any_step_is_finished_once(
    site: Site,
    job: MakeJob,
    monkeypatch: pytest.MonkeyPatch,
    mount_tmpfs: Callable[..., Path],
    *,
    after: bool,
    other_device: bool,
) -> None:
    """Killed at each durable step in turn and run again, original and receipt are there once."""
    failed = site.root / "failed"
    if other_device:
        mount_tmpfs(failed)
    outbox = FolderOutbox(site.root / "outbox", site.root / "archive", failed)
    for chosen in range(100):
        name = f"job-{chosen}"
        doomed = job(id=name, inbox=f"inbox-{chosen}", source="sub/a.pdf")
        original = spooled(site, f"{name}.pdf")
        try:
            with monkeypatch.context() as patch:
                stop_at(patch, chosen, after=after)
                outbox.fail(doomed, original, receipt_of(name))
            break
        except Stopped:
            pass
        path = outbox.fail(doomed, original, receipt_of(name))
        assert path.read_bytes() == PDF
        assert names(path.parent) == ["a.pdf", "a.pdf.receipt.json"]
        assert not original.exists()
    else:
        pytest.fail("it never came to its end")
    assert chosen >= 6


def test_a_numbered_failure_is_found_again(site: Site, outbox: FolderOutbox, job: MakeJob) -> None:
    """When the ledger did not hear of it and the first name is free now, it is still found."""
    other = outbox.fail(job(id="job-1"), spooled(site), receipt_of("job-1"))
    original = spooled(site, "job-2.pdf")
    path = outbox.fail(job(id="job-2"), original, receipt_of("job-2"))
    other.unlink()
    other.with_name("a.pdf.receipt.json").unlink()
    assert outbox.fail(job(id="job-2"), original, receipt_of("job-2")) == path


def test_an_original_that_is_nowhere_is_a_fault(
    site: Site, outbox: FolderOutbox, job: MakeJob
) -> None:
    """A missing original is told, and no receipt is written for it."""
    with pytest.raises(SiteFault) as caught:
        outbox.fail(job(), site.spool / "gone.pdf", receipt_of(job().id))
    assert caught.value.code == "site.artifact-damaged"
    assert names(site.root / "failed" / "main") == []


def test_a_failed_file_in_the_way_of_a_folder(
    site: Site, outbox: FolderOutbox, job: MakeJob
) -> None:
    """A folder that has the name of a file that failed before is no reason to hold the work."""
    outbox.fail(job(id="job-1", source="batch"), spooled(site), receipt_of("job-1"))
    path = outbox.fail(
        job(id="job-2", source="batch/a.pdf"), spooled(site, "job-2.pdf"), receipt_of("job-2")
    )
    assert path == site.root / "failed" / "main" / "a.pdf"


def test_a_failed_original_is_taken_back(site: Site, outbox: FolderOutbox, job: MakeJob) -> None:
    """A retry finds the file in the spool again, and failed/ without file and receipt."""
    original = spooled(site)
    path = outbox.fail(job(), original, receipt_of(job().id))
    retried = job(returned=str(path))
    assert outbox.withdraw_failed(retried, original)
    assert original.read_bytes() == PDF
    assert names(path.parent) == []
    assert outbox.withdraw_failed(retried, original), "done again after a crash"
    original.unlink()
    assert not outbox.withdraw_failed(retried, original)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_taking_back_stopped_at_any_step_is_finished(
    site: Site,
    outbox: FolderOutbox,
    job: MakeJob,
    monkeypatch: pytest.MonkeyPatch,
    after: bool,
) -> None:
    """Killed at each durable step in turn and run again, the file is in the spool, once."""
    for chosen in range(100):
        name = f"job-{chosen}"
        original = spooled(site, f"{name}.pdf")
        path = outbox.fail(job(id=name), original, receipt_of(name))
        retried = job(id=name, returned=str(path))
        try:
            with monkeypatch.context() as patch:
                stop_at(patch, chosen, after=after)
                outbox.withdraw_failed(retried, original)
            break
        except Stopped:
            pass
        assert outbox.withdraw_failed(retried, original)
        assert original.read_bytes() == PDF
        assert names(path.parent) == []
    else:
        pytest.fail("it never came to its end")
    assert chosen >= 3


def test_a_second_failure_has_a_fresh_receipt(
    site: Site, outbox: FolderOutbox, job: MakeJob
) -> None:
    """A receipt that an interrupted retry left behind is not taken for the new one."""
    original = spooled(site)
    path = outbox.fail(job(), original, receipt_of(job().id, "old"))
    path.rename(original)
    assert outbox.fail(job(), original, receipt_of(job().id, "new")) == path
    assert b"new" in path.with_name("a.pdf.receipt.json").read_bytes()


def test_a_failed_original_that_was_carried_away_is_gone(
    site: Site, outbox: FolderOutbox, job: MakeJob
) -> None:
    """A file, or its whole folder, that somebody removed or replaced by a link is not retried."""
    path = outbox.fail(job(source="sub/a.pdf"), spooled(site), receipt_of(job().id))
    retried = job(returned=str(path))
    path.rename(site.root / "elsewhere.pdf")
    path.symlink_to(site.root / "elsewhere.pdf")
    assert not outbox.withdraw_failed(retried, site.spool / "job-1.pdf")
    assert path.readlink() == site.root / "elsewhere.pdf"
    path.unlink()
    path.with_name("a.pdf.receipt.json").unlink()
    path.parent.rmdir()
    assert not outbox.withdraw_failed(retried, site.spool / "job-1.pdf")
