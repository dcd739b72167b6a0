"""Supervision of the fetchers: one thread a remote folder, with pauses after failures."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from types import TracebackType

from gateway.core.errors import InternalFault, ServiceFault, SiteFault
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.waiting import NEVER
from gateway.remotes.fetching import Fetcher

_LONGEST = 1.0
"""Seconds between two looks at what commands have done to a hold."""


class Fetching:
    """Lets fetchers work in threads of their own for the block."""

    def __init__(
        self, equipment: Equipment, fetchers: tuple[Fetcher, ...], landed: Callable[[str], None]
    ) -> None:
        self._equipment = equipment
        self._landed = landed
        self._stopping = threading.Event()
        # Daemon threads: one that waits for a silent server must not keep the process from ending.
        self._threads = [
            threading.Thread(target=self._work, args=(one,), name=f"fetch {one.inbox}", daemon=True)
            for one in fetchers
        ]

    def __enter__(self) -> Fetching:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(5)

    def _work(self, fetcher: Fetcher) -> None:
        due = 0.0
        while not self._stopping.is_set():
            now = self._equipment.clock.monotonic()
            if now >= due and _may_try(self._equipment, fetcher):
                unsettled = attempt(self._equipment, fetcher)
                self._landed(fetcher.inbox)
                settings = fetcher.settings
                due = self._equipment.clock.monotonic()
                due += min(settings.poll, settings.settle) if unsettled else settings.poll
            rest = due - self._equipment.clock.monotonic()
            self._stopping.wait(min(_LONGEST, max(rest, 0.05)))


def fetch_once(equipment: Equipment, fetchers: tuple[Fetcher, ...]) -> None:
    """Fetch what lies still in the remote folders, waiting once for it to settle."""
    waiting = [one for one in fetchers if _may_login(equipment, one) and attempt(equipment, one)]
    if waiting:
        threading.Event().wait(max(one.settings.settle for one in waiting))
    for fetcher in waiting:
        attempt(equipment, fetcher)


def attempt(equipment: Equipment, fetcher: Fetcher) -> int:
    """Make one pass; a failure holds this remote folder only. Returns the unsettled files."""
    subject = f"remote:{fetcher.inbox}"
    try:
        unsettled = fetcher.fetch()
    except (ServiceFault, SiteFault) as fault:
        _hold(equipment, subject, fault)
        return 0
    except Exception as error:
        _hold(equipment, subject, InternalFault(error))
        return 0
    equipment.holds.release(subject)
    return unsettled


def _hold(
    equipment: Equipment, subject: str, fault: ServiceFault | SiteFault | InternalFault
) -> None:
    failures = next((h.failures for h in equipment.holds.all() if h.subject == subject), 0) + 1
    pause = equipment.retry.delay(failures, random.random())  # noqa: S311  # jitter, no secret
    refused = fault.code == "remote.login-refused"
    at = NEVER if refused else equipment.clock.now().timestamp() + pause
    equipment.holds.hold(subject, fault.code, fault.detail, at)


def _may_try(equipment: Equipment, fetcher: Fetcher) -> bool:
    now = equipment.clock.now().timestamp()
    subject = f"remote:{fetcher.inbox}"
    return all(h.probe_at <= now for h in equipment.holds.all() if h.subject == subject)


def _may_login(equipment: Equipment, fetcher: Fetcher) -> bool:
    """Tell whether a pass that somebody asked for may be made: not after a refused login."""
    subject = f"remote:{fetcher.inbox}"
    return all(h.probe_at < NEVER for h in equipment.holds.all() if h.subject == subject)
