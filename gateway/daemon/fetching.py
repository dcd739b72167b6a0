"""Supervision of the fetchers: one thread a remote folder, with pauses after failures."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from gateway.daemon.background import background
from gateway.daemon.remote_holds import attempt, may_login, may_try
from gateway.pipeline.equipment import Equipment
from gateway.remotes.fetching import Fetcher

_HELD_SECONDS = 1.0
"""Seconds between two looks at what commands have done to a hold."""


@contextmanager
def fetching(
    equipment: Equipment,
    fetchers: tuple[Fetcher, ...],
    landed: Callable[[str], None],
    say: Callable[[str], None],
) -> Iterator[None]:
    """Fetch from remote folders while the block runs; `landed` is told whose inbox to look at."""
    looks = (partial(_look, equipment, one, landed) for one in fetchers)
    with background("fetch", looks, say):
        yield


def _look(equipment: Equipment, fetcher: Fetcher, landed: Callable[[str], None]) -> float:
    if not may_try(equipment, fetcher.inbox):
        return _HELD_SECONDS
    unsettled = attempt(equipment, fetcher.inbox, fetcher.fetch)
    landed(fetcher.inbox)
    settings = fetcher.settings
    return min(settings.poll, settings.settle) if unsettled else settings.poll


def fetch_once(equipment: Equipment, fetchers: tuple[Fetcher, ...]) -> None:
    """Fetch what lies still in the remote folders, waiting once for it to settle."""
    waiting = [
        one
        for one in fetchers
        if may_login(equipment, one.inbox) and attempt(equipment, one.inbox, one.fetch)
    ]
    if waiting:
        threading.Event().wait(max(one.settings.settle for one in waiting))
    for fetcher in waiting:
        attempt(equipment, fetcher.inbox, fetcher.fetch)
