"""What a probe says of real folders, and that it leaves nothing behind."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from gateway.cli import main
from gateway.folders import exclusive, probing, probing_files, probing_moves, probing_names
from gateway.folders.finding import Finding, Result
from gateway.folders.probing import probe
from gateway.wiring import SystemClock
from tests.folders.site import PDF, HandClock


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a busy machine take its time with events."""
    monkeypatch.setattr(probing, "_EVENT_SECONDS", 60.0)


Mounter = Callable[..., Path]


def results(folder: Path) -> dict[str, Finding]:
    """Probe a folder; return what was found, by its name."""
    found = probe(folder, SystemClock())
    assert len({one.what for one in found}) == len(found)
    return {one.what: one for one in found}


def failures(folder: Path) -> dict[str, str]:
    """Return what fails in a folder, and why."""
    found = results(folder).values()
    return {one.what: one.detail for one in found if one.result is Result.FAIL}


def test_an_ordinary_folder_is_fit_and_stays_as_it_was(tmp_path: Path) -> None:
    """Nothing fails on a local disk, events come, and not a trace is left."""
    (tmp_path / "a.pdf").write_bytes(PDF)
    found = results(tmp_path)
    assert [one for one in found.values() if one.result is Result.FAIL] == []
    assert found["events"].detail == "a new file was announced"
    assert found["watching"].detail.startswith("by events")
    assert "2 s" in found["watching"].detail
    assert found["rename without replacing"].result is Result.OK
    assert found["clock of the file system"].detail == "agrees with ours"
    assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]


def test_a_folder_that_is_not_there_or_none(tmp_path: Path) -> None:
    """What is no folder is one plain failure."""
    (tmp_path / "file").write_bytes(b"")
    assert failures(tmp_path / "gone") == {"folder": "is not there"}
    assert failures(tmp_path / "file") == {"folder": "cannot be opened: Not a directory"}


def test_memory_is_told(mount_tmpfs: Mounter, tmp_path: Path) -> None:
    """A file system in memory works, with a word about restarts; a small one is too small."""
    found = results(mount_tmpfs(tmp_path / "memory", "300m"))
    assert found["file system"].detail == f"tmpfs, mounted on {tmp_path / 'memory'}"
    assert [one.what for one in found.values() if one.result is Result.FAIL] == []
    assert found["durable writes"].result is Result.NOTE
    assert found["space"].result is Result.NOTE


def test_a_full_file_system_fails_and_is_left_clean(mount_tmpfs: Mounter, tmp_path: Path) -> None:
    """Without room nothing can be tried; the hidden folder goes all the same."""
    full = mount_tmpfs(tmp_path / "full", "1m")
    with pytest.raises(OSError, match="No space left"), (full / "all").open("wb") as file:
        while True:
            file.write(b"\0" * 4096)
            file.flush()
    assert failures(full) == {
        "space": "0.0 MiB free",
        "writing": "cannot be done here: No space left on device",
    }
    assert [path.name for path in full.iterdir()] == ["all"]


def test_a_read_only_mount_fails(mount_tmpfs: Mounter, tmp_path: Path) -> None:
    """A folder on a read-only mount is not fit, and the reason is said."""
    folder = mount_tmpfs(tmp_path / "fixed", "300m")
    subprocess.run(("mount", "-o", "remount,ro", str(folder)), check=True)
    found = failures(folder)
    assert found["space"] == "mounted read-only"
    assert found["writing"] == "cannot be done here: Read-only file system"


@pytest.fixture
def reachable() -> Iterator[Path]:
    """Return a folder that other users can reach by its path; those of pytest are private."""
    with TemporaryDirectory() as folder:
        yield Path(folder)


_AS_NOBODY = """
import os, sys
from pathlib import Path
from gateway.folders.probing import probe
from gateway.wiring import SystemClock
os.chdir(sys.argv[1])
os.setgroups([]); os.setgid(65534); os.setuid(65534)
for one in probe(Path('.'), SystemClock()):
    print(one.what, one.result.value, one.detail, sep='\\t')
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="becoming another user needs root")
@pytest.mark.parametrize(
    ("mode", "result", "why"),
    [
        (0o755, "fail", "may not read and write"),
        (0o1777, "fail", "sticky, so only its owner may take files of others"),
        (0o777, "note", "everybody may write, and remove what others dropped"),
    ],
)
def test_permissions_are_told_as_the_service_has_them(
    reachable: Path, mode: int, result: str, why: str
) -> None:
    """Another user than the owner hears what the folder's mode means for it."""
    folder = reachable
    folder.chmod(mode)
    command = (sys.executable, "-c", _AS_NOBODY, str(folder))
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = {line.split("\t")[0]: line.split("\t")[1:] for line in done.stdout.splitlines()}
    assert found["permissions"][0] == result
    assert found["permissions"][1].endswith(why)
    assert ("writing" in found) is (mode == 0o755)
    if mode != 0o755:
        # Read where the capability is missing, as the service has none.
        assert "CAP_LEASE" in found["files open for writing"][1]
    assert list(folder.iterdir()) == []


