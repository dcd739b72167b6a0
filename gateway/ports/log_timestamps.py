"""Time-stamps over the signing log's head: kept in the ledger, copied to files, and judged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from gateway.core.log_timestamps import Head, LogTimestamp, TokenFacts


class LogTimestamps(Protocol):
    """The ledger's time-stamps."""

    def head(self) -> Head:
        """Return where the log ends now; 0 where it is empty or has lost its head."""

    def add(self, stamp: LogTimestamp, actor: str) -> bool:
        """Keep a time-stamp and log it as `log.timestamped`, in one transaction.

        Returns False, and does nothing, when it is kept already.
        """

    def latest(self) -> LogTimestamp | None:
        """Return the one that was added last."""

    def all(self) -> Iterator[LogTimestamp]:
        """Yield them in the order in which they were added."""

    def entries_with(self, hashes: Iterable[str]) -> Mapping[str, int]:
        """Return the numbers of the entries that have these hashes, as far as there are any."""


class LogTimestampFiles(Protocol):
    """Copies of time-stamps in a folder.

    Raises `SiteFault` when the folder cannot be read or written.
    """

    def keep(self, name: str, content: bytes) -> None:
        """Write a file under a new name, durably; the same one again is no fault.

        Raises `SiteFault` (`site.artifact-damaged`) when the name has something else.
        """

    def all(self) -> Iterator[tuple[str, bytes]]:
        """Yield names and contents, by name; no content for what is no plain file."""


class TokenJudge(Protocol):
    """Who can tell what a time-stamp token says; asks nobody over a network."""

    def judge(self, token: bytes, anchors: tuple[bytes, ...]) -> TokenFacts:
        """Read a DER token; its signature and its signer's way to an anchor are checked."""

    def response_of(self, token: bytes) -> bytes:
        """Return the response (RFC 3161, 2.4.2) that grants a DER token."""

    def token_in(self, response: bytes) -> bytes:
        """Return the DER token of a response; empty when it is none."""
