"""Holds of remote folders: what one of them cannot do stops nothing else."""

from __future__ import annotations

from collections.abc import Callable

from gateway.daemon import attempting
from gateway.pipeline.equipment import Equipment


def attempt(equipment: Equipment, name: str, work: Callable[[], int]) -> int:
    """Do some work at a remote folder; a failure holds it only, and counts as 0."""
    return attempting.attempt(equipment, _subject(name), work)


def may_try(equipment: Equipment, name: str) -> bool:
    """Tell whether the pause after the last failure is over."""
    return attempting.may_try(equipment, _subject(name))


def may_login(equipment: Equipment, name: str) -> bool:
    """Tell whether work that somebody asked for may be tried: not after a refused login."""
    return attempting.may_login(equipment, _subject(name))


def _subject(name: str) -> str:
    return f"remote:{name}"
