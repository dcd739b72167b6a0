"""Searching the signing log: by windows of its numbers, filtered by the engine, judged here.

Theory of operation
-------------------
The log may have millions of entries, and words are looked for in all of them. So the engine
leaves out what cannot fit, and only what it returns is read and compared in full, here, with
Unicode's rules for letter cases, which no engine knows. What the engine looks for is a part of the
wanted text that is written in every fitting entry as it is: in ASCII, without what JSON escapes.
Rows with other letters may fit by Unicode's rules, so those pass.

Words may also be in what is known of an entry's document. The first window is joined with the
documents. When that was not enough, they are searched once by themselves: where few fit, the other
windows name those, which is several times faster than joining.

A statement looks at a window: however rare the words are, none takes long.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from gateway.core.chain import LogEntry
from gateway.core.log_query import mentions
from gateway.core.names import display
from gateway.ledger.connection import Store
from gateway.ledger.rows import UNREADABLE, Row, entry_from

_PAGE = 500
"""Entries read at a time, so that a search holds neither memory nor the lock for long."""
_WINDOW = 50_000
"""Entries, or documents, that a statement looks at."""
_FEW = 200
"""Documents that are named in a statement."""
_APART = re.compile(r"""^x?[0-9a-f]{1,2} | \\(x[0-9a-f]{0,2})? | [="] | [^ -~]""", re.VERBOSE)
"""What is not written as it is found: a byte of a name that is no letter (or the rest of one),
what JSON escapes, the sign between key and value."""

_ENTRY = "log.sequence, log.at, log.event, log.job, log.actor, log.details, log.previous, log.hash"
_ENTRY_COLUMNS = 8
_NAME = "CAST(jobs.source AS TEXT)"
"""In PostgreSQL it has a backslash wherever the name has other letters, or one itself."""
_FACTS = "jobs.id, jobs.sha256, jobs.inbox, jobs.seal, jobs.rule, jobs.service"
_DOCUMENT = f"jobs.source, {_FACTS}"
_DOCUMENT_TEXT = f"{_FACTS.replace(', ', ' || ')} || {_NAME}"
_STATEMENT = """
SELECT {columns} FROM log {joined}
WHERE log.sequence > :low AND log.sequence <= :high AND log.at >= :since AND log.at < :until
{which}
ORDER BY log.sequence {order} LIMIT :page
"""
_END_OF_DOCUMENTS = "SELECT id FROM jobs WHERE id > :low ORDER BY id LIMIT 1 OFFSET :window"
_DOCUMENTS = "SELECT {columns} FROM jobs WHERE id > :low {high} AND ({which}) LIMIT :most"


@dataclass(frozen=True)
class Wanted:
    """What entries must be; empty: anything."""

    job: str = ""
    first_event: str = ""
    last_event: str = ""
    """The same as the first one, when there is but one."""
    events: frozenset[str] = frozenset()
    since: str = ""
    until: str = ""
    """The first moment, as the log writes it, that does not belong to the answer."""
    text: str = ""
    """Case-folded."""
    of_documents: bool = False
    """The text may also be in what is known of an entry's document."""
    actor: str = ""
    """A part of it, case-folded."""

    def parameters(self) -> dict[str, Any]:
        """Return what the names in conditions stand for."""
        named = {f"event{number}": event for number, event in enumerate(sorted(self.events))}
        events = {"first": self.first_event, "last": self.last_event}
        texts = {"text": _part_of(self.text), "actor": self.actor}
        return events | named | texts | {"job": self.job, "since": self.since, "until": self.until}

    def conditions(self, documents: str) -> Iterator[str]:
        """Yield conditions, besides those of window and time; `documents` fit as well."""
        if self.job:
            yield "log.job = :job"
        if self.first_event and self.first_event == self.last_event:
            yield "log.event = :first"
        elif self.first_event:
            yield "log.event >= :first AND log.event <= :last"
        if self.events:
            named = ", ".join(f":event{number}" for number in range(len(self.events)))
            yield f"log.event IN ({named})"
        if self.actor:
            yield f"({_may_hold('log.actor', self.actor, 'actor')})"
        if self.filters_text:
            # What is escaped there without need is read here.
            details = _may_hold("log.details", self.text, "text")
            yield f"({details} OR instr(log.details, '\\') > 0{documents})"

    @property
    def filters_text(self) -> bool:
        """Tell whether the engine can leave out anything by the text."""
        return bool(self.text) and (bool(_part_of(self.text)) or not self.text.isascii())

    @property
    def text_alone(self) -> bool:
        """Tell whether nothing but the text is asked for."""
        narrow = (self.job, self.first_event, self.events, self.since, self.actor)
        return not any(narrow) and self.filters_text

    def fits_document(self, source: bytes | None = None, *facts: str) -> bool:
        """Tell whether the text is in what is known of a document."""
        if source is None:
            return False
        known = (display(os.fsdecode(source)), *facts)
        return any(self.text in fact.casefold() for fact in known)

    def fits(self, entry: LogEntry) -> bool:
        """Tell whether an entry that the engine let pass fits by itself."""
        return not self.text or mentions(entry, self.text)


