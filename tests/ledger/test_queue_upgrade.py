"""The queue's own tables are brought forward while a node of the version before still works."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, LiteralString, cast

import psycopg
import pytest

from gateway.ledger.connection import Connection
from gateway.ledger.postgresql import own_schema
from gateway.ledger.postgresql.address import PostgresqlAddress
from gateway.ledger.postgresql.ledger import PostgresqlLedger
from gateway.ports import NodeFacts
from tests.ledger.making import StandingClock, travelled
from tests.postgresql import LedgerDatabase

_BEFORE = "03.03.00_01_pre_priority_lock_fetch_job.sql"
_DURING = "03.04.00_01_pre_add_retry_failed_job_procedure.sql"
_AFTER = "03.04.00_50_post_add_retry_failed_job_procedure.sql"
_QUEUED = """
SELECT procrastinate_defer_jobs_v1(ARRAY[
  ('jobs', 'sealgate.run', 0, 'job', 'job', '{}', NULL)::procrastinate_job_to_defer_v1
])
"""
_FETCHED = "SELECT id FROM procrastinate_fetch_job_v2(ARRAY['jobs'], %s)"
_FINISHED = "SELECT procrastinate_finish_job_v1(%s, 'succeeded', true)"
_SHAPE = """
SELECT 'function', proname, prosrc FROM pg_proc WHERE proname LIKE 'procrastinate%'
UNION ALL SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger
WHERE tgname LIKE 'procrastinate%'
UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes
WHERE tablename LIKE 'procrastinate%'
UNION ALL SELECT 'column', table_name || '.' || column_name, data_type || is_nullable
FROM information_schema.columns WHERE table_name LIKE 'procrastinate%'
UNION ALL SELECT 'kind', typname, enumlabel FROM pg_enum
JOIN pg_type ON pg_type.oid = enumtypid ORDER BY 1, 2, 3
"""


@pytest.fixture
def older(ledger_database: LedgerDatabase) -> Iterator[PostgresqlAddress]:
    """Yield where a database is whose queue was made by procrastinate 3.3."""
    address = ledger_database.server.create("older_queue")
    with address.connect() as database:
        for migration in own_schema._migrations():
            if migration.name <= _BEFORE:
                database.execute(migration.read_bytes(), prepare=False)
        database.execute(own_schema._MARK.encode())
        database.execute(b"INSERT INTO own_schema VALUES (1, 0, %s)", (_BEFORE,))
    yield address
    ledger_database.server.execute("postgres", "DROP DATABASE older_queue WITH (FORCE)")


def test_an_older_node_works_on_until_it_ends(
    older: PostgresqlAddress,
    ledger_database: LedgerDatabase,
    clock: StandingClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What an older program needs stays while it works, and goes when none does any more."""
    assert own_schema.newest_known() == _AFTER, "a newer procrastinate: choose its last step here"
    known = own_schema._migrations()
    with older.connect() as database:
        with monkeypatch.context() as before:
            before.setattr(
                own_schema, "_migrations", lambda: [m for m in known if m.name < _DURING]
            )
            old = PostgresqlLedger(older, clock)
            old.members.join(NodeFacts("old", "machine", "0.1", ""))
            worker = _one(database, "SELECT worker_id FROM procrastinate_register_worker_v1()")
            old.members.work_as("old", worker)
        with closing(PostgresqlLedger(older, clock)) as newer:
            newer.members.join(NodeFacts("new", "machine", "0.2", ""))
            travelled(newer, "beside an older node")
            assert _is_at(database) == _DURING
        travelled(old, "on an older node")
        database.execute(_QUEUED)
        task = _one(database, _FETCHED, worker)
        database.execute(_FINISHED, (task,))
        assert _one(database, "SELECT count(*) FROM procrastinate_jobs") == 0
        database.execute("SELECT procrastinate_unregister_worker_v1(%s)", (worker,))
        old.close()
        PostgresqlLedger(older, clock).close()
        assert _is_at(database) == _AFTER
        with ledger_database.address.connect() as fresh:
            assert database.execute(_SHAPE).fetchall() == fresh.execute(_SHAPE).fetchall()


def _is_at(database: psycopg.Connection[Any]) -> str:
    return str(_one(database, "SELECT tasks FROM own_schema"))


def _one(database: psycopg.Connection[Any], question: LiteralString, *values: object) -> Any:
    row = database.execute(question, values).fetchone()
    assert row is not None
    return row[0]


class _Asked:
    """Stands for a ledger in which nodes that are older work."""

    def execute(self, statement: str, parameters: Any = ()) -> Any:
        """Answer that there is one."""
        return self

    def fetchone(self) -> tuple[bool]:
        """Return the answer."""
        return (True,)


@pytest.mark.parametrize(
    ("present", "later", "due"),
    [
        (_BEFORE, (), (_DURING,)),
        (_DURING, (), ()),
        (_BEFORE, ("99.00.00_01_pre_later.sql",), (_DURING, _AFTER, "99.00.00_01_pre_later.sql")),
        (_AFTER, ("99.00.00_01_without_a_word.sql",), ()),
    ],
)
def test_what_an_older_node_keeps_waiting(
    present: str, later: tuple[str, ...], due: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is for afterwards waits for it, but not where a step of a later version follows."""
    known = [*own_schema._migrations(), *map(Path, later)]
    monkeypatch.setattr(own_schema, "_migrations", lambda: known)
    asked = cast("Connection", _Asked())
    assert tuple(one.name for one in own_schema._due(asked, present)) == due
