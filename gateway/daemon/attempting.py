"""Work besides documents, such as a remote folder's: what fails holds itself and nothing else."""

from __future__ import annotations

import random
from collections.abc import Callable

from gateway.core.any_fault import fault_of
from gateway.core.errors import SealgateError, ServiceFault
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.waiting import NEVER


def attempt(equipment: Equipment, subject: str, work: Callable[[], int]) -> int:
    """Do some work under a name; a failure holds that name only, and counts as 0."""
    try:
        done = work()
    except Exception as error:
        hold(equipment, subject, fault_of(error))
        return 0
    release(equipment, subject)
    return done


def release(equipment: Equipment, subject: str) -> None:
    """End the hold of a name, if there is one."""
    if any(one.subject == subject for one in equipment.holds.all()):
        equipment.holds.release(subject)


def may_try(equipment: Equipment, subject: str) -> bool:
    """Tell whether the pause after the last failure is over."""
    now = equipment.clock.now().timestamp()
    return all(
        one.probe_at < NEVER and equipment.retry.reached(one.probe_at, now)
        for one in equipment.holds.all()
        if one.subject == subject
    )


def may_login(equipment: Equipment, subject: str) -> bool:
    """Tell whether work that somebody asked for may be tried: not after a refused login."""
    return all(one.probe_at < NEVER for one in equipment.holds.all() if one.subject == subject)


def hold(equipment: Equipment, subject: str, fault: SealgateError) -> None:
    """Hold a name after a failure, longer after each."""
    failures = next((h.failures for h in equipment.holds.all() if h.subject == subject), 0) + 1
    asked = fault.retry_after if isinstance(fault, ServiceFault) else None
    pause = equipment.retry.delay(failures, random.random(), asked)  # noqa: S311  # jitter
    refused = fault.code == "remote.login-refused"
    at = NEVER if refused else equipment.clock.now().timestamp() + pause
    equipment.holds.hold(subject, fault.code, fault.detail, at)
