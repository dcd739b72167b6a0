"""Where a cluster of many nodes meets its walls: a model with measured constants.

Usage: python -m bench.cluster_model [--nodes N] [--documents N] [--seconds N] [--seed N] [--write]

What was measured is read from bench/cluster_constants.json (`python -m bench.cluster_constants`)
and bench/results.json (`make bench`); what is assumed is printed beside it. The lock of the ledger
is simulated, event by event, with groups as `gateway/ledger/writer.py` makes them; the other walls
are a resource divided by what a document takes of it.
"""

from __future__ import annotations

import argparse
import heapq
import json
import math
import random
import statistics
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path

from bench.cluster_constants import Constants, read
from bench.measuring import percentile, say
from bench.outcome import Table, figure

_RESULTS = Path(__file__).with_name("results.json")
_MOST = 64
"""Steps that share a commit, as in `gateway/ledger/writer.py`."""
_ROUND_TRIPS = (0.1, 0.5, 2.0)
"""Milliseconds between a node and the database."""
_YEAR = 365 * 24 * 3600
_GIB = 2.0**30
_PAGE = Path(__file__).parents[1] / "docs" / "scale.md"
_BEGIN, _END = "<!-- python -m bench.cluster_model --write -->", "<!-- end of the model -->"


@dataclass(frozen=True)
class Assumed:
    """What depends on the site, not on Sealgate; change it to what yours has."""

    cores: int = 4
    """Of a node."""
    disk_wait: float = 0.002
    """Seconds for which the database's disk keeps a commit waiting."""
    stage: float = 0.05
    """Seconds between two steps of a document, on average."""
    syncs: float = 2000
    """Calls of fsync that the shared file system does in a second."""
    service: float = 0.1
    """Seconds that the remote service takes for a signature."""
    in_flight: int = 64
    """Calls of a node."""
    service_rate: float = 200
    """Signatures a second that its contract allows."""
    sessions: int = 97
    """`max_connections` of the server, as its package has it, less those of its administrator."""
    sessions_of_queue: int = 5
    """Of a node, beyond the ledger's own: what distributes the work, and its wake-ups."""
    database_cores: int = 4
    """Of its machine."""
    vacuum: float = 5000
    """Pages a second that autovacuum may dirty with its settings as they are: a cost of 20 each, of
    200 every 2 ms."""


@dataclass(frozen=True)
class Lock:
    """What a transaction holds the lock of all writers for."""

    round_trip: float
    group: float
    step: float
    waits_per_step: float

    def held(self, steps: int) -> float:
        """Return the seconds for which a group of steps holds it."""
        waits = 1 + steps * self.waits_per_step
        return waits * self.round_trip + self.group + steps * self.step

    def wall(self) -> float:
        """Return the steps a second when every group is full."""
        return _MOST / self.held(_MOST)


@dataclass
class _Node:
    """Steps that wait on a node for its next transaction."""

    steps: deque[tuple[int, float]] = field(default_factory=deque)
    """Document, and when its step came."""
    asks: bool = False


@dataclass(frozen=True)
class Seen:
    """What a simulation came to."""

    finished: int
    """Documents."""
    offered: int
    waits: tuple[float, ...]
    """Seconds from each step to its commit, in order."""

    @property
    def keeps_up(self) -> bool:
        """Tell whether work does not pile up: the second half waits about as the first."""
        half = len(self.waits) // 2
        first, second = statistics.fmean(self.waits[:half]), statistics.fmean(self.waits[half:])
        return second < 1.5 * first + 0.02


