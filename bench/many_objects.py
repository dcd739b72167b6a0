"""Measure a document of 61,000 objects, beside stock pyHanko.

Usage: python -m bench.many_objects [--small] [--objects N] [--rounds N] [--seconds S]

Such documents are small, but reading their cross-references takes long.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench import floors
from bench.contestants import LocalKey
from bench.corpus import Copies, Kind
from bench.crowded import crowded
from bench.measuring import Took, arguments
from bench.outcome import Goal, Outcome, Table, figure
from bench.racing import Length, Runner, race, ratio
from bench.sealing import Sealgate

_STOCK = "pyHanko library, warm loop"


def measure(chosen: argparse.Namespace) -> Outcome:
    """Race Sealgate, with several documents at a time and with one, against pyHanko."""
    objects = chosen.objects or (10_000 if chosen.small else 61_000)
    length = Length(
        chosen.rounds or (1 if chosen.small else 3),
        chosen.seconds or (2.0 if chosen.small else 6.0),
    )
    outcome = Outcome("many_objects", f"A document of {objects:,} objects")
    with tempfile.TemporaryDirectory(prefix="sealgate-bench-") as name:
        root = Path(name)
        copies = Copies(root / "corpus", Kind("crowded", 1, 0), crowded(objects))
        with Sealgate(root / "site") as ours:
            ours.warm_up()

            def one_by_one(files: Sequence[Path], out: Path) -> Took:
                each = [ours.seal([path]) for path in files]
                return Took(sum(one.seconds for one in each), sum(one.processor for one in each))

            key = LocalKey(root / "key", ours.site.root / "seals" / "company-seal.png")
            (stock,) = (one for one in key.contestants() if one.name == _STOCK)
            runners = [
                Runner("Sealgate", lambda files, out: ours.seal(files), 8),
                Runner("Sealgate, one document at a time", one_by_one),
                Runner(stock.name, stock.run),
                Runner("floor: copy + SHA-256 + fsync + rename", floors.copied, 50),
            ]
            race(runners, copies, root / "scratch", length)
    theirs = runners[2]
    rows = tuple(
        (one.name, figure(one.rate), figure(ratio(one, theirs)), figure(one.cost))
        for one in runners
    )
    columns = ("", "documents/s", "of stock pyHanko", "ms of processor each")
    outcome.tables.append(Table("medians of rounds run in turn", columns, rows))
    outcome.notes.append(f"The document has {copies.size / 1e6:.1f} MB.")
    outcome.goals = [
        Goal(f"{one.name}, times stock pyHanko", 3.0, ratio(one, theirs)) for one in runners[:2]
    ]
    outcome.raw = {
        runner.name: {"rates": runner.rates, "costs": runner.costs} for runner in runners
    }
    return outcome


def parser() -> argparse.ArgumentParser:
    """Return the parser of this benchmark's arguments."""
    made = arguments(__doc__)
    made.add_argument("--objects", type=int, default=0)
    made.add_argument("--rounds", type=int, default=0)
    made.add_argument("--seconds", type=float, default=0.0, help="of each contestant in a round")
    return made


def main() -> None:
    """Print what was measured."""
    measure(parser().parse_args()).show()


if __name__ == "__main__":
    main()
