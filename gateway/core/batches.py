"""Batches: documents that one manifest lists, and what became of each of them.

Theory of operation: a manifest is a job like any other file that is dropped. What it lists goes
into the ledger in the transaction that makes it PLANNED; from then on the files it names are
claimed, each with what its row asks for in the place of a ticket. The manifest's own job rests
until all of them have ended, or their time is up. Then the report becomes its result, and is
delivered and archived like any result, with the manifest as its original.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from gateway.core.error_codes import CODES
from gateway.core.job import Job
from gateway.core.names import display
from gateway.core.states import State
from gateway.core.tickets import ReceivedTicket, Ticket

UNDER_WAY = "batch.under-way"
_ENDINGS = (".batch.csv", ".batch.json")
_COLUMNS = (
    *("file", "outcome", "code", "what", "job", "result"),
    *("original_sha256", "result_sha256", "reference"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Listed:
    """One row of a manifest."""

    file: str
    """Name of a file in the manifest's folder."""
    ticket: Ticket


@dataclass(frozen=True)
class Manifest:
    """A manifest as it was read: what it lists, or why that cannot be told."""

    listed: tuple[Listed, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class Member:
    """A document of a batch, listed in a row (from 1) of the manifest of job `batch`."""

    batch: str
    row: int
    source: str
    """Path below the inbox."""
    ticket: Ticket
    job: str = ""
    """Which claimed it; empty before."""


class Fate(StrEnum):
    """What became of a document of a batch."""

    DELIVERED = "delivered"
    FAILED = "failed"
    MISSING = "missing"


def is_manifest(source: str) -> bool:
    """Tell whether a file is a manifest, by its name."""
    return source.lower().endswith(_ENDINGS)


def batch_name(source: str) -> str:
    """Return a manifest's path without its ending."""
    ending = next(one for one in _ENDINGS if source.lower().endswith(one))
    return source[: -len(ending)]


def row_ticket(manifest: str, sha256: str, row: int, ticket: Ticket) -> ReceivedTicket:
    """Return what a row of a manifest asks for, as if a ticket said so.

    `manifest` is the manifest's path, `sha256` of its bytes, in hex.
    """
    name = display(manifest.rsplit("/", 1)[-1])
    return ReceivedTicket(f"{name}, row {row}", sha256, ticket)


def fate_of(job: Job | None) -> Fate:
    """Return what became of a document whose job has ended, or never began."""
    if job is None:
        return Fate.MISSING
    return Fate.DELIVERED if job.state is State.ARCHIVED else Fate.FAILED


def tally(ended: tuple[tuple[Member, Job | None], ...]) -> dict[Fate, int]:
    """Count the documents of a batch by what became of them."""
    counted = Counter(fate_of(job) for _, job in ended)
    return {outcome: counted[outcome] for outcome in Fate}


def report(ended: tuple[tuple[Member, Job | None], ...]) -> bytes:
    """Write a batch's report: CSV (RFC 4180) in UTF-8, a row for each document, as listed.

    What a spreadsheet would take for a formula gets an apostrophe in front of it.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for member, job in ended:
        writer.writerow(map(_plain, _row(member, job)))
    return text.getvalue().encode()


def _row(member: Member, job: Job | None) -> tuple[str, ...]:
    name, outcome = member.source.rsplit("/", 1)[-1], fate_of(job)
    reference = member.ticket.reference
    if job is None:
        return (name, outcome, "", "", "", "", "", "", reference)
    code = job.code if outcome is Fate.FAILED else ""
    what = CODES[code].meaning if code in CODES else ""
    delivered = job.delivered if outcome is Fate.DELIVERED else ""
    artifact = job.artifact(job.result) if delivered else None
    sha256 = artifact.sha256 if artifact is not None else ""
    return (name, outcome, code, what, job.id, delivered, job.sha256, sha256, reference)


def _plain(value: str) -> str:
    shown = display(value)
    return f"'{shown}" if shown.startswith(_FORMULA) else shown
