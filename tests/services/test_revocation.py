"""Revocation data: genuine, fresh, of the right certificate, and kept no longer than good."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID
from werkzeug.wrappers import Request, Response

from gateway.core.errors import ServiceFault
from gateway.core.services import HttpAccess, RevocationSettings
from gateway.services.revocation import HttpEvidence
from gateway.wiring import SystemClock
from tests.fakes.serving import serving

NOW = datetime.now(UTC).replace(microsecond=0)
HOUR = timedelta(hours=1)
_SERIALS = count(1000)


def certified(
    key: ec.EllipticCurvePrivateKey,
    name: str,
    issuer: tuple[ec.EllipticCurvePrivateKey, str],
    *extensions: x509.ExtensionType,
) -> x509.Certificate:
    """Certify a key."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(_named(issuer[1]))
        .public_key(key.public_key())
        .serial_number(next(_SERIALS))
        .not_valid_before(NOW - HOUR)
        .not_valid_after(NOW + 24 * HOUR)
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(issuer[0], hashes.SHA256())


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


class Authority:
    """An authority whose OCSP responder and CRL say what they are told."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = certified(self.key, "Authority", (self.key, "Authority"))
        self.responder_key = ec.generate_private_key(ec.SECP256R1())
        self.responder = certified(
            self.responder_key,
            "Responder",
            (self.key, "Authority"),
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]),
        )
        self.status = ocsp.OCSPCertStatus.GOOD
        self.this_update, self.next_update = NOW - HOUR / 2, NOW + HOUR
        self.signing_key = self.responder_key
        self.answers = {"/ocsp": True, "/crl": True}
        self.asked: list[str] = []
        self.leaf: x509.Certificate | None = None
        self.spoken_of: x509.Certificate | None = None

    def __call__(self, request: Request) -> Response:
        """Answer as told."""
        self.asked.append(request.path)
        if not self.answers.get(request.path):
            return Response("", 503)
        if request.path == "/crl":
            return Response(self._crl(), content_type="application/pkix-crl")
        return Response(self._ocsp(), content_type="application/ocsp-response")

    def _ocsp(self) -> bytes:
        assert self.leaf is not None
        revoked = self.status is ocsp.OCSPCertStatus.REVOKED
        return (
            ocsp.OCSPResponseBuilder()
            .add_response(
                cert=self.spoken_of or self.leaf,
                issuer=self.certificate,
                algorithm=hashes.SHA1(),  # noqa: S303  # names the certificate, signs nothing
                cert_status=self.status,
                this_update=self.this_update,
                next_update=self.next_update,
                revocation_time=NOW - HOUR if revoked else None,
                revocation_reason=x509.ReasonFlags.key_compromise if revoked else None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.HASH, self.responder)
            .certificates([self.responder])
            .sign(self.signing_key, hashes.SHA256())
            .public_bytes(Encoding.DER)
        )

    def _crl(self) -> bytes:
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(self.this_update)
            .next_update(self.next_update)
        )
        if self.status is ocsp.OCSPCertStatus.REVOKED and self.leaf is not None:
            entry = x509.RevokedCertificateBuilder().serial_number(self.leaf.serial_number)
            builder = builder.add_revoked_certificate(entry.revocation_date(NOW - HOUR).build())
        return builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.DER)


class Office:
    """Evidence of one certificate of one authority."""

    def __init__(self, authority: Authority, address: str) -> None:
        self.authority = authority
        key = ec.generate_private_key(ec.SECP256R1())
        authority.leaf = certified(
            key,
            "Seal",
            (authority.key, "Authority"),
            x509.AuthorityInformationAccess(
                [
                    x509.AccessDescription(
                        AuthorityInformationAccessOID.OCSP,
                        x509.UniformResourceIdentifier(f"{address}/ocsp"),
                    )
                ]
            ),
            x509.CRLDistributionPoints(
                [
                    x509.DistributionPoint(
                        [x509.UniformResourceIdentifier(f"{address}/crl")], None, None, None
                    )
                ]
            ),
        )
        self.chain = tuple(
            one.public_bytes(Encoding.DER) for one in (authority.leaf, authority.certificate)
        )

    def source(self, **changes: object) -> HttpEvidence:
        """Return a source with an empty memory."""
        settings = RevocationSettings(HttpAccess(2.0, 2.0), **changes)  # type: ignore[arg-type]
        return HttpEvidence(settings, SystemClock(), lambda: (self.chain[-1],))

    def fault(self) -> ServiceFault:
        """Gather, and return the fault that comes of it."""
        with pytest.raises(ServiceFault) as failed:
            self.source().of_chain(self.chain)
        return failed.value


@contextmanager
def running() -> Iterator[Office]:
    """Run an authority."""
    authority = Authority()
    with serving(authority) as address:
        yield Office(authority, address)


@pytest.fixture
def office() -> Iterator[Office]:
    """Return an office of one's own."""
    with running() as made:
        yield made