def simulate(
    lock: Lock, rate: float, assumed: Assumed, *, steps: int, nodes: int, seconds: float, seed: int
) -> Seen:
    """Let documents come at random and take their steps; return how long these waited."""
    chance, order = random.Random(seed), count()  # noqa: S311  # the same again
    events: list[tuple[float, int, int, int]] = []  # time, order, node (or ~node: its lock), job
    for job, at in enumerate(_arrivals(chance, rate, seconds)):
        heapq.heappush(events, (at, next(order), chance.randrange(nodes), job))
    offered, finished = len(events), 0
    left = [steps] * offered
    site = [_Node() for _ in range(nodes)]
    free, waits = 0.0, []
    while events and events[0][0] < seconds:
        now, _, which, job = heapq.heappop(events)
        node = site[which if which >= 0 else ~which]
        if which >= 0:
            node.steps.append((job, now))
            if not node.asks:
                node.asks = True
                heapq.heappush(events, (now + lock.round_trip / 2, next(order), ~which, 0))
            continue
        if free > now:  # somebody has it: asked again when it is given back
            heapq.heappush(events, (free, next(order), which, 0))
            continue
        group = [node.steps.popleft() for _ in range(min(_MOST, len(node.steps)))]
        free = now + lock.held(len(group))
        node.asks = bool(node.steps)
        if node.asks:
            heapq.heappush(events, (free, next(order), which, 0))
        told = free + lock.round_trip / 2 + assumed.disk_wait
        for one, came in group:
            waits.append(told - came)
            left[one] -= 1
            finished += not left[one]
            if left[one]:
                later = told + chance.expovariate(1 / assumed.stage)
                heapq.heappush(events, (later, next(order), ~which, one))
    return Seen(finished, offered, tuple(waits))


def lock_wall(
    lock: Lock, assumed: Assumed, *, steps: int, nodes: int, seconds: float, seed: int
) -> float:
    """Return the documents a second up to which work does not pile up before the lock."""
    low, high = 0.0, 1.5 * lock.wall() / steps
    while high - low > 0.02 * high:
        rate = (low + high) / 2
        seen = simulate(lock, rate, assumed, steps=steps, nodes=nodes, seconds=seconds, seed=seed)
        low, high = (rate, high) if seen.keeps_up else (low, rate)
    return low


@dataclass(frozen=True)
class Wall:
    """Where something is used up."""

    what: str
    documents: float
    """A second, for the whole cluster."""
    nodes: float
    """Whose processors seal that many."""
    why: str


def walls(
    constants: Constants, assumed: Assumed, *, processor: float, nodes: int
) -> Iterator[Wall]:
    """Yield the walls that need no simulation; `processor` seconds a document takes."""
    each = assumed.cores / processor

    def wall(what: str, documents: float, why: str) -> Wall:
        return Wall(what, documents, documents / each, why)

    yield wall(
        "processors of the nodes",
        nodes * each,
        f"{processor * 1000:.0f} ms a document, {nodes} nodes of {assumed.cores} cores",
    )
    yield wall(
        "processors of the database",
        assumed.database_cores / (constants.server_seconds_per_step * constants.steps),
        f"{constants.server_seconds_per_step * 1e6:.0f} µs a step, {assumed.database_cores} cores",
    )
    yield wall(
        "fsync on the shared folder",
        assumed.syncs / constants.files_synced,
        f"{constants.files_synced:.0f} a document, {assumed.syncs:,.0f} a second",
    )
    yield wall(
        "the remote service",
        min(assumed.service_rate, nodes * assumed.in_flight / assumed.service),
        f"its contract allows {assumed.service_rate:.0f} a second; {nodes} nodes could have"
        f" {nodes * assumed.in_flight / assumed.service:,.0f}",
    )
    yield wall(
        "vacuum",
        assumed.vacuum / constants.old_rows,
        f"{constants.old_rows:.1f} old rows a document, each in a page of its own at worst;"
        f" {assumed.vacuum:,.0f} pages a second",
    )
    sessions = constants.sessions + assumed.sessions_of_queue
    yield wall(
        "sessions of the database",
        assumed.sessions // sessions * each,
        f"{sessions} a node, {assumed.sessions} in all",
    )


def measured_processor() -> float:
    """Return the processor time of a document of one page, in seconds, as measured last."""
    found = json.loads(_RESULTS.read_text())["benchmarks"]["throughput"]["values"]["1 page"]
    return statistics.median(found["Sealgate, 100 ms service, 64 in flight"]["costs"]) / 1000


