"""Certificates and signed answers that are the same bytes in every run."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from functools import cache

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
CONTENT = b"what a signature is about"
DIGEST = hashlib.sha256(CONTENT).digest()
NONCE = 4711
_HOUR = timedelta(hours=1)
_ALGORITHM = algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"})
_SHA256 = algos.DigestAlgorithm({"algorithm": "sha256"})


class FixedClock:
    """The port `Clock`, at the moment for which everything here is made."""

    def now(self) -> datetime:
        """Return that moment."""
        return NOW

    def monotonic(self) -> float:
        """Return no time at all."""
        return 0.0


@cache
def _key(number: int) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(1_000_003 + number, ec.SECP256R1())


def _sign(number: int, data: bytes) -> bytes:
    return _key(number).sign(data, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(number: int, name: str, usage: x509.ObjectIdentifier | None) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name("Root"))
        .public_key(_key(number).public_key())
        .serial_number(100 + number)
        .not_valid_before(NOW - 24 * _HOUR)
        .not_valid_after(NOW + 90_000 * _HOUR)
        .add_extension(x509.BasicConstraints(number == 0, None), critical=True)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(_key(number).public_key()), critical=False
        )
    )
    if usage is None:
        uses = x509.KeyUsage(True, True, False, False, False, True, True, False, False)
        builder = builder.add_extension(uses, critical=True)
    else:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=True)
    return builder.sign(_key(0), hashes.SHA256(), ecdsa_deterministic=True)


@cache
def root() -> x509.Certificate:
    """Return the authority's certificate."""
    return _certificate(0, "Root", None)


@cache
def signer() -> x509.Certificate:
    """Return the signer's certificate."""
    return _certificate(1, "Signer", None)


@cache
def stamper() -> x509.Certificate:
    """Return the certificate of a time-stamp authority."""
    return _certificate(2, "Stamper", ExtendedKeyUsageOID.TIME_STAMPING)


def der(certificate: x509.Certificate) -> bytes:
    """Return a certificate's DER."""
    return certificate.public_bytes(Encoding.DER)


def signature() -> bytes:
    """Return the signer's signature of `DIGEST`."""
    return _sign(1, CONTENT)


def signed_digest(digest: bytes) -> bytes:
    """Return the signer's signature of any SHA-256 digest."""
    hashed = ec.ECDSA(utils.Prehashed(hashes.SHA256()), deterministic_signing=True)
    return _key(1).sign(digest, hashed)


def signing_key() -> bytes:
    """Return the signer's key as PKCS#8 DER."""
    return _key(1).private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


@cache
def service_cms() -> bytes:
    """Return the CMS in which a service would sign `DIGEST`."""
    return _signed(1, signer(), "data", None, DIGEST)


@cache
def token() -> bytes:
    """Return a time-stamp token over `DIGEST` that answers `NONCE`."""
    info = tsp.TSTInfo(
        {
            "version": "v1",
            "policy": "1.2.3.4",
            "message_imprint": {"hash_algorithm": _SHA256, "hashed_message": DIGEST},
            "serial_number": 7,
            "gen_time": NOW,
            "nonce": NONCE,
        }
    ).dump()
    return _signed(2, stamper(), "tst_info", info, hashlib.sha256(info).digest())


def response() -> bytes:
    """Return the authority's whole answer."""
    granted = tsp.PKIStatusInfo({"status": "granted"}).dump()
    whole: bytes = core.Sequence(contents=granted + token()).dump(force=True)
    return whole


def refusal() -> bytes:
    """Return an answer that grants nothing."""
    told = tsp.PKIStatusInfo({"status": "rejection", "fail_info": {"bad_alg"}}).dump()
    whole: bytes = core.Sequence(contents=told).dump(force=True)
    return whole


def _signed(
    number: int, certificate: x509.Certificate, kind: str, content: bytes | None, digest: bytes
) -> bytes:
    own = asn1_x509.Certificate.load(der(certificate))
    named = {"cert_hash": hashlib.sha256(own.dump()).digest()}
    attributes = cms.CMSAttributes(
        [
            {"type": "content_type", "values": [kind]},
            {"type": "message_digest", "values": [digest]},
            {"type": "signing_certificate_v2", "values": [{"certs": [named]}]},
        ]
    )
    signed_info = {
        "version": "v1",
        "sid": {
            "issuer_and_serial_number": {
                "issuer": own.issuer,
                "serial_number": own.serial_number,
            }
        },
        "digest_algorithm": _SHA256,
        "signed_attrs": attributes,
        "signature_algorithm": _ALGORITHM,
        "signature": _sign(number, attributes.dump()),
    }
    inside: dict[str, object] = {"content_type": kind}
    if content is not None:
        inside["content"] = core.ParsableOctetString(content)
    data = cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [_SHA256],
            "encap_content_info": inside,
            "certificates": [own, asn1_x509.Certificate.load(der(root()))],
            "signer_infos": [signed_info],
        }
    )
    whole: bytes = cms.ContentInfo({"content_type": "signed_data", "content": data}).dump()
    return whole


@cache
def ocsp_response(*, revoked: bool = False) -> bytes:
    """Return what the authority says about the signer's certificate."""
    status = ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD
    built = (
        ocsp.OCSPResponseBuilder()
        .add_response(
            cert=signer(),
            issuer=root(),
            algorithm=hashes.SHA1(),  # noqa: S303  # names the certificate, signs nothing
            cert_status=status,
            this_update=NOW - _HOUR,
            next_update=NOW + _HOUR,
            revocation_time=NOW - _HOUR if revoked else None,
            revocation_reason=None,
        )
        .responder_id(ocsp.OCSPResponderEncoding.HASH, root())
        .sign(_key(0), hashes.SHA256())
    )
    return built.public_bytes(Encoding.DER)


@cache
def revocation_list() -> bytes:
    """Return the authority's list, on which is another certificate."""
    entry = x509.RevokedCertificateBuilder().serial_number(999).revocation_date(NOW - _HOUR)
    built = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(_name("Root"))
        .last_update(NOW - _HOUR)
        .next_update(NOW + _HOUR)
        .add_revoked_certificate(entry.build())
        .sign(_key(0), hashes.SHA256(), ecdsa_deterministic=True)
    )
    return built.public_bytes(Encoding.DER)
