"""Where a job's results are about to go, as the ledger keeps it while they are delivered."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from gateway.core.job import Artifact, Job, Slot, paper
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.sealing import paper_of
from gateway.ports import Drafted


@dataclass(frozen=True)
class Place:
    """A result that was drafted, and the receipt that goes with it."""

    drafted: Drafted
    receipt: bytes


def written(places: tuple[Place, ...]) -> tuple[Artifact, Artifact]:
    """Return the receipt of the result itself, and what says where it and its copies go."""
    told = [
        [str(one.drafted.path), str(one.drafted.draft or ""), one.drafted.folder] for one in places
    ]
    copies = [one.receipt.decode() for one in places[1:]]
    content = json.dumps({"places": told, "receipts": copies}).encode("ascii")
    return paper(Slot.RECEIPT, places[0].receipt), paper(Slot.PLACES, content)


def places_of(equipment: Equipment, job: Job) -> tuple[Place, ...]:
    """Return the places of a result, then those of its copies.

    Raises `SiteFault` (`site.artifact-damaged`).
    """
    content = json.loads(paper_of(equipment, job, Slot.PLACES))
    copies = (receipt.encode() for receipt in content["receipts"])
    receipts = (paper_of(equipment, job, Slot.RECEIPT), *copies)
    drafted = (
        Drafted(Path(path), Path(draft) if draft else None, folder)
        for path, draft, folder in content["places"]
    )
    return tuple(Place(*one) for one in zip(drafted, receipts, strict=True))
