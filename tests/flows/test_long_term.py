"""Contracts that must last: extended when everybody has signed, and renewed in the archive."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.core.errors import DocumentFault, ServiceFault
from gateway.core.flow_acts import Act, ActKind
from gateway.core.flow_definition import FlowDefinition, StepKind
from gateway.core.flow_events import FlowEventKind, FlowState
from gateway.core.rules import Level
from gateway.core.services import TimestampSettings
from gateway.core.states import State
from gateway.pdf.reader import ReaderDocuments
from gateway.pipeline.renewing import due, renew
from gateway.pipeline.timestamping import Authorities
from gateway.ports import Evidence
from tests.e2e.programs import said
from tests.fakes.csc import PickyService
from tests.flows.conftest import FlowHouse, one_by_one, step
from tests.pdf.conftest import Key
from tests.pdf.parties import Holder, sign_outside
from tests.pipeline.conftest import Clock

STAMPING = Holder.authority("Stamping Authority")
TSA = STAMPING.time_stamping("Test TSA")
CIVIL = Holder.authority("Civil Authority")
ACME = CIVIL.issue("Acme", responder="http://ocsp.example/")


def lasting(**more: object) -> FlowDefinition:
    """Return a flow in which the last signature is made outside."""
    return one_by_one(
        step("stamp", StepKind.SEAL, "legal"),
        step("sign", StepKind.SIGN_OUTSIDE, "acme", signer=ACME.expected),
        level=Level.B_LTA,
        **more,
    )


class Stamper:
    """A time-stamp authority in this process."""

    name = "tsa"

    def __init__(self) -> None:
        self.down = False
        self.stamps = 0

    def timestamp(self, digest: bytes, digest_algorithm: str) -> bytes:
        """Return a token."""
        if self.down:
            raise ServiceFault("tsa.unreachable", "told to be down")
        self.stamps += 1
        return asyncio.run(TSA.stamps.async_timestamp(digest, digest_algorithm)).dump()


class Responder:
    """Tells of the certificates in here; of Acme's only when its authority answers."""

    def __init__(self) -> None:
        self.answers = True
        self.asked = 0

    def of_chain(self, chain: tuple[bytes, ...]) -> Evidence:
        """Return the list of the leaf's authority; our own seal is an anchor and needs none."""
        if chain[0] != ACME.der:
            return Evidence(chain[:1])
        self.asked += 1
        assert CIVIL.der in chain
        if not self.answers:
            raise ServiceFault("revocation.unavailable", "told to be down")
        return Evidence((ACME.der, CIVIL.der), (), (CIVIL.revocations(),))

    def of_token(self, token: bytes) -> Evidence:
        """Return what shows that the time-stamp authority was not revoked."""
        return Evidence((TSA.der, STAMPING.der), (), (STAMPING.revocations(),))


class LastingHouse(FlowHouse):
    """A site whose contracts are made fit for the long term."""

    def __init__(self, root: Path, service: PickyService, artwork: Path, key: Key) -> None:
        super().__init__(root, service, artwork, key)
        self.stamper, self.responder = Stamper(), Responder()
        peers = ((self.stamper, TimestampSettings("https://tsa.example/")),)
        self.equipment = replace(
            self.equipment,
            authorities=Authorities(peers, self.ledger, Clock()),
            evidence=self.responder,
            anchors=lambda: (key.certificate, STAMPING.der),
        )
        self.start_again()

    def bring_back(self) -> None:
        """Let Acme sign what waits for it, and lay that into its folder."""
        sent = self.todo("acme")
        signed = sign_outside(sent, self.root / "signed.pdf", ACME, "Acme", new=True)
        signed.rename(self.parties / "acme" / "approve" / sent.name)
        self.clerk.hint()

    def signed(self, definition: FlowDefinition) -> str:
        """Return a flow when it has ended, with Acme's signature."""
        flow = self.begin(definition)
        self.bring_back()
        self.run_until("it has ended", lambda: self.state(flow).ended)
        self.settle()
        return flow

    def told(self, flow: str, kind: FlowEventKind) -> dict[str, str]:
        """Return the details of the one event of a kind."""
        (event,) = [one for one in self.office.story(flow) if one.kind is kind]
        return dict(event.details)

    def contract(self) -> Path:
        """Return the contract in the outbox."""
        return self.root / "outbox" / "in" / "contract.pdf"


