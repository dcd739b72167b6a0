"""What is left of a flow when it has ended, and what of that may go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from gateway.core.job import Slot
from gateway.core.notices import notice_of
from gateway.pipeline.purging import purge
from tests.flows.conftest import USUAL, FlowHouse


def test_revisions_are_kept_until_the_contract_is_purged(house: FlowHouse) -> None:
    """Every version can be shown, each beginning with the one before; a purge takes them all."""
    flow = house.begin(USUAL)
    house.act("legal", "approve")
    house.act("board", "approve")
    versions = [
        house.office.revision(flow, one.sha256).read_bytes()
        for one in house.office.flow(flow).status.revisions
    ]
    assert len(versions) == 3
    assert all(
        after.startswith(before) and len(after) > len(before)
        for before, after in pairwise(versions)
    )
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    purged = list(purge(house.equipment, tomorrow, "test"))
    assert len(purged) == 3, "the contract, and what put its two seals on"
    assert not (house.root / "state" / "flows" / flow).exists()
    assert not house.ledger.verify()


def test_only_the_contract_is_told_as_a_result(house: FlowHouse) -> None:
    """Nobody is told that a result lies in the outbox when a step has put its seal on."""
    flow = house.begin(USUAL)
    house.act("legal", "approve")
    house.act("board", "approve")
    entries = list(house.ledger.entries(event="result.delivered"))
    assert len(entries) == 3
    told = [notice_of(entry, house.ledger.get(entry.job), "Site") for entry in entries]
    assert [one.job for one in told if one is not None] == [flow]
    job = house.ledger.get(flow)
    assert job is not None
    assert job.artifact(Slot.CONTRACT) is not None
