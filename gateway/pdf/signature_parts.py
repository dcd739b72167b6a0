"""Taking signatures apart: certificates and time-stamp tokens, for those who ask about them."""

from __future__ import annotations

from pathlib import Path

from asn1crypto import cms, x509
from pyhanko.sign.general import find_cms_attribute_iter

from gateway.pdf.document import opened
from gateway.pdf.embedded import Signature
from gateway.pdf.faults import reading
from gateway.pdf.signatures import signature_fields
from gateway.ports.signers import SignatureParts


def signature_parts(path: Path) -> tuple[SignatureParts, ...]:
    """Return every signature of a document, taken apart; see `ports.signers`."""
    with opened(path) as (reader, _), reading():
        fields = signature_fields(reader)
        return tuple(_parts(Signature(reader, field, name), name) for name, field in fields)


def _parts(embedded: Signature, name: str) -> SignatureParts:
    if embedded.sig_object_type == "/DocTimeStamp":
        token = cms.ContentInfo.load(bytes(embedded.pkcs7_content)).dump()
        return SignatureParts(name, (), token, document_stamp=True)
    leaf = embedded.signer_cert
    chain = (leaf.dump(), *(one.dump() for one in embedded.other_embedded_certs))
    return SignatureParts(name, chain, _token(embedded), askable=_askable(leaf))


def _token(embedded: Signature) -> bytes:
    attributes = embedded.signer_info["unsigned_attrs"]
    tokens = find_cms_attribute_iter(attributes, "signature_time_stamp_token")
    return next((bytes(token.dump()) for token in tokens), b"")


def _askable(certificate: x509.Certificate) -> bool:
    return bool(certificate.ocsp_urls or certificate.crl_distribution_points)
