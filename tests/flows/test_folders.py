"""Folders are enough: a flow goes its whole way by files that are dropped and moved."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from gateway.core.accounts import Account
from gateway.core.flow_definition import Party, StepKind
from gateway.core.flow_events import FlowState
from gateway.daemon.sweep import Tally, sweep
from tests.flows.conftest import USUAL, FlowHouse, one_by_one, step


def test_a_flow_goes_its_way_by_folders_alone(house: FlowHouse) -> None:
    """Each party finds the document, moves it, and the sealed contract comes out at the end."""
    flow = house.begin(USUAL)
    todo = house.todo("legal")
    assert todo.name == f"contract--read--{flow}.pdf"
    note = todo.with_suffix(".html").read_text()
    assert "contract.pdf" in note
    house.act("legal", "approve")
    assert not todo.exists()
    assert not todo.with_suffix(".html").exists()
    house.act("board", "approve", "agreed in the meeting")
    assert house.state(flow) is FlowState.COMPLETED
    certificate, result = sorted((house.root / "outbox").rglob("*.pdf"))
    assert certificate.name == "contract-evidence.pdf"
    receipt = json.loads(result.with_name(result.name + ".receipt.json").read_text())
    assert receipt["status"] == "flow"
    assert [one["state"] for one in receipt["flow"]["steps"]] == ["done"] * 3
    assert len(receipt["flow"]["revisions"]) == 3
    assert len(house.service.signed) == 2
    for party in ("legal", "board", "acme"):
        assert (house.parties / party / "done" / "contract.pdf").read_bytes() == result.read_bytes()
    assert house.office.flow(flow).status.closed
    assert not house.ledger.verify()


READ = one_by_one(step("read", StepKind.REVIEW, "legal"), step("stamp", StepKind.SEAL, "legal"))


def test_one_folder_that_fails_stops_no_other_party(house: FlowHouse) -> None:
    """Where a party's folder cannot be used its flows wait, are taken up again, and only they."""
    spoilt: Path = house.parties / "legal" / "todo"
    spoilt.parent.mkdir(parents=True)
    spoilt.write_text("not a folder")
    waiting = house.begin_alone(READ, "a.pdf")
    house.run_until("it is held", lambda: house.held() == ["flows"])
    board = one_by_one(step("see", StepKind.REVIEW, "board"), step("stamp", StepKind.SEAL, "legal"))
    other = house.begin_alone(board, "b.pdf")
    house.run_until("board has it", lambda: any((house.parties / "board").rglob("b--*.pdf")))
    document = house.todo("board")
    document.rename(house.parties / "board" / "approve" / document.name)
    house.run_until("the other is done", lambda: house.state(other) is FlowState.COMPLETED)
    spoilt.unlink()
    house.run_until("legal has it", lambda: any(spoilt.glob("a--*.pdf")))
    house.run_until("nothing is held", lambda: house.held() == [])
    assert house.state(waiting) is FlowState.RUNNING


def test_a_document_is_known_by_its_bytes(house: FlowHouse) -> None:
    """Whatever a party calls it, what lay in its todo/ is agreed to when it is moved."""
    flow = house.begin(READ)
    document = house.todo("legal")
    renamed = house.parties / "legal" / "approve" / "ok.pdf"
    document.rename(renamed)
    house.clerk.hint()
    house.run_until("it is taken", lambda: not renamed.exists())
    house.settle()
    assert house.state(flow) is FlowState.COMPLETED
    assert (house.parties / "legal" / "done" / "ok.pdf").exists()


def test_what_is_too_large_is_put_aside_unread(house: FlowHouse) -> None:
    """A file larger than the site takes is refused before it is hashed; the flow goes on."""
    flow = house.begin(READ)
    document = house.todo("legal")
    large = house.parties / "legal" / "approve" / document.name
    with large.open("wb") as file:
        file.truncate(2**33)
    house.clerk.hint()
    house.run_until("it is taken", lambda: not large.exists())
    (note,) = (house.parties / "legal" / "refused").glob("*-refused.txt")
    assert "[intake.too-large]" in note.read_text()
    house.act("legal", "approve")
    assert house.state(flow) is FlowState.COMPLETED


def test_an_act_is_its_persons(house: FlowHouse) -> None:
    """Whose home the folder is acted; somebody whom the party does not name is refused."""
    for login in ("anna", "mallory"):
        account = Account(login, login.title(), home="flows/legal" if login == "anna" else "")
        house.ledger.people.save(account, "user.added", {}, "test")
    flow = house.begin(READ)
    house.act("legal", "approve", "read it")
    done = house.office.flow(flow).status.step("read")
    assert (done.actor, done.why) == ("person:anna", "read it")

    named = replace(READ, parties=(Party("legal", user="mallory"),))
    other = house.begin(named, "other.pdf")
    moved = house.move("legal", "approve")
    house.clerk.hint()
    house.run_until("it is taken", lambda: not moved.exists())
    (note,) = (house.parties / "legal" / "refused").glob("*-refused.txt")
    assert "[flow.not-your-step]" in note.read_text()
    assert house.state(other) is FlowState.RUNNING


def test_a_sweep_takes_what_was_moved(house: FlowHouse) -> None:
    """One pass without a daemon does all that needs nobody: what was moved settles first."""
    flow = house.begin(READ)
    house.move("legal", "approve")
    house.start_again()
    swept = sweep(house.equipment, house.engine, Tally())
    assert house.state(flow) is FlowState.COMPLETED
    assert (swept.held, swept.waiting) == (0, 0)
    assert house.office.flow(flow).status.closed
    house.start_again()
