"""What an error stops: one document, one service, or nothing but a while."""

from __future__ import annotations

from gateway.core.errors import DocumentFault
from gateway.core.states import State
from gateway.pipeline.delivering import retry
from gateway.pipeline.runner import Runner
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
