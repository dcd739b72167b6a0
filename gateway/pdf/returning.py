"""Accept what comes back from a party that signed elsewhere, or refuse it with the reason.

Theory of operation
-------------------
The file sent out is known byte for byte, so what came back must begin with it, and only what
follows is in question. That is looked at from four sides, of which no one suffices: the bytes
(whole revisions, and in them nothing that no table lists), the objects (difference analysis: one
signature and what it needs), the signature itself (what it covers, its value, its certificate,
what it forbids) and the pages as they are drawn. Earlier signatures are judged once more by their
own rules, since they may allow less than we do.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.validation.status import SignatureCoverageLevel

from gateway.core.errors import DocumentFault
from gateway.core.geometry import Box
from gateway.core.rules import Level
from gateway.pdf.appended import check_history, check_nothing_hidden, check_prefix
from gateway.pdf.attributes import same_lock
from gateway.pdf.claims import claims_of
from gateway.pdf.document import Pages, entry_of, opened
from gateway.pdf.embedded import Signature
from gateway.pdf.faults import reading
from gateway.pdf.fields import lock_of, shown_places
from gateway.pdf.given import open_given, size_of
from gateway.pdf.outside_signer import Court, Judged
from gateway.pdf.pictures import compare_outside
from gateway.pdf.signatures import earlier_signatures, signature_fields
from gateway.pdf.signing_only import check_only_evidence, check_only_signed
from gateway.ports import Proof
from gateway.ports.returning import Awaited, Returned

_LARGEST_SHARE = 0.25
"""Of a page that a signature may cover where no field was prepared for it."""
_TITLES = ("Title", "Author", "Subject", "Keywords")
"""What an information dictionary says of the document and not of the tool."""
_LEVELS = {Proof.EVIDENCE: Level.B_LT, Proof.ARCHIVED: Level.B_LTA}


def check_return(sent: Path, returned: Path, awaited: Awaited) -> Returned:
    """Accept or refuse a file that came back; see `ports.returning.ReturnedFiles`."""
    with reading("outside.unreadable"):
        check_prefix(sent, returned)
    try:
        accepted = _judge(sent, returned, awaited)
    except DocumentFault as fault:
        if fault.code.startswith("outside."):
            raise
        if fault.code == "gate.page-changed":
            raise DocumentFault("outside.changed", fault.detail) from fault
        raise DocumentFault("outside.unreadable", fault.sentence) from fault
    return accepted


def _judge(sent: Path, returned: Path, awaited: Awaited) -> Returned:
    with opened(sent) as (before, _), opened(returned) as (after, _), reading():
        size, known = size_of(sent), before.xrefs.total_revisions
        check_history(before, after, size)
        embedded = _new_signature(before, after, awaited)
        check_nothing_hidden(returned, after, known, size)
        if not awaited.last:
            _check_locks(before, embedded)
        check_only_signed(after, known - 1)
        _check_claims(before, after)
        _check_earlier(before, after)
        _check_coverage(embedded)
        court = Court(awaited, embedded)
        judged = court.judge()
        pages = Pages(after)
        places = _places(after, embedded, pages, awaited)
        level = _level(embedded, court, judged)
    frames = tuple(pages.frames)
    compare_outside(sent, returned, places, frames, legible=not awaited.field)
    with open_given(returned) as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    return Returned(
        signer=judged.name,
        fingerprint=judged.fingerprint,
        field=str(embedded.fq_name),
        signed_at=judged.signed_at.isoformat() if judged.signed_at is not None else "",
        timestamped=judged.stamped_at is not None,
        level=level,
        sha256=sha256,
    )


def _new_signature(before: PdfFileReader, after: PdfFileReader, awaited: Awaited) -> Signature:
    """Return the one signature that is new, where it should be."""
    earlier = {name for name, _ in signature_fields(before)}
    now = dict(signature_fields(after))
    missing = earlier - now.keys()
    if missing:
        raise DocumentFault("outside.signature-removed", ", ".join(sorted(missing)))
    found = []
    for name, field in now.items():
        if name not in earlier:
            with reading("outside.invalid"):
                embedded = Signature(after, field, name)
                if embedded.sig_object_type != "/DocTimeStamp":
                    found.append(embedded)
    if not found:
        raise DocumentFault("outside.unsigned")
    if len(found) > 1:
        raise DocumentFault("outside.several", ", ".join(str(one.fq_name) for one in found))
    name = str(found[0].fq_name)
    if (awaited.field and name != awaited.field) or name in awaited.others:
        wanted = f", not in {awaited.field}" if awaited.field else ""
        raise DocumentFault("outside.wrong-field", f"it is in {name}{wanted}")
    return found[0]


def _check_locks(before: PdfFileReader, embedded: Signature) -> None:
    """Refuse what would forbid the flow's next steps; what the field asked for is their wish."""
    asked, permission = None, None
    with reading("outside.locks"):
        for _, _, entry in enumerate_sig_fields(before, with_name=embedded.fq_name):
            asked, permission = lock_of(entry.get_object())
        level, lock = embedded.docmdp_level, embedded.fieldmdp
    if level is not None and level is not permission:
        raise DocumentFault("outside.locks", _allowed(level))
    if lock is not None and not same_lock(lock, asked):
        raise DocumentFault("outside.locks", "it locks form fields")


