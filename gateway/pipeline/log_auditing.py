"""The audit of the signing log: its chain, and what authorities have stamped of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from gateway.core.chain import Flaw
from gateway.core.log_timestamps import (
    STAMPED,
    Evidence,
    Head,
    LogTimestamp,
    TokenFacts,
    contradictions,
    differences,
)
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.log_stamping import StampBooks
from gateway.ports import LogTimestampFiles


@dataclass(frozen=True)
class LogAudit:
    """What was looked at, and what is wrong with it."""

    flaws: tuple[Flaw, ...]
    head: Head
    tokens: int
    """Different time-stamps that were read."""
    latest: LogTimestamp | None
    """The one that reaches furthest, of those that nothing speaks against."""


def audit_log(
    equipment: Equipment, books: StampBooks, elsewhere: Iterable[LogTimestampFiles] = ()
) -> LogAudit:
    """Check the chain, and hold it against every time-stamp of ledger, archive and `elsewhere`.

    Nothing is asked over a network. Raises `SiteFault` when the copies cannot be read.
    """
    return _Audit(equipment, books).run(elsewhere)


class _Audit:
    """One audit: each token is read once, wherever it is found."""

    def __init__(self, equipment: Equipment, books: StampBooks) -> None:
        self._equipment = equipment
        self._books = books
        self._anchors = equipment.anchors()
        self._facts: dict[str, TokenFacts] = {}
        """By the hash of the token."""

    def run(self, elsewhere: Iterable[LogTimestampFiles]) -> LogAudit:
        chain = self._equipment.log.verify()
        told = {
            dict(entry.details).get("token", ""): entry.sequence
            for entry in self._equipment.log.entries(event=STAMPED)
        }
        kept = {self._read(stamp.token): stamp for stamp in self._books.kept.all()}
        copies = self._copies(self._books.files)
        others = [self._copies(files) for files in elsewhere]
        evidence = [
            Evidence(f"time-stamp of {stamp.at:%Y-%m-%d %H:%M}Z", self._facts[token], stamp.head)
            for token, stamp in kept.items()
        ]
        seen = set(kept)
        for name, token in (pair for found in (copies, *others) for pair in found.items()):
            if token not in seen:
                evidence.append(Evidence(name, self._facts[token]))
                seen.add(token)
        imprints = sorted({facts.imprint for facts in self._facts.values() if facts.imprint})
        known = self._books.kept.entries_with(imprints)
        against = tuple(contradictions(evidence, known))
        sequences = {token: stamp.head.sequence for token, stamp in kept.items()}
        parted = tuple(differences(told, sequences, copies))
        spoken = {flaw.sequence for flaw in (*against, *parted)}
        good = [stamp for stamp in kept.values() if stamp.head.sequence not in spoken]
        return LogAudit(
            flaws=(*chain, *against, *parted),
            head=self._books.kept.head(),
            tokens=len(self._facts),
            latest=max(good, key=lambda stamp: stamp.head.sequence, default=None),
        )

    def _copies(self, files: LogTimestampFiles) -> dict[str, str]:
        """Return names of files with the hashes of their tokens."""
        return {name: self._read(self._books.tokens().token_in(one)) for name, one in files.all()}

    def _read(self, token: bytes) -> str:
        """Read a token, if that has not been done; return its hash."""
        digest = hashlib.sha256(token).hexdigest()
        if digest not in self._facts:
            self._facts[digest] = self._books.tokens().judge(token, self._anchors)
        return digest
