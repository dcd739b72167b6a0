"""Time-stamps over the head of the signing log, so that nobody rewrites what was there before.

The copy is written before the ledger knows of it: a crash in between leaves a file, which the
next run takes up instead of asking the authority again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from gateway.core.errors import ServiceFault, SiteFault, UsageFault
from gateway.core.log_timestamps import (
    STAMPED,
    Head,
    LogTimestamp,
    LogTimestampSettings,
    TokenFacts,
    file_name,
    is_due,
)
from gateway.pipeline.equipment import Equipment
from gateway.ports import LogTimestampFiles, LogTimestamps, TokenJudge


@dataclass(frozen=True)
class StampBooks:
    """Where time-stamps of the log are kept, and who reads them."""

    kept: LogTimestamps
    files: LogTimestampFiles
    tokens: Callable[[], TokenJudge]
    """Loaded when first asked for: few processes read tokens."""


class LogStamping:
    """Stamps the log's head; one at a time, which the caller sees to."""

    def __init__(
        self, equipment: Equipment, books: StampBooks, settings: LogTimestampSettings | None
    ) -> None:
        self._equipment = equipment
        self._books = books
        self.settings = settings
        """When it is done by itself; None: never."""

    def due(self) -> bool:
        """Tell whether it is time to stamp."""
        if self.settings is None:
            return False
        return is_due(self.settings.daily, self._books.kept.latest(), self._equipment.clock.now())

    def latest(self) -> LogTimestamp | None:
        """Return the time-stamp that was added last."""
        return self._books.kept.latest()

    def stamp_if_due(self, actor: str) -> LogTimestamp | None:
        """Stamp, unless what a crash left is enough; return what is new. Raises like `stamp`."""
        adopted = self._adopt(actor)
        return self.stamp(actor) if self.due() else adopted

    def stamp(self, actor: str) -> LogTimestamp:
        """Have the head stamped now; return the time-stamp when it is kept.

        Raises `ServiceFault` when no authority gives a token that the site trusts, `SiteFault`
        when the copy cannot be written, `UsageFault` (`usage.no-authority`).
        """
        self._adopt(actor)
        if not self._equipment.authorities.timestampers:
            raise UsageFault("usage.no-authority")
        head = self._books.kept.head()
        if not head.sequence:
            raise SiteFault("ledger.unusable", "the signing log has no head: sealgate log verify")
        token, authority = self._ask(bytes.fromhex(head.hash))
        facts = self._books.tokens().judge(token, self._equipment.anchors())
        if facts.problem or facts.at is None:
            raise ServiceFault("tsa.untrusted", f"{authority}: {facts.problem}")
        if facts.imprint != head.hash:
            raise ServiceFault("tsa.wrong-token", f"{authority}: it is for another digest")
        name = file_name(head.sequence, facts.at)
        self._books.files.keep(name, self._books.tokens().response_of(token))
        return self._add(Token(name, token, facts.at), head, authority, actor)

    def _ask(self, digest: bytes) -> tuple[bytes, str]:
        authorities = self._equipment.authorities
        name = self.settings.authority if self.settings is not None else ""
        if name:
            return authorities.ask(name, "", digest), name
        return authorities.time_stamp("", digest)

    def _add(self, token: Token, head: Head, authority: str, actor: str) -> LogTimestamp:
        stored = self._equipment.clock.now()
        stamp = LogTimestamp(head, token.at, authority, stored, token.file, token.der)
        self._books.kept.add(stamp, actor)
        return stamp

    def _adopt(self, actor: str) -> LogTimestamp | None:
        """Take up copies that a crash kept the ledger from learning of; return the last of them.

        What the log tells of already and the ledger has no more was taken out of it: that is for
        the audit to say, and not to be mended here.
        """
        adopted = None
        known = self._told() | {_hash(stamp.token) for stamp in self._books.kept.all()}
        for token, facts in self._left(known):
            found = self._books.kept.entries_with([facts.imprint])
            if facts.imprint in found:
                head = Head(found[facts.imprint], facts.imprint)
                adopted = self._add(token, head, facts.signer, actor)
        return adopted

    def _left(self, known: set[str]) -> Iterator[tuple[Token, TokenFacts]]:
        """Yield the copies of good tokens that nobody knows of."""
        for name, content in self._books.files.all():
            der = self._books.tokens().token_in(content)
            if der and _hash(der) not in known:
                facts = self._books.tokens().judge(der, self._equipment.anchors())
                if not facts.problem and facts.at is not None:
                    yield Token(name, der, facts.at), facts

    def _told(self) -> set[str]:
        entries = self._equipment.log.entries(event=STAMPED)
        return {dict(entry.details).get("token", "") for entry in entries}


@dataclass(frozen=True)
class Token:
    """A token with its copy."""

    file: str
    der: bytes
    at: datetime
    """The authority's time."""


def _hash(token: bytes) -> str:
    return hashlib.sha256(token).hexdigest()
