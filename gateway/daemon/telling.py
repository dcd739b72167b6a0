"""Telling beside the work: one thread looks at the log, each target has one of its own.

Threads of our own, not the scheduler's: a target that hangs must not take the place of the
supervisor's sign of life.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from gateway.core.notice_settings import Subscription
from gateway.daemon.background import Look, background
from gateway.pipeline.notifying import Notifying

_LOOK_SECONDS = 0.5


@contextmanager
def telling(notifying: Notifying, say: Callable[[str], None]) -> Iterator[None]:
    """Tell what happens while the block runs; what is left waits for the next start."""
    notifying.begin()
    looks: list[Look] = [_Telling(notifying, one, say).look for one in notifying.subscriptions]
    if looks:
        looks.append(partial(_gather, notifying))
    with background("notices", looks, say):
        yield


def _gather(notifying: Notifying) -> float:
    return 0.0 if notifying.gather() else _LOOK_SECONDS


class _Telling:
    """Tells one target what there is for it."""

    def __init__(
        self, notifying: Notifying, subscription: Subscription, say: Callable[[str], None]
    ) -> None:
        self._notifying = notifying
        self._subscription = subscription
        self._say = say
        self._failures = 0

    def look(self) -> float:
        """Deliver the next notice, if there is one; return how long to wait after that."""
        attempt = self._notifying.deliver(self._subscription, self._failures)
        if attempt is None:
            return _LOOK_SECONDS
        if attempt.code and (attempt.dead or not self._failures):
            what = "laid aside" if attempt.dead else "tried again"
            name = self._subscription.name
            self._say(f"notice {name}: {attempt.code} ({attempt.detail}), {what}")
        self._failures = self._failures + 1 if attempt.code else 0
        return attempt.pause
