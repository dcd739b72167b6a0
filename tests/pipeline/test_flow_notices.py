"""Notices of contract flows: the right party is told, by its own address, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.core.accounts import Account
from gateway.core.flow_acts import Act, ActKind, Actor
from gateway.core.flow_definition import Escalation, FlowDefinition, Party, Stage, Step, StepKind
from gateway.core.job import Job
from gateway.core.notice_settings import Encryption, MailTarget, NoticeKind, Subscription
from gateway.core.states import Event, State
from gateway.ledger import SqliteLedger
from gateway.pipeline.flow_telling import FlowTelling
from gateway.pipeline.notifying import Notifying
from tests.ledger.making import StandingClock
from tests.pipeline.test_notifying import Target

PARTIES = (
    Party("legal", "Legal department", user="anna"),
    Party("acme", "Acme Ltd", mail="contracts@acme.example"),
    Party("boss"),
)
FLOW = FlowDefinition(
    "lease",
    "lease",
    PARTIES,
    (
        Stage((Step("check", StepKind.REVIEW, "legal", deadline=3600, text="Mind clause 4"),)),
        Stage(
            (
                Step(
                    "sign",
                    StepKind.APPROVE,
                    "acme",
                    escalation=Escalation(60, "boss"),
                    delegates=("boss",),
                ),
            )
        ),
    ),
    title="Lease contract",
)
ALL = frozenset(NoticeKind)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqliteLedger]:
    """Yield a ledger that knows one user."""
    opened = SqliteLedger(tmp_path / "ledger.sqlite", StandingClock())
    opened.people.save(Account("anna", "Anna", mail="anna@company.example"), "user.added", {}, "x")
    yield opened
    opened.close()


def telling(ledger: SqliteLedger, target: Target, *, parties: bool = True) -> Notifying:
    """Return the notices of a site that mails the parties of flows."""
    mail = MailTarget("mail", 25, Encryption.NONE, "seals@company.example", (), parties=parties)
    made = Notifying(
        "Site",
        subscriptions=(Subscription("parties", mail, ALL),),
        notifiers={"parties": target},
        queue=ledger.notices,
        jobs=ledger,
        clock=ledger._clock,
        telling=FlowTelling(ledger.flows, ledger.people, ledger.groups),
    )
    made.begin()
    return made


def begin(ledger: SqliteLedger, owner: str = "") -> str:
    """Let a flow begin."""
    now = datetime.now(UTC)
    job = Job("1", State.CLAIMED, 1, "lease", "a.pdf", "/spool", now, now)
    job = ledger.advance(ledger.open(job, {}), Event.ACCEPTED, {})
    act = Act(ActKind.BEGIN, actor=Actor("x", login=owner), sha256="ab", source="a.pdf")
    return ledger.flows.begin(job, FLOW, act).id


def test_each_party_is_told_of_its_turn(ledger: SqliteLedger) -> None:
    """A user by the user's address, a partner by its own; who is known by a folder only, not."""
    target = Target()
    told = telling(ledger, target)
    flow = begin(ledger)
    told.flush()
    (first,) = target.taken
    assert first.mail == ("anna@company.example",)
    notice = first.notices[0]
    assert (notice.event, notice.flow, notice.step) == ("turn", "lease", "check")
    assert (notice.party, notice.source, notice.inbox) == ("Legal department", "a.pdf", "lease")
    assert notice.due
    assert "Mind clause 4" in notice.sentence
    assert "待办" not in first.subject
    ledger.flows.act(flow, Act(ActKind.APPROVE, "check", Actor("p", party="legal")))
    told.flush()
    assert target.taken[1].mail == ("contracts@acme.example",)
    ledger.flows.act(flow, Act(ActKind.DELEGATE, "sign", Actor("p", party="acme"), to="boss"))
    told.flush()
    assert len(target.taken) == 2, "boss has no address, and nobody else is to be told"


def test_the_end_is_told_to_those_who_had_to_do_with_it(ledger: SqliteLedger) -> None:
    """A partner who was never asked does not hear of a contract that was rejected inside."""
    target = Target()
    told = telling(ledger, target)
    flow = begin(ledger, owner="anna")
    act = Act(ActKind.REJECT, "check", Actor("party:legal", party="legal"), "too dear")
    ledger.flows.act(flow, act)
    told.flush()
    (end,) = [one for one in target.taken if one.notices[0].event == "ended"]
    assert end.mail == ("anna@company.example",)
    assert "Lease contract was rejected by party:legal: check: too dear" in end.notices[0].sentence


def test_a_refusal_is_told_with_its_reason(ledger: SqliteLedger) -> None:
    """What could not be accepted is told to the party that brought it, with code and remedy."""
    target = Target()
    told = telling(ledger, target)
    flow = begin(ledger)
    details = {"party": "acme", "file": "x.pdf", "code": "outside.altered"}
    ledger.record("act.refused", details, job=flow)
    told.flush()
    refused = target.taken[-1]
    assert refused.mail == ("contracts@acme.example",)
    assert refused.notices[0].source == "x.pdf"
    assert refused.notices[0].code == "outside.altered"
    assert refused.notices[0].remedy


def test_operators_hear_of_flows_without_addresses(ledger: SqliteLedger) -> None:
    """A subscription with recipients of its own is told of every turn."""
    target = Target()
    told = telling(ledger, target)
    mail = replace(told.subscriptions[0].target, recipients=("ops@company.example",))  # type: ignore[type-var]
    told.subscriptions = (replace(told.subscriptions[0], target=mail),)  # type: ignore[arg-type]
    flow = begin(ledger)
    ledger.flows.act(flow, Act(ActKind.APPROVE, "check", Actor("p", party="legal")))
    ledger.flows.act(flow, Act(ActKind.DELEGATE, "sign", Actor("p", party="acme"), to="boss"))
    told.flush()
    assert [one.notices[0].party for one in target.taken] == [
        "Legal department",
        "Acme Ltd",
        "boss",
    ]