def _allowed(level: MDPPerm) -> str:
    if level is MDPPerm.NO_CHANGES:
        return "it allows no change after it"
    return "it certifies the document"


def _check_earlier(before: PdfFileReader, after: PdfFileReader) -> None:
    """Hold that every earlier signature is as good as before, by its own rules."""
    names = {name for name, _ in signature_fields(before)}
    good = {one.field for one in earlier_signatures(before) if one.intact}
    for signature in earlier_signatures(after):
        if signature.field not in names:
            continue
        if (signature.field in good and not signature.intact) or signature.changed_after:
            raise DocumentFault("outside.signature-removed", f"{signature.field} is broken")


def _check_coverage(embedded: Signature) -> None:
    """Hold that the signature covers all before it, and that only evidence follows."""
    with reading("outside.invalid"):
        embedded.compute_integrity_info(skip_diff=True)  # type: ignore[no-untyped-call]
        coverage = embedded.coverage
    if coverage is SignatureCoverageLevel.ENTIRE_FILE:
        return
    if coverage is not SignatureCoverageLevel.ENTIRE_REVISION:
        raise DocumentFault("outside.invalid", "it does not cover the whole document")
    check_only_evidence(embedded.reader, embedded.signed_revision)


def _places(
    reader: PdfFileReader, embedded: Signature, pages: Pages, awaited: Awaited
) -> dict[int, Box]:
    """Return where the new signature shows; refuse one that takes much of a page unasked."""
    boxes = shown_places(reader, str(embedded.fq_name), pages)
    if not awaited.field:
        for index, box in boxes.items():
            frame = pages.frames[index]
            if box.width * box.height > _LARGEST_SHARE * frame.width * frame.height:
                raise DocumentFault("outside.changed", f"it covers much of page {index + 1}")
    return boxes


def _check_claims(before: PdfFileReader, after: PdfFileReader) -> None:
    """Hold that the document still says the same of itself."""
    if claims_of(before) != claims_of(after):
        raise DocumentFault("outside.changed", "its metadata claim something else")
    changed = [key for key in _TITLES if _information(before, key) != _information(after, key)]
    if changed:
        raise DocumentFault("outside.changed", f"another {', '.join(changed)}")


def _information(reader: PdfFileReader, key: str) -> str:
    information = entry_of(reader.trailer, "/Info")  # type: ignore[arg-type]  # it behaves like one
    if not isinstance(information, generic.DictionaryObject):
        return ""
    return str(entry_of(information, f"/{key}") or "")


def _level(embedded: Signature, court: Court, judged: Judged) -> str:
    if embedded.sig_object.get("/SubFilter") != SigSeedSubFilter.PADES.value:
        return "CMS"
    if judged.stamped_at is None:
        return Level.B_B.value
    proof = court.times.proof(embedded, judged.stamped_at)
    return _LEVELS.get(proof, Level.B_T).value
