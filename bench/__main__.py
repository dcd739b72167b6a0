"""Run the benchmarks one after another, and write what they found to bench/RESULTS.md.

Usage: python -m bench [--small] [--folder DIR] [NAME …]

Sites and documents are made below a temporary folder, or below DIR: choose one on the disk that is
to be measured. A short run (`--small`), or one of only some benchmarks, is printed, not written.
"""

from __future__ import annotations

import importlib
import os
import tempfile
import time
from pathlib import Path

from bench.measuring import arguments, say
from bench.outcome import Outcome
from bench.page import machine, write
from bench.sealing import NotSealed

NAMES = (
    "throughput",
    "latency",
    "large",
    "backlog",
    "idle",
    "long_history",
    "many_objects",
)


def main() -> None:
    """Run those that were chosen, or all."""
    parser = arguments(__doc__)
    parser.add_argument("--folder", type=Path, help="where sites and documents are made")
    parser.add_argument("--write", action="store_true", help="write the results of any run")
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[*NAMES, []])
    chosen = parser.parse_args()
    if chosen.folder:
        tempfile.tempdir = str(chosen.folder.resolve())
    facts, before = machine(Path(tempfile.gettempdir())), os.getloadavg()[0]
    names = chosen.names or NAMES
    written = chosen.write or (not chosen.small and not chosen.names)
    outcomes: list[Outcome] = []
    for name in names:
        outcomes.append(_measured(name, small=chosen.small))
        if written:  # each time: a run that is ended keeps what it has found
            write(outcomes, facts, (before, os.getloadavg()[0]))
    if written:
        say("written: bench/RESULTS.md, bench/results.json")


def _measured(name: str, *, small: bool) -> Outcome:
    say(f"\n=== {name}")
    module = importlib.import_module(f"bench.{name}")
    began = time.monotonic()
    try:
        outcome: Outcome = module.measure(module.parser().parse_args(["--small"] if small else []))
    except (SystemExit, NotSealed, OSError) as error:
        # What the others found in many minutes is still worth being written.
        outcome = Outcome(name, name.replace("_", " "), notes=[f"It did not end: {error!r}"])
    outcome.show()
    say(f"({name}: {time.monotonic() - began:.0f} s)")
    return outcome


if __name__ == "__main__":
    main()
