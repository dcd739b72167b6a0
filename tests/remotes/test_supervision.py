"""What trouble with a remote folder holds, and when it is tried again."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from gateway.core.errors import ServiceFault
from gateway.core.retry import RetryPolicy
from gateway.daemon.fetching import fetch_once
from gateway.ledger import SqliteLedger
from gateway.pipeline.waiting import NEVER
from gateway.wiring import SystemClock


class Failing:
    """A fetcher that ends with an error each time."""

    inbox = "partner"
    settings = SimpleNamespace(settle=0.0, poll=1.0)

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.passes = 0

    def fetch(self) -> int:
        """Fail."""
        self.passes += 1
        raise self.error


def swept(tmp_path: Path, error: Exception) -> tuple[Failing, float, str]:
    """Ask for two passes; return the fetcher, when the hold is probed, and its code."""
    clock = SystemClock()
    ledger = SqliteLedger(tmp_path / "ledger.sqlite", clock)
    equipment = cast(Any, SimpleNamespace(holds=ledger, clock=clock, retry=RetryPolicy()))
    fetcher = Failing(error)
    for _ in range(2):
        fetch_once(equipment, cast(Any, (fetcher,)))
    (hold,) = ledger.all()
    ledger.close()
    return fetcher, hold.probe_at, hold.code


def test_a_refused_login_is_not_repeated(tmp_path: Path) -> None:
    """Servers lock accounts: a person has to end the hold."""
    fetcher, probe_at, _ = swept(tmp_path, ServiceFault("remote.login-refused"))
    assert fetcher.passes == 1
    assert probe_at >= NEVER


def test_passing_trouble_is_tried_again(tmp_path: Path) -> None:
    """Each sweep tries once more."""
    fetcher, probe_at, code = swept(tmp_path, ServiceFault("remote.unreachable"))
    assert fetcher.passes == 2
    assert probe_at < NEVER
    assert code == "remote.unreachable"


def test_what_nobody_foresaw_holds_too(tmp_path: Path) -> None:
    """No thread ends in silence."""
    assert swept(tmp_path, RuntimeError("what?"))[2] == "internal.unexpected"