def found(
    store: Store, wanted: Wanted, *, after: int = 0, newest_first: bool = False
) -> Iterator[LogEntry]:
    """Yield the entries behind the number `after` that fit, in order or from the newest back."""
    reading = _Reading(store, wanted, newest_first=newest_first)
    low, high = after, reading.last()
    window = high if wanted.job else _WINDOW  # its story is short, and found by its index
    first = True
    while low < high:
        bottom, top = (max(low, high - window), high) if newest_first else (low, low + window)
        rows = reading.page(bottom, min(high, top))
        if newest_first:
            high = rows[-1][0] - 1 if len(rows) == _PAGE else bottom
        else:
            low = rows[-1][0] if len(rows) == _PAGE else top
        yield from filter(None, map(reading.entry, rows))
        if first and low < high and len(rows) < _PAGE and wanted.text_alone:
            reading.name_documents()
        first = False


class _Reading:
    """Reads the pages of one search."""

    def __init__(self, store: Store, wanted: Wanted, *, newest_first: bool) -> None:
        self._store = store
        self._wanted = wanted
        self._order = "DESC" if newest_first else "ASC"
        self._named: frozenset[str] | None = None
        """The documents that fit, once they are known to be few."""
        self._parameters = {**wanted.parameters(), "page": _PAGE}
        self._statement = self._joined() if wanted.text and wanted.of_documents else self._plain()

    def last(self) -> int:
        """Return the number of the newest entry."""
        return int(self._rows("SELECT coalesce(max(sequence), 0) FROM log", {})[0][0])

    def page(self, low: int, high: int) -> list[Row]:
        """Return the first rows that may fit of those behind `low`, up to `high`."""
        return self._rows(self._statement, {**self._parameters, "low": low, "high": high})

    def entry(self, row: Row) -> LogEntry | None:
        """Return the entry of a row, if it fits."""
        wanted, entry = self._wanted, entry_from(row[:_ENTRY_COLUMNS])
        if wanted.actor not in entry.actor.casefold():
            return None
        if wanted.fits(entry) or entry.job in (self._named or ()):
            return entry
        return entry if wanted.fits_document(*row[_ENTRY_COLUMNS:]) else None

    def name_documents(self) -> None:
        """Look for the documents that fit, and name them from here on where they are few."""
        if not self._wanted.of_documents:
            return
        fitting: set[str] = set()
        low: str | None = ""
        while low is not None:
            low, rows = self._documents(low)
            fitting |= {row[1] for row in rows if self._wanted.fits_document(*row)}
            if len(rows) > _FEW or len(fitting) > _FEW:  # so they are better joined
                return
        self._named = frozenset(fitting)
        names = {f"job{number}": job for number, job in enumerate(sorted(fitting))}
        self._parameters |= names
        self._statement = self._plain(names)

    def _documents(self, low: str) -> tuple[str | None, list[Row]]:
        """Return the end of the window behind `low` (None: the last one), and what may fit."""
        ends = self._rows(_END_OF_DOCUMENTS, {"low": low, "window": _WINDOW})
        high = ends[0][0] if ends else None
        statement = _DOCUMENTS.format(
            columns=_DOCUMENT,
            high="" if high is None else "AND id <= :high",
            which=_document_may_hold(self._wanted.text),
        )
        bounds = {**self._parameters, "low": low, "high": high, "most": _FEW + 1}
        return high, self._rows(statement, bounds)

    def _joined(self) -> str:
        documents = f" OR {_document_may_hold(self._wanted.text)}"
        return _STATEMENT.format(
            columns=f"{_ENTRY}, {_DOCUMENT}",
            joined="LEFT JOIN jobs ON jobs.id = log.job",
            which="".join(f"  AND {one}" for one in self._wanted.conditions(documents)),
            order=self._order,
        )

    def _plain(self, names: Collection[str] = ()) -> str:
        documents = f" OR log.job IN ({', '.join(f':{name}' for name in names)})" if names else ""
        return _STATEMENT.format(
            columns=_ENTRY,
            joined="",
            which="".join(f"  AND {one}" for one in self._wanted.conditions(documents)),
            order=self._order,
        )

    def _rows(self, statement: str, parameters: dict[str, Any]) -> list[Row]:
        with self._store.reading() as connection:
            rows: list[Row] = connection.execute(statement, parameters).fetchall()
            return rows


def _document_may_hold(text: str) -> str:
    return f"{_may_hold(_DOCUMENT_TEXT, text, 'text')} OR instr({_NAME}, '\\') > 0"


def _may_hold(where: str, wanted: str, name: str) -> str:
    """Return a condition that is true wherever a case-folded text may be found."""
    other_letters = f"length(CAST({where} AS BLOB)) <> length({where})"
    if wanted.isascii():
        return f"instr(lower({where}), :{name}) > 0 OR {other_letters}"
    return other_letters


def _part_of(text: str) -> str:
    """Return the longest part that is written wherever the text is found; "" for none."""
    # An entry that cannot be read has that key, which is not written there.
    parts = (part for part in _APART.sub("\n", text).split("\n") if part not in UNREADABLE)
    return max(parts, key=len, default="")
