"""What an error stops: one document, one service, or nothing but a while."""

from __future__ import annotations

import errno
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Never

import pytest

from gateway.core.errors import DocumentFault, SiteFault
from gateway.core.job import Job
from gateway.core.states import Event, State
from gateway.pipeline.delivering import retry
from gateway.pipeline.runner import Runner
from gateway.ports import Expectation, SignatureReport
from tests.e2e.pages import write_pdf
from tests.pipeline.conftest import House


def drop(house: House, *names: str) -> None:
    """Drop documents."""
    for name in names:
        write_pdf(house.root / "inbox" / f"{name}.pdf", (name,))


def results(house: House) -> set[str]:
    """Return the stems of what was delivered."""
    return {path.stem.removesuffix("-sealed") for path in (house.root / "outbox").rglob("*.pdf")}


def test_poison_file_is_given_up_alone(house: House) -> None:
    """A digest that a service never signs fails its document, while all others are delivered."""
    house.service.dislike_next = 1
    drop(house, "poison")
    house.run_until("the poison is tried", lambda: house.service.disliked)
    number = 0

    def failed() -> bool:
        nonlocal number
        if not list((house.root / "inbox").iterdir()):
            number += 1
            drop(house, f"good-{number}")
        return bool(house.ledger.find((State.FAILED,)))

    house.run_until("the poison is given up", failed)
    (job,) = house.ledger.find((State.FAILED,))
    assert job.code == "sign.given-up"
    assert "service.failed" in job.detail
    assert (house.root / "failed" / "in" / "poison.pdf").exists()
    expected = {f"good-{n}" for n in range(1, number + 1)}
    house.run_until("the rest is delivered", lambda: results(house) == expected)
    assert house.ledger.find((State.FAILED,)) == (job,)


def test_service_fault_fails_nothing(house: House) -> None:
    """A service that is down for longer than any cap holds all work; then all is delivered."""
    house.service.down = True
    drop(house, "a", "b", "c")
    house.run_until("many probes", lambda: any(hold.failures >= 8 for hold in house.ledger.all()))
    assert not house.ledger.find((State.FAILED,))
    assert len(house.events("hold.opened")) == 1, "one alarm"
    house.service.down = False
    house.run_until("all delivered", lambda: results(house) == {"a", "b", "c"})
    house.run_until("idle", house.engine.idle)
    assert house.ledger.all() == ()
    assert len(house.service.signed) == 3


def test_paid_signature_survives_a_failed_gate(house: House) -> None:
    """A document that fails after its signature was paid for is retried without paying again."""
    drop(house, "paid")
    runner = Runner(house.equipment)
    verify = house.documents.verify
    house.documents.verify = _refusing  # type: ignore[method-assign]
    house.run_until("failed at the gate", lambda: house.ledger.find((State.FAILED,)))
    (job,) = house.ledger.find((State.FAILED,))
    assert job.code == "gate.signature-invalid"
    assert len(house.service.signed) == 1
    house.documents.verify = verify  # type: ignore[method-assign]
    job = retry(house.equipment, job, "user:test")
    assert runner.run(job).state is State.ARCHIVED
    assert len(house.service.signed) == 1
    assert results(house) == {"paid"}


def _refusing(*arguments: object) -> None:
    raise DocumentFault("gate.signature-invalid", "told to")