def main() -> None:
    """Print what comes of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=100)
    parser.add_argument("--documents", type=float, default=1e8, help="a year")
    parser.add_argument("--seconds", type=float, default=20, help="that are simulated")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="into docs/scale.md as well")
    chosen = parser.parse_args()
    lines = list(_told(chosen))
    say("\n".join(lines))
    if chosen.write:
        before, rest = _PAGE.read_text().split(_BEGIN)
        after = rest.split(_END)[1]
        _PAGE.write_text("\n".join((before + _BEGIN, *lines, _END + after)))


def _told(chosen: argparse.Namespace) -> Iterator[str]:
    constants, assumed, processor = read(), Assumed(), measured_processor()
    average, peak = chosen.documents / _YEAR, chosen.documents / 365 / 2 / 3600
    yield f"{chosen.documents:,.0f} documents a year: {average:.1f} a second on average, {peak:.0f}"
    yield f"in an hour that has half of a day's. {chosen.nodes} nodes.\n"
    options = {"steps": constants.steps, "nodes": chosen.nodes, "seed": chosen.seed}
    found = list(walls(constants, assumed, processor=processor, nodes=chosen.nodes))
    waits = []
    for milliseconds in _ROUND_TRIPS:
        lock = lock_of(constants, milliseconds / 1000)
        wall = lock_wall(lock, assumed, seconds=chosen.seconds, **options)
        one, many = lock.held(1) * 1000, lock.held(_MOST) * 1000
        why = f"held for {one:.2f} ms by one step, for {many:.0f} ms by {_MOST}"
        what = f"the ledger's lock, {milliseconds:g} ms away"
        found.append(Wall(what, wall, wall * processor / assumed.cores, why))
        for load, rate in (("average", average), ("peak hour", peak)):
            seen = simulate(lock, rate, assumed, seconds=chosen.seconds, **options)
            waits.append((f"{milliseconds:g} ms, {load}", rate, rate / wall, seen))
    found.sort(key=lambda each: each.documents)
    yield from _walls_told(found, peak)
    yield from _waits_told(waits)
    yield from _growth_told(constants, chosen.documents)
    yield "\nAssumed, to be replaced by what a site has (`Assumed` in `bench/cluster_model.py`):"
    yield ", ".join(f"{name} {value:g}" for name, value in asdict(assumed).items()) + "."


def lock_of(constants: Constants, round_trip: float) -> Lock:
    """Return what the lock is held for when a way to the server and back takes so many seconds."""
    return Lock(
        round_trip,
        constants.seconds_per_group,
        constants.seconds_per_step,
        constants.waits / constants.steps,
    )


def _walls_told(found: list[Wall], peak: float) -> Iterator[str]:
    columns = ("what is used up", "documents/s", "times the peak hour", "busy nodes")
    rows = tuple(
        (one.what, figure(one.documents), figure(one.documents / peak), figure(one.nodes))
        for one in found
    )
    yield from Table("", columns, rows).lines()
    yield "\n```"
    most = found[-1].documents
    for what, documents in (("the peak hour", peak), *((one.what, one.documents) for one in found)):
        # One mark for each tenth of a power of ten: the walls are far from each other.
        yield f"{what:32} {'#' * max(1, round(12 * math.log10(documents)))} {documents:,.0f}"
    yield f"{'documents/s':32} 1{'10':>11}{'100':>13}{'1,000':>14}" + " " * (most < 1000)
    yield "```\n"
    yield from (f"- {one.what}: {one.why}" for one in found)


def _waits_told(waits: list[tuple[str, float, float, Seen]]) -> Iterator[str]:
    columns = ("round trip, load", "documents/s", "of the lock", "a step's commit p50, ms", "p99")
    rows = []
    for what, rate, share, seen in waits:
        found = sorted(seen.waits)
        half, nearly = (1000 * percentile(found, part) for part in (0.5, 0.99))
        rows.append((what, figure(rate), f"{share:.0%}", f"{half:.1f}", f"{nearly:.1f}"))
    yield ""
    yield from Table("", columns, tuple(rows)).lines()


def _growth_told(constants: Constants, documents: float) -> Iterator[str]:
    columns = ("growth", "a document, KiB", "a year, GiB")
    rows = tuple(
        (name, f"{each / 1024:.1f}", f"{each * documents / _GIB:,.0f}")
        for name, each in (
            ("database", constants.bytes_kept),
            ("of which jobs", constants.bytes_of_job),
            ("of which the signing log", constants.bytes_of_log),
            ("written ahead (WAL)", constants.bytes_written_ahead),
        )
    )
    yield ""
    yield from Table("", columns, rows).lines()


def _arrivals(chance: random.Random, rate: float, seconds: float) -> Iterator[float]:
    at = chance.expovariate(rate)
    while at < seconds:
        yield at
        at += chance.expovariate(rate)


if __name__ == "__main__":
    main()
