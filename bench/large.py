"""Measure large documents: time against the floor, and the highest memory of every process.

Usage: python -m bench.large [--small] [--megabytes 100,500] [--rounds N]
"""

from __future__ import annotations

import argparse
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from bench import floors
from bench.contestants import LocalKey
from bench.corpus import Copies, Kind, on_disk
from bench.measuring import PeakMemory, arguments, median, say
from bench.outcome import Goal, Outcome, Table, figure
from bench.sealing import NotSealed, Sealgate

_PAGE = 250_000
"""Bytes of a page, as of a scan."""
_PYHANKO = "pyHanko library, warm loop"


@dataclass
class _Found:
    """What was measured with documents of one size."""

    ours: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)
    theirs: float = 0.0
    peak: float = 0.0
    their_peak: float = 0.0
    failure: str = ""


def measure(chosen: argparse.Namespace) -> Outcome:
    """Seal documents of each size, in turn with the floor."""
    outcome = Outcome("large", "Large documents")
    rows = []
    for megabytes in map(
        int, (chosen.megabytes or ("50" if chosen.small else "100,500")).split(",")
    ):
        found = _measured(megabytes, chosen.rounds or (1 if chosen.small else 3))
        outcome.raw[f"{megabytes} MB"] = vars(found)
        name = f"{megabytes} MB"
        if found.failure:
            outcome.notes.append(f"{name}: Sealgate failed it: {found.failure}.")
            continue
        times = median(a / b for a, b in zip(found.ours, found.floor, strict=True))
        ours, floor = median(found.ours), median(found.floor)
        values = (ours, floor, times, found.theirs, found.peak, found.their_peak)
        rows.append((name, *map(figure, values)))
        outcome.goals.append(Goal(f"{name}, times the floor", 2.0, times, at_most=True))
        what = f"{name}, highest resident memory of a process"
        outcome.goals.append(Goal(what, 120.0, found.peak, "MiB", at_most=True))
    columns = ("", "Sealgate, s", "floor, s", "times the floor", "pyHanko, s")
    peaks = ("Sealgate, MiB at most", "pyHanko, MiB at most")
    outcome.tables.append(Table("one document at a time", (*columns, *peaks), tuple(rows)))
    outcome.notes.append("Sealgate's memory: its daemon and readers, the largest of them.")
    return outcome


def _measured(megabytes: int, rounds: int) -> _Found:
    found = _Found()
    kind = Kind(f"{megabytes} MB", megabytes * 1_000_000 // _PAGE, _PAGE)
    with tempfile.TemporaryDirectory(prefix="sealgate-bench-") as name:
        root = Path(name)
        copies = Copies(root / "corpus", kind)
        with Sealgate(root / "site", limits="document_seconds: 600s") as ours:
            ours.warm_up()
            try:
                _rounds(found, ours, copies, root, rounds)
            except NotSealed as failed:
                found.failure = str(failed)
                return found
            key = LocalKey(root / "key", ours.site.root / "seals" / "company-seal.png")
            (peer,) = (one for one in key.contestants() if one.name == _PYHANKO)
            away = (os.getpid(), ours.process, ours.service_process)
            with PeakMemory(os.getpid(), away) as watched:
                found.theirs = peer.run(copies.take(1), root / "key").seconds
            found.their_peak = watched.highest
    return found


def _rounds(found: _Found, ours: Sealgate, copies: Copies, root: Path, rounds: int) -> None:
    for number in range(rounds):
        (document,) = copies.take(1)
        on_disk()
        found.floor.append(floors.copied([document], root / f"floor-{number}").seconds)
        on_disk()
        with PeakMemory(ours.process) as watched:
            found.ours.append(ours.seal([document]).seconds)
        found.peak = max(found.peak, watched.highest)
        taken = f"{found.ours[-1]:.2f} s, floor {found.floor[-1]:.2f} s"
        say(f"{copies.kind.name}: {taken}, at most {watched.highest:.0f} MiB")


def parser() -> argparse.ArgumentParser:
    """Return the parser of this benchmark's arguments."""
    made = arguments(__doc__)
    made.add_argument("--megabytes", default="", help="sizes, such as 100,500")
    made.add_argument("--rounds", type=int, default=0)
    return made


def main() -> None:
    """Print what was measured."""
    measure(parser().parse_args()).show()


if __name__ == "__main__":
    main()
