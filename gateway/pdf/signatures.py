"""Signatures that are in a document: whether they hold, and what came after them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.general import SigningError
from pyhanko.sign.validation.generic_cms import validate_sig_integrity
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel

from gateway.core.errors import DocumentFault
from gateway.core.facts import EarlierSignature
from gateway.pdf.embedded import Signature
from gateway.pdf.faults import reading

_LARGEST_VALUE = 1 << 24
"""Bytes of the hole of a signature."""


def signature_fields(reader: PdfFileReader) -> Iterator[tuple[str, generic.DictionaryObject]]:
    """Yield name and dictionary of every signature field that has a value."""
    for name, value, reference in enumerate_sig_fields(reader, filled_status=True):
        if value is not None:
            yield name, reference.get_object()


def earlier_signatures(
    reader: PdfFileReader, ignoring: Collection[str] = ()
) -> tuple[EarlierSignature, ...]:
    """Examine every signature of a document but those in the fields `ignoring`.

    One that cannot even be read is reported as not intact: nobody could tell afterwards
    whether sealing had broken it.
    """
    found = [
        _examine(reader, name, field)
        for name, field in signature_fields(reader)
        if name not in ignoring
    ]
    return tuple(sorted(found, key=lambda signature: signature.coverage_end))


def _examine(reader: PdfFileReader, name: str, field: generic.DictionaryObject) -> EarlierSignature:
    try:
        with reading():
            embedded = Signature(reader, field, name)
            timestamp = embedded.sig_object_type == "/DocTimeStamp"
            level = embedded.docmdp_level
            intact, changed = _intact(embedded), not undisturbed(embedded)
            return EarlierSignature(
                field=name,
                intact=intact,
                coverage_end=_coverage_end(embedded),
                changed_after=changed,
                docmdp=level.value if level is not None else None,
                timestamp=timestamp,
                problem=_problem(embedded, intact=intact, changed=changed),
                locks=embedded.fieldmdp is not None,
            )
    except DocumentFault:
        return EarlierSignature(
            field=name,
            intact=False,
            coverage_end=0,
            changed_after=True,
            problem="signature-broken",
        )


def _problem(embedded: Signature, *, intact: bool, changed: bool) -> str:
    """Return the finding that names what is wrong with a signature; empty when nothing is."""
    if not intact:
        return "signature-broken"
    if not changed:
        return ""
    partial = (SignatureCoverageLevel.UNCLEAR, SignatureCoverageLevel.CONTIGUOUS_BLOCK_FROM_START)
    if embedded.coverage in partial or not _leaves_out_itself(embedded):
        return "signature-wrapped"
    return "changed-after-signature"


def _coverage_end(embedded: EmbeddedPdfSignature) -> int:
    numbers = [int(number) for number in embedded.byte_range]
    return numbers[-2] + numbers[-1]


def _intact(embedded: EmbeddedPdfSignature) -> bool:
    """Check the value of a signature, or of a document time-stamp (RFC 3161 content)."""
    content = embedded.signed_data["encap_content_info"]
    content_type = content["content_type"].native
    digest = embedded.compute_digest()
    if content_type == "tst_info":
        if content["content"].parsed["message_imprint"]["hashed_message"].native != digest:
            return False
        digest = hashlib.new(embedded.md_algorithm, bytes(content["content"])).digest()
    intact, valid = validate_sig_integrity(
        embedded.signer_info,
        embedded.signer_cert,
        expected_content_type=content_type,
        actual_digest=digest,
    )
    return bool(intact and valid)


def _leaves_out_itself(embedded: EmbeddedPdfSignature) -> bool:
    """Tell whether all that a signature leaves out of the bytes it covers is its own value.

    pyHanko compares lengths; other bytes of the same number could stand there (wrapping).
    """
    numbers = [int(number) for number in embedded.byte_range]
    if len(numbers) != 4 or numbers[0] != 0 or not 0 < numbers[2] - numbers[1] <= _LARGEST_VALUE:
        return False
    stream = embedded.reader.stream
    stream.seek(numbers[1])
    gap = bytes(stream.read(numbers[2] - numbers[1]))
    if not (gap.startswith(b"<") and gap.endswith(b">")):
        return False
    try:
        return bytes.fromhex(gap[1:-1].decode("ascii")) == embedded.pkcs7_content
    except ValueError:
        return False


def undisturbed(embedded: EmbeddedPdfSignature) -> bool:
    """Tell whether nothing came after the signature beyond what it allows.

    Uses pyHanko's difference analysis: other changes than form filling, signing and
    validation data count as disturbance, and so does exceeding DocMDP or a field lock.
    """
    try:
        embedded.compute_integrity_info()
    except SigningError:
        return False
    if not _leaves_out_itself(embedded):
        return False
    if embedded.coverage is SignatureCoverageLevel.ENTIRE_FILE:
        return True
    whole = embedded.coverage is SignatureCoverageLevel.ENTIRE_REVISION
    return whole and _allows(embedded, embedded.diff_result)


def _allows(embedded: EmbeddedPdfSignature, result: object) -> bool:
    """Tell whether what difference analysis says is no more than a signature allows."""
    if not isinstance(result, DiffResult):
        return False
    level = result.modification_level
    if level is ModificationLevel.OTHER:
        return False
    docmdp = embedded.docmdp_level
    return docmdp is None or level.value <= docmdp.value
