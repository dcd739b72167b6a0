"""What every vault does: slots are complete and durable, or not there."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from gateway.core.errors import SiteFault
from gateway.core.job import Artifact, Slot
from gateway.folders.vault import FolderVault
from gateway.ports import Vault


@pytest.fixture(params=["folder"])
def vault(request: pytest.FixtureRequest, tmp_path: Path) -> Vault:
    """Return each kind of vault, empty."""
    root = tmp_path / "vault"
    root.mkdir()
    return {"folder": FolderVault}[request.param](root)


def described(slot: Slot, content: bytes) -> Artifact:
    """Return the artifact that the content makes."""
    return Artifact(slot, hashlib.sha256(content).hexdigest(), len(content))


def test_bytes_are_stored_and_described(vault: Vault) -> None:
    """Stored bytes come back, with their hash and size."""
    artifact = vault.put("job-1", Slot.PLAN, b"plan")
    assert artifact == described(Slot.PLAN, b"plan")
    assert vault.path("job-1", Slot.PLAN, artifact).read_bytes() == b"plan"


def test_a_file_is_stored_as_a_copy(vault: Vault, tmp_path: Path) -> None:
    """What happens to the file afterwards does not touch the stored copy."""
    (tmp_path / "file").write_bytes(b"x" * 100_000)
    artifact = vault.put("job-1", Slot.ORIGINAL, tmp_path / "file")
    (tmp_path / "file").write_bytes(b"changed")
    assert artifact == described(Slot.ORIGINAL, b"x" * 100_000)
    assert vault.path("job-1", Slot.ORIGINAL, artifact).read_bytes() == b"x" * 100_000


def test_a_missing_file_is_told_as_such(vault: Vault, tmp_path: Path) -> None:
    """A file that is gone is for the caller to judge."""
    with pytest.raises(FileNotFoundError):
        vault.put("job-1", Slot.ORIGINAL, tmp_path / "gone")


def test_links_and_pipes_are_not_stored(vault: Vault, tmp_path: Path) -> None:
    """Nothing is read through a link, and no pipe is waited for."""
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "link").symlink_to(tmp_path / "secret")
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe"):
        with pytest.raises(SiteFault):
            vault.put("job-1", Slot.ORIGINAL, tmp_path / name)
    assert not vault.path("job-1", Slot.ORIGINAL).exists()


def test_a_rerun_replaces_its_own_output(vault: Vault) -> None:
    """The same slot holds what was stored last."""
    vault.put("job-1", Slot.PLAN, b"first")
    artifact = vault.put("job-1", Slot.PLAN, b"second")
    assert vault.path("job-1", Slot.PLAN, artifact).read_bytes() == b"second"


def test_a_draft_becomes_the_slots_content(vault: Vault) -> None:
    """Until it is adopted a draft is not the slot's content, afterwards it is."""
    draft = vault.draft("job-1", Slot.SEALED)
    assert not draft.exists()
    draft.write_bytes(b"sealed")
    assert not vault.path("job-1", Slot.SEALED).exists()
    artifact = vault.adopt("job-1", Slot.SEALED)
    assert artifact == described(Slot.SEALED, b"sealed")
    assert vault.path("job-1", Slot.SEALED, artifact).read_bytes() == b"sealed"
    assert not draft.exists()


def test_a_new_draft_starts_from_nothing(vault: Vault) -> None:
    """What an interrupted run left of its draft is not there for the next one."""
    vault.draft("job-1", Slot.SEALED).write_bytes(b"half")
    draft = vault.draft("job-1", Slot.SEALED)
    assert not draft.exists()
    with pytest.raises(SiteFault) as caught:
        vault.adopt("job-1", Slot.SEALED)
    assert caught.value.code == "site.artifact-damaged"


def test_a_draft_that_is_a_link_is_not_adopted(vault: Vault, tmp_path: Path) -> None:
    """A child process cannot make somebody else's file the slot's content."""
    (tmp_path / "secret").write_text("secret")
    vault.draft("job-1", Slot.SEALED).symlink_to(tmp_path / "secret")
    with pytest.raises(SiteFault):
        vault.adopt("job-1", Slot.SEALED)
    assert not vault.path("job-1", Slot.SEALED).exists()


def test_damage_is_noticed(vault: Vault) -> None:
    """Changed or missing bytes are found when they are held against the record."""
    artifact = vault.put("job-1", Slot.SEALED, b"sealed")
    vault.path("job-1", Slot.SEALED).write_bytes(b"sealeD")
    with pytest.raises(SiteFault) as caught:
        vault.path("job-1", Slot.SEALED, artifact)
    assert caught.value.code == "site.artifact-damaged"
    vault.path("job-1", Slot.SEALED).unlink()
    with pytest.raises(SiteFault) as caught:
        vault.path("job-1", Slot.SEALED, artifact)
    assert caught.value.code == "site.artifact-damaged"


def test_damage_that_hides_is_noticed(vault: Vault, tmp_path: Path) -> None:
    """Bytes changed in place are found, with the size and the time of the file as they were."""
    artifact = vault.put("job-1", Slot.SEALED, b"sealed")
    path = vault.path("job-1", Slot.SEALED, artifact)
    before = path.stat()
    while not (tmp_path / "clock").exists() or _ticks(tmp_path) <= before.st_ctime_ns:
        (tmp_path / "clock").write_bytes(b"")  # the clock of the file system goes in steps
    with path.open("r+b") as file:
        file.write(b"Sealed")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(SiteFault) as caught:
        vault.path("job-1", Slot.SEALED, artifact)
    assert caught.value.code == "site.artifact-damaged"
    other = path.with_name("other")
    other.write_bytes(b"sealed")
    other.replace(path)
    assert vault.path("job-1", Slot.SEALED, artifact).read_bytes() == b"sealed"


def _ticks(folder: Path) -> int:
    return (folder / "clock").stat().st_ctime_ns


def test_a_discarded_job_leaves_nothing_and_others_stay(vault: Vault) -> None:
    """Discarding is for one job, may be done again, and takes drafts along."""
    kept = vault.put("job-2", Slot.PLAN, b"kept")
    vault.put("job-1", Slot.PLAN, b"plan")
    draft = vault.draft("job-1", Slot.SEALED)
    draft.write_bytes(b"half")
    for _ in range(2):
        vault.discard("job-1")
    assert not draft.parent.exists()
    assert vault.path("job-2", Slot.PLAN, kept).read_bytes() == b"kept"


def test_nobody_else_may_read_what_is_stored(vault: Vault) -> None:
    """Folders and files are the service's alone, also those a child process wrote."""
    former = os.umask(0)
    try:
        path = vault.path("job-1", Slot.PLAN, vault.put("job-1", Slot.PLAN, b"plan"))
        vault.draft("job-1", Slot.SEALED).write_bytes(b"sealed")
        sealed = vault.path("job-1", Slot.SEALED, vault.adopt("job-1", Slot.SEALED))
    finally:
        os.umask(former)
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777, sealed.stat().st_mode & 0o777} == {0o600}
