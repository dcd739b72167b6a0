"""The contract of searches in the log: by what people know of a document, and by how it ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain

import pytest

from gateway.core.log_query import LogOutcome, LogQuery, mentions
from gateway.core.names import display
from gateway.core.states import Event
from gateway.ledger import Ledger, log_search
from gateway.ports import Clock
from tests.ledger.making import StandingClock, new_job, travelled

_HASH = "5a" * 32
_NAMES = ("Straße.pdf", "\u212aelvin.PDF", "合同.pdf", "odd\udcff.pdf", r"back\slash.pdf")
_WORDS = (
    *("strasse", "STRASSE", "STRAßE", "kelvin", "合同", "\\xff", "\udcff", "back\\sl", "quotes\\"),
    *('"quo', "title=a", "=a", "=", "e", "readable", "unreadable", "five", "pdf.unreadable"),
    *("seal", "Siegel-Ü", "siegel-ü", "invoices", "\n", "nothing of that kind", "%", "_", "'"),
)


@pytest.fixture
def ledger(open_ledger: Callable[[Clock], Ledger]) -> Iterator[Ledger]:
    """Yield a log of two documents, one delivered and one failed, and of a hold."""
    opened = open_ledger(StandingClock())
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


@pytest.fixture
def odd(ledger: Ledger) -> Ledger:
    """Return the log with documents of odd names as well."""
    for number, name in enumerate(_NAMES):
        job = ledger.open(new_job(f"odd-{number}", name), {})
        ledger.advance(job, Event.HELD, {"title": 'a"quotes\\', "source": display(name)})
    ledger.advance(ledger.open(new_job("five"), {}), Event.ACCEPTED, {}, seal="Siegel-Ü")
    ledger.record("a.thing", {"five\u017f": "\u017f"}, "person:JÖRG")
    return ledger


def _found(ledger: Ledger, query: LogQuery, limit: int = 0) -> list[tuple[str, str]]:
    return [(one.event, one.job) for one in ledger.search(query, limit=limit)]


def _looked_at_one_by_one(ledger: Ledger, text: str) -> list[int]:
    """Return what must be found: entry by entry, with the job of each."""
    wanted = text.casefold()

    def of_document(name: str) -> bool:
        job = ledger.get(name)
        if job is None:
            return False
        facts = (job.id, job.sha256, job.inbox, job.seal, job.rule, job.service)
        return any(wanted in fact.casefold() for fact in (*facts, display(job.source)))

    return [
        one.sequence for one in ledger.entries() if mentions(one, wanted) or of_document(one.job)
    ]


def test_by_outcome(ledger: Ledger) -> None:
    """Each outcome has the entries that tell of it, and no others."""
    for outcome, found in (
        (LogOutcome.DELIVERED, [("result.delivered", "two")]),
        (LogOutcome.FAILED, [("job.failed", "three")]),
        (LogOutcome.HELD, [("hold.opened", "")]),
        (LogOutcome.REFUSED, [("person.refused", "")]),
        (LogOutcome.UNANSWERED, []),
    ):
        assert _found(ledger, LogQuery(outcome=outcome)) == found


def test_by_what_is_known_of_a_document(ledger: Ledger) -> None:
    """Seal, rule, name and hash find the whole story, though few entries repeat them."""
    for text in ("company-SEAL", "contracts", "vertrag", _HASH, _HASH[:20]):
        found = _found(ledger, LogQuery(text))
        assert found == [("job.claimed", "one"), ("job.accepted", "one"), ("job.planned", "one")]
        assert _found(ledger, LogQuery(text, event="job.planned")) == [("job.planned", "one")]


def test_engine_leaves_out_nothing(odd: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any letters and signs are found as if each entry were read, whatever the windows are."""
    expected = {text: _looked_at_one_by_one(odd, text) for text in _WORDS}
    assert sum(map(bool, expected.values())) > len(_WORDS) // 2
    for page, window, few in ((500, 50_000, 200), (2, 3, 200), (3, 7, 1)):
        monkeypatch.setattr(log_search, "_FEW", few)
        monkeypatch.setattr(log_search, "_PAGE", page)
        monkeypatch.setattr(log_search, "_WINDOW", window)
        for text, sequences in expected.items():
            query = LogQuery(text)
            assert [one.sequence for one in odd.search(query)] == sequences, text
            back = [one.sequence for one in odd.search(query, newest_first=True)]
            assert back == sequences[::-1], text


def test_by_who_and_with_a_limit(odd: Ledger) -> None:
    """A part of the name is enough, whatever its case; the newest are found first when asked."""
    assert _found(odd, LogQuery(actor="EVE")) == [("person.refused", "")]
    assert _found(odd, LogQuery(actor="jörg")) == [("a.thing", "")]
    told = LogQuery(text="why", job="two")
    assert len(_found(odd, told, limit=3)) == 3
    every = [one.sequence for one in odd.search(told)]
    newest = odd.search(told, newest_first=True, limit=3)
    assert [one.sequence for one in newest] == every[:-4:-1]
    behind = odd.search(told, newest_first=True, after=every[4])
    assert [one.sequence for one in chain(behind)] == every[:4:-1]


def test_filters_are_named() -> None:
    """What was asked for can be told, and nothing else is."""
    query = replace(LogQuery("x"), outcome=LogOutcome.HELD)
    assert query.filters == (("text", "x"), ("outcome", "held"))
    assert LogQuery().filters == ()
