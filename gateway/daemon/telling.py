"""Telling beside the work: one thread looks at the log, each target has one of its own.

Threads of our own, not the scheduler's: a target that hangs must not take the place of the
supervisor's sign of life.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from gateway.core.errors import SealgateError
from gateway.core.notice_settings import Subscription
from gateway.pipeline.notifying import Notifying

_LOOK_SECONDS = 0.5
_AGAIN_SECONDS = 5.0
"""Pause after the ledger could not be used."""
_PATIENCE = 3.0
"""Seconds for which the end waits for an attempt under way; the next start repeats it."""


@contextmanager
def telling(notifying: Notifying, say: Callable[[str], None]) -> Iterator[None]:
    """Tell what happens while the block runs; what is left waits for the next start."""
    notifying.begin()
    stopping = threading.Event()
    works: list[Callable[[], None]] = [
        partial(_deliver, notifying, one, stopping, say) for one in notifying.subscriptions
    ]
    if works:
        works.append(partial(_gather, notifying, stopping, say))
    threads = [threading.Thread(target=work, name="notices", daemon=True) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopping.set()
        deadline = time.monotonic() + _PATIENCE
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))


def _gather(notifying: Notifying, stopping: threading.Event, say: Callable[[str], None]) -> None:
    pause = 0.0
    while not stopping.wait(pause):
        try:
            pause = 0.0 if notifying.gather() else _LOOK_SECONDS
        except SealgateError as fault:
            # Documents meet the same fault, and it holds the site; here it only costs time.
            pause = _complain(fault, stopping, say)


def _deliver(
    notifying: Notifying,
    subscription: Subscription,
    stopping: threading.Event,
    say: Callable[[str], None],
) -> None:
    pause, failures = 0.0, 0
    while not stopping.wait(pause):
        try:
            attempt = notifying.deliver(subscription, failures)
        except SealgateError as fault:
            pause = _complain(fault, stopping, say)
            continue
        if attempt is None:
            pause = _LOOK_SECONDS
            continue
        pause = attempt.pause
        if attempt.code and (attempt.dead or not failures):
            what = "laid aside" if attempt.dead else "tried again"
            say(f"notice {subscription.name}: {attempt.code} ({attempt.detail}), {what}")
        failures = failures + 1 if attempt.code else 0


def _complain(fault: SealgateError, stopping: threading.Event, say: Callable[[str], None]) -> float:
    if not stopping.is_set():
        say(f"notices: {fault}")
    return _AGAIN_SECONDS
