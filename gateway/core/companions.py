"""Names of the files that steer a document, in the inbox and in the spool.

in the inbox            beside JOB.pdf in the spool
x.pdf.yaml, x.pdf.json  JOB.ticket.yaml, JOB.ticket.json
x.pdf.done, x.done      JOB.trigger.name, JOB.trigger.stem

Tickets may be called x.pdf.yml, too, and have their ending in capitals: a document whose ticket
nobody recognised would be sealed without it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

TICKETS = {".ticket.yaml": ".yaml", ".ticket.yml": ".yml", ".ticket.json": ".json"}
"""Endings of tickets in the spool, each with what it adds to the document's name."""
TRIGGERS = (".trigger.name", ".trigger.stem")
_DOCUMENT = ".pdf"


def spooled_names() -> tuple[str, ...]:
    """Return the endings that companions have in the spool, tickets first."""
    return (*TICKETS, *TRIGGERS)


def tickets_of(spooled: Path) -> Iterator[tuple[str, Path]]:
    """Yield where the ticket of a claimed document may lie, after what it adds to a name."""
    for away, ending in TICKETS.items() if spooled.name else ():
        yield ending, spooled.with_suffix(away)


def left_name(source: str, ending: str, trigger: str) -> str:
    """Return the path below the inbox at which a companion belongs, by its ending in the spool."""
    if ending in TICKETS:
        return source + TICKETS[ending]
    # Without a trigger in the settings, it is no trigger any more: nothing waits for it.
    return (stem_of(source) if ending == TRIGGERS[1] else source) + (trigger or ".trigger")


def document_of(source: str) -> str:
    """Return the document whose ticket a file is by its name; empty when it is none."""
    lower = source.lower()
    for ending in TICKETS.values():
        if lower.endswith(_DOCUMENT + ending):
            return source[: -len(ending)]
    return ""


def spooled_ticket(source: str) -> str:
    """Return the ending in the spool of a file that is a ticket by its name."""
    ending = source[len(document_of(source)) :].lower()
    return next(away for away, left in TICKETS.items() if left == ending)


def stem_of(source: str) -> str:
    """Return a document's path without `.pdf`."""
    return source[: -len(_DOCUMENT)] if source.lower().endswith(_DOCUMENT) else source
