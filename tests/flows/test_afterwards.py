"""What is left of a flow when it has ended, and what of that may go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from gateway.core.errors import DocumentFault
from gateway.core.flow_events import FlowState, StepState
from gateway.core.job import Slot
from gateway.core.notices import notice_of
from gateway.pdf.reader import ReaderDocuments
from gateway.pipeline.auditing import audit_archive
from gateway.pipeline.purging import purge
from gateway.pipeline.retrying import retry_one
from gateway.pipeline.stories import find_job, story_of
from gateway.ports import Kept
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


def test_its_jobs_are_jobs_like_any(house: FlowHouse) -> None:
    """Stories and the audit of the archive know a flow's own job and those of its seals."""
    flow = house.begin(USUAL)
    house.act("legal", "approve")
    house.act("board", "approve")
    seals = [one.job for one in house.office.flow(flow).status.steps if one.job]
    assert len(seals) == 2
    for name in (flow, *seals):
        told = story_of(house.equipment, find_job(house.equipment, name))
        assert told.receipt is not None
        assert Kept.RESULT in told.kept
    audit = audit_archive(house.equipment)
    assert audit.jobs >= 3
    assert audit.flaws == ()


def test_a_seal_that_fails_is_put_on_when_it_is_retried(
    house: FlowHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The flow says what keeps it; it goes on from there, and nothing was lost or spent."""

    def fail(*arguments: object) -> None:
        raise DocumentFault("pdf.unreadable", "told to")

    with monkeypatch.context() as broken:
        broken.setattr(ReaderDocuments, "prepare", fail)
        flow = house.begin(USUAL)
        house.act("legal", "approve")
        house.act("board", "approve")
    standing = house.office.flow(flow).status.step("release")
    assert (standing.state, standing.code) == (StepState.SEALING, "pdf.unreadable")
    assert house.service.signed == []
    assert list((house.root / "failed" / "flow.test").glob("contract.pdf"))
    retry_one(house.equipment, standing.job, "test")
    house.run_until("the contract", lambda: house.state(flow) is FlowState.COMPLETED)
    house.settle()
    assert len(house.service.signed) == 2
    assert not list((house.root / "failed").rglob("*.pdf"))
    assert not house.ledger.verify()
