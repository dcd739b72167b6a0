"""Validate signatures, and hold a sealed file against what was planned: the release gate.

The gate opens the file afresh from disk and believes nothing that the stages before it
remember, save the plan and the certificate that the service announced.
"""

from __future__ import annotations

import asyncio
import hashlib
from datetime import datetime
from pathlib import Path

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.pdf_embedded import (
    EmbeddedPdfSignature,
    async_validate_pdf_signature,
)
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel

from gateway.core.errors import DocumentFault
from gateway.core.geometry import Box
from gateway.core.rules import Level
from gateway.pdf.attributes import check_options
from gateway.pdf.document import Pages, opened
from gateway.pdf.faults import reading
from gateway.pdf.fields import placed_widget
from gateway.pdf.pictures import compare
from gateway.pdf.signatures import earlier_signatures, signature_fields, undisturbed
from gateway.pdf.trust import KEY_USAGE, context
from gateway.ports import Expectation, SignatureReport

_CHUNK = 1 << 20
_TOLERANCE = 0.02
"""Points by which a written rectangle may differ from the planned one."""


def verify(
    path: Path, anchors: tuple[bytes, ...], expected: Expectation | None
) -> tuple[SignatureReport, ...]:
    """Validate every signature; with `expected`, be the release gate. See `ports.Documents`."""
    if expected is not None:
        _check_prefix(path, expected.original)
    with opened(path) as (reader, _), reading():
        reports = tuple(
            report(reader, name, field, anchors) for name, field in signature_fields(reader)
        )
        if expected is not None:
            _check_new_signature(reader, reports, expected)
            _check_earlier(reader, expected)
            pages = Pages(reader)
            _check_place(reader, pages, expected)
    if expected is not None:
        mark = expected.plan.mark
        compare(expected.original, path, mark, pages.frames[mark.page])
    return reports


def report(
    reader: PdfFileReader,
    name: str,
    field: generic.DictionaryObject,
    anchors: tuple[bytes, ...],
) -> SignatureReport:
    """Validate one signature, first as of now, then as of its time-stamp if it has a good one."""
    try:
        with reading():
            status = _validate(reader, name, field, anchors, None)
            stamp = status.timestamp_validity
            if not status.trusted and stamp is not None and stamp.valid and stamp.trusted:
                status = _validate(reader, name, field, anchors, stamp.timestamp)
            embedded = EmbeddedPdfSignature(reader, field, name)
            return _described(name, status, undisturbed(embedded))
    except DocumentFault as fault:
        return SignatureReport(name, "", "", "", "", False, False, False, False, fault.detail)


def _validate(
    reader: PdfFileReader,
    name: str,
    field: generic.DictionaryObject,
    anchors: tuple[bytes, ...],
    moment: datetime | None,
) -> PdfSignatureStatus:
    return asyncio.run(
        async_validate_pdf_signature(
            EmbeddedPdfSignature(reader, field, name),
            signer_validation_context=context(anchors, moment),
            ts_validation_context=context(anchors, moment),
            key_usage_settings=KEY_USAGE,
        )
    )


def _described(name: str, status: PdfSignatureStatus, covers: bool) -> SignatureReport:
    certificate = status.signing_cert
    stamp = status.timestamp_validity
    stamped = stamp is not None and stamp.valid and stamp.trusted
    at = stamp.timestamp if stamped and stamp is not None else status.signer_reported_dt
    intact = bool(status.intact and status.valid and (stamp is None or stamp.valid))
    return SignatureReport(
        field=name,
        signer=str(
            certificate.subject.native.get("common_name") or certificate.subject.human_friendly
        ),
        serial=f"{certificate.serial_number:x}",
        fingerprint=hashlib.sha256(certificate.dump()).hexdigest(),
        signed_at=at.isoformat() if at is not None else "",
        timestamped=stamped,
        intact=intact,
        trusted=bool(status.trusted),
        covers_all=covers,
        problem=_problem(status, intact, covers),
    )


def _problem(status: PdfSignatureStatus, intact: bool, covers: bool) -> str:
    if not intact:
        return "the signature does not fit the file's content"
    if status.revoked:
        return "the certificate is revoked"
    if not status.trusted:
        return f"the certificate is not trusted here ({status.trust_problem_indic or 'no path'})"
    return "" if covers else "the file was changed after this signature"


def _check_prefix(path: Path, original: Path) -> None:
    with path.open("rb") as sealed, original.open("rb") as first:
        while chunk := first.read(_CHUNK):
            if sealed.read(len(chunk)) != chunk:
                raise DocumentFault("gate.original-changed")


def _check_new_signature(
    reader: PdfFileReader, reports: tuple[SignatureReport, ...], expected: Expectation
) -> None:
    plan = expected.plan
    new = next((item for item in reports if item.field == plan.field), None)
    if new is None:
        raise DocumentFault("gate.signature-invalid", "it is not in the file")
    if not new.intact:
        raise DocumentFault("gate.signature-invalid", new.problem)
    if new.fingerprint != hashlib.sha256(expected.certificate).hexdigest():
        raise DocumentFault("gate.signer-unexpected", new.signer)
    if not new.trusted:
        raise DocumentFault("gate.signer-untrusted", new.problem)
    if plan.profile.level is Level.B_T and not new.timestamped:
        raise DocumentFault("gate.signature-invalid", "its time-stamp is missing or not trusted")
    field = dict(signature_fields(reader))[plan.field]
    embedded = EmbeddedPdfSignature(reader, field, plan.field)
    check_options(embedded, plan.profile, fills=plan.fills)
    if embedded.evaluate_signature_coverage() is not SignatureCoverageLevel.ENTIRE_FILE:
        raise DocumentFault("gate.signature-invalid", "it does not cover the whole file")


def _check_earlier(reader: PdfFileReader, expected: Expectation) -> None:
    with opened(expected.original) as (before, _):
        names = {name for name, _ in signature_fields(before)}
    now = earlier_signatures(reader, ignoring=expected.plan.field)
    for signature in now:
        if not signature.intact or signature.changed_after:
            raise DocumentFault("gate.earlier-signature-affected", signature.field)
    if {signature.field for signature in now} != names:
        raise DocumentFault("gate.earlier-signature-affected", "one is missing")


def _check_place(reader: PdfFileReader, pages: Pages, expected: Expectation) -> None:
    """Find the seal's widget among the annotations of the planned page, at the planned box."""
    plan = expected.plan
    index = plan.mark.page
    box = placed_widget(reader, plan.field, pages, index)
    if not plan.mark.visible and box is None:
        return
    if box is None:
        raise DocumentFault("gate.seal-misplaced", f"it is not on page {index + 1}")
    if _distance(box, plan.mark.box) > _TOLERANCE * pages.frames[index].user_unit:
        raise DocumentFault("gate.seal-misplaced", "its rectangle differs from the plan")


def _distance(one: Box, other: Box) -> float:
    return max(
        abs(one.x - other.x),
        abs(one.y - other.y),
        abs(one.width - other.width),
        abs(one.height - other.height),
    )
