"""A node that others have taken over from gives no file a name any more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.core.errors import SiteFault
from gateway.core.job import Slot
from gateway.folders import claiming, durable
from gateway.folders.passages import close_passages, forget_passages, open_passages
from gateway.folders.scan import candidate_of
from gateway.folders.vault import FolderVault

_MINE = 7


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """Yield a folder on which this process has a passage, with a vault, a spool and an inbox."""
    for name in ("vault", "spool", "inbox"):
        (tmp_path / name).mkdir()
    open_passages([tmp_path, tmp_path], _MINE)
    yield tmp_path
    close_passages()


def taken_over(root: Path) -> None:
    """Let others take over from this process."""
    forget_passages([root], lambda number: number == _MINE, root / "spool")


def test_files_are_as_they_are_without(root: Path) -> None:
    """Files are made, replaced and adopted; nothing is left beside them, nor in the passage."""
    durable.write_exclusive(root / "new", b"one", mode=0o640)
    with pytest.raises(FileExistsError):
        durable.write_exclusive(root / "new", b"two")
    durable.replace(root / "new", b"three")
    vault = FolderVault(root / "vault")
    vault.draft("job", Slot.SEALED).write_bytes(b"sealed")
    artifact = vault.adopt("job", Slot.SEALED)
    assert vault.path("job", Slot.SEALED, artifact).read_bytes() == b"sealed"
    assert (root / "new").read_bytes() == b"three"
    assert [path.name for path in root.glob(".sealgate*")] == [f".sealgate-node-{_MINE}"]
    assert not any((root / f".sealgate-node-{_MINE}").iterdir())


def test_who_was_taken_over_from_names_nothing(root: Path) -> None:
    """Nothing is made, replaced, adopted or claimed any more, also where it was begun before."""
    vault = FolderVault(root / "vault")
    vault.put("job", Slot.SEALED, b"of the other node")
    vault.draft("job", Slot.SEALED).write_bytes(b"begun before")
    (root / "inbox" / "a.pdf").write_bytes(b"%PDF")
    taken_over(root)
    with pytest.raises(FileNotFoundError):
        durable.write_exclusive(root / "new", b"one")
    with pytest.raises(FileNotFoundError):
        durable.replace(root / "new", b"one")
    with pytest.raises(SiteFault):
        vault.adopt("job", Slot.SEALED)
    with pytest.raises(SiteFault):
        vault.put("job", Slot.SEALED, b"late")
    status = (root / "inbox" / "a.pdf").lstat()
    candidate = candidate_of("inbox", "a.pdf", status)
    with claiming.claiming(root / "inbox") as claims:
        assert not claims.claim(candidate, root / "spool" / "job.pdf")
    assert vault.path("job", Slot.SEALED).read_bytes() == b"of the other node"
    assert (root / "inbox" / "a.pdf").exists()
    assert not any((root / "spool").iterdir())
    assert not (root / "new").exists()


def test_claimed_file_on_its_way_is_kept(root: Path) -> None:
    """A file that a node was claiming when it stopped is brought into the spool."""
    (root / f".sealgate-node-{_MINE}" / "claimed-job.pdf").write_bytes(b"%PDF")
    taken_over(root)
    assert (root / "spool" / "job.pdf").read_bytes() == b"%PDF"


def test_only_those_who_are_gone(root: Path) -> None:
    """The passages of other nodes stay; what was begun to be removed is removed."""
    others = root / ".sealgate-node-8", root / ".sealgate-node-9.gone"
    for one in others:
        one.mkdir()
    forget_passages([root], lambda number: number == 9, root / "spool")
    assert sorted(root.glob(".sealgate*")) == [root / f".sealgate-node-{_MINE}", others[0]]
