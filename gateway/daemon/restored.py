"""A site that was restored does nothing until a person has said that it may."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from contextlib import suppress

from gateway.core.backup_codes import RESTORED
from gateway.core.errors import SiteFault
from gateway.daemon.notification import notify, watchdog_interval
from gateway.daemon.signals import heed_signals
from gateway.pipeline.restoring import FACT
from gateway.ports import Hold, Holds

_LOOK_SECONDS = 1.0


def refuse_restored(holds: Holds) -> None:
    """Raise `SiteFault` (`site.restored`) while the site waits for a person."""
    held = _held(holds)
    if held is not None:
        raise SiteFault(RESTORED, held.detail)


def wait_for_release(holds: Holds, say: Callable[[str], None]) -> bool:
    """Wait until a person lets the site work; False when a signal ends the waiting before.

    To be called from the main thread, before anything is claimed, told, fetched or removed.
    """
    held = _held(holds)
    if held is None:
        return True
    say(f"waiting: {SiteFault(RESTORED, held.detail)}")
    stopping = threading.Event()
    heed_signals(lambda number: stopping.set(), signal.SIGTERM, signal.SIGINT)
    notify("READY=1", f"STATUS=waiting: {RESTORED}")
    pause = min(_LOOK_SECONDS, watchdog_interval() or _LOOK_SECONDS)
    while held is not None:
        if stopping.wait(pause):
            return False
        notify("WATCHDOG=1")
        with suppress(SiteFault):  # of the ledger: it is looked at again
            held = _held(holds)
    return True


def _held(holds: Holds) -> Hold | None:
    return next((hold for hold in holds.all() if hold.subject == FACT), None)
