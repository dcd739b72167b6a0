"""What proves a signature after its certificates have ended: the file's own evidence.

Theory of operation
-------------------
A document time-stamp proves that everything below it existed at its time. So the newest one
is judged as of now, each older one as of the time of the one above it, the time-stamp within
a signature as of the oldest document time-stamp, and the signature as of its own time-stamp
(ETSI EN 319 102-1, 5.6, reduced to what PAdES baseline files hold). At each step the
certificates must have been good as of then, by revocation data that lie in the file; only for
the newest step is there nobody left to ask offline, unless the data are still fresh.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import (
    SignatureValidationError,
    ValidationInfoReadingError,
)
from pyhanko.sign.validation.pdf_embedded import (
    async_validate_pdf_signature,
    async_validate_pdf_timestamp,
)
from pyhanko.sign.validation.status import DocumentTimestampStatus, PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext

from gateway.pdf.coroutines import result_of
from gateway.pdf.embedded import Signature
from gateway.pdf.extending import covered_to, document_stamps
from gateway.pdf.signatures import undisturbed
from gateway.pdf.trust import KEY_USAGE, settings_of
from gateway.ports import Proof


@dataclass(frozen=True)
class Stamp:
    """A document time-stamp that was judged."""

    embedded: Signature
    status: DocumentTimestampStatus
    proven: bool
    """Revocation data in the file show that its certificates were good."""

    @property
    def good(self) -> bool:
        """Tell whether it is valid and leads to an anchor."""
        return bool(self.status.intact and self.status.valid and self.status.trusted)


class TimeLine:
    """A file's document time-stamps and evidence, read once for all of its signatures."""

    def __init__(self, reader: PdfFileReader, anchors: tuple[bytes, ...]) -> None:
        self._anchors = anchors
        self._store: DocumentSecurityStore | None
        try:
            self._store = DocumentSecurityStore.read_dss(reader)
        except ValidationInfoReadingError:
            self._store = None
        self.stamps: tuple[Stamp, ...] = ()
        """Newest first; one that is not good proves nothing of what lies below it."""
        for embedded in reversed(document_stamps(reader)):
            self.stamps = (*self.stamps, self._judge(embedded))

    def above(self, embedded: Signature) -> tuple[Stamp, ...]:
        """Return the document time-stamps that cover a signature, newest first."""
        end = covered_to(embedded)
        return tuple(stamp for stamp in self.stamps if covered_to(stamp.embedded) > end)

    def moment(self, embedded: Signature) -> datetime | None:
        """Return as of when the time-stamp of a signature is judged; None for now."""
        good = [stamp.status.timestamp for stamp in self.above(embedded) if stamp.good]
        return min(good, default=None)

    def context(self, moment: datetime | None, *, proven: bool) -> ValidationContext:
        """Return pyHanko's context as of `moment`, with the file's evidence.

        With `proven`, a certificate counts only if the evidence shows that it was good.
        """
        settings = settings_of(self._anchors, moment, required=proven)
        if self._store is None:
            return ValidationContext(**settings)
        return self._store.as_validation_context(settings)

    def validate(
        self, embedded: Signature, moment: datetime | None, *, proven: bool = False
    ) -> PdfSignatureStatus:
        """Validate a signature as of `moment`, its time-stamp as of the time-line's."""
        return result_of(
            async_validate_pdf_signature(
                embedded.again(),
                signer_validation_context=self.context(moment, proven=proven),
                ts_validation_context=self.context(self.moment(embedded), proven=proven),
                key_usage_settings=KEY_USAGE,
            )
        )

    def proof(self, embedded: Signature, stamped_at: datetime | None) -> Proof:
        """Return what the file brings to prove a signature that was there at that time."""
        if not self.has_evidence or stamped_at is None:
            return Proof.NONE
        try:
            status = self.validate(embedded, stamped_at, proven=True)
        except SignatureValidationError:
            return Proof.NONE
        stamp = status.timestamp_validity
        if not status.trusted or (stamp is not None and not stamp.trusted):
            return Proof.NONE
        above = self.above(embedded)
        sound = all(one.proven and undisturbed(one.embedded) for one in above)
        return Proof.ARCHIVED if above and sound else Proof.EVIDENCE

    def _judge(self, embedded: Signature) -> Stamp:
        status = self._validate_stamp(embedded, proven=False)
        if not self.has_evidence:
            return Stamp(embedded, status, proven=False)
        try:
            proven = self._validate_stamp(embedded, proven=True).trusted
        except SignatureValidationError:
            proven = False
        return Stamp(embedded, status, proven=bool(proven))

    @property
    def has_evidence(self) -> bool:
        """Tell whether there are revocation data; pyHanko's strict contexts want some."""
        return self._store is not None and bool(self._store.ocsps or self._store.crls)

    def _validate_stamp(self, embedded: Signature, *, proven: bool) -> DocumentTimestampStatus:
        context = self.context(self.moment(embedded), proven=proven)
        return result_of(async_validate_pdf_timestamp(embedded.again(), context))
