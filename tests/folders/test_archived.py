"""The archive read again: what is missing, altered or replaced is found, no link followed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.core.errors import SiteFault
from gateway.core.job import Artifact, Job, Slot
from gateway.folders.archived import ArchiveReader
from gateway.folders.outbox import FolderOutbox
from gateway.ports import Kept
from tests.folders.site import PDF, Site

MakeJob = Callable[..., Job]
SEALED, RECEIPT = PDF + b"sealed", b'{"job": "j"}'


def artifact(slot: Slot, content: bytes) -> Artifact:
    """Return what the ledger records of some bytes."""
    return Artifact(slot, hashlib.sha256(content).hexdigest(), len(content))


@pytest.fixture
def archived(site: Site, job: MakeJob) -> Job:
    """Return a job whose three files are in the archive."""
    site.spool.mkdir(exist_ok=True)
    original, sealed = site.spool / "job.pdf", site.root / "state" / "sealed.pdf"
    original.write_bytes(PDF)
    sealed.write_bytes(SEALED)
    done = job(
        id="j",
        source="sub/a.pdf",
        sha256=hashlib.sha256(PDF).hexdigest(),
        delivered=str(site.root / "outbox" / "a.pdf"),
        artifacts=(artifact(Slot.SEALED, SEALED), artifact(Slot.RECEIPT, RECEIPT)),
    )
    outbox = FolderOutbox(site.root / "outbox", site.root / "archive", site.root / "failed")
    outbox.archive(done, original, sealed, RECEIPT, "a.pdf")
    return done


def test_what_is_there_is_found(site: Site, archived: Job) -> None:
    """All three files are where they must be, with the bytes that were recorded."""
    reader = ArchiveReader(site.root / "archive")
    files = reader.files(archived)
    found = {file.what: reader.read(file) for file in files}
    assert found == {Kept.ORIGINAL: PDF, Kept.RESULT: SEALED, Kept.RECEIPT: RECEIPT}
    for file in files:
        reader.check(file)
        with reader.opened(file) as descriptor:
            assert os.pread(descriptor, 1 << 20, 0) == found[file.what]


@pytest.mark.parametrize("damage", ["gone", "altered", "linked", "folder linked", "a folder"])
def test_what_is_not_as_recorded_is_refused(site: Site, archived: Job, damage: str) -> None:
    """A missing, altered or replaced file is damaged, even where a link leads to its bytes."""
    reader = ArchiveReader(site.root / "archive")
    file = reader.files(archived)[1]
    home = file.path.parent
    aside = site.root / "aside"
    if damage == "folder linked":
        home.rename(aside)
        home.symlink_to(aside)
    else:
        file.path.rename(aside)
    if damage == "altered":
        file.path.write_bytes(SEALED + b"%")
    elif damage == "linked":
        file.path.symlink_to(aside)
    elif damage == "a folder":
        file.path.mkdir()
    for look in (reader.check, reader.read):
        with pytest.raises(SiteFault) as caught:
            look(file)
        assert caught.value.code == "site.artifact-damaged"


def test_an_archive_that_is_gone_is_no_missing_file(site: Site, archived: Job) -> None:
    """When the whole archive is not there, that is the site's fault."""
    archive: Path = site.root / "archive"
    reader = ArchiveReader(archive)
    archive.rename(site.root / "elsewhere")
    with pytest.raises(SiteFault) as caught:
        reader.check(reader.files(archived)[0])
    assert caught.value.code == "site.folder-missing"
