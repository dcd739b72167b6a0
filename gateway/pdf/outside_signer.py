"""Whether a signature made outside is good, and by whom it was to be."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime

from asn1crypto import pem, x509
from pyhanko.sign.ades.report import AdESIndeterminate
from pyhanko.sign.validation.pdf_embedded import async_validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus

from gateway.core.errors import DocumentFault
from gateway.core.flow_definition import OutsideSigner
from gateway.pdf.coroutines import result_of
from gateway.pdf.embedded import Signature
from gateway.pdf.faults import reading
from gateway.pdf.long_term import TimeLine
from gateway.pdf.trust import KEY_USAGE
from gateway.ports.returning import Awaited

_OTHER_PURPOSES = {"server_auth", "code_signing", "time_stamping", "ocsp_signing"}
"""Extended key usages (RFC 5280, 4.2.1.12) that make no signer of documents."""

_TOO_WEAK = {
    AdESIndeterminate.CRYPTO_CONSTRAINTS_FAILURE_NO_POE,
    AdESIndeterminate.CRYPTO_CONSTRAINTS_FAILURE,
}


@dataclass(frozen=True)
class Judged:
    """A signature that holds, by whom it should be."""

    certificate: x509.Certificate
    signed_at: datetime | None
    stamped_at: datetime | None
    """When a trusted time-stamp within the signature says so."""

    @property
    def name(self) -> str:
        """Return the signer's common name, or the whole subject."""
        subject = self.certificate.subject
        return str(subject.native.get("common_name") or subject.human_friendly)

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 of the certificate, in hex."""
        return hashlib.sha256(self.certificate.dump()).hexdigest()


class Court:
    """Judges signatures by the anchors of their signer; time-stamps by the site's, too."""

    def __init__(self, awaited: Awaited, embedded: Signature) -> None:
        self._embedded = embedded
        self._signer = awaited.signer
        own = _certificates(awaited.signer)
        self._times = TimeLine(embedded.reader, (*awaited.anchors, *own))
        self._people = TimeLine(embedded.reader, own or awaited.anchors)

    @property
    def times(self) -> TimeLine:
        """Return the file's time-stamps, as judged."""
        return self._times

    def judge(self) -> Judged:
        """Return the signature's signer, if it is good and by the one who was to sign.

        Raises `DocumentFault`: `outside.invalid`, `outside.wrong-signer`, `outside.expired`,
        `outside.not-for-signing`, `outside.untrusted`.
        """
        status = self._validate(None)
        stamp = status.timestamp_validity
        stamped_at = None
        if stamp is not None:
            if not (stamp.intact and stamp.valid):
                raise DocumentFault("outside.invalid", "its time-stamp is not valid")
            stamped_at = stamp.timestamp if stamp.trusted else None
        if stamped_at is not None:
            status = self._validate(stamped_at)
        if not (status.intact and status.valid):
            raise DocumentFault("outside.invalid", "it does not fit the file's content")
        if not status.seed_value_ok:
            raise DocumentFault("outside.invalid", "it is not as its field demands")
        certificate = status.signing_cert
        _check_identity(certificate, self._signer)
        _check_validity(certificate, stamped_at or datetime.now(UTC))
        if status.revoked or self._revoked(stamped_at):
            raise DocumentFault("outside.expired", "it is revoked")
        _check_purpose(certificate)
        if not status.trusted:
            if status.trust_problem_indic in _TOO_WEAK:
                raise DocumentFault("outside.invalid", "its algorithm or its key is too weak")
            raise DocumentFault("outside.untrusted", _issuer(certificate))
        return Judged(certificate, stamped_at or status.signer_reported_dt, stamped_at)

    def _revoked(self, moment: datetime | None) -> bool:
        """Tell whether the file's own evidence says that the certificate was revoked.

        Unless it must, pyHanko asks evidence only about certificates that say where theirs is.
        """
        if not self._people.has_evidence:
            return False
        try:
            return bool(self._validate(moment, proven=True).revoked)
        except DocumentFault:
            return False

    def _validate(self, moment: datetime | None, *, proven: bool = False) -> PdfSignatureStatus:
        one = self._embedded
        with reading("outside.invalid"):
            return result_of(
                async_validate_pdf_signature(
                    Signature(one.reader, one.sig_field, one.fq_name),
                    signer_validation_context=self._people.context(moment, proven=proven),
                    ts_validation_context=self._times.context(
                        self._times.moment(one), proven=False
                    ),
                    key_usage_settings=KEY_USAGE,
                    skip_diff=True,
                )
            )


def _certificates(signer: OutsideSigner) -> tuple[bytes, ...]:
    found: list[bytes] = []
    for text in signer.anchors:
        with reading("outside.untrusted"):
            found += [der for _, _, der in pem.unarmor(text.encode(), multiple=True)]
    return tuple(found)


def _check_identity(certificate: x509.Certificate, signer: OutsideSigner) -> None:
    """Hold that a certificate is the expected one, by its hash and by its subject."""
    wanted = signer.fingerprint.replace(":", "").replace(" ", "").lower()
    if wanted and hashlib.sha256(certificate.dump()).hexdigest() != wanted:
        raise DocumentFault("outside.wrong-signer", _subject(certificate))
    if signer.subject:
        native = certificate.subject.native
        names = [native.get(key) for key in ("common_name", "organization_name")]
        flat = [one for name in names for one in (name if isinstance(name, list) else [name])]
        if _folded(signer.subject) not in {_folded(str(name)) for name in flat if name}:
            raise DocumentFault("outside.wrong-signer", _subject(certificate))


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _check_validity(certificate: x509.Certificate, moment: datetime) -> None:
    if moment > certificate.not_valid_after:
        raise DocumentFault("outside.expired", f"it ended {certificate.not_valid_after:%Y-%m-%d}")
    if moment < certificate.not_valid_before:
        begins = certificate.not_valid_before
        raise DocumentFault("outside.expired", f"it is valid from {begins:%Y-%m-%d}")


def _check_purpose(certificate: x509.Certificate) -> None:
    usage = certificate.key_usage_value
    if usage is not None and not usage.native & {"digital_signature", "non_repudiation"}:
        raise DocumentFault("outside.not-for-signing", _subject(certificate))
    extended = certificate.extended_key_usage_value
    if extended is not None and set(extended.native) <= _OTHER_PURPOSES:
        raise DocumentFault("outside.not-for-signing", ", ".join(sorted(extended.native)))


def _subject(certificate: x509.Certificate) -> str:
    return str(certificate.subject.human_friendly)[:200]


def _issuer(certificate: x509.Certificate) -> str:
    return f"issued by {certificate.issuer.human_friendly}"[:200]
