"""What the seals of a plan look like on one document: designs with changing lines are drawn now."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509

from gateway.core.job import Job, Slot
from gateway.core.plan import SealingPlan
from gateway.core.registry import ArtworkKind
from gateway.core.rules import Seal
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.seal_looks import sample_values
from gateway.ports import Credential

_Values = Callable[[Seal, frozenset[str]], Mapping[str, str]]
"""From a seal, and the names of its changing lines, to their values."""


@contextmanager
def pictured(
    equipment: Equipment, job: Job, plan: SealingPlan, credential: Credential
) -> Iterator[tuple[Path, ...]]:
    """Yield a file of artwork for each of the plan's seals; what was drawn for it goes afterwards.

    It need not be kept: once the prepared file is stored, nothing is drawn for the job again.
    """

    def values(seal: Seal, changing: frozenset[str]) -> Mapping[str, str]:
        registered = equipment.seals.find(seal.name)
        numbered = "serial" in changing
        return {
            "moment": equipment.clock.now().isoformat(timespec="seconds"),
            "hash": job.sha256,
            "receipt": job.id,
            "reason": plan.profile.reason,
            "signer": _common_name(credential),
            "name": registered.owner if registered is not None else "",
            "serial": str(equipment.seals.serial(seal.name, job.id)) if numbered else "",
        }

    # Files among the job's own, and no folder: a killed process leaves them, they go with those.
    room = equipment.vault.draft(job.id, Slot.PREPARED).parent
    with _drawn(equipment, plan, values, room) as files:
        yield files


@contextmanager
def sampled(equipment: Equipment, plan: SealingPlan) -> Iterator[tuple[Path, ...]]:
    """Yield the same for a preview: number, signer, hash and receipt are samples."""
    samples = sample_values(equipment.clock.now()) | {"reason": plan.profile.reason}
    with (
        tempfile.TemporaryDirectory(prefix="sealgate-") as folder,
        _drawn(equipment, plan, lambda seal, changing: samples, Path(folder)) as files,
    ):
        yield files


@contextmanager
def _drawn(
    equipment: Equipment, plan: SealingPlan, values: _Values, room: Path
) -> Iterator[tuple[Path, ...]]:
    """Draw what has to be drawn to files in `room` that go away afterwards."""
    pages = [room / f".seal-{index}.{ArtworkKind.PDF}" for index in range(len(plan.seals))]
    try:
        yield tuple(
            _picture(equipment, seal, values, page)
            for seal, page in zip(plan.seals, pages, strict=True)
        )
    finally:
        for page in pages:
            page.unlink(missing_ok=True)


def _picture(equipment: Equipment, seal: Seal, values: _Values, page: Path) -> Path:
    """Return the seal's artwork, or draw it to `page` if it is a design."""
    kept = equipment.artwork.path(seal.artwork)
    if kept.suffix != f".{ArtworkKind.DESIGN}":
        return kept
    design = kept.read_bytes()
    changing = equipment.designs().changing(design)
    drawing = equipment.artist().draw(design, values(seal, changing))
    equipment.pages.from_drawing(drawing, page)
    return page


def _common_name(credential: Credential) -> str:
    """Return the signer's name as its certificate has it."""
    subject = x509.load_der_x509_certificate(credential.chain[0]).subject
    names = subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(names[0].value) if names else subject.rfc4514_string()
