"""Signals, heeded by a thread instead of by whatever they interrupt.

A handler of Python runs between two steps of the main thread, which may hold any lock just then:
one that sets an event on which that thread waits can wait for itself for ever. So the handlers
do nothing; the interpreter writes the numbers of signals into a pipe, and a thread reads it.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


def heed_signals(heed: Callable[[int], None], *wanted: signal.Signals) -> None:
    """Call `heed` with the number of each signal of `wanted` that comes, on a thread of its own.

    To be called from the main thread, once in a process.
    """
    reading, writing = os.pipe2(os.O_CLOEXEC)
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    for one in wanted:
        signal.signal(one, _nothing)
    threading.Thread(
        target=_read, args=(reading, heed, frozenset(wanted)), name="signals", daemon=True
    ).start()


def _nothing(number: int, frame: FrameType | None) -> None:
    """Keep the signal from ending the process."""


def _read(reading: int, heed: Callable[[int], None], wanted: frozenset[int]) -> None:
    while numbers := os.read(reading, 64):
        for number in numbers:
            if number in wanted:
                heed(number)


class SignalSwitch:
    """The signals that steer a daemon, told to whatever it is busy with."""

    def __init__(self) -> None:
        self.ending = threading.Event()
        """SIGTERM or SIGINT has come."""
        self._heed: Callable[[int], None] = lambda number: None

    def start(self) -> None:
        """Heed SIGTERM, SIGINT and SIGHUP from here on; see `heed_signals`."""
        heed_signals(self._got, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

    @contextmanager
    def going_to(self, heed: Callable[[int], None]) -> Iterator[None]:
        """Tell `heed` of each while the block runs."""
        self._heed = heed
        try:
            yield
        finally:
            self._heed = lambda number: None

    def _got(self, number: int) -> None:
        if number in (signal.SIGTERM, signal.SIGINT):
            self.ending.set()
        self._heed(number)
