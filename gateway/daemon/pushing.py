"""Supervision of the pushers: one thread a remote folder, with pauses after failures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from gateway.daemon.background import background
from gateway.daemon.remote_holds import attempt, may_login, may_try
from gateway.pipeline.equipment import Equipment
from gateway.remotes.pushing import Pusher

_LOOK_SECONDS = 0.5
"""Between two looks at the signing log, and at what commands have done to a hold."""


@contextmanager
def pushing(
    equipment: Equipment, pushers: tuple[Pusher, ...], say: Callable[[str], None]
) -> Iterator[None]:
    """Send results to remote folders while the block runs."""
    begin(pushers)
    with background("push", (partial(_look, equipment, one) for one in pushers), say):
        yield


def begin(pushers: tuple[Pusher, ...]) -> None:
    """Note where new pushes begin; what is delivered from here on will be sent."""
    for pusher in pushers:
        pusher.begin()


def push_once(equipment: Equipment, pushers: tuple[Pusher, ...]) -> None:
    """Send what is due now, each to its folder; what cannot be sent is due again."""
    for pusher in pushers:
        if may_login(equipment, pusher.settings.name):
            attempt(equipment, pusher.settings.name, pusher.push)


def _look(equipment: Equipment, pusher: Pusher) -> float:
    name = pusher.settings.name
    if may_try(equipment, name):
        attempt(equipment, name, pusher.push)
    return _LOOK_SECONDS
