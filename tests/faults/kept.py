"""Schedules under which something was wrong once, as they were."""

from __future__ import annotations

from tests.faults.schedule import Fault, Kind, Schedule

_FIRST = 900_000
"""Their numbers name their documents, and are no seeds."""

KEPT = (
    Schedule(_FIRST, ("pages", "good"), (Fault(Kind.EIO_FSYNC, 0.01, 1.12, 21),)),
    Schedule(
        _FIRST + 1,
        ("broken", *("pages",) * 5),
        (Fault(Kind.READ_ONLY, 0.04, 0.36, 10), Fault(Kind.EIO_OPEN, 0.52, 0.38, 24)),
    ),
    Schedule(
        _FIRST + 2,
        ("pages", "pages", "broken", "good", "good"),
        (Fault(Kind.LEDGER_LOCKED, 0.47, 1.38, 13),),
    ),
    Schedule(
        _FIRST + 3,
        ("pages", "good", "good", "good"),
        (
            Fault(Kind.INODES, 0.06, 0.48, 14),
            Fault(Kind.READER_MEMORY, 0.38, 1.4, 12),
            Fault(Kind.SILENT, 0.64, 1.5, 16),
        ),
    ),
    Schedule(
        _FIRST + 4,
        ("good", "good", "good", "good"),
        (
            Fault(Kind.READER_MEMORY, 1.11, 1.11, 19),
            Fault(Kind.READER_KILL, 0.24, 0.55, 2),
        ),
    ),
    Schedule(
        _FIRST + 5,
        ("good", "good", "broken", "pages"),
        (
            Fault(Kind.READER_MEMORY, 0.8, 1.17, 8),
            Fault(Kind.CUT_ANSWER, 0.57, 0.61, 0),
        ),
    ),
)
