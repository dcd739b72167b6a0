"""Let nodes of one site share many documents: how fast, and what comes of it when nodes die.

Usage: python -m bench.cluster throughput [--latency SECONDS] [--documents N]
       python -m bench.cluster chaos [--nodes N] [--documents N] [--seed N] [--pace SECONDS]

`throughput` measures 1, 2 and 4 nodes against a service that takes a fixed time, with so few calls
in flight that this is the limit. `chaos` kills nodes, stops them for longer than the take-over
takes and lets them go on, and crashes the database, while a receiver takes each result away
as soon as it is there; then all is counted. Of documents that are missing or came twice it prints
what happened: each step with the node that did it, when they were received, what was done to nodes.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import tracing
from bench.chaos import Chaos
from bench.measuring import beside, say, until
from bench.outcome import Goal, Table, figure
from tests.e2e.nodes import Cluster, cluster_of
from tests.e2e.pages import write_pdf
from tests.e2e.site import TestSite
from tests.postgresql import PostgresqlServer, lasting_server

_NODES = (1, 2, 4)
_IN_FLIGHT = 8
"""Calls of a node at a time."""
_NAMES = ("one", "two", "three", "four", "five", "six", "seven", "eight")
_TAKEOVER = 10
"""Seconds of silence after which others take over."""
_LONGEST = 3600.0
_FOLDER = "letters"
"""Of the inbox: its rule asks for no time-stamp."""
_TOLD = 20
"""Documents at most whose story is printed."""


def main() -> int:
    """Measure what was asked for; 1 when anything was lost, doubled or not accounted for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("throughput", "chaos"))
    parser.add_argument("--documents", type=int)
    parser.add_argument("--latency", type=float, default=4.0, help="seconds of each signature")
    parser.add_argument("--nodes", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pace", type=float, default=4.0, help="seconds to the next fault")
    chosen = parser.parse_args()
    if chosen.what == "throughput":
        return _throughput(chosen.latency, chosen.documents or 60)
    return _chaos(chosen.nodes, chosen.documents or 10_000, chosen.seed, chosen.pace)


def _throughput(latency: float, documents: int) -> int:
    rates: dict[int, float] = {}
    for count in _NODES:
        with _cluster(count, latency=latency) as (cluster, _):
            rates[count] = _rate(cluster, documents * count)
        say(f"{count} nodes: {rates[count]:.2f} documents/s")
    rows = tuple(
        (
            str(count),
            figure(count * _IN_FLIGHT / latency),
            figure(rate),
            figure(rate / rates[1]),
        )
        for count, rate in rates.items()
    )
    columns = ("nodes", "limit by latency", "documents/s", "times one node")
    say("\n".join(Table("", columns, rows).lines()))
    say(Goal("4 nodes, times one node", 3.5, rates[4] / rates[1]).line())
    return 0


def _rate(cluster: Cluster, documents: int) -> float:
    """Return documents a second between the first and the last fifth of them."""
    _drop(cluster.site, documents)
    began = ended = 0.0
    while not ended:
        done = len(_results(cluster.site))
        if not began and done >= documents / 5:
            first, began = done, time.monotonic()
        if done >= documents * 4 / 5:
            last, ended = done, time.monotonic()
        time.sleep(0.05)
    until("all are delivered", lambda: len(_results(cluster.site)) == documents, _LONGEST)
    return (last - first) / (ended - began)


def _chaos(nodes: int, documents: int, seed: int, pace: float) -> int:
    with _cluster(nodes, latency=0.1) as (cluster, server):
        tracing.begin(server, "site")
        diary = tracing.Diary()
        _drop(cluster.site, documents)
        receiver = _Receiver(cluster.site, diary)
        chaos = Chaos(cluster, server, seed, takeover=_TAKEOVER, note=diary.note, pace=pace)
        began = time.monotonic()
        longest = max(_LONGEST, float(documents))
        with receiver.receiving(), chaos.raging():
            while len(diary.received) < documents and time.monotonic() - began < longest:
                time.sleep(5)
                passed = time.monotonic() - began
                say(f"{passed:.0f} s: {len(diary.received)} received; {chaos.told()}")
        with receiver.receiving():
            left = _left(cluster.site, documents)
        took = time.monotonic() - began
        charged = cluster.site.usage()["charged"]
        happened = (*sorted(chaos.done.items()), ("signatures bought", charged))
        say(f"{took / 60:.1f} minutes, {documents / took:.2f} documents/s")
        outcome = _counted(cluster.site, diary, documents, happened)
        odd = [_source(n) for n in range(documents) if len(diary.received[_result_of(n)]) != 1]
        for source in sorted({*odd, *left})[:_TOLD]:
            say("\n".join(tracing.story(server, "site", diary, source)))
        return outcome


def _left(site: TestSite, documents: int) -> list[str]:
    """Wait until all are archived; return the sources of those that are not in time."""
    deadline = time.monotonic() + 300
    while True:
        archived = {entry["job"] for entry in site.events("job.archived")}
        if len(archived) >= documents or time.monotonic() > deadline:
            break
        time.sleep(1)
    claimed = {entry["job"]: entry["details"] for entry in site.events("job.claimed")}
    return [
        details.rpartition("source=")[2]
        for job, details in claimed.items()
        if job not in archived and len(archived) < documents
    ]


def _counted(
    site: TestSite, diary: tracing.Diary, documents: int, happened: tuple[tuple[str, int], ...]
) -> int:
    """Print what came of it; return 1 when it is not as it must be."""
    charged = dict(happened)["signatures bought"]
    delivered = len(site.events("result.delivered"))
    unanswered = len(site.events("sign.unanswered"))
    received = len(diary.received)
    doubled = sum(len(each) - 1 for each in diary.received.values())
    log = site.call("log", "verify")
    rows = (
        ("documents", str(documents)),
        *((what, str(number)) for what, number in happened),
        ("received", str(received)),
        ("received twice", str(doubled)),
        ("delivered, by the log", str(delivered)),
        ("failed", str(len(site.failures()))),
        ("listed as unanswered", str(unanswered)),
        ("the log's chain", "whole" if log.returncode == 0 else "BROKEN"),
    )
    say("\n".join(Table("", ("what", "number"), rows).lines()))
    whole = received == delivered == documents and not doubled
    paid = documents <= charged <= documents + unanswered
    return 0 if whole and paid and log.returncode == 0 and not site.failures() else 1


class _Receiver:
    """Takes each result with its receipt out of the outbox as soon as both are there."""

    def __init__(self, site: TestSite, diary: tracing.Diary) -> None:
        self._site = site
        self._diary = diary

    @contextmanager
    def receiving(self) -> Iterator[None]:
        """Receive while the block runs, and once more after it."""
        stopping = threading.Event()
        with beside(lambda: self._receive(stopping), stopping):
            yield
        self._take()

    def _take(self) -> None:
        for result in _results(self._site):
            receipt = result.with_name(f"{result.name}.receipt.json")
            if receipt.exists():
                job = str(json.loads(receipt.read_text())["job"])
                receipt.unlink()
                result.unlink()
                self._diary.receive(result.name, job)

    def _receive(self, stopping: threading.Event) -> None:
        while not stopping.wait(0.2):
            self._take()


@contextmanager
def _cluster(nodes: int, *, latency: float) -> Iterator[tuple[Cluster, PostgresqlServer]]:
    with (
        tempfile.TemporaryDirectory(prefix="sealgate-bench-") as name,
        lasting_server() as server,
    ):
        site = TestSite.make(Path(name) / "site")
        site.edit("gateway.yaml", lambda text: f"{text}\nlimits: {{in_flight: {_IN_FLIGHT}}}\n")
        flags = ("--latency-ms", str(latency * 1000))
        takeover = f"{_TAKEOVER}s"
        with cluster_of(site, server, "site", takeover=takeover, sandbox=flags) as cluster:
            cluster.start(*_NAMES[:nodes])
            yield cluster, server


def _drop(site: TestSite, documents: int) -> None:
    source = site.root.parent / "dropped.pdf"
    for number in range(documents):
        site.drop(write_pdf(source, (f"page of {number}",)), _source(number))


def _source(number: int) -> str:
    return f"{_FOLDER}/{number:06}.pdf"


def _result_of(number: int) -> str:
    return f"{number:06}-sealed.pdf"


def _results(site: TestSite) -> list[Path]:
    return site.delivered()


if __name__ == "__main__":
    sys.exit(main())