def test_working_files_that_cannot_be_removed_hold_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job that has ended stays ended, and its working files are removed when that is possible."""
    discard, refused = house.equipment.vault.discard, Counter[str]()

    def refusing(job_id: str) -> None:
        refused[job_id] += 1
        if refused[job_id] == 1:
            raise SiteFault("site.denied", "told to")
        discard(job_id)

    monkeypatch.setattr(house.equipment.vault, "discard", refusing)
    (house.root / "inbox" / "broken.pdf").write_bytes(b"no PDF at all")
    drop(house, "good")
    house.run_until("both ended", lambda: house.engine.idle() and len(refused) == 2)
    assert house.ledger.all() == ()
    vault = house.root / "state" / "vault"
    house.run_until("nothing is left", lambda: not any(vault.iterdir()))


def test_hold_that_no_job_can_probe_ends(house: House) -> None:
    """When the last job has come to its end, a hold of the site does not stay for ever."""
    drop(house, "good")
    house.run_until("sealed", lambda: house.engine.idle() and results(house) == {"good"})
    house.ledger.hold("site", "site.input-output", "told to", 1.0)
    house.run_until("nothing is held", lambda: house.ledger.all() == ())


def test_unforeseen_error_fails_the_document_only(house: House) -> None:
    """An exception nobody foresaw sets its document aside, with a code, unharmed."""
    examine = house.documents.examine

    def breaking(path: object, *arguments: object) -> object:
        if b"(odd)" in open(str(path), "rb").read():  # noqa: PTH123, SIM115
            raise ZeroDivisionError("unforeseen")
        return examine(path, *arguments)  # type: ignore[arg-type]

    house.documents.examine = breaking  # type: ignore[method-assign, assignment]
    drop(house, "odd", "even")
    house.run_until("both ended", lambda: results(house) and house.ledger.find((State.FAILED,)))
    (job,) = house.ledger.find((State.FAILED,))
    assert job.code == "internal.unexpected"
    assert results(house) == {"even"}
    original = house.root / "failed" / "in" / "odd.pdf"
    assert b"(odd)" in original.read_bytes()


def test_full_disk_that_nobody_translated_fails_nothing(house: House) -> None:
    """Trouble of the machine holds the work, wherever in the code it comes up."""
    prepare = house.documents.prepare
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    house.documents.prepare = _raising(full)  # type: ignore[method-assign]
    drop(house, "a")
    house.run_until("the work is held", house.ledger.all)
    assert [hold.code for hold in house.ledger.all()] == ["site.disk-full"]
    house.documents.prepare = prepare  # type: ignore[method-assign]
    house.run_until("delivered", lambda: results(house) == {"a"})
    house.run_until("nothing is held", lambda: not house.ledger.all())


def test_reason_survives_trouble_with_failed(house: House) -> None:
    """While failed/ cannot be written to, the document waits and keeps the reason it fails for."""
    fail = house.equipment.outbox.fail
    full = SiteFault("site.disk-full", "failed")
    house.equipment.outbox.fail = _raising(full)  # type: ignore[method-assign]
    (house.root / "inbox" / "odd.pdf").write_bytes(b"no PDF at all")
    house.run_until("the work is held", house.ledger.all)
    house.equipment.outbox.fail = fail  # type: ignore[method-assign]
    house.run_until("it has failed", lambda: house.ledger.find((State.FAILED,)))
    house.run_until("nothing is held", lambda: not house.ledger.all())
    (job,) = house.ledger.find((State.FAILED,))
    assert job.code == "intake.not-a-pdf"


def _raising(error: Exception) -> Callable[..., Never]:
    """Return a function that raises an error, whatever it is given."""

    def refuse(*arguments: object, **named: object) -> Never:
        raise error

    return refuse


RECORDS: dict[str, Callable[[dict[str, str]], dict[str, str]]] = {
    "as it is": lambda details: details,
    "of an earlier version": lambda details: {
        key: value for key, value in details.items() if key != "compared"
    },
    "of another original": lambda details: details | {"compared": "0" * 64},
    "of another digest": lambda details: details | {"digest": "0" * 64},
}


@pytest.mark.parametrize("record", sorted(RECORDS))
def test_gate_is_told_what_was_compared(
    house: House, monkeypatch: pytest.MonkeyPatch, record: str
) -> None:
    """Only what the log says of this original and digest spares the gate drawing the pages."""
    advance, verify, told = house.ledger.advance, house.documents.verify, list[bytes]()

    def advanced(job: Job, event: Event, details: dict[str, str], **more: object) -> Job:
        if event is Event.PREPARED:
            details = RECORDS[record](details)
        return advance(job, event, details, **more)  # type: ignore[arg-type]

    def verified(
        path: Path, anchors: tuple[bytes, ...], expected: Expectation | None = None
    ) -> tuple[SignatureReport, ...]:
        assert expected is not None
        told.append(expected.seam)
        return verify(path, anchors, expected)

    monkeypatch.setattr(house.ledger, "advance", advanced)
    monkeypatch.setattr(house.documents, "verify", verified)
    drop(house, "one")
    house.run_until("delivered", lambda: results(house) == {"one"})
    assert [bool(seam) for seam in told] == [record == "as it is"]
