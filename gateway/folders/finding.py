"""What a probe of a folder found out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from gateway.core.names import display
from gateway.folders.filesystems import Mount, is_network


class Result(StrEnum):
    """What it means for the folder's use."""

    OK = "ok"
    NOTE = "note"
    """It works, but differently from what somebody could expect."""
    FAIL = "fail"
    """Documents would not be taken, or not safely."""


@dataclass(frozen=True)
class Finding:
    """One thing that was tried, and how it went, in words."""

    what: str
    result: Result
    detail: str


@dataclass(frozen=True)
class Ground:
    """The hidden folder in which things are tried."""

    path: Path
    folder: int
    """Its open descriptor."""
    mount: Mount

    @property
    def network(self) -> bool:
        """Tell whether other machines may write here unnoticed."""
        return is_network(self.mount.fstype)


def ok(what: str, detail: str) -> Finding:
    """Return a finding that is as it should be."""
    return Finding(what, Result.OK, detail)


def note(what: str, detail: str) -> Finding:
    """Return a finding that somebody should know."""
    return Finding(what, Result.NOTE, detail)


def fail(what: str, detail: str) -> Finding:
    """Return a finding that keeps the folder from being used."""
    return Finding(what, Result.FAIL, detail)


def tried(what: str, step: Callable[[Ground], Finding], ground: Ground) -> Finding:
    """Return what a step found; an error it did not expect is a failure of the folder."""
    try:
        return step(ground)
    except OSError as error:
        return fail(what, f"unexpected: {display(error.strerror or str(error))}")
