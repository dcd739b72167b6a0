"""Contract flows through the real program, by folders alone: every template to its end."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_der_x509_certificate

from gateway.pdf.verify import verify
from gateway.sandbox.pki import architecture
from tests.e2e.flowing import PARTNER, Parties, with_every_template
from tests.e2e.programs import said
from tests.e2e.site import TestSite, wait_for
from tests.pdf.parties import Holder, sign_outside

STRANGER = Holder.authority("Other Authority").issue("Stranger")


@pytest.fixture(scope="module")
def parties(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parties]:
    """Run one daemon whose site has a flow of every template."""
    site = with_every_template(template, tmp_path_factory.mktemp("flows") / "site")
    checked = site.call("check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    with site.daemon():
        yield Parties(site)


def judged(contract: Path, signatures: int) -> None:
    """Let a program that is not ours judge a contract."""
    told = said("pdfsig", "-nocert", contract)
    assert told.count("Signature is Valid") == signatures, told
    said("qpdf", "--check", contract)


def sandboxed(site: TestSite) -> Holder:
    """Return somebody whose authority answers when it is asked about revocation."""
    folder = site.state / "sandbox"
    own, *above = map(load_der_x509_certificate, architecture(folder).chain("sandbox-seal-ec"))
    key = load_pem_private_key((folder / "sandbox-seal-ec.key.pem").read_bytes(), None)
    assert isinstance(key, EllipticCurvePrivateKey)
    return Holder(key, own, tuple(above))


def flow_of(parties: Parties, document: str) -> str:
    """Return the number of a document's flow."""
    return next(one["flow"] for one in listed(parties) if one["document"] == document)


def told_of(parties: Parties, contract: Path, event: str) -> list[dict[str, str]]:
    """Return what a contract's story tells of one kind of event."""
    shown = parties.site.json("flows", "show", flow_of(parties, contract.name))
    assert isinstance(shown, dict)
    return [one for one in shown["story"] if one["event"] == event]


def states(parties: Parties, contract: Path) -> dict[str, str]:
    """Return each step's state, as the receipt tells."""
    steps = parties.receipt(contract)["flow"]["steps"]
    return {step["name"]: step["state"] for step in steps}


def test_two_party_contract(parties: Parties) -> None:
    """Read, released with our seal, signed by the other side with its own tool."""
    parties.drop("two-party-contract", "lease.pdf")
    parties.move("legal", "lease")
    parties.move("director", "lease", why="agreed in the meeting")
    sent = parties.todo("partner", "lease")
    assert "flows    1 open: two-party-contract" in parties.site.call("status").stdout
    signed = parties.site.root.parent / "lease-signed.pdf"
    sign_outside(sent, signed, PARTNER, "Partner", new=True)
    parties.bring("partner", signed, f"{sent.stem}_signed.pdf")
    contract = parties.result("two-party-contract", "lease.pdf")
    judged(contract, 2)
    told = parties.receipt(contract)["flow"]["steps"]
    assert [one["state"] for one in told] == ["done"] * 3
    assert told[1]["why"] == "agreed in the meeting"


def test_signed_by_somebody_else(parties: Parties) -> None:
    """A file that is not as agreed is refused with the reason; the good copy stays, and serves."""
    parties.drop("nda", "secret.pdf")
    sent = parties.todo("partner", "secret")
    attempts = parties.site.root.parent
    sign_outside(sent, attempts / "stranger.pdf", STRANGER, "partner")
    (attempts / "altered.pdf").write_bytes(sent.read_bytes() + b"% more\n")
    refused = parties.root / "partner" / "refused"
    for name, code in (("stranger", "outside.untrusted"), ("altered", "outside.unsigned")):
        parties.bring("partner", attempts / f"{name}.pdf", f"{name}-{sent.name}")
        note = refused / f"{name}-{sent.stem}-refused.txt"
        wait_for(f"{name} is refused", note.exists)
        assert f"[{code}]" in note.read_text()
        assert sent.exists()
    _found(parties, "secret.pdf")
    sign_outside(sent, attempts / "secret.pdf", PARTNER, "partner")
    parties.bring("partner", attempts / "secret.pdf", sent.name)
    parties.move("legal", "secret")
    contract = parties.result("nda", "secret.pdf")
    judged(contract, 2)
    assert states(parties, contract)["filed"] == "done"
    (told,) = told_of(parties, contract, "flow.extended")
    assert "why: not proven: partner: " in told["detail"], told


def _found(parties: Parties, document: str) -> None:
    """Find a flow that waits for the partner, and what was refused of it, by the command line."""
    call = parties.site.call
    waiting = parties.site.json("flows", "list", "--party", "partner", "--state", "running")
    assert document in str(waiting)
    overdue = ("flows", "list", "--party", "legal", "--state", "completed", "--overdue")
    assert parties.site.json(*overdue) == []
    told = call("flows", "show", flow_of(parties, document)).stdout
    refused = [line for line in told.splitlines() if "act.refused" in line]
    assert ["outside.untrusted" in line for line in refused] == [True, False]
    assert all("partner-signs" in line and "party:partner" in line for line in refused)


