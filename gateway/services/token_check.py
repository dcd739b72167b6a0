"""Check a time-stamp token against its request before a signature that was paid for gets it.

Whether the authority is trusted is for the release gate to say; here a token must fit what was
asked, and its signature must be that of the certificate it brings (RFC 3161, 2.4.2 and 2.3).
"""

from __future__ import annotations

import hashlib

from asn1crypto import cms, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


class BadToken(Exception):
    """What is wrong with a token, in words."""


def checked_token(
    token: tsp.ContentInfo, digest: bytes, digest_algorithm: str, nonce: int
) -> bytes:
    """Return the token's DER; raises `BadToken`, or what asn1crypto raises at broken DER."""
    if token["content_type"].native != "signed_data":
        raise BadToken("it is no signed data")
    signed = token["content"]
    content = signed["encap_content_info"]
    if content["content_type"].native != "tst_info":
        raise BadToken("it is no time-stamp")
    info = content["content"].parsed
    imprint = info["message_imprint"]
    algorithm = imprint["hash_algorithm"]["algorithm"].native
    if imprint["hashed_message"].native != digest or algorithm != digest_algorithm:
        raise BadToken("it is for another digest")
    if info["nonce"].native != nonce:
        raise BadToken("it answers another request")
    if len(signed["signer_infos"]) != 1:
        raise BadToken("it does not have exactly one signer")
    _check_signature(signed, bytes(content["content"]))
    der: bytes = token.dump()
    return der


def _check_signature(signed: cms.SignedData, content: bytes) -> None:
    signer = signed["signer_infos"][0]
    algorithm = signer["digest_algorithm"]["algorithm"].native
    if algorithm not in _HASHES:
        raise BadToken(f"it is signed with {algorithm}")
    attributes = {attribute["type"].native: attribute for attribute in signer["signed_attrs"]}
    named = attributes["message_digest"]["values"][0].native
    if named != hashlib.new(algorithm, content).digest():
        raise BadToken("its content was altered")
    certificate = x509.load_der_x509_certificate(_signer_certificate(signed).dump())
    _check_purpose(certificate)
    kind = signer["signature_algorithm"].signature_algo
    value, data = signer["signature"].native, _attributes_der(signer)
    try:
        _verify(certificate, kind, value, data, _signing_hash(signer, algorithm))
    except (InvalidSignature, UnsupportedAlgorithm) as error:
        raise BadToken("its signature does not verify") from error


def _verify(
    certificate: x509.Certificate,
    kind: str,
    signature: bytes,
    data: bytes,
    chosen: hashes.HashAlgorithm,
) -> None:
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey) and kind == "rsassa_pss":
        pss = padding.PSS(padding.MGF1(chosen), padding.PSS.AUTO)
        key.verify(signature, data, pss, chosen)
    elif isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, data, padding.PKCS1v15(), chosen)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, data, ec.ECDSA(chosen))
    else:
        raise BadToken(f"it is signed with {kind}")


def _signing_hash(signer: cms.SignerInfo, digest_algorithm: str) -> hashes.HashAlgorithm:
    """Return the signature's hash, which the name of plain RSA does not tell."""
    try:
        return _HASHES[signer["signature_algorithm"].hash_algo]
    except ValueError:
        return _HASHES[digest_algorithm]


def _attributes_der(signer: cms.SignerInfo) -> bytes:
    """Return the signed attributes as they are signed: as SET OF, not as [0] (RFC 5652, 5.4)."""
    der: bytes = signer["signed_attrs"].untag().dump()
    return der


def _signer_certificate(signed: cms.SignedData) -> asn1_x509.Certificate:
    sid = signed["signer_infos"][0]["sid"]
    for choice in signed["certificates"]:
        certificate = choice.chosen
        if sid.name == "issuer_and_serial_number":
            issuer = sid.chosen["issuer"]
            # Names are mostly written alike; to compare them by their meaning takes a while.
            found = certificate.serial_number == sid.chosen["serial_number"].native and (
                certificate.issuer.dump() == issuer.dump() or certificate.issuer == issuer
            )
        else:
            found = certificate.key_identifier == sid.native
        if found:
            return certificate
    raise BadToken("it does not bring its signer's certificate")


def _check_purpose(certificate: x509.Certificate) -> None:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound:
        raise BadToken("its certificate is not one for time-stamps") from None
    if ExtendedKeyUsageOID.TIME_STAMPING not in usage.value:
        raise BadToken("its certificate is not one for time-stamps")
