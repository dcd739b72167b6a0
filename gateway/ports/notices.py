"""Telling people and programs what happened: whom to hand it to, and what waits to be told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from gateway.core.chain import LogEntry
from gateway.core.notice_texts import Message
from gateway.core.notices import Notice


class Notifier(Protocol):
    """Where one subscription's notices go; used by one thread at a time."""

    def send(self, message: Message) -> None:
        """Hand a message over; when it returns, the target has taken it.

        Raises `NoticeFault`. One that is not retryable is of this message, and final.
        """


class NoticeState(StrEnum):
    """Where a notice stands."""

    QUEUED = "queued"
    SENT = "sent"
    DEAD = "dead"
    """Laid aside, until a person asks for it again."""


@dataclass(frozen=True)
class QueuedNotice:
    """One notice on its way to one subscription."""

    subscription: str
    sequence: int
    """Of its entry in the signing log."""
    notice: Notice
    due: float
    """Seconds since the epoch before which it is not sent."""
    state: NoticeState = NoticeState.QUEUED
    attempts: int = 0
    code: str = ""
    """Of the last failure."""
    detail: str = ""


class NoticeQueue(Protocol):
    """What is yet to be told; each call is durable when it returns."""

    def begin(self, *, wanted: bool) -> None:
        """Remember the log's head as what was told, if nothing is; forget it if not `wanted`."""

    def fresh(self, most: int) -> tuple[LogEntry, ...]:
        """Return the first entries of the log that were not looked at yet."""

    def queue(self, seen: int, notices: Iterable[QueuedNotice]) -> None:
        """Add notices, and remember the last entry that was looked at, in one transaction."""

    def take(self, subscription: str, now: float, most: int) -> tuple[QueuedNotice, ...]:
        """Return what is to be sent together now; those stay together at every attempt."""

    def settle(
        self,
        notices: tuple[QueuedNotice, ...],
        state: NoticeState,
        *,
        code: str = "",
        detail: str = "",
        due: float = 0.0,
    ) -> None:
        """Say how an attempt ended; notices that are laid aside are logged: `notice.dead`."""


@dataclass(frozen=True)
class NoticeTally:
    """How a subscription's notices stand."""

    subscription: str
    queued: int
    failing: int
    """Of those queued: failed at least once."""
    dead: int
    code: str
    """Of the latest failure; empty when none is failing or dead."""
    detail: str


class NoticeBooks(Protocol):
    """The queue, for people."""

    def tallies(self) -> tuple[NoticeTally, ...]:
        """Return how each subscription's notices stand, by name."""

    def rows(self, states: Iterable[NoticeState]) -> tuple[QueuedNotice, ...]:
        """Return the notices in any of `states`, oldest first."""

    def again(self, subscription: str, now: float) -> int:
        """Let what is laid aside or fails be sent at once; all subscriptions when empty."""
