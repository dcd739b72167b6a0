"""The log is searched by what people know of a document, and by how things ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from gateway.core.log_query import LogOutcome, LogQuery
from gateway.core.states import Event
from gateway.ledger import SqliteLedger
from gateway.pipeline.log_searching import search
from tests.ledger.making import StandingClock, new_job, travelled

_HASH = "5a" * 32


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteLedger]:
    """Yield a log of two documents, one delivered and one failed, and of a hold."""
    path = tmp_path_factory.mktemp("searching") / "state" / "ledger.sqlite"
    opened = SqliteLedger(path, StandingClock())
    job = opened.open(new_job("one", "Vertrag.pdf"), {"source": "Vertrag.pdf"})
    job = opened.advance(job, Event.ACCEPTED, {}, sha256=_HASH)
    opened.advance(job, Event.PLANNED, {}, seal="company-seal", rule="contracts")
    travelled(opened, "two")
    failed = opened.open(new_job("three", "c.pdf"), {})
    failed = opened.advance(failed, Event.GAVE_UP, {"code": "pdf.unreadable"})
    opened.advance(failed, Event.FAILED, {})
    opened.hold("service:sandbox", "service.busy", "", 0)
    opened.record("person.refused", {"login": "eve"}, "person:eve")
    yield opened
    opened.close()


def _found(ledger: SqliteLedger, query: LogQuery, limit: int = 0) -> list[tuple[str, str]]:
    return [(one.event, one.job) for one in search(ledger, ledger, query, limit=limit)]


@pytest.mark.parametrize(
    ("outcome", "found"),
    [
        (LogOutcome.DELIVERED, [("result.delivered", "two")]),
        (LogOutcome.FAILED, [("job.failed", "three")]),
        (LogOutcome.HELD, [("hold.opened", "")]),
        (LogOutcome.REFUSED, [("person.refused", "")]),
        (LogOutcome.UNANSWERED, []),
    ],
)
def test_by_outcome(
    ledger: SqliteLedger, outcome: LogOutcome, found: list[tuple[str, str]]
) -> None:
    """Each outcome has the entries that tell of it, and no others."""
    assert _found(ledger, LogQuery(outcome=outcome)) == found


@pytest.mark.parametrize("text", ["company-SEAL", "contracts", "vertrag", _HASH, _HASH[:20]])
def test_by_what_is_known_of_a_document(ledger: SqliteLedger, text: str) -> None:
    """Seal, rule, name and hash find the whole story, though few entries repeat them."""
    found = _found(ledger, LogQuery(text))
    assert found == [("job.claimed", "one"), ("job.accepted", "one"), ("job.planned", "one")]
    assert _found(ledger, LogQuery(text, event="job.planned")) == [("job.planned", "one")]


def test_by_who_and_with_a_limit(ledger: SqliteLedger) -> None:
    """A part of the name is enough, whatever its case."""
    assert _found(ledger, LogQuery(actor="EVE")) == [("person.refused", "")]
    assert len(_found(ledger, LogQuery(text="why", job="two"), limit=3)) == 3


def test_filters_are_named() -> None:
    """What was asked for can be told, and nothing else is."""
    query = replace(LogQuery("x"), outcome=LogOutcome.HELD)
    assert query.filters == (("text", "x"), ("outcome", "held"))
    assert LogQuery().filters == ()
