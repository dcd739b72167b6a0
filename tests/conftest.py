"""What tests of several rooms share: a ledger on each engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.ledger import Ledger, SqliteLedger
from gateway.ledger.postgresql.ledger import PostgresqlLedger
from gateway.ports import Clock
from tests.postgresql import LedgerDatabase, PostgresqlServer

_LONG = ("e2e", "faults")
"""Folders whose files take minutes: they come first, so that no worker ends with one alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of long files first; for the rest the order stays."""
    items.sort(key=lambda item: item.path.parent.name not in _LONG)


@pytest.fixture(scope="session")
def ledger_database() -> Iterator[LedgerDatabase]:
    """Yield a database with a ledger, on a server that is started when first asked for."""
    server = PostgresqlServer()
    try:
        server.start()
        yield LedgerDatabase(server)
    finally:
        server.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def open_ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Clock], Ledger]:
    """Return what opens one ledger, empty at first, as often as it is called."""
    if request.param == "sqlite":
        return lambda clock: SqliteLedger(tmp_path / "state" / "ledger.sqlite", clock)
    database: LedgerDatabase = request.getfixturevalue("ledger_database")
    database.empty()
    return lambda clock: PostgresqlLedger(database.address, clock)
