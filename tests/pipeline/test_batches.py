"""Batches at the moments that no document of theirs may be lost or told of wrongly."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.core.batches import Listed
from gateway.core.errors import WaitingFault
from gateway.core.job import Job
from gateway.core.lengths import Length
from gateway.core.places import AtPoint, Place
from gateway.core.states import Event, State
from gateway.core.tickets import Ticket
from gateway.pipeline import batches
from gateway.pipeline.intake import take
from gateway.ports import Candidate
from tests.pipeline.conftest import House


def job(number: str, source: str, batch: str = "") -> Job:
    """Return a job that claims a file."""
    now = datetime.now(UTC)
    spooled = f"/spool/{number}"
    return Job(number, State.CLAIMED, 1, "in", source, spooled, now, now, batch=batch)


def manifest(house: House, *names: str, missing_after: float) -> Job:
    """Let a manifest be under way that lists files."""
    claimed = house.ledger.open(job("m", "x.batch.csv"), {})
    accepted = house.ledger.advance(claimed, Event.ACCEPTED, {})
    listed = tuple(Listed(name, Ticket()) for name in names)
    return house.ledger.batches.begin(accepted, listed, missing_after)


def test_what_is_claimed_in_time_is_waited_for(house: House) -> None:
    """A file that was claimed before the batch ended is no longer missing when its time is up."""
    listing = manifest(house, "a.pdf", missing_after=0.0)
    house.ledger.open(job("a", "a.pdf", listing.id), {})
    with pytest.raises(WaitingFault) as under_way:
        batches.collect_or_prepare(house.equipment, listing)
    assert under_way.value.code == "batch.under-way"


def test_what_is_reported_missing_is_not_sealed_for_the_batch(house: House) -> None:
    """A file that comes in the very moment in which its batch ends is left where it lies."""
    listing = manifest(house, "a.pdf", missing_after=0.0)
    document = house.root / "inbox" / "a.pdf"
    document.write_bytes(b"%PDF-1.4")
    # As seen by a scan before the batch ended.
    ((candidate,), _) = house.equipment.inboxes["in"].examine()
    assert isinstance(candidate, Candidate)
    assert "a.pdf" in house.ledger.batches.awaited("in")
    assert house.ledger.batches.ends(listing)
    assert house.ledger.batches.awaited("in") == {}
    assert take(house.equipment, (candidate,), batch_of=lambda _: listing.id) == ()
    assert document.exists()
    collected = batches.collect_or_prepare(house.equipment, listing)
    assert collected.state is State.VERIFIED
    assert take(house.equipment, (candidate,), batch_of=lambda _: listing.id) == ()
    assert [one.id for one in house.ledger.find(tuple(State))] == [listing.id]


def test_a_row_measures_as_a_ticket_does(house: House) -> None:
    """What a row asks for comes back from the ledger as it was listed, places and fields, too."""
    own = Place(AtPoint(Length(10, "mm"), Length(2, "in")))
    asked = Ticket(own_place=(own,), fields=(("amount", "120"),), priority=3)
    claimed = house.ledger.open(job("m", "x.batch.csv"), {})
    accepted = house.ledger.advance(claimed, Event.ACCEPTED, {})
    house.ledger.batches.begin(accepted, (Listed("a.pdf", asked),), 60.0)
    assert house.ledger.batches.awaited("in")["a.pdf"].ticket == asked


def test_report_and_receipt_agree(house: House) -> None:
    """What a member has become since the report was made changes nothing in the receipt."""
    listing = manifest(house, "a.pdf", "b.pdf", missing_after=0.0)
    member = house.ledger.open(job("a", "a.pdf", listing.id), {})
    failing = house.ledger.advance(member, Event.GAVE_UP, {})
    house.ledger.advance(failing, Event.FAILED, {})
    collected = batches.collect_or_prepare(house.equipment, listing)
    with closing(sqlite3.connect(house.root / "state" / "ledger.sqlite")) as connection:
        connection.execute("UPDATE jobs SET state = 'archived' WHERE id = 'a'")
        connection.commit()
    receipt = json.loads(batches.receipt(house.equipment, collected, Path("x-report.csv")))
    counts = {"listed": 2, "delivered": 0, "failed": 1, "missing": 1}
    assert receipt["documents"] == counts
