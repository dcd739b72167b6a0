"""Tickets on their way through the stages, and what a stop in between does to them."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.core.job import Slot
from gateway.core.rules import TicketTerms
from gateway.core.states import State
from gateway.pipeline.delivering import retry
from gateway.pipeline.intake import finish_claims, take
from tests.e2e.pages import write_pdf
from tests.pipeline.conftest import House


class Stopped(BaseException):
    """The process was killed here."""


@pytest.fixture
def ticketed(house: House) -> House:
    """Return a site whose rule permits tickets, with a document and its ticket in the inbox."""
    (rule,) = house.rulebook.rules
    terms = TicketTerms(reference="C-.*", priority=7)
    house.rulebook = replace(house.rulebook, rules=(replace(rule, tickets=terms),))
    write_pdf(house.root / "inbox" / "x.pdf")
    (house.root / "inbox" / "x.pdf.yaml").write_text("reference: C-1\npriority: 7\n")
    return house


def receipts(house: House) -> list[dict[str, object]]:
    """Return the receipts in the outbox."""
    return [json.loads(one.read_text()) for one in (house.root / "outbox").rglob("*.receipt.json")]


def in_state(house: House, state: State) -> bool:
    """Tell whether there is a job in a state."""
    return bool(house.ledger.find((state,)))


def test_a_ticket_is_stored_and_followed(ticketed: House) -> None:
    """The job has its priority and its artifact, the log its reference."""
    ticketed.run_until("it is archived", lambda: in_state(ticketed, State.ARCHIVED))
    (job,) = ticketed.ledger.find((State.ARCHIVED,))
    assert job.priority == 7
    assert job.artifact(Slot.TICKET) is not None
    (planned,) = ticketed.ledger.entries(event="job.planned")
    assert dict(planned.details)["reference"] == "C-1"


def stop_with_the_ticket_moved(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin a claim, and be killed between its ticket and its document."""
    (candidate,), _ = house.equipment.inboxes["in"].examine()
    real = os.rename

    def rename(source: str, target: str, **folders: int) -> None:
        if source == "x.pdf":
            raise Stopped
        real(source, target, **folders)

    with monkeypatch.context() as patch, pytest.raises(Stopped):
        patch.setattr(os, "rename", rename)
        take(house.equipment, (candidate,))


def test_a_claim_that_was_stopped_loses_no_ticket(
    ticketed: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped when only the ticket was moved: the document is sealed with it, and once."""
    stop_with_the_ticket_moved(ticketed, monkeypatch)
    inbox = ticketed.root / "inbox"
    assert [path.name for path in inbox.iterdir()] == ["x.pdf"]
    finish_claims(ticketed.equipment, "in")  # what a scan begins with
    assert {path.name for path in inbox.iterdir()} == {"x.pdf", "x.pdf.yaml"}
    ticketed.start_again()
    ticketed.run_until("it is archived", lambda: in_state(ticketed, State.ARCHIVED))
    (receipt,) = receipts(ticketed)
    assert receipt["ticket"]["reference"] == "C-1"  # type: ignore[index]
    assert in_state(ticketed, State.VOID)
    assert list(inbox.iterdir()) == list((ticketed.root / "state" / "spool").iterdir()) == []


def test_a_ticket_of_a_removed_inbox_waits_for_it(
    ticketed: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its inbox gone from the settings, a half-done claim is told of; back, it gets its ticket."""
    inboxes = ticketed.equipment.inboxes
    stop_with_the_ticket_moved(ticketed, monkeypatch)
    ticketed.engine.stop()
    attended, ticketed.inboxes = ticketed.inboxes, ()
    ticketed.equipment = replace(ticketed.equipment, inboxes={})
    ticketed.start_again()

    def told() -> bool:
        return any(job.code for job in ticketed.ledger.find((State.CLAIMED,)))

    ticketed.run_until("it is told", told)
    assert ticketed.engine.idle(), "a sweep need not wait for it"
    (job,) = ticketed.ledger.find((State.CLAIMED,))
    (ticket,) = (ticketed.root / "state" / "spool").iterdir()
    assert (job.code, job.detail) == ("intake.inbox-removed", str(ticket))
    ticketed.inboxes = attended
    ticketed.equipment = replace(ticketed.equipment, inboxes=inboxes)
    ticketed.start_again()
    ticketed.run_until("it is archived", lambda: in_state(ticketed, State.ARCHIVED))
    (receipt,) = receipts(ticketed)
    assert receipt["ticket"]["reference"] == "C-1"  # type: ignore[index]
    assert [one.id for one in ticketed.ledger.find((State.VOID,))] == [job.id]


def test_a_lost_ticket_is_never_forgotten(ticketed: House) -> None:
    """Without its ticket in failed/ a document fails again, until there is one."""
    ticket = ticketed.root / "inbox" / "x.pdf.yaml"
    ticket.write_text("reference: D-1\n")
    failed = ticketed.root / "failed" / "in"
    codes = []
    for written in (None, "reference: C-2\n"):
        ticketed.run_until("it fails", lambda: in_state(ticketed, State.FAILED))
        (job,) = ticketed.ledger.find((State.FAILED,))
        codes.append(job.code)
        lost = Path(failed / "x.pdf.yaml")
        lost.unlink(missing_ok=True)
        if written is not None:
            lost.write_text(written)
        retry(ticketed.equipment, job, "a test")
    assert codes == ["ticket.not-permitted", "ticket.missing"]
    ticketed.run_until("it is archived", lambda: in_state(ticketed, State.ARCHIVED))
    (receipt,) = receipts(ticketed)
    assert receipt["ticket"]["reference"] == "C-2"  # type: ignore[index]
