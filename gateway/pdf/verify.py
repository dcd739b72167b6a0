"""Validate signatures, and hold a sealed file against what was planned: the release gate.

The gate opens the file afresh from disk and believes nothing that the stages before it
remember, save the plan, the certificate that the service announced, and, where the bytes are shown
to be the same (`compared`), that their pages were compared with those of the original.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel
from pyhanko.sign.validation.status import (
    DocumentTimestampStatus,
    PdfSignatureStatus,
    SignatureCoverageLevel,
)

from gateway.core.errors import DocumentFault
from gateway.core.geometry import Box, PageFrame
from gateway.core.rules import Level
from gateway.pdf.attributes import check_options
from gateway.pdf.compared import is_as_prepared
from gateway.pdf.document import Pages, opened
from gateway.pdf.embedded import Signature
from gateway.pdf.faults import reading
from gateway.pdf.fields import placed_widget, widget_named
from gateway.pdf.given import open_given
from gateway.pdf.long_term import Stamp, TimeLine
from gateway.pdf.pictures import compare
from gateway.pdf.signatures import earlier_signatures, signature_fields, undisturbed
from gateway.pdf.stamping import check_stamps
from gateway.pdf.widget import drawn_marks
from gateway.ports import Expectation, Proof, SignatureReport

_CHUNK = 1 << 20
_PROOFS = {
    Level.B_B: tuple(Proof),
    Level.B_T: tuple(Proof),
    Level.B_LT: (Proof.EVIDENCE, Proof.ARCHIVED),
    Level.B_LTA: (Proof.ARCHIVED,),
}
_TOLERANCE = 0.02
"""Points by which a written rectangle may differ from the planned one."""


def verify(
    path: Path, anchors: tuple[bytes, ...], expected: Expectation | None
) -> tuple[SignatureReport, ...]:
    """Validate every signature; with `expected`, be the release gate. See `ports.Documents`."""
    if expected is not None:
        _check_prefix(path, expected.original)
    reports, frames = _judged(path, anchors, expected)
    if expected is not None and frames is not None:
        compare(expected.original, path, expected.plan.marks, frames)
    return reports


def _judged(
    path: Path, anchors: tuple[bytes, ...], expected: Expectation | None
) -> tuple[tuple[SignatureReport, ...], tuple[PageFrame, ...] | None]:
    """Validate signatures, and hold structure and seals against what is expected.

    Returns the frames of the pages that are to be drawn; None when there is nothing to draw.
    """
    with opened(path) as (reader, _), reading():
        line = TimeLine(reader, anchors)
        reports = tuple(
            report(reader, name, field, line) for name, field in signature_fields(reader)
        )
        if expected is None:
            return reports, None
        new = _check_new_signature(reader, reports, expected)
        _check_earlier(reader, expected)
        pages = Pages(reader)
        _check_place(reader, pages, expected)
        plan = expected.plan
        drawn = drawn_marks(widget_named(reader, plan.field), plan)
        check_stamps(pages, drawn, len(plan.seals))
        known = bool(expected.seam) and is_as_prepared(new, expected.seam)
        return reports, None if known else tuple(pages.frames)


def report(
    reader: PdfFileReader, name: str, field: generic.DictionaryObject, line: TimeLine
) -> SignatureReport:
    """Validate one signature, first as of now, then as of its time-stamp if it has a good one."""
    try:
        with reading():
            embedded = Signature(reader, field, name)
            covers = undisturbed(embedded)
            if embedded.sig_object_type == "/DocTimeStamp":
                return _stamp_report(embedded, line, covers=covers)
            return _signature_report(embedded, line, covers=covers)
    except DocumentFault as fault:
        return SignatureReport(name, "", "", "", "", False, False, False, False, fault.detail)


def _signature_report(embedded: Signature, line: TimeLine, *, covers: bool) -> SignatureReport:
    status = line.validate(embedded, None)
    stamp = status.timestamp_validity
    good = stamp is not None and stamp.valid and stamp.trusted
    covered_at = line.moment(embedded) if stamp is None else None
    if not status.trusted and stamp is not None and good:
        status = line.validate(embedded, stamp.timestamp)
    elif not status.trusted and covered_at is not None:
        status = line.validate(embedded, covered_at)
    intact = bool(status.intact and status.valid and (stamp is None or stamp.valid))
    at = stamp.timestamp if good and stamp is not None else status.signer_reported_dt
    # Without a time-stamp of its own, it is one over the document that proves when it was there.
    proof = line.proof(embedded, stamp.timestamp if good and stamp is not None else covered_at)
    return _described(
        embedded.fq_name or "",
        status,
        signed_at=at.isoformat() if at is not None else "",
        timestamped=bool(good),
        intact=intact,
        covers_all=covers,
        proof=proof,
        seals=embedded.seals,
        problem=_problem(status, intact, covers),
        ends=_end(line.above(embedded), status),
    )


def _stamp_report(embedded: Signature, line: TimeLine, *, covers: bool) -> SignatureReport:
    """Describe a document time-stamp, as it was judged."""
    name = embedded.fq_name or ""
    found = next(one for one in line.stamps if one.embedded.fq_name == name)
    status = found.status
    intact = bool(status.intact and status.valid)
    return _described(
        name,
        status,
        signed_at=status.timestamp.isoformat(),
        timestamped=True,
        intact=intact,
        covers_all=covers,
        proof=Proof.EVIDENCE if found.proven else Proof.NONE,
        problem=_problem(status, intact, covers),
        ends=status.signing_cert.not_valid_after.isoformat(),
        document_stamp=True,
    )


def _described(
    name: str, status: PdfSignatureStatus | DocumentTimestampStatus, **more: Any
) -> SignatureReport:
    certificate = status.signing_cert
    subject = certificate.subject
    return SignatureReport(
        field=name,
        signer=str(subject.native.get("common_name") or subject.human_friendly),
        serial=f"{certificate.serial_number:x}",
        fingerprint=hashlib.sha256(certificate.dump()).hexdigest(),
        trusted=bool(status.trusted),
        **more,
    )


def _end(above: tuple[Stamp, ...], status: PdfSignatureStatus) -> str:
    """Return when the certificate ends on which the proof of a signature rests."""
    certificate = status.signing_cert
    if above:
        certificate = above[0].status.signing_cert
    elif status.timestamp_validity is not None:
        certificate = status.timestamp_validity.signing_cert
    ends: str = certificate.not_valid_after.isoformat()
    return ends


def _problem(
    status: PdfSignatureStatus | DocumentTimestampStatus, intact: bool, covers: bool
) -> str:
    if not intact:
        return "the signature does not fit the file's content"
    if status.revoked:
        return "the certificate is revoked"
    if not status.trusted:
        return f"the certificate is not trusted here ({status.trust_problem_indic or 'no path'})"
    return "" if covers else "the file was changed after this signature"


def _check_prefix(path: Path, original: Path) -> None:
    with open_given(path) as sealed, open_given(original) as first:
        while chunk := first.read(_CHUNK):
            if sealed.read(len(chunk)) != chunk:
                raise DocumentFault("gate.original-changed")


def _check_new_signature(
    reader: PdfFileReader, reports: tuple[SignatureReport, ...], expected: Expectation
) -> Signature:
    """Hold that the planned signature is there, good, and the planned signer's; return it."""
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
    if plan.profile.level.time_stamped and not new.timestamped:
        raise DocumentFault("gate.signature-invalid", "its time-stamp is missing or not trusted")
    if new.proof not in _PROOFS[plan.profile.level]:
        what = f"its evidence is only that of {new.proof or 'B-T'}"
        raise DocumentFault("gate.signature-invalid", what)
    field = dict(signature_fields(reader))[plan.field]
    embedded = Signature(reader, field, plan.field)
    check_options(embedded, plan.profile, fills=plan.fills)
    if plan.profile.level.long_term:
        _check_only_evidence_follows(embedded)
    elif embedded.evaluate_signature_coverage() is not SignatureCoverageLevel.ENTIRE_FILE:
        raise DocumentFault("gate.signature-invalid", "it does not cover the whole file")
    elif not new.covers_all:
        raise DocumentFault("gate.signature-invalid", new.problem)
    return embedded


def _check_only_evidence_follows(embedded: Signature) -> None:
    """Hold that nothing came after the signature but validation data and time-stamps."""
    embedded.compute_integrity_info()  # type: ignore[no-untyped-call]
    found = embedded.diff_result
    if (
        embedded.coverage is not SignatureCoverageLevel.ENTIRE_REVISION
        or not isinstance(found, DiffResult)
        or found.modification_level.value > ModificationLevel.LTA_UPDATES.value
    ):
        raise DocumentFault("gate.signature-invalid", "more than evidence was added after it")


def _check_earlier(reader: PdfFileReader, expected: Expectation) -> None:
    with opened(expected.original) as (before, _):
        names = {name for name, _ in signature_fields(before)}
    archival = expected.plan.profile.level is Level.B_LTA
    now = [
        found
        for found in earlier_signatures(reader, ignoring=(expected.plan.field,))
        if found.field in names or not (archival and found.timestamp)
    ]
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