def test_a_share_is_polled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a network file system events are not relied upon, and leases are not tried."""
    real = probing.mount_of
    monkeypatch.setattr(probing, "mount_of", lambda path: replace(real(path), fstype="nfs4"))
    found = results(tmp_path)
    assert found["file system"].result is Result.NOTE
    assert found["watching"].detail.startswith("by polling")
    assert "10 s" in found["watching"].detail
    assert found["files open for writing"].result is Result.NOTE
    assert "not for those of others" in found["events"].detail


def test_what_is_missing_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system without exclusive rename, hard links or nameless files is still fit."""

    def refuse(*arguments: object, **named: object) -> None:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))

    monkeypatch.setattr(exclusive, "_by_renameat2", refuse)
    monkeypatch.setattr(os, "link", refuse)
    monkeypatch.setattr(os, "O_TMPFILE", 0o40000000 | os.O_DIRECTORY)
    found = results(tmp_path)
    assert "reserving" in found["rename without replacing"].detail
    for what in ("rename without replacing", "hard links", "files without a name"):
        assert found[what].result is Result.NOTE
    assert failures(tmp_path) == {}


def test_a_rename_that_changes_the_file_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a moved file is another file afterwards, none could ever be claimed."""
    real = os.rename

    def copy(source: str, target: str, *, src_dir_fd: int, dst_dir_fd: int) -> None:
        if source == "moved":
            content = os.open("copy", os.O_CREAT | os.O_WRONLY, dir_fd=src_dir_fd)
            os.close(content)
            source = "copy"
        real(source, target, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)

    monkeypatch.setattr(probing_moves.os, "rename", copy)
    assert "could not be claimed" in failures(tmp_path)["rename"]


def test_a_clock_apart_is_noted(tmp_path: Path) -> None:
    """A server whose clock is another is told of, with the direction."""
    clock = HandClock()
    found = {one.what: one for one in probe(tmp_path, clock)}["clock of the file system"]
    assert found.result is Result.NOTE
    assert "ahead of ours" in found.detail


def test_names_that_fall_together_are_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where capitals do not count, or accents are taken apart, that is no failure but is told."""
    monkeypatch.setattr(probing_names, "exists", lambda name, *, dir_fd: True)
    found = results(tmp_path)
    assert "are one file" in found["capitals in names"].detail
    assert "one name" in found["accents and Chinese in names"].detail
    real = probing_names.names_in
    monkeypatch.setattr(
        probing_names,
        "names_in",
        lambda folder: tuple(unicodedata.normalize("NFD", name) for name in real(folder)),
    )
    assert "(NFD)" in results(tmp_path)["accents and Chinese in names"].detail
    monkeypatch.setattr(
        probing_names,
        "names_in",
        lambda folder: tuple(ascii(name) for name in real(folder)),
    )
    assert list(failures(tmp_path)) == ["accents and Chinese in names"]
    assert results(tmp_path)["names that are no UTF-8"].result is Result.NOTE


@pytest.mark.parametrize("lost", [1, 10**9])
def test_coarse_times_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: int) -> None:
    """Times that are only kept to whole seconds ask for a longer quiet time."""
    real = os.utime

    def coarse(name: str, *, ns: tuple[int, int], dir_fd: int, follow_symlinks: bool) -> None:
        kept = ns[1] // (2 * lost) * (2 * lost) if lost > 1 else ns[1]
        real(name, ns=(kept, kept), dir_fd=dir_fd, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(probing_files.os, "utime", coarse)
    found = results(tmp_path)["times of files"]
    assert found.result is (Result.NOTE if lost > 1 else Result.OK)


def test_an_error_in_the_middle_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that fails during the probe is told of, and the rest is tried all the same."""

    def broken(ground: object) -> Finding:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(probing_moves, "syncing", broken)
    assert failures(tmp_path) == {"durable writes": "unexpected: Input/output error"}

    def interrupted(ground: object) -> Finding:
        raise KeyboardInterrupt

    monkeypatch.setattr(probing_moves, "syncing", interrupted)
    with pytest.raises(KeyboardInterrupt):
        probe(tmp_path, SystemClock())
    assert list(tmp_path.iterdir()) == []


def test_the_command_needs_no_site(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It prints lines or JSON, and its exit code says whether the folder is fit."""
    assert main(["doctor", str(tmp_path), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {"what", "result", "detail"} == set(rows[0])
    assert {row["result"] for row in rows} <= {"ok", "note"}
    assert main(["doctor", str(tmp_path / "gone")]) == 1
    printed = capsys.readouterr()
    assert printed.out == "folder\tfail\tis not there\n"
    assert printed.err == "sealgate: 1 of 1 checks failed\n"