@pytest.fixture
def house(tmp_path: Path, artwork: Path, key: Key) -> Iterator[LastingHouse]:
    """Return a site of one's own."""
    built = LastingHouse(tmp_path / "site", PickyService(key), artwork, key)
    yield built
    built.engine.stop()
    built.documents.close()
    built.ledger.close()


def test_renewed_like_any_document(house: LastingHouse) -> None:
    """A contract is extended once, proven by itself, and renewed in the archive."""
    flow = house.signed(lasting())
    assert house.stamper.stamps == 1
    assert [one.step for one in house.office.flow(flow).status.revisions] == [
        "", "stamp", "sign", "B-LTA",
    ]  # fmt: skip
    (renewal,) = due(house.equipment, timedelta(days=400))
    assert renewal.job == flow
    assert due(house.equipment, timedelta(days=300)) == ()
    after = renew(house.equipment, renewal, house.root / "state" / "renewal", "test")
    assert after.path.read_bytes().startswith(house.contract().read_bytes())
    assert house.stamper.stamps == 2
    anchors = (*house.equipment.anchors(), CIVIL.der)
    reports = house.documents.verify(after.path, anchors)
    assert [one.proof.value for one in reports] == ["LTA", "LTA", "LT", "LT"]
    assert all(one.good for one in reports)
    assert said("pdfsig", "-nocert", after.path).count("Signature is Valid") == 2
    assert not house.ledger.verify()


def test_a_partner_whose_authority_is_silent_holds_nothing(house: LastingHouse) -> None:
    """Its responder is asked a few times; then the contract lasts without proof of that one."""
    house.responder.answers = False
    flow = house.signed(lasting())
    assert house.responder.asked == 4
    assert "Acme: " in house.told(flow, FlowEventKind.EXTENDED)["why"]
    assert house.held() == []
    (renewal,) = due(house.equipment, timedelta(days=400))
    assert renewal.job == flow


def test_at_its_deadline_it_goes_out_as_it_was_signed(house: LastingHouse) -> None:
    """A silent authority holds the contract until the deadline, and nothing is bought after it."""
    house.stamper.down = True
    flow = house.begin(lasting(deadline=6.0))
    house.bring_back()
    house.run_until("it is held", lambda: "service:tsa" in house.held())
    assert house.state(flow) is FlowState.RUNNING
    house.run_until("it is completed", lambda: house.state(flow) is FlowState.COMPLETED)
    house.stamper.down = False
    house.settle()
    assert house.told(flow, FlowEventKind.EXTENSION_FAILED)["code"] == "flow.not-extended"
    status = house.office.flow(flow).status
    assert status.closed
    assert house.contract().exists()
    assert status.revisions[-1].step == "sign"
    extending = house.ledger.get(status.extension_job)
    assert extending is not None
    assert (extending.state, extending.code) == (State.FAILED, "flow.stopped")
    assert house.stamper.stamps == 0
    assert not house.ledger.verify()


def test_what_cannot_be_extended_goes_out_as_it_was_signed(
    house: LastingHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody could mend a signed contract, so that it is not kept back; the story has the code."""

    def fail(*arguments: object, **more: object) -> None:
        raise DocumentFault("pdf.unsupported", "told to")

    with monkeypatch.context() as broken:
        broken.setattr(ReaderDocuments, "extend", fail)
        flow = house.signed(lasting())
    assert house.told(flow, FlowEventKind.EXTENSION_FAILED)["code"] == "pdf.unsupported"
    assert house.contract().exists()
    again = Act(ActKind.EXTENSION_END, job=house.office.flow(flow).status.extension_job)
    version = house.office.flow(flow).status.version
    assert house.office.act(flow, again).status.version == version
    assert not house.ledger.verify()
