"""Preview inboxes: a picture of the pages with their seals comes back; nothing is signed."""

from __future__ import annotations

from gateway.core.job import Job, Slot
from gateway.core.states import Event
from gateway.pipeline import sealing
from gateway.pipeline.duplicates import give_again
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.picturing import sampled
from gateway.pipeline.sealing import plan_of, source_of


def prepare_or_draw(equipment: Equipment, job: Job) -> Job:
    """Prepare a document for its signature, or draw what a preview inbox is to give back.

    Which of the two was decided when it was planned: a preview has no service that signs. So
    was whether an earlier result of the same bytes is given again instead.
    """
    if not job.service:
        return _draw(equipment, job)
    given = give_again(equipment, job, plan_of(equipment, job))
    return given or sealing.prepare(equipment, job)


def _draw(equipment: Equipment, job: Job) -> Job:
    """Store the picture that `sealgate explain --png` would make, as the job's result."""
    plan = plan_of(equipment, job)
    draft = equipment.vault.draft(job.id, Slot.PREVIEW)
    original = source_of(equipment, job)
    with sampled(equipment, plan) as artwork:
        equipment.documents.preview(original, plan, artwork, png=draft, pdf=None)
    picture = equipment.vault.adopt(job.id, Slot.PREVIEW)
    return equipment.jobs.advance(
        job, Event.PREVIEWED, {"sha256": picture.sha256}, artifacts=job.storing(picture)
    )
