"""Runs schedules on stands and says how each ended."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.faults.books import Books
from tests.faults.schedule import NEEDS_ROOT, OF_DATABASE, OF_FILE, SYSTEM_CALLS, Kind, Schedule
from tests.faults.stand import CLOCK_LIBRARIES, Stand
from tests.faults.troubles import healthy, play
from tests.postgresql import PostgresqlServer

HEAL_SECONDS = 90.0
_ROOM = "size=96m,nr_inodes=4000"


@dataclass(frozen=True)
class Outcome:
    """How a schedule ended."""

    schedule: Schedule
    wrong: tuple[str, ...]
    """What was not as it must be; nothing when all is well."""


def possible(*, database: bool = False) -> tuple[Kind, ...]:
    """Return the kinds of faults that can be made on this machine, to a ledger of one kind."""
    kinds = [kind for kind in Kind if kind not in (OF_FILE if database else OF_DATABASE)]
    if not CLOCK_LIBRARIES:
        kinds.remove(Kind.CLOCK)
    if shutil.which("strace") is None:
        kinds = [kind for kind in kinds if kind not in SYSTEM_CALLS]
    if not _can_mount():
        kinds = [kind for kind in kinds if kind not in NEEDS_ROOT]
    return tuple(kinds)


@contextmanager
def stand_in(
    folder: Path, database: PostgresqlServer | None = None
) -> Iterator[tuple[Stand, Books]]:
    """Build a stand with empty books, on a small file system of its own where that is possible."""
    root = folder / "stand"
    root.mkdir()
    mounted = _can_mount()
    if mounted:
        _mount(root)
    try:
        with Stand.built(root, named=mounted, database=database) as stand:
            yield stand, Books(stand, folder / "staged")
    finally:
        if mounted:
            subprocess.run(("umount", "-l", str(root)), check=True)


def run(stand: Stand, books: Books, schedule: Schedule) -> Outcome:
    """Run one schedule to its end."""
    clocked = any(fault.kind is Kind.CLOCK for fault in schedule.faults)
    if clocked:
        stand.with_clock(faked=True)
    wrong: list[str] = []
    try:
        stand.be_ready()
        books.drop(schedule)
        play(stand, schedule.faults)
        healthy(stand, books.unfinished, HEAL_SECONDS)
        wrong += books.faults()
    except (AssertionError, OSError, subprocess.SubprocessError) as error:
        wrong += [str(error) or type(error).__name__, *books.faults()]
    if clocked:
        stand.with_clock(faked=False)
    return Outcome(schedule, tuple(wrong))


def conclude(stand: Stand) -> tuple[str, ...]:
    """Stop the daemon in good order and let the whole log and all results be verified."""
    stand.stop()
    site = stand.site
    wrong = []
    log = site.call("log", "verify")
    if log.returncode != 0:
        wrong.append(f"log verify: {log.stdout}{log.stderr}")
    results = [str(path) for path in site.delivered()]
    if results and site.call("verify", *results).returncode != 0:
        wrong.append("a result does not verify")
    return tuple(wrong)


@cache
def _can_mount() -> bool:
    """Tell whether a file system of memory can be mounted here."""
    inside = ("mount", "-t", "tmpfs", "none", "/mnt")
    done = subprocess.run(("unshare", "--mount", *inside), capture_output=True, check=False)
    return done.returncode == 0


def _mount(root: Path) -> None:
    command = ("mount", "-t", "tmpfs", "-o", _ROOM, "none", str(root))
    subprocess.run(command, check=True)
