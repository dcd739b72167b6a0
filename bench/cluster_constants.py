"""Measure what a document costs the database and the shared folder, for `bench.cluster_model`.

Usage: python -m bench.cluster_constants [--jobs N]

Writes bench/cluster_constants.json. Times are processor time, so that other work on the machine
does not count; waits for the server are counted, not timed: how long one takes is the network's.
The server runs on this machine, with the settings of its package. The processor time of a whole
document is that of `make bench` (bench/results.json).
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg

from bench.corpus import ONE_PAGE, Copies
from bench.ledger_engines import travel
from bench.measuring import family, processor_seconds, say
from bench.sealing import Sealgate
from gateway.core.job import Artifact, Job, Slot
from gateway.core.quota import Package, Price
from gateway.core.states import Event, State
from gateway.ledger.charges import Attempt, settle_job
from gateway.ledger.connection import Connection
from gateway.ledger.jobs import moved
from gateway.ledger.permission import count
from gateway.ledger.postgresql.connection import Sent
from gateway.ledger.postgresql.ledger import PostgresqlLedger
from gateway.wiring import SystemClock
from tests.ledger.making import WAY
from tests.postgresql import LedgerDatabase, PostgresqlServer, lasting_server

FILE = Path(__file__).with_suffix(".json")
_GROUP = 64
_SHA = "0123456789abcdef" * 4
_STORED = {
    Event.ACCEPTED: (Slot.ORIGINAL,),
    Event.PLANNED: (Slot.PLAN,),
    Event.PREPARED: (Slot.PREPARED, Slot.SEAM, Slot.SIGNER),
    Event.ANSWERED: (Slot.SIGNATURE,),
    Event.EMBEDDED: (Slot.SIGNED,),
}
_PRICE = Price("csc", 1, repeats=1, repeats_are_free=True, per_document=False, metered=True)
_SIZES = """
SELECT pg_database_size(current_database()), pg_current_wal_lsn() - '0/0'::pg_lsn,
       pg_total_relation_size('jobs'), pg_total_relation_size('log')
"""
_LEFT = "SELECT sum(n_tup_upd + n_tup_del), sum(n_tup_hot_upd) FROM pg_stat_user_tables"
_SESSIONS = "SELECT count(*) - 1 FROM pg_stat_activity WHERE datname = 'ledger'"


@dataclass(frozen=True)
class Constants:
    """What was measured; bytes and counts are of one document unless they say otherwise."""

    steps: int
    """Transitions of a job."""
    seconds_per_group: float
    """Processor time of a node for a transaction, under the lock, without its steps."""
    seconds_per_step: float
    """The same for each step in it."""
    server_seconds_per_step: float
    """Processor time of the database for a step that shares its transaction with many."""
    waits: int
    """Ways to the server and back, under the lock, of its steps, beyond the one of a group."""
    sessions: int
    """Of a node that works with 32 threads, at most."""
    bytes_kept: float
    bytes_of_job: float
    bytes_of_log: float
    bytes_written_ahead: float
    """To the server's own log, at a full-page image now and then."""
    old_rows: float
    """Row versions left for vacuum to remove, other than in place."""
    files_synced: float
    """Calls of fsync on the shared folder."""


def read() -> Constants:
    """Return what was measured last."""
    return Constants(**json.loads(FILE.read_text()))


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=3200)
    chosen = parser.parse_args()
    found = measure(chosen.jobs)
    for name, value in asdict(found).items():
        say(f"{name}: {value:,.6g}")
    FILE.write_text(json.dumps(asdict(found), indent=2) + "\n")


