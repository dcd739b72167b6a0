"""What is filled into a kept encoding is byte for byte what pyHanko encodes anew."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import cms
from pyhanko.sign.signers.pdf_byterange import PreparedByteRangeDigest

from gateway.core.errors import ServiceFault
from gateway.core.profile import Commitment, SignaturePolicy
from gateway.core.rules import Profile
from gateway.pdf import seam as seams
from gateway.pdf import trust
from gateway.pdf.attributes import attribute_settings
from gateway.pdf.gapped import Gapped
from gateway.pdf.seam import assemble, make_seam
from tests.pdf.conftest import Key

PROFILES = {
    "plain": Profile(),
    "commitment": Profile(commitment=Commitment.APPROVAL),
    "policy": Profile(policy=SignaturePolicy("1.2.3.4", "sha256", "ab" * 32, "https://p.test/")),
}


@pytest.mark.parametrize("digest", ["sha256", "sha512", "sha3_256"])
@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_same_bytes(key: Key, elliptic_key: Key, profile: str, digest: str) -> None:
    """Attributes and CMS of two signers' documents are those that pyHanko builds for each."""
    settings = attribute_settings(PROFILES[profile])
    for number, signer in enumerate([key, elliptic_key, key, elliptic_key]):
        credential = replace(signer.signer.credential, digest_algorithm=digest)
        value = hashlib.new(digest, bytes([number])).digest()
        seam = make_seam(PreparedByteRangeDigest(value, 0, 60_000), credential, settings)
        known = (credential.chain, credential.signature_algorithm, digest, settings)
        assert seam.attributes == seams._encoded_attributes(value, *known)
        signature = hashlib.sha512(bytes([number])).digest() * 4
        assert assemble(seam, signature, None) == seams._encoded(seam, signature, None)
        content = cms.ContentInfo.load(assemble(seam, signature, None))["content"]
        assert content["signer_infos"][0]["signature"].native == signature


def test_attributes_are_kept_by_profile(key: Key) -> None:
    """A document gets the attributes of its own profile, whatever was sealed before it."""
    prepared = PreparedByteRangeDigest(bytes(32), 0, 60_000)
    told = [
        make_seam(prepared, key.signer.credential, attribute_settings(PROFILES[name])).attributes
        for name in (*PROFILES, *PROFILES)
    ]
    assert told[:3] == told[3:]
    assert len(set(told)) == 3


def test_cut_only_where_it_is_clear() -> None:
    """An encoding in which a fill is missing, doubled or out of order is not kept."""
    assert Gapped.cut(b"a-12-b-34-c", b"12", b"34") is not None
    for fills in [(b"56",), (b"-",), (b"34", b"12"), (b"",)]:
        assert Gapped.cut(b"a-12-b-34-c", *fills) is None
    with pytest.raises(ValueError, match="length"):
        Gapped((b"a", b"b"), (2,)).filled(b"123")


def test_a_path_is_looked_at_again_when_it_has_ended(
    key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was found of a signer is not believed once one of its certificates has ended."""
    known = (key.signer.credential.chain, key.signer.anchors)
    path = trust.check_credential(*known)
    assert trust.check_credential(*known) is path

    class Later(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return datetime.now(UTC) + timedelta(days=60)

    monkeypatch.setattr(trust, "datetime", Later)
    assert trust.check_credential(*known) is not path


def test_a_path_is_that_of_its_anchors(key: Key, elliptic_key: Key) -> None:
    """That one site's anchors lead to a signer says nothing about other anchors."""
    chain = key.signer.credential.chain
    trust.check_credential(chain, key.signer.anchors)
    with pytest.raises(ServiceFault):
        trust.check_credential(chain, elliptic_key.signer.anchors)
