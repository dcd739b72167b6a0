"""The contract of sample documents, held against the folder that keeps them."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import pytest

from gateway.core.errors import DocumentFault, UsageFault
from gateway.folders.samples import FolderSamples


class Room:
    """A folder of samples beside an inbox and failed documents."""

    def __init__(self, root: Path, kind: type[FolderSamples]) -> None:
        self.inbox, self.failed, self.folder = root / "inbox", root / "failed", root / "samples"
        for folder in (self.inbox / "deep", self.failed):
            folder.mkdir(parents=True)
        self.samples = kind(self.folder, {"in": self.inbox}, self.failed, 1000)


@pytest.fixture(params=[FolderSamples])
def room(tmp_path: Path, request: pytest.FixtureRequest) -> Room:
    """Return a room of one's own."""
    return Room(tmp_path, request.param)


def test_bytes_and_files_are_copied(room: Room) -> None:
    """A sample has the bytes of what it was made from, is private, and the file stays."""
    waiting = room.inbox / "deep" / "a.pdf"
    waiting.write_bytes(b"waiting")
    lost = room.failed / "b.pdf"
    lost.write_bytes(b"lost")
    made = {
        b"uploaded": room.samples.keep(b"uploaded"),
        b"waiting": room.samples.from_inbox("in", "deep/a.pdf"),
        b"lost": room.samples.from_failed(lost),
    }
    for content, sample in made.items():
        assert (sample.id, sample.size) == (hashlib.sha256(content).hexdigest(), len(content))
        path = room.samples.path(sample.id)
        assert path.read_bytes() == content
        assert path.stat().st_mode & 0o077 == 0
    assert waiting.exists()
    assert lost.exists()
    assert len(list(room.folder.iterdir())) == 3


@pytest.mark.parametrize("source", ["../failed/b.pdf", "deep", "none.pdf", "link.pdf", ""])
def test_nothing_else_is_read(room: Room, source: str) -> None:
    """Names that lead out, links, folders and missing files are no samples."""
    (room.failed / "b.pdf").write_bytes(b"lost")
    (room.inbox / "link.pdf").symlink_to(room.failed / "b.pdf")
    with pytest.raises(UsageFault) as refused:
        room.samples.from_inbox("in", source)
    assert refused.value.code == "usage.no-file"
    with pytest.raises(UsageFault):
        room.samples.from_failed(room.inbox / "a.pdf")
    with pytest.raises(UsageFault):
        room.samples.from_inbox("out", "a.pdf")


def test_large_files_are_refused(room: Room) -> None:
    """What the site would not take is no sample either."""
    with pytest.raises(DocumentFault) as refused:
        room.samples.keep(b"x" * 1001)
    assert refused.value.code == "intake.too-large"


@pytest.mark.parametrize("name", ["", "../x", "ab" * 32, "AB" * 32])
def test_unknown_samples(room: Room, name: str) -> None:
    """A sample that is not there any more, or never was, has to be chosen again."""
    with pytest.raises(UsageFault):
        room.samples.path(name)


def test_samples_go_away(room: Room) -> None:
    """What was not used for a day goes when the next one comes."""
    old, used = room.samples.keep(b"old"), room.samples.keep(b"used")
    for sample in (old, used):
        yesterday = time.time() - 25 * 3600
        os.utime(room.samples.path(sample.id), (yesterday, yesterday))
    room.samples.path(used.id)
    room.samples.keep(b"new")
    assert room.samples.path(used.id).read_bytes() == b"used"
    with pytest.raises(UsageFault):
        room.samples.path(old.id)
