"""A site that was restored does nothing until a person has said that it may."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

from gateway.core.backup_codes import RESTORED
from gateway.core.errors import SiteFault
from gateway.daemon.notification import notify, watchdog_interval
from gateway.pipeline.restoring import FACT
from gateway.ports import Hold, Holds

_LOOK_SECONDS = 1.0


def waiting_for_release(holds: Holds) -> SiteFault | None:
    """Return `site.restored` while the site waits for a person."""
    held = _held(holds)
    return SiteFault(RESTORED, held.detail) if held is not None else None


def refuse_restored(holds: Holds) -> None:
    """Raise `SiteFault` (`site.restored`) while the site waits for a person."""
    waits = waiting_for_release(holds)
    if waits is not None:
        raise waits


def wait_for_release(holds: Holds, say: Callable[[str], None], ending: threading.Event) -> bool:
    """Wait until a person lets the site work; False when the process is to end before that.

    To be called before anything is claimed, told, fetched or removed.
    """
    waits = waiting_for_release(holds)
    if waits is None:
        return True
    say(f"waiting: {waits}")
    notify("READY=1", f"STATUS=waiting: {RESTORED}")
    pause = min(_LOOK_SECONDS, watchdog_interval() or _LOOK_SECONDS)
    while waits is not None:
        if ending.wait(pause):
            return False
        notify("WATCHDOG=1")
        with suppress(SiteFault):  # of the ledger: it is looked at again
            waits = waiting_for_release(holds)
    return True


def _held(holds: Holds) -> Hold | None:
    return next((hold for hold in holds.all() if hold.subject == FACT), None)
