"""Fixtures of the ledger's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.ledger import SqliteLedger
from tests.ledger.making import StandingClock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the ledger's file goes; its folder is not there yet."""
    return tmp_path / "state" / "ledger.sqlite"


@pytest.fixture
def clock() -> StandingClock:
    """Return a clock that goes on with every look at it."""
    return StandingClock()


@pytest.fixture
def ledger(path: Path, clock: StandingClock) -> Iterator[SqliteLedger]:
    """Yield an open, empty ledger."""
    opened = SqliteLedger(path, clock)
    yield opened
    opened.close()
