"""Folders are enough: a flow goes its whole way by files that are dropped and moved."""

from __future__ import annotations

import json

from gateway.core.flow_events import FlowState
from tests.flows.conftest import USUAL, FlowHouse


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
    (result,) = (house.root / "outbox").rglob("*.pdf")
    receipt = json.loads(result.with_name(result.name + ".receipt.json").read_text())
    assert receipt["status"] == "flow"
    assert [one["state"] for one in receipt["flow"]["steps"]] == ["done"] * 3
    assert len(receipt["flow"]["revisions"]) == 3
    assert len(house.service.signed) == 2
    for party in ("legal", "board", "acme"):
        assert (house.parties / party / "done" / "contract.pdf").read_bytes() == result.read_bytes()
    assert house.office.flow(flow).status.closed
    assert not house.ledger.verify()
