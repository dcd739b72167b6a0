"""Probing a folder: is it fit for being watched, and what is it like.

Everything is tried in a hidden sub-folder, which no inbox takes anything from and which is
removed again. Nothing of what lies in the folder is touched or opened.
"""

from __future__ import annotations

import os
import secrets
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gateway.core.names import display
from gateway.folders import probing_files, probing_moves, probing_names
from gateway.folders.filesystems import Mount, is_network, mount_of
from gateway.folders.finding import Finding, Ground, fail, note, ok, tried
from gateway.folders.inbox import quiet_on
from gateway.folders.opening import FOLDER, names_in, open_below
from gateway.folders.watch import FolderWatch
from gateway.ports import Clock

_EVENT_SECONDS = 2.0
_LITTLE, _SCARCE = 100 * 2**20, 2**30  # bytes
_FEW_INODES = 1000
_LARGE = b"\0" * 65536  # bytes written to see whether there is any room


def probe(folder: Path, clock: Clock) -> tuple[Finding, ...]:
    """Try everything that Sealgate asks of a folder; nothing of it is left behind.

    A folder that cannot be used is a finding, not an error.
    """
    try:
        opened = os.open(folder, FOLDER)
    except FileNotFoundError:
        return (fail("folder", "is not there"),)
    except OSError as error:
        return (fail("folder", f"cannot be opened: {error.strerror}"),)
    try:
        # Opened first: that is what makes an automounter mount.
        mount = mount_of(folder)
        found = [_mounted(mount), _access(opened), *_room(opened)]
        try:
            with _ground(folder, opened, mount) as ground:
                found += _trials(ground, clock)
        except OSError as error:
            found.append(fail("writing", f"cannot be done here: {error.strerror}"))
        return tuple(found)
    finally:
        os.close(opened)


def _trials(ground: Ground, clock: Clock) -> list[Finding]:
    probing_moves.make(ground, "large", _LARGE)
    steps: tuple[tuple[str, Callable[[Ground], Finding]], ...] = (
        ("a file made here", probing_files.ownership),
        ("rename", probing_moves.renaming),
        ("rename without replacing", probing_moves.renaming_exclusively),
        ("hard links", probing_moves.linking),
        ("files without a name", probing_moves.making_nameless),
        ("durable writes", probing_moves.syncing),
        ("capitals in names", probing_names.case),
        ("accents and Chinese in names", probing_names.unicode),
        ("names that are no UTF-8", probing_names.foreign),
        ("longest name", probing_names.longest),
        ("times of files", probing_files.granularity),
        ("clock of the file system", lambda here: probing_files.skew(here, clock)),
        ("files open for writing", probing_files.leases),
    )
    found = [tried(what, step, ground) for what, step in steps]
    announced = _announced(ground)
    return [*found, announced[0], _choice(ground.network, *announced)]


@contextmanager
def _ground(folder: Path, opened: int, mount: Mount) -> Iterator[Ground]:
    """Make the hidden folder and remove it with everything in it, whatever happens."""
    name = f".sealgate-probe-{secrets.token_hex(4)}"
    os.mkdir(name, 0o700, dir_fd=opened)
    try:
        inner = open_below(opened, name)
        try:
            yield Ground(folder / name, inner, mount)
        finally:
            for left in names_in(inner):
                with suppress(FileNotFoundError):
                    os.unlink(left, dir_fd=inner)
            os.close(inner)
    finally:
        os.rmdir(name, dir_fd=opened)


def _mounted(mount: Mount) -> Finding:
    detail = f"{mount.fstype}, mounted on {display(str(mount.point))}"
    if mount.fstype == "autofs":
        return fail("file system", f"{detail}: its automatic mount did not succeed")
    if is_network(mount.fstype):
        return note("file system", f"{detail}: a network share; set must_be_mount: true for it")
    return ok("file system", detail)


def _access(folder: int) -> Finding:
    """Look whose the folder is, and whether we may move other people's files out of it."""
    what, status = "permissions", os.fstat(folder)
    mode = stat.S_IMODE(status.st_mode)
    owner, group = probing_files.user(status.st_uid), probing_files.group(status.st_gid)
    detail = f"{owner}, group {group}, mode {mode:04o}"
    if not os.access(".", os.R_OK | os.W_OK | os.X_OK, dir_fd=folder, effective_ids=True):
        return fail(what, f"{detail}: {probing_files.user(os.geteuid())} may not read and write")
    if mode & stat.S_ISVTX and os.geteuid() not in (0, status.st_uid):
        return fail(what, f"{detail}: sticky, so only its owner may take files of others")
    if mode & stat.S_ISVTX:
        return note(what, f"{detail}: sticky; only its owner may take files of others")
    if mode & stat.S_IWOTH:
        return note(what, f"{detail}: everybody may write, and remove what others dropped")
    return ok(what, detail + (", which files made here inherit" if mode & stat.S_ISGID else ""))


def _room(folder: int) -> list[Finding]:
    state = os.fstatvfs(folder)
    free = state.f_bavail * state.f_frsize
    detail = f"{free / 2**30:.1f} GiB free" if free >= _SCARCE else f"{free / 2**20:.1f} MiB free"
    if state.f_flag & os.ST_RDONLY:
        return [fail("space", "mounted read-only")]
    room = (fail if free < _LITTLE else note if free < _SCARCE else ok)("space", detail)
    if not state.f_files:  # made as needed, as on btrfs, or not told, as by many servers
        return [room, ok("inodes", "not counted here")]
    left = state.f_favail
    return [room, (fail if left < _FEW_INODES else ok)("inodes", f"{left} free")]


def _announced(ground: Ground) -> tuple[Finding, str]:
    """Write a file while watching; return what came of it and how it was watched."""
    heard = threading.Event()
    watch = FolderWatch(lambda name: heard.set())
    try:
        watch.add("probe", ground.path, recursive=False, events=True)
        mode = watch.mode("probe")
        try:
            probing_moves.make(ground, "announced")
        except OSError as error:
            return fail("events", f"unexpected: {error.strerror}"), mode
        came = heard.wait(_EVENT_SECONDS if mode == "events" else 0)
    finally:
        watch.stop()
    if mode != "events":
        return note("events", f"cannot be had: {mode}"), mode
    if not came:
        return note("events", f"none came within {_EVENT_SECONDS:g} s"), "none came"
    if ground.network:
        return note("events", "come for files of this machine, not for those of others"), mode
    return ok("events", "a new file was announced"), mode


def _choice(network: bool, events: Finding, mode: str) -> Finding:
    """Tell how Sealgate would watch the folder if gateway.yaml does not say."""
    settle = f"a file settles after {quiet_on(network):g} s"
    if network:
        return ok("watching", f"by polling, as on every network share; {settle}")
    if mode == "events" and events.result is not events.result.FAIL:
        return ok("watching", f"by events, and by scans in case one is missed; {settle}")
    return note("watching", f"by scans only, as there are no events ({mode}); {settle}")
