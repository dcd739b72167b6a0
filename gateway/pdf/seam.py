"""The seam between prepare and embed: what is kept while the digest is away to be signed.

Theory of operation
-------------------
A PAdES signature (ETSI EN 319 142-1) is a CMS object in a hole of the file, the rest of
which it covers. Its signature value does not cover the file itself but the DER encoding of
the *signed attributes*: content type, digest of the file around the hole, and the signer's
certificate (ESS signing-certificate-v2). So a signing service needs nothing but the digest
of those attributes.

`prepare` appends the incremental update with an empty hole to a copy of the original,
computes the file's digest around the hole, builds the attributes and returns their digest.
The update and the attributes must not be made again after that: another run would give
another time and another file identifier, hence another digest, and the paid signature
would fit neither. Therefore everything `embed` needs is in `Seam`, stored durably before
the digest leaves; `embed` packs attributes, signature value, certificates and, for B-T, the
time-stamp token into a CMS and writes it into the hole. It computes nothing that depends on
time or chance, so that doing it again after a crash gives the same bytes.

A service that makes the CMS itself makes the attributes, too. It is sent the file's digest
instead; `embed` writes the CMS that came back into the hole, after adding our time-stamp
token for B-T unless the CMS brings one.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

from asn1crypto import algos, cms
from pydantic import BaseModel, ConfigDict
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_byterange import PreparedByteRangeDigest
from pyhanko.sign.signers.pdf_cms import ExternalSigner, PdfCMSSignedAttributes
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from gateway.core.errors import DocumentFault
from gateway.pdf.coroutines import result_of
from gateway.pdf.gapped import Gapped
from gateway.pdf.service_cms import value_to_stamp, with_token
from gateway.pdf.trust import certificate
from gateway.ports import AnswerForm, Credential

_ATTRIBUTES_AND_VALUE = 3072
"""Bytes of a CMS besides certificates and time-stamp token, with room to spare."""
_TOKEN = 14336
"""Bytes kept for a time-stamp token with its certificates."""


_CONTENTS: dict[tuple[object, ...], Gapped] = {}
"""CMS without time-stamp, by all on which it depends but attributes and signature value."""
_MOST_CONTENTS = 64


class Seam(BaseModel):
    """Everything that must be kept from prepare to embed; JSON, binary parts in base64."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64"
    )

    document_digest: bytes
    hole_start: int
    """Offset in bytes of the `<` of the hole."""
    hole_end: int
    """Offset in bytes just behind the `>` of the hole."""
    attributes: bytes
    """DER of the signed attributes, as a SET; empty when the service makes them."""
    digest_algorithm: str
    signature_algorithm: str
    chain: tuple[bytes, ...]
    answer: AnswerForm = AnswerForm.RAW


def reserve(credential: Credential, timestamped: bool, attributes: int = 0) -> int:
    """Return the bytes of CMS for which a file must keep room; `attributes`: of optional ones."""
    if credential.answer is AnswerForm.CMS:
        return credential.reserve + (_TOKEN if timestamped and not credential.timestamped else 0)
    certificates = sum(len(certificate) for certificate in credential.chain)
    return _ATTRIBUTES_AND_VALUE + attributes + certificates + (_TOKEN if timestamped else 0)


def make_seam(
    prepared: PreparedByteRangeDigest,
    credential: Credential,
    settings: PdfCMSSignedAttributes | None = None,
) -> Seam:
    """Gather what `embed` will need, with the signed attributes where we make them."""
    raw = credential.answer is AnswerForm.RAW
    return Seam(
        document_digest=prepared.document_digest,
        hole_start=prepared.reserved_region_start,
        hole_end=prepared.reserved_region_end,
        attributes=_attributes(prepared.document_digest, credential, settings) if raw else b"",
        digest_algorithm=credential.digest_algorithm,
        signature_algorithm=credential.signature_algorithm,
        chain=credential.chain,
        answer=credential.answer,
    )


def _attributes(
    document_digest: bytes, credential: Credential, settings: PdfCMSSignedAttributes | None
) -> bytes:
    """Return the DER of the signed attributes (PAdES: without signing time).

    Between documents of one signer and profile they differ in the digest alone.
    """
    algorithms = (credential.signature_algorithm, credential.digest_algorithm)
    gapped = _gapped_attributes(credential.chain, *algorithms, settings)
    if gapped is not None:
        return gapped.filled(document_digest)
    return _encoded_attributes(document_digest, credential.chain, *algorithms, settings)


@lru_cache(maxsize=64)
def _gapped_attributes(
    chain: tuple[bytes, ...], signature: str, digest: str, settings: PdfCMSSignedAttributes | None
) -> Gapped | None:
    sample = hashlib.new(digest, b"Sealgate").digest()
    return Gapped.cut(_encoded_attributes(sample, chain, signature, digest, settings), sample)


