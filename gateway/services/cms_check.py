"""Check a CMS that a service made before it is put into a document (RFC 5652; EN 319 142-1).

What PAdES wants in every signature (6.3, table 1) must be there: content type, message
digest, and the signer's certificate named by signing-certificate-v2 (RFC 5035). A signing
time is not wanted in a PAdES signature but makes none invalid, so it is let pass.
"""

from __future__ import annotations

import hashlib
import hmac

from asn1crypto import cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from gateway.core.errors import Charge, ServiceFault
from gateway.ports import Credential
from gateway.services.certificate_check import UNREADABLE
from gateway.services.certificate_file import CHINESE, is_sm2
from gateway.services.signature_check import HASHES


def checked_cms(credential: Credential, digest: bytes, answer: bytes) -> bytes:
    """Return the CMS as DER if it signs this digest with this certificate, fit for PAdES.

    Raises `ServiceFault`: `service.wrong-cms`, `service.wrong-certificate`,
    `service.wrong-signature`, `service.sm2-not-supported`; the call was carried out all the
    same.
    """
    try:
        return _checked(credential, digest, answer)
    except UNREADABLE as error:
        # asn1crypto reads lazily and says in many ways that something is not as expected.
        raise _fault("service.wrong-cms", "it cannot be read") from error


def _checked(credential: Credential, digest: bytes, answer: bytes) -> bytes:
    content = cms.ContentInfo.load(answer, strict=True)
    _refuse_sm2(content["content_type"].dotted)
    if content["content_type"].native != "signed_data":
        raise _fault("service.wrong-cms", "it is no signed data")
    signed = content["content"]
    signer = _only_signer(signed, credential.digest_algorithm)
    certificate = _signer_certificate(signed, credential.chain[0])
    attributes = _attributes(signer)
    _check_attributes(attributes, credential, digest)
    _check_signature(signer, certificate, credential.digest_algorithm)
    _check_stamps(signer)
    der: bytes = content.dump(force=answer[1:2] == b"\x80")  # BER of indefinite length
    return der


def _only_signer(signed: cms.SignedData, digest_algorithm: str) -> cms.SignerInfo:
    if len(signed["signer_infos"]) != 1:
        what = f"it has {len(signed['signer_infos'])} signers, not one"
        raise _fault("service.wrong-cms", what)
    signer: cms.SignerInfo = signed["signer_infos"][0]
    for part in ("digest_algorithm", "signature_algorithm"):
        _refuse_sm2(signer[part]["algorithm"].dotted)
    used = signer["digest_algorithm"]["algorithm"].native
    if used != digest_algorithm:
        raise _fault("service.wrong-cms", f"its digests are {used}, not {digest_algorithm}")
    inside = signed["encap_content_info"]
    if inside["content_type"].native != "data" or inside["content"].native is not None:
        raise _fault("service.wrong-cms", "it is not detached")
    return signer


def _signer_certificate(signed: cms.SignedData, expected: bytes) -> x509.Certificate:
    """Return the certificate that the signer names, which must be the expected one."""
    sid = signed["signer_infos"][0]["sid"]
    brought = [choice.chosen for choice in signed["certificates"] if choice.name == "certificate"]
    found = next((certificate for certificate in brought if _names(sid, certificate)), None)
    if found is None:
        raise _fault("service.wrong-cms", "it does not bring its signer's certificate")
    if is_sm2(found):
        raise _fault("service.sm2-not-supported", "the signer's key")
    if found.dump() != expected:
        what = f"serial number {found.serial_number:x}"
        raise _fault("service.wrong-certificate", what)
    return x509.load_der_x509_certificate(expected)


def _names(sid: cms.SignerIdentifier, certificate: asn1_x509.Certificate) -> bool:
    if sid.name == "issuer_and_serial_number":
        return bool(
            certificate.issuer == sid.chosen["issuer"]
            and certificate.serial_number == sid.chosen["serial_number"].native
        )
    return bool(certificate.key_identifier == sid.native)


