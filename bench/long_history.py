"""Measure start-up and searches of the signing log with a ledger of many years.

Usage: python -m bench.long_history [--small] [--jobs N] [--entries N] [--rounds N]

Every search is a whole command, as a person runs it; the same commands on a new ledger stand
beside it.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.corpus import ONE_PAGE, Copies, on_disk
from bench.full_ledger import fill
from bench.measuring import arguments, median, memory, say, until
from bench.outcome import Outcome, Table, figure
from bench.sealing import Sealgate
from tests.e2e.site import TestSite

_START = "daemon: start until ready"
_LOOKING = "daemon: start, looking through all of the ledger"


def measure(chosen: argparse.Namespace) -> Outcome:
    """Measure with a new ledger, fill it, measure again."""
    jobs = chosen.jobs or (20_000 if chosen.small else 1_000_000)
    entries = chosen.entries or (50_000 if chosen.small else 1_000_000)
    rounds = chosen.rounds or (1 if chosen.small else 2)
    outcome = Outcome("long_history", "A long history")
    with tempfile.TemporaryDirectory(prefix="sealgate-bench-") as name:
        root = Path(name)
        ours = Sealgate(root / "site")
        with ours:
            ours.seal(Copies(root / "corpus", ONE_PAGE).take(1))
        fresh = _measured(ours, rounds, jobs)
        began = time.monotonic()
        fill(ours.site.state / "ledger.sqlite", jobs, entries)
        on_disk()
        said = f"{jobs:,} jobs and their entries written in {time.monotonic() - began:.0f} s"
        size = (ours.site.state / "ledger.sqlite").stat().st_size / 1e6
        say(f"{said}, {size:,.0f} MB")
        full = _measured(ours, rounds, jobs)
        verified = ours.site.call("log", "verify", seconds=3600)
        if verified.returncode:
            raise SystemExit(f"the chain is not whole: {verified.stdout[:500]}")
    rows = tuple(
        (what, figure(fresh[what]), figure(full[what]), figure(full[what] - fresh[what]))
        for what in full
    )
    columns = ("", "new ledger", "full ledger", "more")
    outcome.tables.append(Table(f"{jobs:,} jobs; seconds, or MiB", columns, rows))
    outcome.notes.append(f"The full ledger takes {size:,.0f} MB; its log was verified to be whole.")
    outcome.raw = {"jobs": jobs, "new": fresh, "full": full}
    return outcome


def _measured(ours: Sealgate, rounds: int, jobs: int) -> dict[str, float]:
    starts: dict[str, list[float]] = {_START: [], _LOOKING: []}
    used = 0.0
    for _ in range(rounds):
        # As after a crash, or when anybody else has written to the file.
        (ours.site.state / "ledger.sqlite.sound").unlink(missing_ok=True)
        for what in (_LOOKING, _START):
            taken, used = _start(ours.site)
            starts[what].append(taken)
    found = {what: median(taken) for what, taken in starts.items()}
    found["daemon: resident memory, MiB"] = used
    for what, words in _searches(jobs).items():
        found[what] = median(_taken(ours.site, words) for _ in range(rounds))
        say(f"{what}: {found[what]:.2f} s")
    return found


def _searches(jobs: int) -> dict[str, tuple[str, ...]]:
    """Return what is looked for: the whole log is read for words, a part for the others."""
    day = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()
    search = ("log", "search", "--limit", "20")
    return {
        "log search by a file's name": (*search, f"invoice-{jobs - jobs // 20:07}"),
        "log search by seal": (*search, "company-seal-7"),
        "log search by words, within a day": (*search, "invoice", "--since", day, "--until", day),
        "log search of a day": (*search, "--since", day, "--until", day),
        "log search of failures": (*search, "--event", "job.failed"),
        "status": ("status",),
    }


def _start(site: TestSite) -> tuple[float, float]:
    """Start the daemon; return the seconds until it is ready, and its memory in MiB."""
    site.words.unlink(missing_ok=True)
    began = time.monotonic()
    with site.daemon() as daemon:
        until("the daemon is ready", lambda: "ready" in site.daemon_says(), 600, 0.01)
        taken = time.monotonic() - began
        used = memory((daemon.pid,))[daemon.pid]
    return taken, used


def _taken(site: TestSite, words: tuple[str, ...]) -> float:
    began = time.monotonic()
    done = site.call(*words, seconds=1800)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{words}: {done.stderr}")
    return time.monotonic() - began


def parser() -> argparse.ArgumentParser:
    """Return the parser of this benchmark's arguments."""
    made = arguments(__doc__)
    made.add_argument("--jobs", type=int, default=0)
    made.add_argument("--entries", type=int, default=0, help="of the signing log, at least")
    made.add_argument("--rounds", type=int, default=0)
    return made


def main() -> None:
    """Print what was measured."""
    measure(parser().parse_args()).show()


if __name__ == "__main__":
    main()
