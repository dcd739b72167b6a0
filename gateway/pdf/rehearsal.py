"""Rehearse on a copy what a long-term level appends behind a signature, before one is paid for.

Difference analysis looks at the whole document whenever something follows a signature, and
finds fault with some that nobody changed, such as those with broken metadata. Such a document
can be signed, but its signature would not stay valid when evidence is appended.
"""

from __future__ import annotations

from pathlib import Path

from pyhanko.sign.diff_analysis import DEFAULT_DIFF_POLICY, DiffResult, ModificationLevel

from gateway.core.errors import DocumentFault
from gateway.core.rules import Level
from gateway.pdf.document import opened
from gateway.pdf.extending import extend
from gateway.pdf.faults import reading
from gateway.pdf.given import trial
from gateway.pdf.signatures import earlier_signatures, signature_fields
from gateway.ports import Evidence


def rehearse(prepared: Path, field: str, level: Level, chain: tuple[bytes, ...]) -> None:
    """Append what the level will, and judge it as the release gate does.

    `field` is the new signature's; `chain`, its certificates, stands for all evidence. Raises
    `DocumentFault`: `pdf.cannot-extend`, `pdf.earlier-signature-affected`.
    """
    with trial(prepared) as copy:
        with opened(prepared) as (reader, _):
            revision = reader.xrefs.total_revisions - 1
            before = {name for name, _ in signature_fields(reader)}
        archival = level is Level.B_LTA
        with reading("pdf.cannot-extend"):
            extend(prepared, copy, Evidence(chain), vri_field="", stamp=archival)
        with opened(copy) as (reader, _), reading("pdf.cannot-extend"):
            result = DEFAULT_DIFF_POLICY.review_file(reader, revision)
            if not isinstance(result, DiffResult):
                raise DocumentFault("pdf.cannot-extend", str(result)[:200])
            if result.modification_level.value > ModificationLevel.LTA_UPDATES.value:
                raise DocumentFault("pdf.cannot-extend", "more than evidence would be appended")
            after = {name for name, _ in signature_fields(reader)}
        refuse_disturbance(copy, (field, *(after - before)))


def refuse_disturbance(path: Path, ours: tuple[str, ...]) -> None:
    """Judge a prepared revision by difference analysis, before anything is paid for.

    Raises `DocumentFault` (`pdf.earlier-signature-affected`) when a signature in another field
    than `ours`, whose values are still to come, is not intact and undisturbed.
    """
    with opened(path) as (reader, _), reading("pdf.unsupported"):
        for signature in earlier_signatures(reader, ignoring=ours):
            if not signature.intact or signature.changed_after:
                raise DocumentFault("pdf.earlier-signature-affected", signature.field)
