"""Work beside the documents, on threads of its own: a fault costs it a pause, never its life."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from gateway.core.any_fault import fault_of

PATIENCE = 3.0
"""Seconds for which the end waits for work under way; the next start makes it up."""

Look = Callable[[], float]
"""Does what is due now and returns the seconds until it is to be done again."""


@contextmanager
def background(
    name: str,
    looks: Iterable[Look],
    say: Callable[[str], None],
    *,
    stopping: threading.Event | None = None,
    once_more: bool = False,
    again: float = 5.0,
) -> Iterator[None]:
    """Let each look be done again and again on a thread of its own while the block runs.

    A fault, said once, delays the next look by `again` seconds. Documents meet those of the
    ledger, too, and they hold the site.
    `stopping` is set at the end, for those who look at it meanwhile. With `once_more`, each look
    is done a last time then, and the end waits for it as long as it takes.
    """
    loop = _Loop(name, say, stopping or threading.Event(), again, once_more)
    # Daemon threads: one that waits for a silent server must not keep the process from ending.
    threads = [
        threading.Thread(target=loop.work, args=(look,), name=name, daemon=True) for look in looks
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        loop.stopping.set()
        deadline = time.monotonic() + PATIENCE
        for thread in threads:
            thread.join(None if once_more else max(0.0, deadline - time.monotonic()))


@dataclass(frozen=True)
class _Loop:
    name: str
    say: Callable[[str], None]
    stopping: threading.Event
    again: float
    once_more: bool

    def work(self, look: Look) -> None:
        """Look until the end."""
        pause, told, ended = 0.0, "", False
        while not ended:
            ended = self.stopping.wait(pause)
            if ended and not self.once_more:
                return
            try:
                pause, told = look(), ""
            except Exception as error:
                # Unforeseen ones as well: a thread that has ended would be missed by nobody.
                fault = fault_of(error)
                if fault.code != told and not ended:
                    self.say(f"{self.name}: {fault}")
                pause, told = self.again, fault.code
