"""Immutable archived files, with the kernel's own flag, and what happens where there is none."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from gateway.core.chain import LogEntry
from gateway.core.errors import SiteFault
from gateway.core.job import Job
from gateway.core.site import Immutable
from gateway.folders.immutable import Protection, is_immutable, probe
from gateway.folders.outbox import FolderOutbox
from gateway.folders.purging import FolderPurger
from tests.folders.site import PDF, DictMemory, Site

MakeJob = Callable[..., Job]


class ListLog:
    """Remembers what was recorded; the rest of the port is not asked for."""

    def __init__(self) -> None:
        self.recorded: list[tuple[str, dict[str, str]]] = []

    def record(
        self, event: str, details: Mapping[str, str], actor: str = "sealgate", job: str = ""
    ) -> LogEntry:
        """Remember an entry."""
        self.recorded.append((event, dict(details)))
        return LogEntry(1, "", event, "", actor, (), "", "")


@pytest.fixture
def flagged(site: Site) -> Iterator[Path]:
    """Yield an archive on a file system that knows the flag; no flag is left at the end."""
    archive = site.root / "archive"
    if probe(archive):
        pytest.skip(f"no immutable files here: {probe(archive)}")
    yield archive
    subprocess.run(["chattr", "-R", "-i", str(archive)], check=True, capture_output=True)


def archived(site: Site, archive: Path, wanted: Immutable, job: Job, log: ListLog) -> Path:
    """Archive a document and return its folder."""
    protection = Protection(wanted, site.memory, log)  # type: ignore[arg-type]
    outbox = FolderOutbox(site.root / "outbox", archive, site.root / "failed", protection)
    site.spool.mkdir(exist_ok=True)
    original, sealed = site.spool / "job.pdf", site.root / "state" / "sealed.pdf"
    original.write_bytes(PDF)
    sealed.write_bytes(PDF + b"sealed")
    folder = outbox.archive(job, original, sealed, b"{}", "a-sealed.pdf")
    assert outbox.archive(job, original, sealed, b"{}", "a-sealed.pdf") == folder
    names = iter(("a-sealed.pdf", "a-sealed.renewed-1.pdf"))
    outbox.lay_beside(folder / "a-sealed.pdf", sealed, "", names)
    return folder


def flags(folder: Path) -> dict[str, bool]:
    """Return for each file whether it is immutable."""
    found = {}
    for path in folder.iterdir():
        with path.open("rb") as file:
            found[path.name] = is_immutable(file.fileno())
    return found


def test_archived_files_cannot_be_changed_until_they_are_purged(
    site: Site, flagged: Path, job: MakeJob
) -> None:
    """Root itself cannot remove them; renewals lie beside them; a purge takes them away."""
    log = ListLog()
    folder = archived(site, flagged, Immutable.REQUIRED, job(), log)
    assert len(flags(folder)) == 4
    assert all(flags(folder).values())
    for path in folder.iterdir():
        with pytest.raises(PermissionError):
            path.unlink()
        with pytest.raises(PermissionError):
            path.open("ab")
    assert len(FolderPurger(flagged).contents(job())) == 4
    FolderPurger(flagged).remove(job())
    assert list(flagged.iterdir()) == []
    assert log.recorded == []


def test_nothing_is_immutable_unless_wanted(site: Site, flagged: Path, job: MakeJob) -> None:
    """Without the key, archived files are only read-only."""
    folder = archived(site, flagged, Immutable.NO, job(), ListLog())
    assert not any(flags(folder).values())


def test_what_cannot_be_set_is_told_once(
    site: Site, job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the kernel refuses the flag, files are archived all the same and the log says so."""
    refuse_flags(monkeypatch)
    log = ListLog()
    archive = site.root / "archive"
    for name in ("one", "two"):
        folder = archived(site, archive, Immutable.WANTED, job(id=name), log)
        assert not any(flags(folder).values())
    ((event, details),) = log.recorded
    assert event == "archive.not-immutable"
    assert "does not know" in details["why"]
    FolderPurger(archive).remove(job(id="one"))


def test_what_is_required_holds_the_site(
    site: Site, job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With `require`, a file that does not become immutable does not count as archived."""
    refuse_flags(monkeypatch)
    with pytest.raises(SiteFault, match=r"site\.immutable"):
        archived(site, site.root / "archive", Immutable.REQUIRED, job(), ListLog())


def refuse_flags(patch: pytest.MonkeyPatch) -> None:
    """Let every file system answer as one without flags does."""

    def refuse(*_: object) -> bytes:
        raise OSError(25, os.strerror(25))

    patch.setattr("fcntl.ioctl", refuse)


def test_a_refusal_is_forgotten_when_it_ends(site: Site, flagged: Path, job: MakeJob) -> None:
    """When the flag can be set again, a later refusal is told anew."""
    log = ListLog()
    memory: DictMemory = site.memory
    with pytest.MonkeyPatch.context() as patch:
        refuse_flags(patch)
        archived(site, flagged, Immutable.WANTED, job(id="one"), log)
    archived(site, flagged, Immutable.WANTED, job(id="two"), log)
    assert list(memory.facts.values()) == [""]
    with pytest.MonkeyPatch.context() as patch:
        refuse_flags(patch)
        archived(site, flagged, Immutable.WANTED, job(id="three"), log)
    assert len(log.recorded) == 2
