"""Fixtures of the ledger's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.ledger import SqliteLedger
from tests.ledger.making import TurnedClock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the ledger's file goes; its folder is not there yet."""
    return tmp_path / "state" / "ledger.sqlite"


@pytest.fixture
def clock() -> TurnedClock:
    """Return a clock that goes on with every look at it."""
    return TurnedClock()


@pytest.fixture
def ledger(path: Path, clock: TurnedClock) -> Iterator[SqliteLedger]:
    """Yield an open, empty ledger."""
    opened = SqliteLedger(path, clock)
    yield opened
    opened.close()
