"""Where a job's results are about to go, as the ledger keeps it while they are delivered."""

from __future__ import annotations

import json
from pathlib import Path

from gateway.core.job import Artifact, Job, Slot, paper
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.sealing import paper_of
from gateway.ports import Drafted


def written_places(drafted: tuple[Drafted, ...]) -> Artifact:
    """Return the small artifact that says where a job's result goes, then where its copies go."""
    told = [[str(one.path), str(one.draft or ""), one.folder] for one in drafted]
    return paper(Slot.PLACES, json.dumps(told).encode("ascii"))


def places_of(equipment: Equipment, job: Job) -> tuple[Drafted, ...]:
    """Read it; raises `SiteFault` (`site.artifact-damaged`)."""
    told = json.loads(paper_of(equipment, job, Slot.PLACES))
    return tuple(
        Drafted(Path(path), Path(draft) if draft else None, folder) for path, draft, folder in told
    )
