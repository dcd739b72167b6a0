"""A CMS that a service has made: what a time-stamp is to be over, and putting one in.

Signed attributes, certificates and signature stay the bytes that came; only the signer's
unsigned attributes grow (RFC 5652, 5.3; RFC 3161, appendix A).
"""

from __future__ import annotations

import hashlib

from asn1crypto import cms

TOKEN_ATTRIBUTE = "signature_time_stamp_token"  # noqa: S105  # the name of an attribute


def value_to_stamp(content: bytes) -> bytes | None:
    """Return the signature value of a CMS; None when it brings its time-stamp."""
    signer = _signer(cms.ContentInfo.load(content))
    if any(attribute["type"].native == TOKEN_ATTRIBUTE for attribute in _unsigned(signer)):
        return None
    value: bytes = signer["signature"].native
    return value


def with_token(content: bytes, token: bytes) -> bytes:
    """Return the CMS with a time-stamp token over its signature value; `ValueError` if not."""
    whole = cms.ContentInfo.load(content)
    signer = _signer(whole)
    stamp = cms.ContentInfo.load(token)
    imprint = stamp["content"]["encap_content_info"]["content"].parsed["message_imprint"]
    hashed = hashlib.new(imprint["hash_algorithm"]["algorithm"].native, signer["signature"].native)
    if imprint["hashed_message"].native != hashed.digest():
        raise ValueError("the stored time-stamp token is for another signature")
    added = cms.CMSAttribute({"type": TOKEN_ATTRIBUTE, "values": [stamp]})
    signer["unsigned_attrs"] = cms.CMSAttributes([*_unsigned(signer), added])
    der: bytes = whole.dump()
    return der


def _signer(content: cms.ContentInfo) -> cms.SignerInfo:
    return content["content"]["signer_infos"][0]


def _unsigned(signer: cms.SignerInfo) -> tuple[cms.CMSAttribute, ...]:
    return tuple(signer["unsigned_attrs"]) if signer["unsigned_attrs"].native else ()
