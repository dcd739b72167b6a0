"""A time-stamp authority in this process: its own root, and a clock turned by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache

from asn1crypto import keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from gateway.core.errors import ServiceFault

_FROM = datetime(2020, 1, 1, tzinfo=UTC)
_DER = serialization.Encoding.DER


class Authority:
    """The port `Timestamper`, and what a site needs to trust it."""

    def __init__(self, now: Callable[[], datetime], name: str = "tsa") -> None:
        self.name = name
        self.asked = 0
        self.fault: ServiceFault | None = None
        self._now = now
        root_key, self._key = ec.generate_private_key(ec.SECP256R1()), _key()
        root = _certificate(f"{name} root", f"{name} root", root_key, root_key, ca=True)
        signer = _certificate(name, f"{name} root", self._key, root_key, ca=False)
        self.root = root.public_bytes(_DER)
        self._signer = asn1_x509.Certificate.load(signer.public_bytes(_DER))

    def timestamp(self, digest: bytes, digest_algorithm: str) -> bytes:
        """Return a DER token with the time of the authority's own clock."""
        self.asked += 1
        if self.fault is not None:
            raise self.fault
        private = self._key.private_bytes(
            _DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        store = SimpleCertificateStore.from_certs([asn1_x509.Certificate.load(self.root)])
        stamper = DummyTimeStamper(
            self._signer,
            keys.PrivateKeyInfo.load(private),
            certs_to_embed=store,
            fixed_dt=self._now().replace(microsecond=0),
        )
        token: bytes = asyncio.run(stamper.async_timestamp(digest, digest_algorithm)).dump()
        return token


@cache
def _key() -> rsa.RSAPrivateKey:
    """Return the signers' key, which takes long to make; pyHanko's stamper is for RSA only."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _certificate(
    subject: str,
    issuer: str,
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey,
    signed_with: ec.EllipticCurvePrivateKey,
    *,
    ca: bool,
) -> x509.Certificate:
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, n)]) for n in (subject, issuer)]
    builder = (
        x509.CertificateBuilder()
        .subject_name(names[0])
        .issuer_name(names[1])
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_FROM)
        .not_valid_after(_FROM + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if not ca:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        signing = x509.KeyUsage(digital_signature=True, **dict.fromkeys(_OTHER_USES, False))
        builder = builder.add_extension(usage, critical=True).add_extension(signing, critical=True)
    return builder.sign(signed_with, hashes.SHA256())


_OTHER_USES = (
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)