def _attributes(signer: cms.SignerInfo) -> dict[str, core.Asn1Value]:
    """Return the value of each signed attribute, each of which must be there once."""
    values: dict[str, core.Asn1Value] = {}
    for attribute in signer["signed_attrs"]:
        name = attribute["type"].native
        if name in values or len(attribute["values"]) != 1:
            raise _fault("service.wrong-cms", f"the attribute {name} has not exactly one value")
        values[name] = attribute["values"][0]
    for needed in ("content_type", "message_digest", "signing_certificate_v2"):
        if needed not in values:
            raise _fault("service.wrong-cms", f"the attribute {needed} is missing")
    return values


def _check_attributes(
    attributes: dict[str, core.Asn1Value], credential: Credential, digest: bytes
) -> None:
    if attributes["content_type"].native != "data":
        raise _fault("service.wrong-cms", "its content type is not data")
    if not hmac.compare_digest(attributes["message_digest"].native, digest):
        raise _fault("service.wrong-signature", "it is for another digest")
    named: tsp.ESSCertIDv2 = attributes["signing_certificate_v2"]["certs"][0]
    algorithm = named["hash_algorithm"]["algorithm"].native
    if algorithm not in HASHES:
        raise _fault("service.wrong-cms", f"it names its certificate by {algorithm}")
    if named["cert_hash"].native != hashlib.new(algorithm, credential.chain[0]).digest():
        raise _fault("service.wrong-certificate", "signing-certificate-v2 names another")


def _check_signature(
    signer: cms.SignerInfo, certificate: x509.Certificate, digest_algorithm: str
) -> None:
    # As they are signed: as SET OF, not as [0] (RFC 5652, 5.4).
    data: bytes = signer["signed_attrs"].untag().dump()
    try:
        _verify(certificate, signer, data, HASHES[_signing_hash(signer, digest_algorithm)])
    except (InvalidSignature, UnsupportedAlgorithm) as error:
        raise _fault("service.wrong-signature", "it does not verify") from error


def _check_stamps(signer: cms.SignerInfo) -> None:
    """Refuse a time-stamp over another signature; whether it is trusted, the gate will say."""
    brought = signer["unsigned_attrs"]
    for attribute in brought if brought.native else ():
        if attribute["type"].native != "signature_time_stamp_token":
            continue
        for token in attribute["values"]:
            info = token["content"]["encap_content_info"]["content"].parsed
            imprint = info["message_imprint"]
            hashed = hashlib.new(imprint["hash_algorithm"]["algorithm"].native)
            hashed.update(signer["signature"].native)
            if imprint["hashed_message"].native != hashed.digest():
                raise _fault("service.wrong-cms", "its time-stamp is over another signature")


def _signing_hash(signer: cms.SignerInfo, digest_algorithm: str) -> str:
    """Return the signature's hash, which the names of plain keys do not tell."""
    try:
        named: str = signer["signature_algorithm"].hash_algo
    except ValueError:
        return digest_algorithm
    if named != digest_algorithm and signer["signature_algorithm"].signature_algo != "ed25519":
        raise _fault(
            "service.wrong-cms", f"digest and signature use {digest_algorithm} and {named}"
        )
    return digest_algorithm


def _verify(
    certificate: x509.Certificate, signer: cms.SignerInfo, data: bytes, chosen: hashes.HashAlgorithm
) -> None:
    key, signature = certificate.public_key(), signer["signature"].native
    algorithm = signer["signature_algorithm"]
    kind = algorithm.signature_algo
    if isinstance(key, rsa.RSAPublicKey) and kind == "rsassa_pss":
        salt = algorithm["parameters"]["salt_length"].native
        key.verify(signature, data, padding.PSS(padding.MGF1(chosen), salt), chosen)
    elif isinstance(key, rsa.RSAPublicKey) and kind == "rsassa_pkcs1v15":
        key.verify(signature, data, padding.PKCS1v15(), chosen)
    elif isinstance(key, ec.EllipticCurvePublicKey) and kind == "ecdsa":
        key.verify(signature, data, ec.ECDSA(chosen))
    elif isinstance(key, ed25519.Ed25519PublicKey) and kind == "ed25519":
        key.verify(signature, data)
    else:
        raise _fault("service.wrong-cms", f"its algorithm {kind} does not fit the certificate")


def _refuse_sm2(identifier: str) -> None:
    if identifier.startswith(CHINESE):
        raise _fault("service.sm2-not-supported", identifier)


def _fault(code: str, why: str) -> ServiceFault:
    return ServiceFault(code, why, charge=Charge.UNKNOWN)
