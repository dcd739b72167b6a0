"""What a file made here is like: owner, permissions, times, and who can be seen writing it."""

from __future__ import annotations

import grp
import os
import pwd
import stat
from pathlib import Path

from gateway.folders.finding import Finding, Ground, note, ok
from gateway.folders.leases import lease_refused
from gateway.folders.opening import open_regular, set_mode
from gateway.folders.probing_moves import make
from gateway.ports import Clock

_ODD = 1_234_567_891_123_456_789  # a time with every digit, in nanoseconds
_SKEW = 2.0
_CAP_LEASE = 28


def ownership(ground: Ground) -> Finding:
    """Look whose a file is that we make, and whether its permissions stay."""
    what = "a file made here"
    make(ground, "owned")
    file = open_regular("owned", dir_fd=ground.folder)
    try:
        set_mode(file, 0o640)
        status = os.fstat(file)
    finally:
        os.close(file)
    mode = stat.S_IMODE(status.st_mode)
    detail = f"belongs to {user(status.st_uid)}, group {group(status.st_gid)}, mode {mode:04o}"
    if status.st_uid != os.geteuid():
        return note(what, f"{detail}: not ours, the server or mount gives files to one user")
    if mode != 0o640:
        return note(what, f"{detail}: permissions are the mount's, those asked for (0640) are lost")
    return ok(what, detail)


def granularity(ground: Ground) -> Finding:
    """Set a time with every digit, and look what is left of it."""
    what = "times of files"
    make(ground, "timed")
    os.utime("timed", ns=(_ODD, _ODD), dir_fd=ground.folder, follow_symlinks=False)
    kept = os.stat("timed", dir_fd=ground.folder).st_mtime_ns
    lost = abs(_ODD - kept)
    if lost >= 10**9:
        return note(
            what, f"are only kept to {lost / 10**9:.0f} s or so: leave settle at 5s or more"
        )
    if lost >= 10**6:
        return note(what, "are only kept to the second: leave settle at 2s or more")
    return ok(what, f"are kept to the {'nanosecond' if not lost else 'millisecond or finer'}")


def skew(ground: Ground, clock: Clock) -> Finding:
    """Compare the time of a file made now with our clock."""
    what = "clock of the file system"
    before = clock.now().timestamp()
    make(ground, "now")
    after = clock.now().timestamp()
    made = os.stat("now", dir_fd=ground.folder).st_mtime_ns / 10**9
    apart = made - after if made > after else min(0.0, made - before)
    if abs(apart) > _SKEW:
        words = f"{abs(apart):.0f} s {'ahead of' if apart > 0 else 'behind'} ours"
        return note(what, f"{words}; only the order of documents depends on it")
    return ok(what, "agrees with ours")


def leases(ground: Ground) -> Finding:
    """Look whether the kernel tells that a file is open for writing."""
    what = "files open for writing"
    if ground.network:
        return note(what, "cannot be told on a network share: writers should rename at the end")
    make(ground, "leased")
    writing = os.open("leased", os.O_WRONLY | os.O_CLOEXEC, dir_fd=ground.folder)
    reading = open_regular("leased", dir_fd=ground.folder)
    try:
        seen = lease_refused(reading)
    finally:
        os.close(writing)
    try:
        spurious = lease_refused(reading)
    finally:
        os.close(reading)
    if not seen or spurious:
        return note(
            what, f"cannot be told on {ground.mount.fstype}: writers should rename at the end"
        )
    if not _may_lease_all():
        return note(what, "can be told for our own files; for other users' with CAP_LEASE only")
    return ok(what, "are seen, and not taken")


def user(number: int) -> str:
    """Return the name of a user, or its number."""
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"uid:{number}"


def group(number: int) -> str:
    """Return the name of a group, or its number."""
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return f"gid:{number}"


def _may_lease_all() -> bool:
    lines = Path("/proc/self/status").read_bytes().splitlines()
    held = next((line.split()[1] for line in lines if line.startswith(b"CapEff:")), b"0")
    return bool(int(held, 16) >> _CAP_LEASE & 1)
