"""Time-stamps over the head of the signing log: when one is due, and what contradicts them.

The hash of an entry covers every entry before it. A token of an authority (RFC 3161) over the
hash of the last entry therefore says that the whole log up to there existed then: whoever
rewrites it later, hashes, head and all, cannot have the same token for what is there now.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.core.chain import Flaw
from gateway.core.schedules import Schedule

SUBJECT = "log:timestamp"
"""What is held while no authority gives a token; no document waits for it."""
STAMPED = "log.timestamped"
"""The event."""
_ASTRAY = timedelta(minutes=1)
"""A moment so far in the future was written down by a clock that went wrong."""


@dataclass(frozen=True)
class LogTimestampSettings:
    """When the log's head is stamped, and by whom."""

    daily: Schedule
    authority: str = ""
    """Empty: the site's authorities in their order."""


@dataclass(frozen=True)
class Head:
    """The last entry of a log; 0 and the genesis hash before there is one."""

    sequence: int
    hash: str


@dataclass(frozen=True)
class TokenFacts:
    """What a token says, and whether it may be believed."""

    imprint: str
    """Digest that it is over, in hex; empty when that cannot be read."""
    at: datetime | None
    """The authority's time."""
    signer: str
    problem: str = ""
    """Why it is not believed, as a clause; empty when the site trusts it."""


@dataclass(frozen=True)
class LogTimestamp:
    """A token over the log's head, as the ledger keeps it."""

    head: Head
    at: datetime
    """The authority's time."""
    authority: str
    """As the site calls it."""
    stored: datetime
    """Our own time."""
    file: str
    """Name of the copy in the archive."""
    token: bytes
    """DER."""


def file_name(sequence: int, at: datetime) -> str:
    """Return the name of a token's copy, from the authority's time and the entry's number."""
    return f"{at:%Y-%m-%dT%H%M%SZ}-entry-{sequence}.tsr"


def is_due(schedule: Schedule, latest: LogTimestamp | None, now: datetime) -> bool:
    """Tell whether the head is to be stamped now; the first time at once.

    The authority's time counts, and ours where it is later but not in the future: so neither a
    clock that was wrong then nor one that is wrong now repeats a day or leaves one out.
    """
    if latest is None:
        return True
    believed = [moment for moment in (latest.at, latest.stored) if moment <= now + _ASTRAY]
    firing = schedule.next_after(max(believed) if believed else min(latest.at, latest.stored))
    return firing is not None and firing <= now


@dataclass(frozen=True)
class Evidence:
    """One token, wherever it was found."""

    where: str
    """For people: the ledger, or the name of a file."""
    facts: TokenFacts
    claimed: Head | None = None
    """What the ledger says that it is over; None for a file, which says nothing."""


def contradictions(evidence: Iterable[Evidence], known: Mapping[str, int]) -> Iterator[Flaw]:
    """Yield what tokens say against the log; `known` maps imprints to the entries that have them.

    A flaw's number is the entry's, or 0 where nobody can tell which it was.
    """
    for one in evidence:
        sequence = one.claimed.sequence if one.claimed else known.get(one.facts.imprint, 0)
        if one.facts.problem:
            yield Flaw(sequence, f"{one.where}: {one.facts.problem}")
        if not one.facts.imprint:
            continue
        if one.claimed is not None and one.claimed.hash != one.facts.imprint:
            yield Flaw(sequence, f"{one.where}: it is over another hash than it was kept for")
        elif known.get(one.facts.imprint) is None:
            when = f"{one.facts.at:%Y-%m-%d %H:%M:%SZ}" if one.facts.at else "then"
            what = f"the log was rewritten: no entry has the hash that was stamped at {when}"
            yield Flaw(sequence, f"{one.where}: {what}")
        elif one.claimed is not None and known[one.facts.imprint] != sequence:
            yield Flaw(sequence, f"{one.where}: it is over entry {known[one.facts.imprint]}")


def differences(
    told: Mapping[str, int], kept: Mapping[str, int], copies: Mapping[str, str]
) -> Iterator[Flaw]:
    """Yield where log, ledger and archive do not have the same time-stamps.

    `told`: hashes of tokens that the log tells of, with the number of the entry that does.
    `kept`: hashes of tokens of the ledger, with the number of the entry that is stamped.
    `copies`: names of files in the archive, with the hashes of their tokens. A file that the log
    does not tell of is left by a crash, and as good as any other.
    """
    for token in sorted(told.keys() - kept.keys(), key=told.__getitem__):
        yield Flaw(told[token], "the time-stamp that it tells of is missing in the ledger")
    for token in sorted(kept.keys() - told.keys(), key=kept.__getitem__):
        yield Flaw(kept[token], "the log does not tell of the time-stamp over this entry")
    for token in sorted(kept.keys() - set(copies.values()), key=kept.__getitem__):
        yield Flaw(kept[token], "the copy of its time-stamp is missing in the archive, or altered")
