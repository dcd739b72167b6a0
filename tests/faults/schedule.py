"""Seeds become schedules: what is dropped, what goes wrong meanwhile, when, for how long.

A schedule is drawn from its seed alone, so that a seed that has failed once can be kept as a
test. Chance in the machine (which step is hit) stays; a kept seed narrows it down, no more.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What can go wrong."""

    KILL = "daemon killed"
    STOP = "daemon stopped for a while"
    READER_KILL = "reader process killed"
    READER_STOP = "reader process stopped for a while"
    READER_MEMORY = "reader process out of memory"
    EIO_FSYNC = "EIO from fsync"
    EIO_READ = "EIO from pread"
    EIO_WRITE = "EIO from write"
    EIO_NAME = "EIO from rename, link and unlink"
    EIO_OPEN = "EIO from open"
    ENOSPC_WRITE = "ENOSPC from write and copy"
    DISK_FULL = "file system full"
    INODES = "no inode left"
    READ_ONLY = "folder mounted read-only"
    LEDGER_LOCKED = "ledger locked by another process"
    CLOCK = "clock stepped by up to a day"
    CUT_REQUEST = "connection cut within a request"
    CUT_ANSWER = "connection cut within an answer"
    REFUSED = "service refuses connections"
    SILENT = "service accepts and says nothing"


NEEDS_ROOT = frozenset({Kind.DISK_FULL, Kind.INODES, Kind.READ_ONLY})
"""Kinds for which a small file system is mounted."""

SYSTEM_CALLS = {
    Kind.EIO_FSYNC: ("fsync,fdatasync", "EIO"),
    Kind.EIO_READ: ("pread64", "EIO"),
    Kind.EIO_WRITE: ("pwrite64,write,copy_file_range", "EIO"),
    Kind.EIO_NAME: ("rename,renameat,renameat2,link,linkat,unlink,unlinkat", "EIO"),
    Kind.EIO_OPEN: ("openat", "EIO"),
    Kind.ENOSPC_WRITE: ("pwrite64,write,copy_file_range", "ENOSPC"),
}
"""Kinds that strace injects: into which calls of the daemon, and the error they return."""


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong."""

    kind: Kind
    after: float
    """Seconds after the drop."""
    lasts: float
    """Seconds, for what does not happen in an instant."""
    number: int
    """Which call is hit, how many bytes pass, or how many seconds the clock steps."""


@dataclass(frozen=True)
class Schedule:
    """What is dropped, and what goes wrong."""

    seed: int
    documents: tuple[str, ...]
    """A word for each document: good, pages, broken."""
    faults: tuple[Fault, ...]

    def __str__(self) -> str:
        faults = "; ".join(
            f"{fault.kind.value} (n={fault.number}, {fault.after:.2f} s after, "
            f"{fault.lasts:.2f} s long)"
            for fault in self.faults
        )
        return f"seed {self.seed}: {', '.join(self.documents)}; {faults}"


def drawn(seed: int, kinds: tuple[Kind, ...] = tuple(Kind)) -> Schedule:
    """Return the schedule of a seed; its first fault goes round all kinds, others are drawn."""
    chance = random.Random(seed)  # it has to be the same every time
    count = chance.choice((1, 1, 2, 3))
    first = kinds[seed % len(kinds)]
    chosen = [first, *(chance.choice(kinds) for _ in range(count - 1))]
    documents = chance.choices(("good", "pages", "broken"), (6, 3, 1), k=chance.randint(1, 6))
    faults = tuple(_fault(kind, chance) for kind in _together(chosen))
    return Schedule(seed, tuple(documents), faults)


def _together(kinds: list[Kind]) -> list[Kind]:
    """Leave out what comes twice, and all but the first of those that need a tracer."""
    traced = [kind for kind in kinds if kind in SYSTEM_CALLS][:1]
    return [kind for kind in dict.fromkeys(kinds) if kind not in SYSTEM_CALLS or kind in traced]


def _fault(kind: Kind, chance: random.Random) -> Fault:
    number = {
        Kind.CLOCK: chance.choice((-1, 1)) * chance.randint(1, 86_400),
        Kind.CUT_REQUEST: chance.choice((0, 1, chance.randint(2, 1500))),
        Kind.CUT_ANSWER: chance.choice((0, 1, chance.randint(2, 6000))),
    }.get(kind, chance.randint(1, 25))
    after, lasts = chance.uniform(0.0, 1.2), chance.uniform(0.2, 1.5)
    return Fault(kind, round(after, 2), round(lasts, 2), number)