def measure(jobs: int) -> Constants:
    """Take jobs from claim to archive, in groups, and alone."""
    with lasting_server() as server:
        database = LedgerDatabase(server)
        with closing(PostgresqlLedger(database.address, SystemClock())) as ledger:
            ledger.buy(Package("csc", 10**6, date(2026, 1, 1), None, ""), "bench")
            _travel(ledger, "warm", _GROUP)
            with database.address.connect() as asked:
                return _measured(server, ledger, asked, jobs // _GROUP)


def _measured(
    server: PostgresqlServer, ledger: PostgresqlLedger, asked: psycopg.Connection, rounds: int
) -> Constants:
    before, spent = _asked(asked, _SIZES), _server_seconds(server)
    groups = [_travel(ledger, f"{number:06}", _GROUP) for number in range(rounds)]
    documents = rounds * _GROUP
    steps = len(WAY) + 1
    of_server = (_server_seconds(server) - spent) / (documents * steps)
    after = _asked(asked, _SIZES)
    time.sleep(1)  # until the sessions have told what they did
    updated, in_place = _asked(asked, _LEFT)
    kept, ahead, job, log = ((b - a) / documents for a, b in zip(before, after, strict=True))
    alone = [_travel(ledger, f"alone-{number:06}", 1) for number in range(100)]
    whole = statistics.median(one.seconds for one in groups) / steps
    single = statistics.median(one.seconds for one in alone) / steps
    per_step = (whole - single) / (_GROUP - 1)
    return Constants(
        steps=steps,
        seconds_per_group=single - per_step,
        seconds_per_step=per_step,
        server_seconds_per_step=of_server,
        waits=groups[-1].waits // _GROUP,
        sessions=_most_sessions(ledger, asked),
        bytes_kept=kept,
        bytes_of_job=job,
        bytes_of_log=log,
        bytes_written_ahead=ahead,
        old_rows=(updated - in_place) / (documents + _GROUP),
        files_synced=_files_synced(),
    )


@dataclass(frozen=True)
class _Took:
    seconds: float
    waits: int


def _travel(ledger: PostgresqlLedger, name: str, documents: int) -> _Took:
    """Take jobs along together: each of their steps is one transaction for all of them."""
    now = datetime.now(UTC)
    jobs = [
        Job(f"{name}-{n:02}", State.CLAIMED, 1, "bench", f"{name}-{n}.pdf", f"/spool/{n}", now, now)
        for n in range(documents)
    ]
    with _looks_counted() as looks:
        began = time.thread_time()
        opened = ledger.open_all((job, {"source": job.source}) for job in jobs)
        moving = [job for job in opened if job is not None]
        for event in WAY:
            moving = ledger._store.together(_step(moving, event))
        seconds = time.thread_time() - began
    return _Took(seconds, len(looks))


def _step(jobs: Sequence[Job], event: Event) -> Callable[[Connection], list[Job]]:
    now = datetime.now(UTC)
    stored = tuple(Artifact(slot, _SHA, 300_000) for slot in _STORED.get(event, ()))
    details = {"sha256": _SHA, "file": "contracts/2026/invoice-0042-sealed.pdf"}

    def one(connection: Connection, job: Job) -> Job:
        if event is Event.SENT:
            attempt = Attempt(connection, _PRICE, job.id, job.digest)
            count(connection, now, job)
            attempt.begin(now)
        changes: dict[str, object] = {"artifacts": job.storing(*stored)} if stored else {}
        if event is Event.ACCEPTED:
            changes["sha256"] = _SHA[: -len(job.id)] + job.id
        following = moved(connection, now, job, event, details=details, changes=changes)
        settle_job(connection, job.id, event, "")
        return following

    return lambda connection: [one(connection, job) for job in jobs]


@contextmanager
def _looks_counted() -> Iterator[list[object]]:
    """Count the statements whose outcome somebody looks at before the commit."""
    looked: list[object] = []
    known: set[int] = set()
    """Of the statements that were sent, those whose answers came with one that was waited for."""
    sent: list[Sent] = []
    names = ("__init__", "fetchone", "fetchall", "__iter__", "wait")
    real = {name: getattr(Sent, name) for name in names}

    def send(one: Sent, *given: object) -> None:
        sent.append(one)
        real["__init__"](one, *given)

    def counting(name: str) -> Callable[[Sent], object]:
        def look(one: Sent) -> object:
            if id(one) not in known:
                looked.append(one)
                known.update(map(id, sent))
            return real[name](one)

        return look

    Sent.__init__ = send  # type: ignore[method-assign, assignment]
    for name in names[1:]:
        setattr(Sent, name, counting(name))
    try:
        yield looked
    finally:
        for name, function in real.items():
            setattr(Sent, name, function)


def _most_sessions(ledger: PostgresqlLedger, asked: psycopg.Connection) -> int:
    """Return how many there are while jobs are read before each of their steps, as in a daemon."""
    most = 0
    advance = ledger.advance

    def read_first(job: Job, *given: Any, **named: Any) -> Job:
        ledger.get(job.id)
        return advance(job, *given, **named)

    ledger.advance = read_first  # type: ignore[method-assign]
    working = threading.Thread(target=travel, args=(ledger, "many", 320, 32))
    working.start()
    while working.is_alive():
        most = max(most, int(_asked(asked, _SESSIONS)[0]))
        time.sleep(0.01)
    return most


def _asked(connection: psycopg.Connection, question: str) -> tuple[float, ...]:
    row = connection.execute(question.encode()).fetchone()
    assert row is not None  # noqa: S101
    return tuple(map(float, row))


def _server_seconds(server: PostgresqlServer) -> float:
    assert server._process is not None  # noqa: S101
    return processor_seconds(family(server._process.pid))


def _files_synced(documents: int = 20) -> float:
    """Count the calls of fsync that are not for the ledger's own file, while a site works."""
    with tempfile.TemporaryDirectory(prefix="sealgate-bench-") as folder:
        said = Path(folder) / "calls"
        with Sealgate(Path(folder) / "site") as sealgate:
            sealgate.warm_up()
            watched = [flag for one in family(sealgate.process) for flag in ("-p", str(one))]
            command = ["strace", "-f", "-y", "-qq", "-e", "trace=fsync,fdatasync", "-o", str(said)]
            with subprocess.Popen([*command, *watched]) as strace:
                time.sleep(1)  # until it is attached
                sealgate.seal(Copies(Path(folder) / "documents", ONE_PAGE).take(documents))
                strace.terminate()
        calls = [line for line in said.read_text().splitlines() if "sync(" in line]
    return sum("ledger.sqlite" not in line for line in calls) / documents


if __name__ == "__main__":
    main()
