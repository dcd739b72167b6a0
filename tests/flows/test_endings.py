"""A flow that ends before its time stops at once, spends nothing, and loses nothing."""

from __future__ import annotations

import json

import pytest

from gateway.core.errors import UsageFault
from gateway.core.flow_acts import Act, ActKind, Actor
from gateway.core.flow_definition import Otherwise, StepKind
from gateway.core.flow_events import FlowState, StepState
from gateway.core.flow_story import REFUSED, story_of
from gateway.core.states import State
from tests.flows.conftest import FlowHouse, one_by_one, step

OPERATOR = Actor("user:operator", operator=True)
STAMPED = one_by_one(step("read", StepKind.REVIEW, "legal"), step("stamp", StepKind.SEAL, "legal"))


def error_of(house: FlowHouse) -> tuple[str, str]:
    """Return code and sentence of the one receipt in failed/; its document lies beside it."""
    (receipt,) = (house.root / "failed").rglob("*.receipt.json")
    assert receipt.with_name(receipt.name.removesuffix(".receipt.json")).read_bytes()
    error = json.loads(receipt.read_text())["error"]
    return error["code"], error["sentence"]


def test_rejected_with_its_reason(house: FlowHouse) -> None:
    """A no ends the flow; nothing is signed, the original lies in failed/ with who and why."""
    flow = house.begin(STAMPED)
    house.act("legal", "reject", "clause 4 is missing")
    assert house.state(flow) is FlowState.REJECTED
    code, sentence = error_of(house)
    assert code == "flow.rejected"
    assert "party:legal" in sentence
    assert "clause 4 is missing" in sentence
    assert house.service.signed == []
    assert house.office.flow(flow).status.closed
    assert not house.ledger.verify()


def test_rejected_step_that_may_be_left_out(house: FlowHouse) -> None:
    """Where the definition says so, the flow goes on without the step."""
    asked = step("read", StepKind.REVIEW, "legal", on_rejection=Otherwise.SKIP)
    flow = house.begin(one_by_one(asked, step("stamp", StepKind.SEAL, "legal")))
    house.act("legal", "reject", "not my matter")
    assert house.state(flow) is FlowState.COMPLETED
    assert len(house.service.signed) == 1


def test_nothing_is_spent_after_a_withdrawal(house: FlowHouse) -> None:
    """A flow that is called off while its seal waits for the service buys no signature."""
    flow = house.begin(STAMPED)
    house.service.down = True
    house.move("legal", "approve")
    house.clerk.hint()
    house.run_until("the seal is held", lambda: house.ledger.all() != ())
    (sealing,) = house.office.flow(flow).status.at(StepState.SEALING)
    house.office.act(flow, Act(ActKind.WITHDRAW, actor=OPERATOR, why="no longer wanted"))
    house.service.down = False
    house.run_until(
        "the job is over",
        lambda: (job := house.ledger.get(sealing.job)) is not None and job.state is State.FAILED,
    )
    house.settle()
    assert house.state(flow) is FlowState.WITHDRAWN
    assert house.service.signed == []
    assert error_of(house)[0] == "flow.withdrawn"
    with pytest.raises(UsageFault, match=r"flow\.ended|has ended"):
        house.office.act(flow, Act(ActKind.APPROVE, "read", OPERATOR))


def test_time_is_up(house: FlowHouse) -> None:
    """A step that nobody acted on in time ends the flow, by itself, and says which it was."""
    flow = house.begin(one_by_one(step("read", StepKind.REVIEW, "legal", deadline=0.4)))
    house.run_until("the time is up", lambda: house.state(flow) is FlowState.EXPIRED)
    house.settle()
    code, sentence = error_of(house)
    assert code == "flow.expired"
    assert "read" in sentence
    assert not any((house.parties / "legal" / "todo").iterdir())


def test_a_definition_that_changes_leaves_flows_alone(house: FlowHouse) -> None:
    """A flow keeps the definition with which it began."""
    flow = house.begin(STAMPED)
    house.definition = one_by_one(step("other", StepKind.REVIEW, "board"))
    house.start_again()
    house.act("legal", "approve")
    assert house.state(flow) is FlowState.COMPLETED
    assert len(house.service.signed) == 1


def test_moved_twice(house: FlowHouse) -> None:
    """The same document moved again changes nothing, and is not refused."""
    flow = house.begin(STAMPED)
    document = house.todo("legal")
    content = document.read_bytes()
    house.act("legal", "approve")
    version = house.office.flow(flow).status.version
    again = house.parties / "legal" / "approve" / document.name
    again.write_bytes(content)
    house.clerk.hint()
    house.run_until("it is taken", lambda: not again.exists())
    assert house.office.flow(flow).status.version == version
    assert not any((house.parties / "legal" / "refused").iterdir())


def test_another_document_is_refused(house: FlowHouse) -> None:
    """What was never sent out is put aside with a note; the party keeps the good copy."""
    flow = house.begin(STAMPED)
    document = house.todo("legal")
    target = house.parties / "legal" / "approve" / document.name
    target.write_bytes(document.read_bytes() + b"% changed\n")
    house.clerk.hint()
    house.run_until("it is taken", lambda: not target.exists())
    house.settle()
    refused = sorted((house.parties / "legal" / "refused").iterdir())
    notes = [one.read_text() for one in refused if one.name.endswith("-refused.txt")]
    assert len(notes) == 1
    assert "[flow.other-document]" in notes[0]
    assert document.exists()
    assert house.state(flow) is FlowState.RUNNING
    (line,) = [one for one in story_of(house.ledger.entries(job=flow)) if one.event == REFUSED]
    assert (line.step, line.actor) == ("read", "party:legal")
    assert ("code", "flow.other-document") in line.details
    assert not house.ledger.verify(), "it is in the story, and changes no state"
    house.act("legal", "approve")
    assert house.state(flow) is FlowState.COMPLETED
    assert not house.ledger.verify()