def _encoded_attributes(
    document_digest: bytes,
    chain: tuple[bytes, ...],
    signature: str,
    digest: str,
    settings: PdfCMSSignedAttributes | None,
) -> bytes:
    attributes = result_of(
        _signer(chain, signature, digest).signed_attrs(
            document_digest, digest, attr_settings=settings, use_pades=True
        )
    )
    der: bytes = attributes.dump()
    return der


def digest_to_sign(seam: Seam) -> bytes:
    """Return the digest of the signed attributes: the only thing that leaves the site.

    Ed25519 hashes by itself, so its service is given the attributes: nothing but digests. A
    service that makes the attributes is given the document's digest.
    """
    if seam.answer is AnswerForm.CMS:
        return seam.document_digest
    if seam.signature_algorithm == "ed25519":
        return seam.attributes
    return hashlib.new(seam.digest_algorithm, seam.attributes).digest()


def to_stamp(seam: Seam, signature: bytes) -> bytes | None:
    """Return the signature value that a time-stamp is to be over; None when it has one."""
    return signature if seam.answer is AnswerForm.RAW else value_to_stamp(signature)


def assemble(seam: Seam, signature: bytes, token: bytes | None) -> bytes:
    """Return the DER CMS for a service's answer and, for B-T, its time-stamp token.

    Raises `DocumentFault` (`sign.answer-too-large`) when the hole is too small for it.
    """
    if seam.answer is AnswerForm.CMS:
        der = signature if token is None else with_token(signature, token)
    else:
        der = _from_value(seam, signature, token)
    if 2 * len(der) > seam.hole_end - seam.hole_start - 2:
        raise DocumentFault("sign.answer-too-large", f"{len(der)} bytes")
    return der


def _from_value(seam: Seam, signature: bytes, token: bytes | None) -> bytes:
    if token is not None:
        return _encoded(seam, signature, token)
    lengths = (len(seam.attributes), len(signature))
    known = (seam.chain, seam.signature_algorithm, seam.digest_algorithm, lengths)
    # The attributes are a SET by themselves and [0] in there: their first byte differs.
    fills = (seam.attributes[1:], signature)
    gapped = _CONTENTS.get(known)
    if gapped is not None:
        return gapped.filled(*fills)
    der = _encoded(seam, signature, None)
    gapped = Gapped.cut(der, *fills)
    if gapped is not None:
        if len(_CONTENTS) >= _MOST_CONTENTS:
            _CONTENTS.clear()
        _CONTENTS[known] = gapped
    return der


def _encoded(seam: Seam, signature: bytes, token: bytes | None) -> bytes:
    signer = _signer(seam.chain, seam.signature_algorithm, seam.digest_algorithm, signature)
    content = result_of(
        signer.async_sign_prescribed_attributes(
            seam.digest_algorithm,
            signed_attrs=cms.CMSAttributes.load(seam.attributes),
            timestamper=_StoredToken(token) if token is not None else None,
        )
    )
    der: bytes = content.dump()
    return der


def _signer(
    chain: tuple[bytes, ...], signature: str, digest: str, value: bytes | None = None
) -> ExternalSigner:
    certificates = [certificate(der) for der in chain]
    store = SimpleCertificateStore()
    store.register_multiple(certificates[1:])
    return ExternalSigner(
        signing_cert=certificates[0],
        cert_registry=store,
        signature_value=value,
        signature_mechanism=_mechanism(signature, digest),
        embed_roots=False,
    )


def _mechanism(signature: str, digest: str) -> algos.SignedDigestAlgorithm:
    """Return the algorithm identifier of a signature value (RFC 5754, 4056, 8419, 8702)."""
    if signature == "ed25519":
        return algos.SignedDigestAlgorithm({"algorithm": "ed25519"})
    if signature == "rsassa_pss":
        hashed = algos.DigestAlgorithm({"algorithm": digest})
        mask = algos.MaskGenAlgorithm({"algorithm": "mgf1", "parameters": hashed})
        salt = hashlib.new(digest).digest_size
        parameters = algos.RSASSAPSSParams(
            {"hash_algorithm": hashed, "mask_gen_algorithm": mask, "salt_length": salt}
        )
        return algos.SignedDigestAlgorithm({"algorithm": "rsassa_pss", "parameters": parameters})
    if signature == "rsassa_pkcs1v15" and digest.startswith("sha3_"):
        # No name for the pair: plain RSA, whose hash is that of the signer info (RFC 8702, 3.2).
        return algos.SignedDigestAlgorithm({"algorithm": "rsassa_pkcs1v15"})
    family = "ecdsa" if signature == "ecdsa" else "rsa"
    return algos.SignedDigestAlgorithm({"algorithm": f"{digest}_{family}"})


class _StoredToken(TimeStamper):
    """Give pyHanko the token that was fetched and stored before."""

    def __init__(self, token: bytes) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._token = token

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        content = cms.ContentInfo.load(self._token)
        imprint = content["content"]["encap_content_info"]["content"].parsed["message_imprint"]
        if imprint["hashed_message"].native != message_digest:
            raise SigningError("the stored time-stamp token is for another signature")
        return content
