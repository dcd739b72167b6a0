"""Supervision of the pushers: one thread a remote folder, with pauses after failures."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from gateway.core.errors import SealgateError
from gateway.daemon.remote_holds import attempt, may_login, may_try
from gateway.pipeline.equipment import Equipment
from gateway.remotes.pushing import Pusher

_LOOK_SECONDS = 0.5
"""Between two looks at the signing log, and at what commands have done to a hold."""
_PATIENCE = 3.0
"""Seconds for which the end waits for a transfer under way; the next start completes it."""


@contextmanager
def pushing(equipment: Equipment, pushers: tuple[Pusher, ...]) -> Iterator[None]:
    """Send results to remote folders while the block runs."""
    stopping = threading.Event()
    # Daemon threads: one that waits for a silent server must not keep the process from ending.
    threads = [
        threading.Thread(
            target=_work,
            args=(equipment, one, stopping),
            name=f"push {one.settings.name}",
            daemon=True,
        )
        for one in pushers
    ]
    begin(pushers)
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopping.set()
        for thread in threads:
            thread.join(_PATIENCE)


def begin(pushers: tuple[Pusher, ...]) -> None:
    """Note where new pushes begin; what is delivered from here on will be sent."""
    for pusher in pushers:
        pusher.begin()


def push_once(equipment: Equipment, pushers: tuple[Pusher, ...]) -> None:
    """Send what is due now, each to its folder; what cannot be sent is due again."""
    for pusher in pushers:
        if may_login(equipment, pusher.settings.name):
            attempt(equipment, pusher.settings.name, pusher.push)


def _work(equipment: Equipment, pusher: Pusher, stopping: threading.Event) -> None:
    name = pusher.settings.name
    while not stopping.wait(_LOOK_SECONDS):
        # Documents meet the same fault of the ledger, and tell of it.
        with suppress(SealgateError):
            if may_try(equipment, name):
                attempt(equipment, name, pusher.push)