def test_ocsp_is_asked_first(office: Office) -> None:
    """A good answer is evidence, with the certificate of the responder that signed it."""
    evidence = office.source().of_chain(office.chain)
    assert (len(evidence.ocsps), evidence.crls) == (1, ())
    assert office.authority.responder.public_bytes(Encoding.DER) in evidence.certificates
    assert evidence.certificates[:2] == office.chain
    assert set(office.authority.asked) == {"/ocsp"}


def test_crl_first_where_it_is_preferred(office: Office) -> None:
    """Some authorities want to be spared questions."""
    evidence = office.source(crl_first=True).of_chain(office.chain)
    assert (evidence.ocsps, len(evidence.crls)) == ((), 1)


def test_crl_where_the_responder_is_down(office: Office) -> None:
    """One of the two ways is enough."""
    office.authority.answers["/ocsp"] = False
    assert len(office.source().of_chain(office.chain).crls) == 1


@pytest.mark.parametrize("way", ["/ocsp", "/crl"])
def test_revoked(office: Office, way: str) -> None:
    """A revoked certificate is told apart from one that nobody can be asked about."""
    office.authority.status = ocsp.OCSPCertStatus.REVOKED
    office.authority.answers = {way: True}
    fault = office.fault()
    assert fault.code == "revocation.revoked"
    assert "CN=Seal" in fault.detail


def test_unknown_to_the_responder(office: Office) -> None:
    """A responder that does not know a certificate does not say that it is good."""
    office.authority.status = ocsp.OCSPCertStatus.UNKNOWN
    office.authority.answers["/crl"] = False
    assert "does not know" in office.fault().detail


@pytest.mark.parametrize("way", ["/ocsp", "/crl"])
@pytest.mark.parametrize(
    ("first", "last", "words"),
    [(-3 * HOUR, -2 * HOUR, "out of date"), (2 * HOUR, 3 * HOUR, "future")],
)
def test_answer_of_another_time(
    office: Office, way: str, first: timedelta, last: timedelta, words: str
) -> None:
    """What was true once, or will be, proves nothing now."""
    office.authority.answers = {way: True}
    office.authority.this_update, office.authority.next_update = NOW + first, NOW + last
    fault = office.fault()
    assert (fault.code, words in fault.detail) == ("revocation.unavailable", True)


def test_forged_answer(office: Office) -> None:
    """An answer that somebody else signed is none."""
    forger = ec.generate_private_key(ec.SECP256R1())
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING])
    office.authority.answers["/crl"] = False
    office.authority.signing_key = forger
    office.authority.responder = certified(forger, "Responder", (forger, "Authority"), usage)
    assert "not genuine" in office.fault().detail


def test_responder_that_nobody_appointed(office: Office) -> None:
    """A certificate of the authority that is not one for OCSP cannot sign its answers."""
    key = ec.generate_private_key(ec.SECP256R1())
    office.authority.answers["/crl"] = False
    office.authority.signing_key = key
    office.authority.responder = certified(key, "Clerk", (office.authority.key, "Authority"))
    assert "not genuine" in office.fault().detail


def test_answer_about_another_certificate(office: Office) -> None:
    """A good answer for somebody else does not count."""
    office.authority.answers["/crl"] = False
    office.authority.spoken_of = office.authority.responder
    assert "another certificate" in office.fault().detail


def test_nobody_answers(office: Office) -> None:
    """When no way leads to an answer, all of them are told."""
    office.authority.answers = {}
    fault = office.fault()
    assert fault.code == "revocation.unavailable"
    assert "503" in fault.detail


def test_answers_are_kept_while_they_are_fresh(office: Office) -> None:
    """The same certificate is asked about once; after the cache's time, or the answer's, again."""
    source = office.source()
    for _ in range(3):
        source.of_chain(office.chain)
    assert len(office.authority.asked) == 1
    hasty = office.source(cache=0.0)
    for _ in range(2):
        hasty.of_chain(office.chain)
    assert len(office.authority.asked) == 3


def test_certificate_without_addresses(office: Office) -> None:
    """A certificate that names nobody to ask cannot be proved."""
    key = ec.generate_private_key(ec.SECP256R1())
    silent = certified(key, "Silent", (office.authority.key, "Authority"))
    with pytest.raises(ServiceFault) as failed:
        office.source().of_chain((silent.public_bytes(Encoding.DER), office.chain[1]))
    assert "neither OCSP nor CRL" in failed.value.detail


def test_unknown_issuer(office: Office) -> None:
    """A chain that does not lead to an anchor cannot be proved."""
    with running() as other, pytest.raises(ServiceFault) as failed:
        office.source().of_chain((other.chain[0],))
    assert "issuer" in failed.value.detail
