"""What happened to single documents of a cluster: each step, by which node, amid which events.

The log does not say which node did a step: here the database notes it, by the name that each
node's sessions have.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.postgresql import PostgresqlServer

_NOTING = (
    "CREATE TABLE bench_trace (sequence bigint PRIMARY KEY, node text)",
    """
    CREATE FUNCTION bench_trace() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO bench_trace VALUES (NEW.sequence, current_setting('application_name'));
      RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER bench_trace AFTER INSERT ON log
    FOR EACH ROW EXECUTE FUNCTION bench_trace()
    """,
)
_STEPS = """
SELECT at, event, job, node, details FROM log JOIN bench_trace USING (sequence)
WHERE job IN (SELECT id FROM jobs WHERE source = %s) ORDER BY sequence
"""
_OTHERS = """
SELECT at, event, '', node, details FROM log JOIN bench_trace USING (sequence)
WHERE at BETWEEN %s AND %s AND event IN ('node.taken-over', 'daemon.started')
"""


def now() -> str:
    """Return the time as the log writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass
class Diary:
    """What was done to nodes and documents from outside, and when."""

    events: list[tuple[str, str]] = field(default_factory=list)
    received: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    """By the result's name: when it was taken, and what its receipt says of the job."""

    def note(self, what: str) -> None:
        """Write down what happens to nodes."""
        self.events.append((now(), what))

    def receive(self, name: str, job: str) -> None:
        """Write down that a result was taken."""
        self.received[name].append((now(), job))


def begin(server: PostgresqlServer, database: str) -> None:
    """Let a ledger's database note from here on which node makes each entry of the log."""
    server.execute(database, *_NOTING)


def story(server: PostgresqlServer, database: str, diary: Diary, source: str) -> Iterator[str]:
    """Yield a line for each thing that bears on a document, in the order of time."""
    result = source.rpartition("/")[2].replace(".pdf", "-sealed.pdf")
    with server.address(database).connect() as connection:
        steps = connection.execute(_STEPS, (source,)).fetchall()
        taken = diary.received.get(result, [])
        times = sorted([*(str(row[0]) for row in steps), *(at for at, _ in taken)])
        first, last = (times[0], times[-1]) if times else ("", "")
        others = connection.execute(_OTHERS, (first, last)).fetchall()
    lines = [_line(row) for row in (*steps, *others)]
    lines += [(at, f"received, job {job}") for at, job in taken]
    lines += [(at, what) for at, what in diary.events if first <= at <= last]
    yield f"{source}:"
    yield from (f"  {at}  {what}" for at, what in sorted(lines))


def _line(row: tuple[Any, ...]) -> tuple[str, str]:
    at, event, job, node, details = row
    return str(at), f"{event} {job} by {node} {details}"
