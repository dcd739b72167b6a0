"""Renewal: another document time-stamp before the newest one's certificate ends (B-LTA).

The archived file stays as it is; a renewed version, which begins with all of its bytes, is laid
beside it. Done again after a crash, nothing is worse than one time-stamp too many.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from gateway.core.errors import DocumentFault
from gateway.pipeline import contracts
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.long_term import archived_until, begins_with, complete
from gateway.ports import Renewal, SignatureReport

_FORMER = re.compile(r"\.renewed-\d+$")


def due(equipment: Equipment, margin: timedelta) -> tuple[Renewal, ...]:
    """Return the archived results whose newest time-stamp ends within `margin`."""
    return equipment.renewals.ending((equipment.clock.now() + margin).isoformat())


def renew(equipment: Equipment, renewal: Renewal, workspace: Path, actor: str) -> Renewal:
    """Add a time-stamp to one archived result and lay the new version beside it.

    Raises `DocumentFault` when the archived file is not what it was, `ServiceFault` when an
    authority does not answer, `SiteFault` when the archive cannot be written.
    """
    with _cleared(workspace):
        made, reports = _stamped(equipment, renewal, workspace)
        ends = _proven(reports, contract=contracts.is_contract(equipment, renewal.job))
        if not begins_with(made, renewal.path):
            raise DocumentFault("gate.original-changed", renewal.path.name)
        stem = _FORMER.sub("", renewal.path.stem)
        names = (f"{stem}.renewed-{number}.pdf" for number in range(renewal.times + 1, 10**6))
        sha256 = _hashed(made)
        path = equipment.outbox.lay_beside(renewal.path, made, sha256, names)
    after = Renewal(renewal.job, path, ends, renewal.times + 1)
    equipment.renewals.renewed(after, sha256, actor)
    return after


def _stamped(
    equipment: Equipment, renewal: Renewal, workspace: Path
) -> tuple[Path, tuple[SignatureReport, ...]]:
    """Write the renewed file, and let it be validated as it lies there."""
    documents = equipment.documents
    if not renewal.path.is_file():
        raise DocumentFault("archive.missing", renewal.path.name)
    evidence = equipment.evidence.of_token(documents.last_token(renewal.path))
    extended, made = workspace / "extended.pdf", workspace / "renewed.pdf"
    added = documents.extend(renewal.path, extended, evidence, vri_field="", stamp=True)
    if added is None:
        raise DocumentFault("gate.signature-invalid", "no room for a time-stamp was made")
    token, _ = equipment.authorities.time_stamp(renewal.job, added.digest)
    documents.fill(extended, made, added.hole, token)
    complete(equipment, made, evidence, token)
    return made, documents.verify(made, contracts.anchors_for(equipment, renewal.job))


def _proven(reports: tuple[SignatureReport, ...], *, contract: bool) -> str:
    """Return when the newest time-stamp ends, if our signature is good and proven.

    Whether earlier signatures of others are trusted is not for us to say; that they are intact is.
    """
    bad = next((one for one in reports if not (one.intact and one.covers_all)), None)
    if bad is not None:
        raise DocumentFault("gate.signature-invalid", f"{bad.field}: {bad.problem}")
    ends = archived_until(reports, contract=contract)
    if not ends:
        raise DocumentFault("gate.signature-invalid", "no signature in it is of level B-LTA")
    return ends


def _hashed(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def _cleared(workspace: Path) -> Iterator[None]:
    """Lend an empty folder, and remove it with whatever is in it."""
    shutil.rmtree(workspace, ignore_errors=True)
    workspace.mkdir(mode=0o700, parents=True)
    try:
        yield
    finally:
        shutil.rmtree(workspace, ignore_errors=True)
