"""Measure large documents: time against the floor, and the highest memory of every process.

Usage: python -m bench.large [--small] [--megabytes 100,500] [--rounds N]

Without `--megabytes`, documents of other shapes follow: one picture, many pages, many objects.
Beside the time stands how often the bytes of a document are read from files and written to them,
by all processes together: that depends neither on the machine nor on who else uses it.
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
    read: list[float] = field(default_factory=list)
    """Bytes read, of those of the document."""
    written: list[float] = field(default_factory=list)
    theirs: float = 0.0
    peak: float = 0.0
    their_peak: float = 0.0
    failure: str = ""


def _shapes(chosen: argparse.Namespace) -> list[Kind]:
    sizes = chosen.megabytes or ("50" if chosen.small else "100,500")
    scans = [Kind(f"{size} MB", int(size) * 1_000_000 // _PAGE, _PAGE) for size in sizes.split(",")]
    if chosen.megabytes:
        return scans
    share = 10 if chosen.small else 1
    whole, pages, objects = 100 // share, 2000 // share, 61_000 // share
    return [
        *scans,
        Kind(f"{whole} MB, one picture", 1, whole * 1_000_000),
        Kind(f"{whole} MB, {pages:,} pages", pages, 50_000),
        Kind(f"{whole} MB, {objects:,} objects", 1, 28_000, objects, 1600),
    ]


def measure(chosen: argparse.Namespace) -> Outcome:
    """Seal documents of each size and shape, in turn with the floor."""
    outcome = Outcome("large", "Large documents")
    rows = []
    for kind in _shapes(chosen):
        found = _measured(kind, chosen.rounds or (1 if chosen.small else 3))
        outcome.raw[kind.name] = vars(found)
        if found.failure:
            outcome.notes.append(f"{kind.name}: Sealgate failed it: {found.failure}.")
            continue
        times = median(a / b for a, b in zip(found.ours, found.floor, strict=True))
        ours, floor = median(found.ours), median(found.floor)
        passes = median(found.read), median(found.written)
        values = (ours, floor, times, *passes, found.theirs, found.peak, found.their_peak)
        rows.append((kind.name, *map(figure, values)))
        outcome.goals.append(Goal(f"{kind.name}, times the floor", 2.0, times, at_most=True))
        what = f"{kind.name}, highest resident memory of a process"
        outcome.goals.append(Goal(what, 120.0, found.peak, "MiB", at_most=True))
    columns = ("", "Sealgate, s", "floor, s", "times the floor", "times read", "times written")
    theirs = ("pyHanko, s", "Sealgate, MiB at most", "pyHanko, MiB at most")
    outcome.tables.append(Table("one document at a time", (*columns, *theirs), tuple(rows)))
    outcome.notes.append("Sealgate's memory: its daemon and readers, the largest of them.")
    outcome.notes.append(
        "Read and written: by all its processes, copies within the kernel counted as both; the"
        " floor reads and writes once."
    )
    return outcome


def _measured(kind: Kind, rounds: int) -> _Found:
    found = _Found()
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
        read, written = (bytes_ / copies.size for bytes_ in watched.traffic)
        found.read.append(read)
        found.written.append(written)
        taken = f"{found.ours[-1]:.2f} s, floor {found.floor[-1]:.2f} s"
        passes = f"read {read:.2f} times, written {written:.2f} times"
        say(f"{copies.kind.name}: {taken}, at most {watched.highest:.0f} MiB, {passes}")


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
