"""Signed attributes and dictionary entries that a profile asks for beyond PAdES B-B.

They are part of the seam: built before the digest leaves, so that the signature covers them.
"""

from __future__ import annotations

from functools import lru_cache

from asn1crypto import algos, cms, core
from pyhanko.pdf_utils import generic
from pyhanko.sign.ades.api import CAdESSignedAttrSpec, GenericCommitment
from pyhanko.sign.ades.cades_asn1 import (
    CommitmentTypeIndication,
    SignaturePolicyId,
    SignaturePolicyIdentifier,
    SigPolicyQualifierInfo,
    SigPolicyQualifierInfos,
)
from pyhanko.sign.fields import FieldMDPSpec, MDPPerm
from pyhanko.sign.general import find_unique_cms_attribute
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from gateway.core.errors import DocumentFault
from gateway.core.profile import Commitment, SignaturePolicy
from gateway.core.rules import Certify, Profile
from gateway.pdf.fields import lock_of, lock_permission, lock_spec

DOCMDP = {
    Certify.NO_CHANGES: MDPPerm.NO_CHANGES,
    Certify.FORMS: MDPPerm.FILL_FORMS,
    Certify.ANNOTATIONS: MDPPerm.ANNOTATE,
}

_WRAPPING = 96
"""Bytes of DER around the variable parts of both attributes, with room to spare."""


@lru_cache(maxsize=64)
def attribute_settings(profile: Profile) -> PdfCMSSignedAttributes:
    """Return pyHanko's settings for the signed attributes of a profile (without signing time)."""
    return PdfCMSSignedAttributes(
        cades_signed_attrs=CAdESSignedAttrSpec(
            commitment_type=_commitment(profile.commitment) if profile.commitment else None,
            signature_policy_identifier=_policy(profile.policy) if profile.policy else None,
        )
    )


def attributes_size(profile: Profile) -> int:
    """Return the bytes of CMS that `attribute_settings` needs at most."""
    size = _WRAPPING if profile.commitment else 0
    if profile.policy:
        size += _WRAPPING + len(_policy(profile.policy).dump())
    return size


def check_options(embedded: EmbeddedPdfSignature, profile: Profile, *, fills: bool) -> None:
    """See that a signature has the options that were planned; part of the release gate.

    Raises `DocumentFault` (`gate.signature-invalid`), naming what differs.
    """
    attributes = embedded.signer_info["signed_attrs"]
    expected = attribute_settings(profile).cades_signed_attrs
    assert expected is not None  # noqa: S101  # it was just made
    for kind, value in (
        ("commitment_type", expected.commitment_type),
        ("signature_policy_identifier", expected.signature_policy_identifier),
    ):
        if _attribute(attributes, kind) != (value.dump() if value is not None else b""):
            raise DocumentFault("gate.signature-invalid", f"its {kind} differs from the plan")
    own, permission = lock_of(embedded.sig_field) if fills else (None, None)
    lock = own or lock_spec(profile.lock)
    if not same_lock(embedded.fieldmdp, lock):
        raise DocumentFault("gate.signature-invalid", "its field lock differs from the plan")
    permission = permission or lock_permission(profile.lock)
    if embedded.docmdp_level is not (DOCMDP.get(profile.certify) or permission):
        raise DocumentFault("gate.signature-invalid", "its certification differs from the plan")
    _check_texts(embedded.sig_object, profile)


def _check_texts(signature: generic.DictionaryObject, profile: Profile) -> None:
    for key, text in (
        ("/Reason", profile.reason),
        ("/Location", profile.location),
        ("/ContactInfo", profile.contact),
        ("/Name", profile.name),
    ):
        # Not by get(): it would not decrypt.
        if (str(signature[key]) if key in signature else "") != text:
            raise DocumentFault("gate.signature-invalid", f"its {key} differs from the plan")


def same_lock(one: FieldMDPSpec | None, other: FieldMDPSpec | None) -> bool:
    """Tell whether two field locks are about the same fields."""
    if one is None or other is None:
        return one is other
    return one.action is other.action and list(one.fields or ()) == list(other.fields or ())


def _attribute(attributes: cms.CMSAttributes, kind: str) -> bytes:
    try:
        value: bytes = find_unique_cms_attribute(attributes, kind).dump()
    except LookupError:
        return b""
    return value


def _commitment(commitment: Commitment) -> CommitmentTypeIndication:
    name = commitment.value.replace("-", "_").upper()
    return GenericCommitment[name].asn1


def _policy(policy: SignaturePolicy) -> SignaturePolicyIdentifier:
    """Build an explicit policy identifier; its URI becomes the qualifier `spuri`."""
    digest = algos.DigestInfo(
        {
            "digest_algorithm": algos.DigestAlgorithm({"algorithm": policy.hash_algorithm}),
            "digest": bytes.fromhex(policy.hash),
        }
    )
    content: dict[str, object] = {"sig_policy_id": policy.oid, "sig_policy_hash": digest}
    if policy.uri:
        qualifier = SigPolicyQualifierInfo(
            {"sig_policy_qualifier_id": "sp_uri", "sig_qualifier": core.IA5String(policy.uri)}
        )
        content["sig_policy_qualifiers"] = SigPolicyQualifierInfos([qualifier])
    return SignaturePolicyIdentifier(name="signature_policy_id", value=SignaturePolicyId(content))
