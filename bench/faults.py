"""Drive real daemons through many seeded schedules of faults, and print how they ended.

Usage: python -m bench.faults [--schedules N] [--first SEED] [--lanes N] [--engine postgresql]
                              [--minutes M] [--write FILE]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.running import Outcome, conclude, possible, run, stand_in
from tests.faults.schedule import Kind, drawn
from tests.postgresql import PostgresqlServer, lasting_server

_A_STAND = 40
"""Schedules that one stand goes through before it is verified as a whole and built anew."""


@dataclass
class Tally:
    """What has happened in all lanes so far."""

    outcomes: list[Outcome] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    """What each schedule took."""
    counts: Counter[str] = field(default_factory=Counter)
    deadline: float = float("inf")
    """Monotonic time after which no schedule begins."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def over(self) -> bool:
        """Tell whether no schedule may begin any more."""
        return time.monotonic() >= self.deadline

    def add(self, outcome: Outcome, seconds: float) -> None:
        """Count a schedule, and say at once what was wrong."""
        with self.lock:
            self.outcomes.append(outcome)
            self.seconds.append(seconds)
            if outcome.wrong:
                self.wrong.append(f"{outcome.schedule}: {'; '.join(outcome.wrong)}")
                say(f"WRONG {self.wrong[-1]}")
            elif len(self.outcomes) % 10 == 0:
                say(
                    f"{len(self.outcomes)} schedules, {len(self.wrong)} wrong;"
                    f" the last ten {sum(self.seconds[-10:]) / 10:.1f} s each"
                )


def main() -> int:
    """Run the schedules; 1 when anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schedules", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--lanes", type=int, default=2, help="sites worked on at the same time")
    parser.add_argument(
        "--engine", choices=("sqlite", "postgresql"), default="sqlite", help="of the ledger"
    )
    parser.add_argument("--minutes", type=float, help="begin no schedule after so many")
    parser.add_argument("--write", type=Path, help="write the table to this file, too")
    chosen = parser.parse_args()
    database = chosen.engine == "postgresql"
    tally, kinds, began = Tally(), possible(database=database), time.monotonic()
    if chosen.minutes is not None:
        tally.deadline = began + 60 * chosen.minutes
    seeds = list(range(chosen.first, chosen.first + chosen.schedules))
    threads = [
        threading.Thread(
            target=_lane,
            args=(tally, seeds[lane :: chosen.lanes], kinds),
            kwargs={"database": database},
        )
        for lane in range(chosen.lanes)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    table = _table(tally, kinds, (time.monotonic() - began) / 60)
    say(table)
    if chosen.write:
        chosen.write.parent.mkdir(parents=True, exist_ok=True)
        command = " ".join(("python -m bench.faults", *sys.argv[1:]))
        chosen.write.write_text(f"# Faults\n\n`{command}`\n\n{table}\n", encoding="utf-8")
    return 1 if tally.wrong else 0


def _lane(tally: Tally, seeds: list[int], kinds: tuple[Kind, ...], *, database: bool) -> None:
    """Go through seeds, on a fresh stand whenever one has served long enough or goes wrong."""
    left = list(seeds)
    while left and not tally.over:
        some = left[:_A_STAND]
        try:
            with (
                tempfile.TemporaryDirectory(prefix="sealgate-faults-") as folder,
                _server(database=database) as server,
            ):
                done = _on_one_stand(tally, some, kinds, Path(folder), server)
        except Exception as error:  # of the harness: the others are to be run still
            done = 1  # the first of them, for it may be what is wrong
            with tally.lock:
                tally.wrong.append(f"seed {some[0]} or later: {type(error).__name__}: {error}")
                say(f"WRONG {tally.wrong[-1]}")
                say(traceback.format_exc())
        left = left[done:]


@contextmanager
def _server(*, database: bool) -> Iterator[PostgresqlServer | None]:
    if not database:
        yield None
        return
    with lasting_server() as server:
        yield server


def _on_one_stand(
    tally: Tally,
    seeds: list[int],
    kinds: tuple[Kind, ...],
    folder: Path,
    server: PostgresqlServer | None,
) -> int:
    """Run schedules until one is wrong; return how many were run."""
    done = 0
    with stand_in(folder, server) as (stand, books):
        for seed in seeds:
            began = time.monotonic()
            outcome = run(stand, books, drawn(seed, kinds))
            tally.add(outcome, time.monotonic() - began)
            done += 1
            if outcome.wrong or tally.over:
                break  # what is wrong would be counted against every schedule that follows
        found = conclude(stand)
        with tally.lock:
            tally.wrong += [f"after seeds {seeds[0]} to {seeds[done - 1]}: {one}" for one in found]
            tally.counts["sealed"] += len(books.good)
            tally.counts["failed, as they must"] += len(books.broken)
            tally.counts["restarts of a daemon that had ended by itself"] += stand.restarts
            tally.counts["signatures listed as unanswered"] += books.unanswered()
    return done


def _table(tally: Tally, kinds: tuple[Kind, ...], minutes: float) -> str:
    lines = [
        f"{len(tally.outcomes)} schedules in {minutes:.0f} minutes: {len(tally.wrong)} wrong. "
        + ", ".join(f"{count} {what}" for what, count in tally.counts.items())
        + ".",
        "",
        "| fault | schedules with it | ended as they must |",
        "|---|---|---|",
    ]
    for kind in Kind:
        having = [
            outcome
            for outcome in tally.outcomes
            if any(fault.kind is kind for fault in outcome.schedule.faults)
        ]
        good = sum(not outcome.wrong for outcome in having)
        known = f"{len(having)} | {good}" if kind in kinds else "not possible here | "
        lines.append(f"| {kind.value} | {known} |")
    return "\n".join([*lines, *(f"\nWrong: {words}" for words in tally.wrong)])


def say(words: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