def test_made_fit_for_the_long_term(parties: Parties) -> None:
    """What was signed outside last gets evidence and a time-stamp, when the authority is back."""
    site = parties.site
    parties.drop("nda", "lasting.pdf")
    sent = parties.todo("partner", "lasting")
    signed = sign_outside(sent, site.root.parent / "lasting.pdf", sandboxed(site), "partner")
    parties.bring("partner", signed, sent.name)
    charged = site.usage()["charged"]
    site.tell(method="tsa", kind="503", times=1000)
    parties.move("legal", "lasting")
    wait_for("it is held", lambda: "service:tsa" in site.call("status").stdout)
    assert (
        "running, extending to B-LTA"
        in site.call("flows", "show", flow_of(parties, "lasting.pdf")).stdout
    )
    site.forget_faults()
    contract = parties.result("nda", "lasting.pdf")
    judged(contract, 2)
    assert site.usage()["charged"] == charged
    assert site.call("verify", str(contract)).returncode == 0
    anchor = (site.state / "sandbox" / "root.pem").read_bytes()
    reports = verify(contract, (anchor,), None)
    assert [one.proof.value for one in reports] == ["LTA", "LTA", "LT"], reports
    (told,) = told_of(parties, contract, "flow.extended")
    assert "not proven" not in told["detail"]
    revisions = parties.receipt(contract)["flow"]["revisions"]
    assert revisions[-1] == hashlib.sha256(contract.read_bytes()).hexdigest()
    assert contract.read_bytes().startswith(signed.read_bytes())


@pytest.mark.parametrize(
    ("amount", "asked"),
    [("500", ()), ("20000", ("purchasing",)), ("90000", ("purchasing", "chair", "treasurer"))],
)
def test_purchase_order(parties: Parties, amount: str, asked: tuple[str, ...]) -> None:
    """The amount in the ticket decides who is asked."""
    name = f"order-{amount}"
    ticket = f'fields: {{amount: "{amount}", currency: EUR}}\n'
    parties.drop("purchase-order", f"{name}.pdf", ticket)
    for party in asked:
        parties.move(party, name)
    contract = parties.result("purchase-order", f"{name}.pdf")
    judged(contract, 1)
    found = states(parties, contract)
    assert {step for step, state in found.items() if state == "done"} == {*asked, "seal"}


def test_board_resolution(parties: Parties) -> None:
    """Two of three agree, and the third is asked no more."""
    parties.drop("board-resolution", "dividend.pdf")
    waits = parties.todo("chair", "dividend")
    parties.move("treasurer", "dividend")
    parties.move("secretary", "dividend")
    contract = parties.result("board-resolution", "dividend.pdf")
    judged(contract, 1)
    assert states(parties, contract)["chair"] == "skipped"
    assert not waits.exists()
    _certified(parties, contract)


def _certified(parties: Parties, contract: Path) -> None:
    """Look at the sealed certificate beside a contract, and hold its data against the log."""
    certificate = contract.with_name(f"{contract.stem}-evidence.pdf")
    data = certificate.with_suffix(".json")
    wait_for("the certificate is there", data.exists)
    judged(certificate, 1)
    call = parties.site.call
    checked = call("flows", "verify", str(data), str(contract))
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert call("flows", "verify", str(data), str(certificate)).returncode == 1
    flow = next(one["flow"] for one in listed(parties) if one["document"] == contract.name)
    folder = parties.site.root.parent / "again"
    told = call("flows", "evidence", flow, "-o", str(folder))
    assert told.returncode == 0, told.stderr
    assert (folder / certificate.name).read_bytes() == certificate.read_bytes()
    assert (folder / certificate.with_suffix(".json").name).read_bytes() == data.read_bytes()
    assert call("flows", "evidence", flow, "-o", str(folder)).returncode == 2


def test_seal_application(parties: Parties) -> None:
    """Below the limit finance is left out; the keeper's release puts the seal on."""
    ticket = 'fields: {amount: "900"}\n'
    parties.drop("seal-application", "letter.pdf", ticket)
    parties.move("department", "letter")
    parties.move("keeper", "letter")
    contract = parties.site.outbox / "sealed-by-application" / "letter.pdf"
    wait_for("the result is there", lambda: any(parties.site.outbox.rglob("letter.pdf")))
    found = next(parties.site.outbox.rglob("letter.pdf"))
    assert "sealed-by-application" in found.parts, contract
    judged(found, 1)


def test_rejected_by_a_party(parties: Parties) -> None:
    """A no with its reason ends the flow at once, and nothing is charged for it."""
    before = parties.site.usage()["charged"]
    parties.drop("seal-application", "no.pdf", 'fields: {amount: "900"}\n')
    parties.move("department", "no", "reject", "use the new template")
    wait_for("it has failed", lambda: "no.pdf" in str(parties.site.failures()))
    assert parties.site.usage()["charged"] == before
    (shown,) = [one for one in listed(parties) if one["document"] == "no.pdf"]
    assert shown["state"] == "rejected"


def listed(parties: Parties) -> list[dict[str, str]]:
    """Return all flows, as the command line tells."""
    found = parties.site.json("flows", "list", "--all")
    assert isinstance(found, list)
    return found
