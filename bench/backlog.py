"""Measure documents per second while many files wait: what one costs must not depend on that.

Usage: python -m bench.backlog [--small] [--files 1000,10000] [--seconds S]

The files are there before the daemon starts; what is measured are the first documents sealed while
nearly all of them still wait. 100,000 files take some minutes, and 3 GB.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from bench.corpus import ONE_PAGE, Copies, on_disk
from bench.measuring import arguments, say, until
from bench.outcome import Goal, Outcome, Table, figure
from bench.sealing import WARM_UP, Sealgate


def measure(chosen: argparse.Namespace) -> Outcome:
    """Measure with each backlog in turn."""
    outcome = Outcome("backlog", "Many files waiting")
    sizes = chosen.files or ("200,1000" if chosen.small else "1000,10000,100000")
    seconds = chosen.seconds or (5.0 if chosen.small else 20.0)
    found: dict[int, tuple[float, float]] = {}
    for size in map(int, sizes.split(",")):
        found[size] = _measured(size, seconds)
        rate, first = found[size]
        say(f"{size} waiting: {rate:.2f} documents/s, the first after {first:.1f} s")
    base = next(iter(found.values()))[0]
    rows = tuple(
        (f"{size:,}", figure(rate), figure(rate / base), figure(first))
        for size, (rate, first) in found.items()
    )
    columns = ("files waiting", "documents/s", "of the first row", "first result after, s")
    outcome.tables.append(Table("1-page documents, waiting when the daemon starts", columns, rows))
    smallest, *others = found
    for size in others:
        name = f"documents/s with {size:,} waiting, of those with {smallest:,}"
        outcome.goals.append(Goal(name, 0.9, found[size][0] / base))
    outcome.raw = {
        str(size): {"rate": rate, "first": first} for size, (rate, first) in found.items()
    }
    return outcome


def _measured(size: int, seconds: float) -> tuple[float, float]:
    """Return documents/s, and the seconds from the daemon's readiness to the first result."""
    with tempfile.TemporaryDirectory(prefix="sealgate-bench-") as name:
        root = Path(name)
        ours = Sealgate(root / "site")
        for path in Copies(root / "corpus", ONE_PAGE).take(size):
            path.rename(ours.site.inbox / path.name)
        on_disk()
        with ours:
            ready = time.monotonic()
            until("the first is sealed", lambda: ours.archived() > 0, 600)
            first = time.monotonic() - ready
            until("every process has begun", lambda: ours.archived() >= WARM_UP, 600)
            began, before = time.monotonic(), ours.archived()
            until(
                "the time is over, or few are left",
                lambda: time.monotonic() > began + seconds or ours.archived() > size * 0.9,
                seconds + 60,
            )
            sealed, ended = ours.archived() - before, time.monotonic()
    return sealed / (ended - began), first


def parser() -> argparse.ArgumentParser:
    """Return the parser of this benchmark's arguments."""
    made = arguments(__doc__)
    made.add_argument("--files", default="", help="backlogs, such as 1000,10000,100000")
    made.add_argument("--seconds", type=float, default=0.0, help="to measure each for")
    return made


def main() -> None:
    """Print what was measured."""
    measure(parser().parse_args()).show()


if __name__ == "__main__":
    main()
