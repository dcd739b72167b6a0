"""A site's folders, and doubles of the ports that they need."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.core.site import InboxSettings
from gateway.folders import exclusive
from gateway.folders.inbox import FolderInbox

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


class HandClock:
    """A clock that stands still until it is turned."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def now(self) -> datetime:
        """Return the wall time that belongs to the turned seconds."""
        return datetime.fromtimestamp(self.seconds, UTC)

    def monotonic(self) -> float:
        """Return the turned seconds."""
        return self.seconds


class DictMemory:
    """Small facts, kept as long as the object lives."""

    def __init__(self) -> None:
        self.facts: dict[str, str] = {}

    def save_snapshot(self, snapshot: str, text: str) -> bool:
        """Keep a text once."""
        return self.facts.setdefault(snapshot, text) is text

    def remember(self, key: str, value: str) -> None:
        """Set a value."""
        self.facts[key] = value

    def recall(self, key: str) -> str | None:
        """Return a value."""
        return self.facts.get(key)


@dataclass
class Site:
    """The folders of a site, all made."""

    root: Path
    memory: DictMemory = field(default_factory=DictMemory)

    def __post_init__(self) -> None:
        for name in ("inbox", "outbox", "archive", "failed", "state"):
            (self.root / name).mkdir()

    @property
    def drop(self) -> Path:
        """Return the inbox's folder."""
        return self.root / "inbox"

    @property
    def spool(self) -> Path:
        """Return the site's spool, not made yet."""
        return self.root / "state" / "spool"

    def inbox(self, path: Path | None = None, **settings: object) -> FolderInbox:
        """Return the adapter of the inbox, or of another folder as one."""
        chosen = InboxSettings("main", path or self.drop, **settings)  # type: ignore[arg-type]
        return FolderInbox(chosen, self.spool, self.memory)


def names(folder: Path) -> list[str]:
    """Return the names in a folder, sorted."""
    return sorted(path.name for path in folder.iterdir())


def receipt_of(job: str, note: str = "") -> Callable[[Path], bytes]:
    """Return a writer of a minimal receipt."""

    def write(delivered: Path) -> bytes:
        return json.dumps({"job": job, "result": str(delivered), "note": note}).encode()

    return write


STEPS = ("fsync", "link", "rename", "unlink", "mkdir")


class Stopped(BaseException):
    """The process was killed here."""


def stop_at(patch: pytest.MonkeyPatch, chosen: int, *, after: bool) -> None:
    """Stop before or after the chosen durable step, counted from 0; later ones are refused."""
    steps = itertools.count()

    def wrapped(real: Callable[..., object]) -> Callable[..., object]:
        def step(*arguments: object, **named: object) -> object:
            number = next(steps)
            if number > chosen or (number == chosen and not after):
                raise Stopped
            result = real(*arguments, **named)
            if number == chosen:
                raise Stopped
            return result

        return step

    for name in STEPS:
        patch.setattr(os, name, wrapped(getattr(os, name)))
    patch.setattr(exclusive, "_by_renameat2", wrapped(exclusive._by_renameat2))
