"""Parties of a contract with certificates of their own authorities, who sign with pyHanko."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from asn1crypto import keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import (
    AuthorityInformationAccessOID,
    ExtendedKeyUsageOID,
    NameOID,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko.stamp import BaseStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from gateway.core.flow_definition import OutsideSigner

_DAY = datetime.timedelta(days=1)
_SIGNING = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
_ISSUING = x509.KeyUsage(False, False, False, False, False, True, True, False, False)


@dataclass(frozen=True)
class Holder:
    """A key, its certificate, and those above it."""

    private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    certificate: x509.Certificate
    above: tuple[x509.Certificate, ...] = ()

    @classmethod
    def authority(cls, name: str) -> Holder:
        """Make a root."""
        return cls._make(name, None, usage=_ISSUING)

    @classmethod
    def by_itself(cls, name: str) -> Holder:
        """Make somebody who vouches for itself."""
        return cls._make(name, None, usage=_SIGNING)

    def issue(
        self,
        name: str,
        *,
        begins: int = -1,
        ends: int = 30,
        usage: x509.KeyUsage = _SIGNING,
        purposes: tuple[x509.ObjectIdentifier, ...] = (),
        private: rsa.RSAPrivateKey | None = None,
        responder: str = "",
    ) -> Holder:
        """Certify somebody, from so many days from now until so many.

        With `responder`, the certificate says where it can be asked about (OCSP).
        """
        return self._make(
            name,
            self,
            days=(begins, ends),
            usage=usage,
            purposes=purposes,
            private=private,
            responder=responder,
        )

    def time_stamping(self, name: str) -> Holder:
        """Certify a time-stamp authority, with RSA: pyHanko's knows nothing else."""
        private = rsa.generate_private_key(65537, 2048)
        only = (ExtendedKeyUsageOID.TIME_STAMPING,)
        days = (-400, 400)
        return self._make(name, self, usage=_SIGNING, purposes=only, private=private, days=days)

    def revocations(self, *revoked: Holder) -> bytes:
        """Return the list of what was revoked an hour ago, in DER."""
        now = datetime.datetime.now(datetime.UTC)
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(now - datetime.timedelta(minutes=30))
            .next_update(now + _DAY)
            .add_extension(x509.CRLNumber(1), False)
        )
        for one in revoked:
            entry = (
                x509.RevokedCertificateBuilder()
                .serial_number(one.certificate.serial_number)
                .revocation_date(now - datetime.timedelta(hours=1))
                .build()
            )
            builder = builder.add_revoked_certificate(entry)
        made = builder.sign(self.private, hashes.SHA256())
        return made.public_bytes(serialization.Encoding.DER)

    @classmethod
    def _make(
        cls,
        name: str,
        issuer: Holder | None,
        *,
        usage: x509.KeyUsage,
        days: tuple[int, int] = (-400, 400),
        purposes: tuple[x509.ObjectIdentifier, ...] = (),
        private: rsa.RSAPrivateKey | None = None,
        responder: str = "",
    ) -> Holder:
        key = private or ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.COMMON_NAME, name),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, f"{name} Ltd"),
            ]
        )
        now = datetime.datetime.now(datetime.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer.certificate.subject if issuer else subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + days[0] * _DAY)
            .not_valid_after(now + days[1] * _DAY)
            .add_extension(x509.BasicConstraints(issuer is None, None), True)
            .add_extension(usage, True)
        )
        if purposes:
            only = purposes == (ExtendedKeyUsageOID.TIME_STAMPING,)
            builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), only)
        if responder:
            where = x509.UniformResourceIdentifier(responder)
            asked = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, where)
            builder = builder.add_extension(x509.AuthorityInformationAccess([asked]), False)
        certificate = builder.sign(issuer.private if issuer else key, hashes.SHA256())
        above = (issuer.certificate, *issuer.above) if issuer else ()
        return cls(key, certificate, above)

    @property
    def pem(self) -> str:
        """Return the certificate in PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def der(self) -> bytes:
        """Return the certificate in DER."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 of the certificate, in hex."""
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    @property
    def expected(self) -> OutsideSigner:
        """Return how a flow that trusts the holder's authority expects it, by its name."""
        name = self.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
        anchors = tuple(one.public_bytes(serialization.Encoding.PEM).decode() for one in self.above)
        return OutsideSigner(subject=str(name), anchors=anchors)

    @property
    def signer(self) -> SimpleSigner:
        """Return the holder as pyHanko's signer."""
        store = SimpleCertificateStore()
        for one in self.above:
            store.register(_asn1(one))
        return SimpleSigner(
            signing_cert=_asn1(self.certificate), signing_key=self._key, cert_registry=store
        )

    @property
    def stamps(self) -> DummyTimeStamper:
        """Return the holder as a time-stamp authority."""
        return self.stamps_at(None)

    def stamps_at(self, moment: datetime.datetime | None) -> DummyTimeStamper:
        """Return the holder as a time-stamp authority whose clock stands."""
        store = SimpleCertificateStore()
        for one in self.above:
            store.register(_asn1(one))
        return DummyTimeStamper(
            _asn1(self.certificate), self._key, certs_to_embed=store, fixed_dt=moment
        )

    @property
    def _key(self) -> keys.PrivateKeyInfo:
        return keys.PrivateKeyInfo.load(
            self.private.private_bytes(
                serialization.Encoding.DER,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def sign_outside(
    sent: Path,
    returned: Path,
    holder: Holder,
    field: str = "Partner",
    *,
    box: tuple[int, int, int, int] | None = None,
    stamper: TimeStamper | None = None,
    new: bool = False,
    change: Callable[[IncrementalPdfFileWriter], None] | None = None,
    stamp_style: BaseStampStyle | None = None,
    **options: object,
) -> Path:
    """Sign a copy of a document in a field, as a party does with its own tool.

    With `change`, something else is done to it in the same revision.
    """
    options = {"subfilter": SigSeedSubFilter.PADES} | options
    metadata = PdfSignatureMetadata(field_name=field, **options)  # type: ignore[arg-type]
    spec = SigFieldSpec(field, box=box) if new or box else None
    returned.write_bytes(sent.read_bytes())
    with returned.open("r+b") as stream:
        writer = IncrementalPdfFileWriter(stream)
        if change is not None:
            change(writer)
        signer = PdfSigner(
            metadata,
            signer=holder.signer,
            timestamper=stamper,
            new_field_spec=spec,
            stamp_style=stamp_style,
        )
        signer.sign_pdf(writer, in_place=True)
    return returned
