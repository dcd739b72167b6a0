"""The dated archive: original, result and receipt, complete and read-only."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from gateway.core.errors import SiteFault
from gateway.core.job import Artifact, Job, Slot
from gateway.folders.archive import original_name
from gateway.folders.outbox import FolderOutbox
from tests.folders.site import PDF, Site, Stopped, names, stop_at

MakeJob = Callable[..., Job]
SEALED = PDF + b"sealed"
RECEIPT = b'{"job": "j"}'


@pytest.fixture
def outbox(site: Site) -> FolderOutbox:
    """Return the site's outbox."""
    return FolderOutbox(site.root / "outbox", site.root / "archive", site.root / "failed")


def stored(site: Site) -> tuple[Path, Path]:
    """Lay an original into the spool and a result into the vault."""
    site.spool.mkdir(exist_ok=True)
    original, sealed = site.spool / "job.pdf", site.root / "state" / "sealed.pdf"
    original.write_bytes(PDF)
    sealed.write_bytes(SEALED)
    return original, sealed


def contents(folder: Path) -> dict[str, bytes]:
    """Return what lies in an archive folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


WHOLE = {"a.pdf": PDF, "a-sealed.pdf": SEALED, "a-sealed.pdf.receipt.json": RECEIPT}


def test_three_files_lie_in_the_folder_of_their_day(
    site: Site, outbox: FolderOutbox, job: MakeJob
) -> None:
    """The day is that of the claim in UTC; the files are read-only, the original is moved."""
    original, sealed = stored(site)
    claimed = datetime(2027, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=1)))
    done = job(id="j", source="sub/a.pdf", created=claimed)
    folder = outbox.archive(done, original, sealed, RECEIPT, "a-sealed.pdf")
    assert folder == site.root / "archive" / "2026" / "12" / "31" / "j"
    assert contents(folder) == WHOLE
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o440}
    assert not original.exists()
    assert sealed.exists()


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("other_device", [False, True], ids=["rename", "copy"])
def test_archiving_stopped_at_any_step_is_finished(
    site: Site,
    job: MakeJob,
    monkeypatch: pytest.MonkeyPatch,
    mount_tmpfs: Callable[..., Path],
    *,
    after: bool,
    other_device: bool,
) -> None:
    """Killed at each durable step in turn and run again, the folder is whole."""
    archive = site.root / "archive"
    if other_device:
        mount_tmpfs(archive)
    outbox = FolderOutbox(site.root / "outbox", archive, site.root / "failed")
    for chosen in range(100):
        original, sealed = stored(site)
        done = job(id=f"job-{chosen}", created=datetime(2000 + chosen, 1, 1, tzinfo=UTC))
        try:
            with monkeypatch.context() as patch:
                stop_at(patch, chosen, after=after)
                outbox.archive(done, original, sealed, RECEIPT, "a-sealed.pdf")
            break
        except Stopped:
            pass
        folder = outbox.archive(done, original, sealed, RECEIPT, "a-sealed.pdf")
        assert contents(folder) == WHOLE
        assert not original.exists()
        assert outbox.archive(done, original, sealed, RECEIPT, "a-sealed.pdf") == folder
    else:
        pytest.fail("it never came to its end")
    assert chosen >= 8


@pytest.mark.parametrize(
    ("source", "result", "kept"),
    [
        ("x/a.pdf", "a-sealed.pdf", "a.pdf"),
        ("x/a.pdf", "a.pdf", "a-original.pdf"),
        ("A.PDF", "a.pdf", "A-original.PDF"),
        ("e\u0301.pdf", "é.pdf", "e\u0301-original.pdf"),
        ("a.pdf.receipt.json", "a.pdf", "a.pdf.receipt-original.json"),
        ("x" * 251 + ".pdf", "x" * 251 + ".pdf", "x" * 242 + "-original.pdf"),
    ],
)
def test_an_original_of_the_results_name_is_marked(source: str, result: str, kept: str) -> None:
    """Original and result never share a name, also where case and form do not count."""
    assert original_name(source, result) == kept
    assert len(kept.encode()) <= 255


def test_a_file_of_somebody_else_is_copied(site: Site, outbox: FolderOutbox, job: MakeJob) -> None:
    """What its owner could still write to is not archived as the same file."""
    if os.geteuid() != 0:
        pytest.skip("giving a file to somebody else needs root")
    original, sealed = stored(site)
    os.chown(original, 4242, 4242)
    with original.open("r+b") as still_open:
        folder = outbox.archive(job(), original, sealed, RECEIPT, "a-sealed.pdf")
        still_open.write(b"tampered")
    assert (folder / "a.pdf").read_bytes() == PDF
    assert (folder / "a.pdf").stat().st_uid == os.geteuid()
    assert not original.exists()


def test_a_damaged_result_is_not_archived(site: Site, outbox: FolderOutbox, job: MakeJob) -> None:
    """A result whose bytes are not those recorded is told; the original stays in the spool."""
    original, sealed = stored(site)
    recorded = Artifact(Slot.SEALED, hashlib.sha256(b"other").hexdigest(), 5)
    with pytest.raises(SiteFault) as caught:
        outbox.archive(job(artifacts=(recorded,)), original, sealed, RECEIPT, "a-sealed.pdf")
    assert caught.value.code == "site.artifact-damaged"
    assert original.exists()


def test_a_result_gets_a_second_name(site: Site, outbox: FolderOutbox, job: MakeJob) -> None:
    """The archive takes the very file that was verified, unless it would be like no new file."""
    original, sealed = stored(site)
    folder = outbox.archive(job(id="j"), original, sealed, RECEIPT, "a-sealed.pdf")
    assert sealed.samefile(folder / "a-sealed.pdf")
    original, _ = stored(site)
    again = site.root / "state" / "again.pdf"
    again.hardlink_to(sealed)
    folder = outbox.archive(job(id="k"), original, again, RECEIPT, "a-sealed.pdf")
    assert contents(folder)["a-sealed.pdf"] == SEALED
    assert not again.samefile(folder / "a-sealed.pdf")


def test_a_missing_original_is_told(site: Site, outbox: FolderOutbox, job: MakeJob) -> None:
    """Without its original no archive folder counts as finished."""
    original, sealed = stored(site)
    original.unlink()
    with pytest.raises(SiteFault) as caught:
        outbox.archive(job(), original, sealed, RECEIPT, "a-sealed.pdf")
    assert caught.value.code == "site.artifact-damaged"
    (folder,) = (site.root / "archive").glob("*/*/*/*")
    assert names(folder) == ["a-sealed.pdf", "a-sealed.pdf.receipt.json"]
