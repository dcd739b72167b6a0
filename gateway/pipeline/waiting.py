"""Waiting for a person, or for a moment that is far off."""

from __future__ import annotations

from datetime import datetime

from gateway.core.delivery_codes import SOON
from gateway.core.error_codes import CODES, Scope
from gateway.core.job import Job

NEVER = 1e12
"""A time to probe, in seconds since the epoch, that does not come."""

ALONE = frozenset(code for code, entry in CODES.items() if entry.scope is Scope.WAITING) - SOON
"""Codes of jobs that wait alone: for a seal's approval, or its next day or month."""


def rests(job: Job, now: datetime) -> bool:
    """Tell whether a job waits alone, so that nobody is to wait for it."""
    return job.code in ALONE and job.not_before > now.timestamp()
