"""Which entries are told, to whom, and in which words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.core.chain import LogEntry
from gateway.core.job import Job
from gateway.core.notice_settings import CommandTarget, Language, NoticeKind, Subscription
from gateway.core.notice_texts import compose, one_line
from gateway.core.notices import Notice, facts, from_facts, notice_of, wants
from gateway.core.states import State

NOW = datetime(2026, 11, 25, tzinfo=UTC)
JOB = Job("j1", State.FAILED, 9, "invoices", "a/b.pdf", "/spool/j1", NOW, NOW, rule="all")
ALL = Subscription("ops", CommandTarget((), Path(), 1), frozenset(NoticeKind))
NOTICE = Notice("id", "failed", "2026-11-25T00:00:00Z", "Site", "invoices", "a/b.pdf", rule="all")


def entry(event: str, job: str = "", **details: str) -> LogEntry:
    """Return an entry of the log."""
    told = tuple(sorted(details.items()))
    return LogEntry(7, "2026-11-25T00:00:00Z", event, job, "sealgate", told, "p" * 64, "h" * 64)


def test_failed_document() -> None:
    """A failure tells the file, the code with its sentence and remedy, and where it lies."""
    failed = replace(JOB, code="pdf.unreadable", detail="no trailer", returned="/failed/b.pdf")
    told = notice_of(entry("job.failed", "j1", code="pdf.unreadable"), failed, "Site")
    assert told is not None
    assert (told.event, told.inbox, told.source, told.rule) == (
        "failed",
        "invoices",
        "a/b.pdf",
        "all",
    )
    assert told.code == "pdf.unreadable"
    assert "no trailer" in told.sentence
    assert told.remedy
    assert told.result == "/failed/b.pdf"


def test_failure_is_told_as_it_was() -> None:
    """A job that is tried again by the time we look is told with the code it failed with."""
    details = {"code": "pdf.unreadable", "path": "/failed/b.pdf"}
    told = notice_of(entry("job.failed", "j1", **details), replace(JOB, code=""), "Site")
    assert told is not None
    assert (told.code, told.result) == ("pdf.unreadable", "/failed/b.pdf")


@pytest.mark.parametrize(
    ("event", "details", "kind"),
    [
        ("hold.opened", {"subject": "service:x", "code": "service.unreachable"}, "held"),
        ("hold.opened", {"subject": "inbox:main", "code": "site.denied"}, "mount"),
        ("hold.closed", {"subject": "inbox:main", "code": "site.denied"}, "resumed"),
        ("quota.low", {"service": "x", "left": "9", "bought": "100"}, "quota"),
        ("quota.running-out", {"service": "x", "what": "9 left"}, "quota"),
        ("credential.expiring", {"service": "x", "what": "ends soon"}, "certificate"),
        ("credential.revoked", {"service": "x", "what": "revoked"}, "certificate"),
        ("sweep.ended", {"delivered": "3"}, "sweep"),
        ("request.filed", {"subject": "round", "wants": "seal.granted"}, "request"),
    ],
)
def test_kinds(event: str, details: dict[str, str], kind: str) -> None:
    """What concerns no document is told with what it concerns."""
    told = notice_of(entry(event, **details), None, "Site")
    assert told is not None
    assert told.event == kind
    assert told.subject == details.get("subject", details.get("service", ""))
    assert told.inbox == ("main" if "inbox:main" in details.values() else "")
    assert told.sentence


@pytest.mark.parametrize("event", ["notice.dead", "sign.sent", "job.claimed", "daemon.started"])
def test_not_told(event: str) -> None:
    """Steps on the way are not told, nor what could not be told."""
    assert notice_of(entry(event, code="notice.refused"), None, "Site") is None


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, True),
        ({"kinds": frozenset({NoticeKind.DELIVERED})}, False),
        ({"inboxes": ("inv*",)}, True),
        ({"inboxes": ("letters", "main")}, False),
        ({"rules": ("a?l",)}, True),
        ({"rules": ("contracts",)}, False),
    ],
)
def test_who_wants_it(change: dict[str, object], expected: bool) -> None:
    """Kind, inbox and rule decide together."""
    assert wants(replace(ALL, **change), NOTICE) is expected


def test_what_is_of_no_inbox_passes_every_glob() -> None:
    """A service's hold concerns every inbox."""
    held = Notice("id", "held", "2026-11-25T00:00:00Z", "Site", subject="service:x")
    assert wants(replace(ALL, inboxes=("letters",), rules=("x",)), held)


def test_own_words() -> None:
    """Templates are filled once, with one line each; what is no placeholder stays."""
    own = replace(ALL, subject="{event} {source}", text='{"x": "{source}"} {code}')
    made = compose(own, (replace(NOTICE, source="{code}\nTo: x", code="c"),))
    assert made.subject == "failed {code}\\u000aTo: x"
    assert made.text == '{"x": "{code}\\u000aTo: x"} c'


def test_hostile_characters() -> None:
    """Line ends, controls and directions of reading are written out; Chinese stays."""
    assert one_line("合同\u202e\r\n\x00") == "合同\\u202e\\u000d\\u000a\\u0000"


def test_languages() -> None:
    """The texts we bring are in English or Chinese, and leave out what is not known."""
    assert "File: a/b.pdf" in compose(ALL, (NOTICE,)).text
    assert "Code" not in compose(ALL, (NOTICE,)).text
    assert "文件: a/b.pdf" in compose(replace(ALL, language=Language.CHINESE), (NOTICE,)).text


def test_digest() -> None:
    """A digest counts its kinds, holds each text up to a bound, and has an id of its own."""
    many = tuple(replace(NOTICE, id=f"{n}", source=f"{n}.pdf") for n in range(150))
    made = compose(ALL, (*many, replace(NOTICE, id="x", event="held")))
    assert made.subject == "[Site] 151 notices: 150 failed, 1 held"
    assert "99.pdf" in made.text
    assert "100.pdf" not in made.text
    assert "51 more" in made.text
    assert made.id != compose(ALL, many).id
    assert len(made.notices) == 151


def test_facts_come_back() -> None:
    """What is stored of a notice is read again, whatever a later version added to it."""
    assert from_facts({**facts(NOTICE), "later": "x"}) == NOTICE
