"""Where a ledger may live, who may read it, and what happens when it cannot be used."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gateway.core.errors import SiteFault, UsageFault
from gateway.ledger import SqliteLedger, location, store
from tests.ledger.making import StandingClock, new_job


def _table(kind: str, device: int) -> bytes:
    """Return a mount table with one file system of that kind on that device."""
    number = f"{os.major(device)}:{os.minor(device)}"
    return (
        "21 26 0:20 / /sys rw,nosuid - sysfs sysfs rw\n"
        f"99 26 {number} / /srv/with\\040space rw shared:4 master:1 - {kind} host:/share rw\n"
    ).encode()


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "smb3", "fuse.sshfs", "9p"])
def test_network_file_system_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """SQLite's locks cannot be relied on there, so no file is made."""
    table = tmp_path / "mountinfo"
    table.write_bytes(_table(kind, tmp_path.stat().st_dev))
    monkeypatch.setattr(location, "MOUNT_TABLE", table)
    path = tmp_path / "state" / "ledger.sqlite"
    with pytest.raises(UsageFault) as fault:
        SqliteLedger(path, StandingClock())
    assert fault.value.code == "ledger.network-file-system"
    assert kind in fault.value.sentence
    assert not path.exists()


def test_local_file_system_is_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A device that the table calls ext4, or does not list at all, is local."""
    table = tmp_path / "mountinfo"
    for content in (_table("ext4", tmp_path.stat().st_dev), b"", b"not a mount table\n"):
        table.write_bytes(content)
        monkeypatch.setattr(location, "MOUNT_TABLE", table)
        SqliteLedger(tmp_path / "state" / "ledger.sqlite", StandingClock()).close()


def test_only_the_owner_can_read(path: Path, ledger: SqliteLedger) -> None:
    """Folder, file, log of writes and shared memory are closed to everybody else."""
    ledger.record("a.thing", {})
    assert path.parent.stat().st_mode & 0o777 == 0o700
    modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    assert modes == {
        "ledger.sqlite": 0o600,
        "ledger.sqlite-wal": 0o600,
        "ledger.sqlite-shm": 0o600,
    }


def test_open_permissions_are_taken_away(path: Path, clock: StandingClock) -> None:
    """A folder or file that others could read is closed when the ledger is opened."""
    SqliteLedger(path, clock).close()
    path.parent.chmod(0o755)
    path.chmod(0o644)
    SqliteLedger(path, clock).close()
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_is_no_ledger_is_told(path: Path, clock: StandingClock) -> None:
    """A file that is no database is reported and left as it is."""
    path.parent.mkdir()
    path.write_bytes(b"this is somebody's text\n" * 100)
    with pytest.raises(SiteFault) as fault:
        SqliteLedger(path, clock)
    assert fault.value.code == "ledger.damaged"
    assert path.read_bytes().startswith(b"this is somebody's text\n")


def test_folder_that_cannot_be_made_is_told(tmp_path: Path, clock: StandingClock) -> None:
    """A file in the place of the folder is reported by a code."""
    (tmp_path / "state").write_text("in the way")
    with pytest.raises(SiteFault) as fault:
        SqliteLedger(tmp_path / "state" / "ledger.sqlite", clock)
    assert fault.value.code == "ledger.unusable"


def test_locked_ledger_is_busy(
    path: Path, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program's long transaction is waited for, then reported as what may pass."""
    monkeypatch.setattr(store, "_PATIENCE", 0.05)
    ledger = SqliteLedger(path, clock)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(SiteFault) as fault:
            ledger.open(new_job("one"), {})
        other.execute("ROLLBACK")
    assert fault.value.code == "ledger.busy"
    assert fault.value.retryable
    assert ledger.open(new_job("one"), {}).version == 1
    ledger.close()


def test_closed_ledger_is_told(path: Path, clock: StandingClock) -> None:
    """A call after closing is a fault of ours, not SQLite's own exception."""
    ledger = SqliteLedger(path, clock)
    ledger.close()
    with pytest.raises(SiteFault):
        ledger.all()


def test_full_disk_is_told(path: Path, ledger: SqliteLedger) -> None:
    """When the file cannot grow, the step is undone and the fault says that the disk is full."""
    with ledger._store.transaction() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
    with ledger._store.transaction() as connection:
        connection.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(SiteFault) as fault:
        ledger.save_snapshot("s", "x" * 100_000)
    assert fault.value.code == "site.disk-full"
    assert ledger.verify() == ()
