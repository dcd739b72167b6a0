"""Revocation data over HTTP: OCSP (RFC 6960) and CRLs (RFC 5280), each kept while it is fresh.

Addresses come from the certificates of our own services and authorities (RFC 5280, 4.2.1.13
and 4.2.2.1). Plain http is usual and right there: what comes is signed. A responder learns the
serial number of a certificate, and nothing of any document.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

from asn1crypto import cms, pem
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID

from gateway.core.errors import ServiceFault
from gateway.core.services import RevocationSettings
from gateway.ports import Clock, Evidence
from gateway.services.certificate_check import UNREADABLE
from gateway.services.http import HttpSession
from gateway.services.revocation_answers import Proof, Unusable, named, read_crl, read_ocsp

_LARGEST = 16 << 20
"""Bytes of a CRL; large authorities have long lists."""
_LONGEST_CHAIN = 8
_REMEMBERED = 256
"""Certificates whose proofs are kept."""


class HttpEvidence:
    """The port `EvidenceSource`; safe to use from several threads."""

    def __init__(
        self,
        settings: RevocationSettings,
        clock: Clock,
        anchors: Callable[[], tuple[bytes, ...]],
        resolve: Callable[[str], str] = lambda url: url,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._anchors = anchors
        self._http = HttpSession(settings.access, resolve, largest=_LARGEST)
        self._lock = threading.Lock()
        self._known: dict[bytes, tuple[Proof, datetime]] = {}

    def of_chain(self, chain: tuple[bytes, ...]) -> Evidence:
        """Return evidence for a chain of DER certificates, leaf first."""
        try:
            given = [x509.load_der_x509_certificate(der) for der in chain]
            return self._gather(given[0], given[1:])
        except UNREADABLE as error:
            raise _unavailable("a certificate of the chain cannot be read") from error

    def of_token(self, token: bytes) -> Evidence:
        """Return evidence for the signer of a DER time-stamp token."""
        try:
            signed = cms.ContentInfo.load(token)["content"]
            brought = [choice.chosen for choice in signed["certificates"]]
            sid = signed["signer_infos"][0]["sid"].chosen
            serial = sid["serial_number"].native if "serial_number" in sid else None
            given = [x509.load_der_x509_certificate(one.dump()) for one in brought]
            leaf = next(one for one in given if serial in (None, one.serial_number))
            return self._gather(leaf, [one for one in given if one != leaf])
        except (StopIteration, *UNREADABLE) as error:
            raise _unavailable("the time-stamp does not bring its certificates") from error

    def _gather(self, leaf: x509.Certificate, others: list[x509.Certificate]) -> Evidence:
        """Walk from the leaf to an anchor, with a proof for each certificate below it."""
        anchors = [x509.load_der_x509_certificate(_der(one)) for one in self._anchors()]
        chain, proofs = [leaf], list[Proof]()
        for _ in range(_LONGEST_CHAIN):
            current = chain[-1]
            if current in anchors or current.subject == current.issuer:
                break
            issuer = self._issuer_of(current, [*anchors, *others])
            proofs.append(self._proof(current, issuer))
            chain.append(issuer)
        certificates = [one.public_bytes(Encoding.DER) for one in chain]
        for proof in proofs:
            certificates += proof.certificates
        return Evidence(
            tuple(dict.fromkeys(certificates)),
            tuple(dict.fromkeys(proof.ocsp for proof in proofs if proof.ocsp)),
            tuple(dict.fromkeys(proof.crl for proof in proofs if proof.crl)),
        )

    def _issuer_of(
        self, certificate: x509.Certificate, candidates: list[x509.Certificate]
    ) -> x509.Certificate:
        """Find the issuer among those at hand, else where the certificate says it is."""
        found = next((one for one in candidates if _issued(certificate, one)), None)
        if found is not None:
            return found
        for url in _authority_addresses(certificate, AuthorityInformationAccessOID.CA_ISSUERS):
            try:
                body = self._fetch(url)
                loaded = x509.load_der_x509_certificate(_der(body))
            except (Unusable, *UNREADABLE):
                continue  # the next address may do; without any, that is said below
            if _issued(certificate, loaded):
                return loaded
        raise _unavailable(f"the issuer of {named(certificate)} is not known")

    def _proof(self, certificate: x509.Certificate, issuer: x509.Certificate) -> Proof:
        now = self._clock.now()
        key = certificate.fingerprint(hashes.SHA256())
        with self._lock:
            known = self._known.get(key)
        if known is not None and now < known[1]:
            return known[0]
        proof = self._ask(certificate, issuer, now)
        until = min(proof.until, now + timedelta(seconds=self._settings.cache))
        with self._lock:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[key] = proof, until
        return proof

    def _ask(self, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> Proof:
        """Try each address of the certificate until one gives a proof."""
        ways = [self._by_ocsp, self._by_crl]
        problems: list[str] = []
        for way in reversed(ways) if self._settings.crl_first else ways:
            for attempt in way(certificate, issuer, now):
                try:
                    return attempt()
                except Unusable as problem:
                    problems.append(str(problem))
        why = "; ".join(dict.fromkeys(problems)) or "it names neither OCSP nor CRL"
        raise _unavailable(f"{named(certificate)}: {why}"[:400])

    def _by_ocsp(
        self, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime
    ) -> Iterator[Callable[[], Proof]]:
        request = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA256())
        body = request.build().public_bytes(Encoding.DER)
        # Many responders only know the SHA-1 of names and keys in requests (RFC 6960, B.1).
        older = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA1())  # noqa: S303
        bodies = (older.build().public_bytes(Encoding.DER), body)
        for url in _authority_addresses(certificate, AuthorityInformationAccessOID.OCSP):
            for asked in bodies:
                yield partial(self._from_ocsp, url, asked, certificate, issuer, now)

    def _by_crl(
        self, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime
    ) -> Iterator[Callable[[], Proof]]:
        for url in _crl_addresses(certificate):
            yield partial(self._from_crl, url, certificate, issuer, now)

    def _from_ocsp(
        self,
        url: str,
        asked: bytes,
        certificate: x509.Certificate,
        issuer: x509.Certificate,
        now: datetime,
    ) -> Proof:
        return read_ocsp(self._fetch(url, asked), certificate, issuer, now)

    def _from_crl(
        self, url: str, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime
    ) -> Proof:
        return read_crl(self._fetch(url), certificate, issuer, now)

    def _fetch(self, url: str, body: bytes = b"") -> bytes:
        try:
            if body:
                answer = self._http.post(url, body, "application/ocsp-request")
            else:
                answer = self._http.get(url)
        except ServiceFault as fault:
            raise Unusable(fault.detail) from fault
        if answer.status != 200:
            raise Unusable(f"HTTP status {answer.status}")
        return answer.body


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    if certificate.issuer != issuer.subject:
        return False
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, *UNREADABLE):
        return False
    return True


def _authority_addresses(
    certificate: x509.Certificate, method: x509.ObjectIdentifier
) -> Iterator[str]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess)
    except x509.ExtensionNotFound:
        return
    for description in found.value:
        if description.access_method == method:
            yield from _web(description.access_location)


def _crl_addresses(certificate: x509.Certificate) -> Iterator[str]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints)
    except x509.ExtensionNotFound:
        return
    for point in found.value:
        for name in point.full_name or ():
            yield from _web(name)


def _web(name: x509.GeneralName) -> Iterator[str]:
    if isinstance(name, x509.UniformResourceIdentifier) and name.value.startswith("http"):
        yield name.value


def _der(certificate: bytes) -> bytes:
    if pem.detect(certificate):
        _, _, certificate = pem.unarmor(certificate)
    return certificate


def _unavailable(why: str) -> ServiceFault:
    return ServiceFault("revocation.unavailable", why)
