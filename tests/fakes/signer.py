"""A signer with a key of any kind, certified by an authority of its own."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey
_USAGE = x509.KeyUsage(True, True, False, False, False, False, False, False, False)


@dataclass(frozen=True)
class Authority:
    """An authority with a self-signed certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def make(cls, name: str = "Test Authority") -> Authority:
        """Make an authority."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _name(name)
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        certificate = (
            _builder(subject, subject, key.public_key())
            .add_extension(x509.BasicConstraints(True, None), True)
            .add_extension(usage, True)
            .sign(key, hashes.SHA256())
        )
        return cls(key, certificate)

    def certify(self, key: PublicKey, name: str, *, days: int = 30) -> x509.Certificate:
        """Certify a key for signing; with negative `days`, for a time that has passed."""
        now = datetime.datetime.now(datetime.UTC)
        builder = _builder(_name(name), self.certificate.subject, key)
        if days < 0:
            builder = _builder(
                _name(name), self.certificate.subject, key, now + datetime.timedelta(days=days)
            )
        return (
            builder.add_extension(x509.BasicConstraints(False, None), True)
            .add_extension(_USAGE, True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), False)
            .sign(self.key, hashes.SHA256())
        )


@dataclass(frozen=True)
class TestSigner:
    """A key with its certificate and authority."""

    __test__ = False

    key: PrivateKey
    certificate: x509.Certificate
    authority: Authority

    @classmethod
    def make(cls, key: PrivateKey | None = None, name: str = "Test Signer") -> TestSigner:
        """Certify a key, a fresh RSA one when none is given, by a fresh authority."""
        key = key or rsa.generate_private_key(65537, 2048)
        authority = Authority.make()
        return cls(key, authority.certify(key.public_key(), name), authority)

    @property
    def root(self) -> bytes:
        """Return the authority's certificate as DER."""
        return self.authority.certificate.public_bytes(serialization.Encoding.DER)

    def pem(self, path: Path) -> Path:
        """Write the chain, signer first."""
        both = (self.certificate, self.authority.certificate)
        path.write_bytes(b"".join(one.public_bytes(serialization.Encoding.PEM) for one in both))
        return path

    def key_pem(self, path: Path) -> Path:
        """Write the private key."""
        path.write_bytes(
            self.key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return path

    def sign(self, digest: bytes, algorithm: str = "sha256", *, pss: int | None = None) -> bytes:
        """Sign a digest; with `pss`, by PSS with a salt of so many bytes."""
        hashed = utils.Prehashed(HASHES[algorithm])
        if isinstance(self.key, rsa.RSAPrivateKey):
            chosen = padding.PKCS1v15() if pss is None else _pss(algorithm, pss)
            return self.key.sign(digest, chosen, hashed)
        if isinstance(self.key, ec.EllipticCurvePrivateKey):
            return self.key.sign(digest, ec.ECDSA(hashed))
        return self.key.sign(digest)


HASHES = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}


def _pss(algorithm: str, salt: int) -> padding.PSS:
    return padding.PSS(padding.MGF1(HASHES[algorithm]), salt)


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: PublicKey, until: datetime.datetime | None = None
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    until = until or now + datetime.timedelta(days=30)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(min(now, until) - datetime.timedelta(days=1))
        .not_valid_after(until)
    )
