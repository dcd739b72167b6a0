"""Certificates of contract flows: what they tell, their seal, and where they lie."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.core.errors import UsageFault
from gateway.core.evidence_schema import schema
from gateway.core.flow_definition import FlowDefinition, Stage, StepKind
from gateway.core.flow_events import FlowState
from gateway.core.flow_evidence import FlowEvidence
from gateway.core.notice_settings import Language
from gateway.core.pages import Pages
from gateway.core.places import AtCorner, Place
from gateway.core.rules import Rule
from gateway.flows.judging import judged
from tests.e2e.programs import said
from tests.flows.conftest import USUAL, FlowHouse, step

PUBLISHED = Path(__file__).parents[2] / "docs" / "schema" / "evidence.schema.json"
HOSTILE = "no \u202e) Tj ET (evil) \\ <b>&amp; 不同意 \x07" + "x" * 3000


READ = Stage((step("read", StepKind.REVIEW, "legal"),))


def sealed(place: Place) -> FlowDefinition:
    """Return a flow whose certificate is sealed at a place."""
    rule = Rule("evidence", "flow.test", "seal", (place,))
    return replace(USUAL, evidence=rule, title="租赁 Lease")


def attached(page: Path) -> bytes:
    """Return the data inside a certificate, as a program that is not ours takes it out."""
    return said("qpdf", "--show-attachment=evidence.json", page).encode()


def flaws(house: FlowHouse, text: bytes, contract: str = "") -> list[str]:
    """Return what is wrong with evidence."""
    found = judged(FlowEvidence.from_json(text), house.ledger, contract)
    return [one.what for one in found if one.flaw]


def test_the_schema_is_published() -> None:
    """docs/schema/evidence.schema.json is what the models say."""
    assert PUBLISHED.read_text() == schema()


def test_a_certificate_comes_with_the_contract(house: FlowHouse) -> None:
    """Sealed, with its data inside and beside it, in the outbox and to every party."""
    flow = house.begin(sealed(Place(AtCorner())))
    with pytest.raises(UsageFault, match=r"flow\.runs"):
        house.certifying.evidence(house.office.flow(flow))
    house.act("legal", "approve")
    house.act("board", "approve", "agreed in the meeting")
    ended = house.office.flow(flow)
    assert ended.status.closed
    (page,) = (house.root / "outbox").rglob("contract-evidence.pdf")
    data = page.with_name("contract-evidence.json")
    assert "Signature is Valid" in said("pdfsig", "-nocert", page)
    said("qpdf", "--check", page)
    text = data.read_bytes()
    assert attached(page) == text == house.certifying.evidence(ended).to_json()
    for party in ("legal", "board", "acme"):
        done = house.parties / party / "done"
        assert (done / page.name).read_bytes() == page.read_bytes()
        assert (done / "contract-evidence.json").read_bytes() == text
    assert len(house.service.signed) == 3
    assert not house.ledger.verify()
    _told(house, json.loads(text))
    contract = hashlib.sha256(page.with_name("contract.pdf").read_bytes()).hexdigest()
    assert not flaws(house, text, contract)
    assert flaws(house, text, "0" * 64) == ["contract"]
    for alter, what in ALTERATIONS:
        value = json.loads(text)
        alter(value)
        assert what in flaws(house, json.dumps(value).encode()), what
    chinese = house.root / "chinese.pdf"
    replace(house.certifying, language=Language.CHINESE).print(ended, chinese)
    words = said("pdftotext", "-layout", chinese, "-")
    assert all(one in words for one in ("签署完成证明", "租赁 Lease", "放行用印"))


def _told(house: FlowHouse, told: dict[str, Any]) -> None:
    """Compare evidence with what had happened."""
    assert told["state"] == "completed"
    assert [one["step"] for one in told["seals"]] == ["release", "stamp"]
    assert len({one["fingerprint"] for one in told["seals"]}) == 1
    assert len(told["seals"][0]["fingerprint"]) == 64
    digests = [one["digest"] for one in told["seals"]]
    assert digests == [one.hex() for one in house.service.signed[:2]]
    assert [one["step"] for one in told["revisions"]] == ["", "release", "stamp"]
    assert told["revisions"][-1]["sha256"] == told["contract"]
    said_why = [one for one in told["acts"] if one["why"]]
    assert [(one["event"], one["actor"]) for one in said_why] == [("step.released", "party:board")]
    assert told["acts"][-1]["event"] == "flow.completed"


def _forget_a_no(value: dict[str, Any]) -> None:
    del value["acts"][3]


def _change_why(value: dict[str, Any]) -> None:
    act = next(one for one in value["acts"] if one["why"])
    act["logged"]["details"]["why"] = act["why"] = "never agreed"


def _change_document(value: dict[str, Any]) -> None:
    value["contract"] = "1" * 64


def _change_signer(value: dict[str, Any]) -> None:
    value["seals"][0]["signer"] = "Somebody Else"


def _change_definition(value: dict[str, Any]) -> None:
    value["definition_text"] = value["definition_text"].replace("legal", "board")


def _other_entry(value: dict[str, Any]) -> None:
    value["acts"][0]["logged"]["entry"] += 1


ALTERATIONS: tuple[tuple[Callable[[dict[str, Any]], None], str], ...] = (
    (_forget_a_no, "evidence made anew"),
    (_change_why, "hashes of entries"),
    (_change_document, "acts lead to the outcome"),
    (_change_signer, "evidence made anew"),
    (_change_definition, "definition"),
    (_other_entry, "entries in the log"),
)


def test_what_was_rejected_has_its_record_in_failed(house: FlowHouse) -> None:
    """A flow that came to nothing is told of beside its original; no seal is spent."""
    flow = house.begin(sealed(Place(AtCorner())))
    house.act("legal", "reject", HOSTILE)
    assert house.state(flow) is FlowState.REJECTED
    ended = house.office.flow(flow)
    assert ended.status.closed
    (page,) = (house.root / "failed").rglob("contract-evidence.pdf")
    assert page.with_name("contract.pdf").exists()
    text = page.with_suffix(".json").read_bytes()
    assert json.loads(text)["state"] == "rejected"
    assert attached(page) == text
    assert not flaws(house, text)
    said("qpdf", "--check", page)
    words = said("pdftotext", "-layout", page, "-")
    assert "<b>&amp; 不同意" in words
    assert "Record of a contract flow" in words
    assert not house.service.signed


def test_a_contract_does_not_wait_for_a_seal_that_cannot_be(house: FlowHouse) -> None:
    """A certificate that cannot be sealed goes out without; the contract is not kept back."""
    flow = house.begin(sealed(Place(AtCorner(), pages=Pages("99"))))
    house.act("legal", "approve")
    house.act("board", "approve")
    assert house.office.flow(flow).status.closed
    (page,) = (house.root / "outbox").rglob("contract-evidence.pdf")
    assert page.with_name("contract.pdf").exists()
    assert attached(page)
    assert len(house.service.signed) == 2


def test_a_contract_does_not_wait_for_the_seal_of_its_certificate(house: FlowHouse) -> None:
    """While the digest service is held the contract goes out; its certificate follows, sealed."""
    sealed_step = step("stamp", StepKind.SEAL, "legal")
    flow = house.begin(replace(sealed(Place(AtCorner())), stages=(Stage((sealed_step,)), READ)))
    house.service.down = True
    house.move("legal", "approve")
    house.clerk.hint()
    copies = [house.parties / one / "done" / "contract.pdf" for one in ("legal", "board", "acme")]
    house.run_until("the contract is out", lambda: all(one.exists() for one in copies))
    house.run_until("its certificate is held", lambda: house.held() != [])
    assert [one.name for one in (house.root / "outbox").rglob("*.pdf")] == ["contract.pdf"]
    assert not house.office.flow(flow).status.closed
    for copy in copies:
        copy.rename(copy.with_name("taken away.pdf"))
    house.start_again()
    house.service.down = False
    house.run_until("it is closed", lambda: house.office.flow(flow).status.closed)
    house.settle()
    (page,) = (house.root / "outbox").rglob("contract-evidence.pdf")
    assert "Signature is Valid" in said("pdfsig", "-nocert", page)
    assert attached(page) == page.with_suffix(".json").read_bytes()
    assert not any(copy.exists() for copy in copies), "it was handed out once"
    assert len(house.service.signed) == 2
    assert not house.ledger.verify()


@pytest.mark.parametrize("text", [b"", b"{}", b"[1]", b"\xff", b'{"evidence": 2}'])
def test_what_is_no_evidence_is_said_to_be_none(text: bytes) -> None:
    """Anything else is a clear error."""
    with pytest.raises(UsageFault, match=r"flow\.no-evidence"):
        FlowEvidence.from_json(text)
