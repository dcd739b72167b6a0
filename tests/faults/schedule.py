"""Seeds become schedules: what is dropped, what goes wrong meanwhile, when, for how long.

A schedule is drawn from its seed alone, so that one that has failed can be kept as a
test. Chance in the machine (which step is hit) stays; what is kept narrows it down, no more.
Kept are schedules, not seeds (`kept`): a seed means another schedule as soon as there is a new
kind of fault.
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
    NO_NAME = "service's name not known, DNS gone"
    CERTIFICATE = "service's TLS certificate expired or a stranger's"
    LEDGER_DAMAGED = "page of the ledger overwritten"
    LEDGER_GONE = "ledger's file gone"
    LEDGER_TORN = "half a transaction at the end of the ledger's WAL"
    DATABASE_KILLED = "PostgreSQL killed"
    DATABASE_RESTARTED = "PostgreSQL restarted"


NEEDS_ROOT = frozenset({Kind.DISK_FULL, Kind.INODES, Kind.READ_ONLY, Kind.NO_NAME})
"""Kinds for which something is mounted."""

OF_DATABASE = frozenset({Kind.DATABASE_KILLED, Kind.DATABASE_RESTARTED})
"""Kinds that need a ledger in PostgreSQL."""

OF_FILE = frozenset({Kind.LEDGER_LOCKED, Kind.LEDGER_DAMAGED, Kind.LEDGER_GONE, Kind.LEDGER_TORN})
"""Kinds that need a ledger in a file."""

SYSTEM_CALLS = {
    Kind.EIO_FSYNC: ("fsync,fdatasync", "EIO"),
    Kind.EIO_READ: ("pread64", "EIO"),
    Kind.EIO_WRITE: ("pwrite64,write,copy_file_range", "EIO"),
    Kind.EIO_NAME: ("rename,renameat,renameat2,link,linkat,unlink,unlinkat", "EIO"),
    Kind.EIO_OPEN: ("openat", "EIO"),
    Kind.ENOSPC_WRITE: ("pwrite64,write,copy_file_range", "ENOSPC"),
}
"""Kinds that strace injects: into which calls of the daemon, and the error they return."""

_ONE_OF_THEM = (frozenset(SYSTEM_CALLS), OF_FILE)


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


def drawn(seed: int, kinds: tuple[Kind, ...]) -> Schedule:
    """Return the schedule of a seed; its first fault goes round all kinds, others are drawn."""
    chance = random.Random(seed)  # it has to be the same every time
    count = chance.choice((1, 1, 2, 3))
    first = kinds[seed % len(kinds)]
    chosen = [first, *(chance.choice(kinds) for _ in range(count - 1))]
    documents = chance.choices(("good", "pages", "broken"), (6, 3, 1), k=chance.randint(1, 6))
    faults = tuple(_fault(kind, chance) for kind in _together(chosen))
    return Schedule(seed, tuple(documents), faults)


def _together(kinds: list[Kind]) -> list[Kind]:
    """Leave out what comes twice, and a second that needs a tracer or the ledger's file."""
    chosen: list[Kind] = []
    for kind in kinds:
        alike = next((group for group in _ONE_OF_THEM if kind in group), {kind})
        if not any(other in alike for other in chosen):
            chosen.append(kind)
    return chosen


def _fault(kind: Kind, chance: random.Random) -> Fault:
    number = {
        Kind.CLOCK: chance.choice((-1, 1)) * chance.randint(1, 86_400),
        Kind.CUT_REQUEST: chance.choice((0, 1, chance.randint(2, 1500))),
        Kind.CUT_ANSWER: chance.choice((0, 1, chance.randint(2, 6000))),
    }.get(kind, chance.randint(1, 25))
    after, lasts = chance.uniform(0.0, 1.2), chance.uniform(0.2, 1.5)
    return Fault(kind, round(after, 2), round(lasts, 2), number)
