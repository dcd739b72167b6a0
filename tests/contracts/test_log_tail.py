"""The contract of the port `LogTail`, held against both engines."""

from __future__ import annotations

from collections.abc import Callable

from gateway.ledger import Ledger
from gateway.ports import Clock, LogTail
from gateway.wiring import SystemClock


def test_everything_once_in_order(open_ledger: Callable[[Clock], Ledger]) -> None:
    """What was appended after a look is read in pages, complete, as the log itself has it."""
    ledger = open_ledger(SystemClock())
    tail: LogTail = ledger.tail
    assert tail.after(0, 10) == ()
    assert tail.head() == 0
    made = [ledger.record("test.made", {"number": str(number)}) for number in range(5)]
    assert tail.head() == made[-1].sequence
    assert tail.after(0, 2) == tuple(made[:2])
    assert tail.after(made[1].sequence, 10) == tuple(made[2:])
    assert tail.after(made[-1].sequence, 10) == ()
