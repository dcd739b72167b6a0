"""The hash chain of the signing log.

Each entry's hash covers its own content and the hash of the entry before it, so a changed,
missing or reordered entry breaks the chain from there on. The content is hashed as
canonical JSON: keys sorted, no white space, UTF-8.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

GENESIS = "0" * 64
"""The `previous` of the first entry."""


@dataclass(frozen=True)
class LogEntry:
    """One entry of the signing log."""

    sequence: int
    """From 1, without gaps."""
    at: str
    """UTC, ISO 8601 with microseconds and Z."""
    event: str
    """`noun.verb`."""
    job: str
    """Empty when the event is of the site as a whole."""
    actor: str
    """Who caused it: `sealgate`, or the operating system user of a command."""
    details: tuple[tuple[str, str], ...]
    """Key/value pairs, sorted by key."""
    previous: str
    hash: str


def digest_of(entry: LogEntry) -> str:
    """Compute the hash an entry must have, in hex, from its content and `previous`."""
    content = {
        "sequence": entry.sequence,
        "at": entry.at,
        "event": entry.event,
        "job": entry.job,
        "actor": entry.actor,
        "details": dict(entry.details),
        "previous": entry.previous,
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class Flaw:
    """Where the chain breaks: the entry's sequence number and what is wrong."""

    sequence: int
    what: str


def flaws(entries: Iterable[LogEntry], head_sequence: int, head_hash: str) -> tuple[Flaw, ...]:
    """Check a whole log, given in stored order, against its recorded head.

    Returns every flaw found; an empty tuple means that nothing was altered, is missing or
    was reordered.
    """
    found: list[Flaw] = []
    expected, previous = 1, GENESIS
    for entry in entries:
        if entry.sequence != expected:
            found.append(Flaw(entry.sequence, f"expected entry {expected}: missing or reordered"))
        if entry.previous != previous:
            found.append(Flaw(entry.sequence, "does not follow the entry before it"))
        if digest_of(entry) != entry.hash:
            found.append(Flaw(entry.sequence, "content was altered"))
        expected, previous = entry.sequence + 1, entry.hash
    if expected - 1 != head_sequence or previous != head_hash:
        found.append(Flaw(expected - 1, f"the log must end with entry {head_sequence}: cut off"))
    return tuple(found)
