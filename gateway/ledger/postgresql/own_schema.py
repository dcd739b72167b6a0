"""What only PostgreSQL has beside the ledger's tables: leases, nodes, and the queue of tasks.

The queue's tables are procrastinate's: its schema when they are made, then its migrations in the
order of their names. It names them so that older programs can live with the ones that are to be
done before the newer program starts (`_pre_`); those for afterwards (`_post_`, and all that have
neither in their names) take away what only older programs need. So a node that is the first of a
newer version leaves the latter alone while an older one works; whoever opens the ledger when no
older one does any more makes up for it. That is for one such step, as procrastinate's manual has
it ("Migrate the Procrastinate schema"): where a later `_pre_` follows on a `_post_`, all is done.
"""

from __future__ import annotations

from itertools import takewhile
from pathlib import Path

from procrastinate.schema import SchemaManager

from gateway.ledger.connection import Connection
from gateway.ledger.postgresql.connection import PostgresqlConnection

# Versions of our own part, each a step from the one before; the first comes with the ledger.
_STEPS = (
    "CREATE SEQUENCE node_numbers",
    """
CREATE TABLE nodes (
  name          text COLLATE "C" PRIMARY KEY,
  host          text NOT NULL,
  version       text NOT NULL,            -- of the program
  configuration text NOT NULL,            -- hash of what its gateway.yaml comes to
  worker        bigint,                   -- its row of procrastinate_workers; NULL while it rests
  number        bigint NOT NULL,          -- of its process; 0 when others have taken over from it
  draining      boolean NOT NULL DEFAULT false,
  since         timestamptz NOT NULL,
  seen          timestamptz NOT NULL
)
""",
    """
CREATE FUNCTION ledger_fence_worker(number bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM procrastinate_workers WHERE id = number) THEN
    RAISE EXCEPTION 'other nodes have taken over from this one' USING ERRCODE = 'SG001';
  END IF;
END $$
""",
    # The newest migration of the queue that the node's program knows.
    """ALTER TABLE nodes ADD COLUMN tasks text COLLATE "C" NOT NULL DEFAULT ''""",
)
_MARK = """
CREATE TABLE IF NOT EXISTS own_schema (
  one   bigint PRIMARY KEY CHECK (one = 1),
  steps bigint NOT NULL,
  tasks text COLLATE "C" NOT NULL         -- the newest migration of the queue
)
"""
_OLDER = """
SELECT EXISTS (
  SELECT 1 FROM nodes JOIN procrastinate_workers ON procrastinate_workers.id = nodes.worker
  WHERE nodes.tasks < ?
)
"""
_PRE = "_pre_"


def is_current(connection: Connection) -> bool:
    """Tell whether nothing is to be done now."""
    steps, tasks = _present(connection)
    return steps >= len(_STEPS) and not _due(connection, tasks)


def migrate(connection: PostgresqlConnection) -> None:
    """Make what is missing, inside of the caller's transaction."""
    steps, tasks = _present(connection)
    connection.execute(_MARK)
    if not tasks:
        connection.run(SchemaManager.get_schema())
        tasks = newest_known()
    for step in _STEPS[steps:]:
        connection.execute(step)
    for migration in _due(connection, tasks):
        connection.run(migration.read_text("utf-8"))
        tasks = migration.name
    connection.execute("DELETE FROM own_schema")
    connection.execute(
        "INSERT INTO own_schema (one, steps, tasks) VALUES (1, ?, ?)",
        (max(steps, len(_STEPS)), tasks),
    )


def newest_known() -> str:
    """Return the newest migration of the queue that this program knows."""
    return _migrations()[-1].name


def _due(connection: Connection, tasks: str) -> list[Path]:
    """Return the queue's migrations that are missing, without those that older nodes forbid."""
    missing = [migration for migration in _migrations() if migration.name > tasks]
    before = list(takewhile(lambda migration: _PRE in migration.name, missing))
    after = missing[len(before) :]
    if not after or any(_PRE in migration.name for migration in after):
        return missing
    (older,) = connection.execute(_OLDER, (missing[-1].name,)).fetchone()
    return before if older else missing


def _present(connection: Connection) -> tuple[int, str]:
    (known,) = connection.execute("SELECT to_regclass('own_schema') IS NOT NULL").fetchone()
    return (
        connection.execute("SELECT steps, tasks FROM own_schema").fetchone() if known else (0, "")
    )


def _migrations() -> list[Path]:
    return sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
