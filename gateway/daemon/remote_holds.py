"""Holds of remote folders: what one of them cannot do stops nothing else."""

from __future__ import annotations

import random
from collections.abc import Callable

from gateway.core.errors import InternalFault, ServiceFault, SiteFault
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.waiting import NEVER


def attempt(equipment: Equipment, name: str, work: Callable[[], int]) -> int:
    """Do some work at a remote folder; a failure holds it only, and counts as 0."""
    subject = _subject(name)
    try:
        done = work()
    except (ServiceFault, SiteFault) as fault:
        _hold(equipment, subject, fault)
        return 0
    except Exception as error:
        _hold(equipment, subject, InternalFault(error))
        return 0
    if any(hold.subject == subject for hold in equipment.holds.all()):
        equipment.holds.release(subject)
    return done


def may_try(equipment: Equipment, name: str) -> bool:
    """Tell whether the pause after the last failure is over."""
    now = equipment.clock.now().timestamp()
    return all(h.probe_at <= now for h in equipment.holds.all() if h.subject == _subject(name))


def may_login(equipment: Equipment, name: str) -> bool:
    """Tell whether work that somebody asked for may be tried: not after a refused login."""
    return all(h.probe_at < NEVER for h in equipment.holds.all() if h.subject == _subject(name))


def _subject(name: str) -> str:
    return f"remote:{name}"


def _hold(
    equipment: Equipment, subject: str, fault: ServiceFault | SiteFault | InternalFault
) -> None:
    failures = next((h.failures for h in equipment.holds.all() if h.subject == subject), 0) + 1
    pause = equipment.retry.delay(failures, random.random())  # noqa: S311  # jitter, no secret
    refused = fault.code == "remote.login-refused"
    at = NEVER if refused else equipment.clock.now().timestamp() + pause
    equipment.holds.hold(subject, fault.code, fault.detail, at)
