"""Signed attributes beyond PAdES B-B, read back by openssl from the finished file."""

from __future__ import annotations

import hashlib
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.core.errors import DocumentFault
from gateway.core.profile import Commitment, FieldLock, LockAction, SignaturePolicy
from gateway.core.rules import Certify, Profile
from gateway.ports import Expectation
from tests.e2e.pages import write_pdf
from tests.e2e.test_judged_by_others import signature_parts
from tests.pdf.conftest import Bench, Key
from tests.pdf.making import judged_by_pdfsig, judged_by_pyhanko

POLICY = SignaturePolicy(
    "1.3.6.1.4.1.99999.1.2", "sha512", hashlib.sha512(b"policy").hexdigest(), "https://p.invalid/1"
)


def printed(pdf: Path, folder: Path) -> str:
    """Let openssl print the signature."""
    cms, _ = signature_parts(pdf, folder)
    command = ("openssl", "cms", "-cmsout", "-print", "-noout", "-inform", "DER", "-in", cms)
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("commitment", Commitment)
def test_commitment(bench: Bench, key: Key, tmp_path: Path, commitment: Commitment) -> None:
    """Each commitment is a signed attribute with its own object identifier."""
    original = write_pdf(tmp_path / "c.pdf")
    sealed, plan, _ = bench.seal(original, key, profile=Profile(commitment=commitment))
    told = printed(sealed, tmp_path)
    number = list(Commitment).index(commitment) + 1
    assert "id-smime-aa-ets-commitmentType" in told
    names = ("Origin", "Receipt", "Delivery", "Sender", "Approval", "Creation")
    assert f"id-smime-cti-ets-proofOf{names[number - 1]}" in told
    assert judged_by_pdfsig(sealed) == ["Signature is Valid."]
    assert judged_by_pyhanko(sealed, key) == {plan.field: True}


def test_policy(bench: Bench, key: Key, tmp_path: Path) -> None:
    """An explicit policy is a signed attribute with identifier, hash and address."""
    original = write_pdf(tmp_path / "p.pdf")
    sealed, plan, _ = bench.seal(original, key, profile=Profile(policy=POLICY))
    told = printed(sealed, tmp_path)
    assert "id-smime-aa-ets-sigPolicyId" in told
    assert "1.3.6.1.4.1.99999.1.2" in told
    assert "https://p.invalid/1" in told
    assert POLICY.hash[:16].upper() in told.upper().replace(" ", "").replace("-", "")
    assert judged_by_pdfsig(sealed) == ["Signature is Valid."]
    assert judged_by_pyhanko(sealed, key) == {plan.field: True}


def test_longest_policy_has_room(bench: Bench, key: Key, tmp_path: Path) -> None:
    """Room for the longest policy is reserved, whatever else the signature holds."""
    longest = replace(POLICY, oid="1.3" + ".2147483647" * 30, uri="https://" + "p" * 490)
    profile = Profile(policy=longest, commitment=Commitment.APPROVAL)
    assert bench.seal(write_pdf(tmp_path / "l.pdf"), key, profile=profile)[2][0].good


def test_entries_of_the_dictionary(bench: Bench, key: Key, tmp_path: Path) -> None:
    """Name, reason, location and contact stand in the signature dictionary."""
    profile = Profile(name="Müller AG", reason="Approved", location="Wien", contact="a@b.invalid")
    sealed, _, _ = bench.seal(write_pdf(tmp_path / "d.pdf"), key, profile=profile)
    done = subprocess.run(
        ("qpdf", "--json", "--json-key=qpdf", sealed), capture_output=True, text=True, check=True
    )
    for text in ("u:Müller AG", "u:Approved", "u:Wien", "u:a@b.invalid"):
        assert f'"{text}"' in done.stdout


@pytest.mark.parametrize(
    "text",
    [
        "a\nb",
        "a\rb",
        "a\r\nb",
        "a\\b",
        "(a",
        "a)",
        "盖章 😀",
        "\t",
        " a ",
        "\u2022",
        "\xad",
        "\x18",
    ],
    ids=ascii,
)
def test_any_text(bench: Bench, key: Key, tmp_path: Path, text: str) -> None:
    """Whatever text a rule has stands in the file as it is, so that the gate finds it."""
    profile = Profile(name=text, reason=text, location=text, contact=text)
    assert bench.seal(write_pdf(tmp_path / "t.pdf"), key, profile=profile)[2][0].good


@pytest.mark.parametrize(
    "other",
    [
        Profile(commitment=Commitment.ORIGIN),
        Profile(policy=POLICY),
        Profile(lock=FieldLock(LockAction.ALL)),
        Profile(certify=Certify.FORMS),
        Profile(reason="Else"),
    ],
    ids=str,
)
def test_gate_sees_a_missing_option(bench: Bench, key: Key, tmp_path: Path, other: Profile) -> None:
    """A result whose signature lacks an option of the plan is not released."""
    original = write_pdf(tmp_path / "g.pdf")
    sealed, plan, _ = bench.seal(original, key)
    expected = Expectation(original, replace(plan, profile=other), key.certificate)
    with pytest.raises(DocumentFault) as refused:
        bench.reader.verify(sealed, (key.certificate,), expected)
    assert refused.value.code == "gate.signature-invalid"
