"""What leaves a contract flow that was completed: the contract, to every folder that gets it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gateway.core.errors import InternalFault
from gateway.core.job import Job, Slot
from gateway.core.names import result_folder, result_name
from gateway.core.rules import Level
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.receipts import flow_receipt
from gateway.ports import Flow, Parcel, Proof

_NAME = "{stem}{n}.pdf"


def parcels(equipment: Equipment, job: Job, contract: Path, sha256: str) -> Iterator[Parcel]:
    """Yield the parcel for the flow's own folder, then one for each that gets a copy."""
    folders = _flow(equipment, job).definition.outbox or ("",)
    for index, chosen in enumerate(folders):
        names = (result_name(_NAME, job.source, "", "", number) for number in range(1, 1_000_000))
        folder = result_folder(chosen, job.inbox, job.source)
        yield Parcel(job.id, contract, sha256, folder, names, more=index < len(folders) - 1)


def receipt(equipment: Equipment, job: Job, delivered: Path) -> bytes:
    """Write the receipt of a contract."""
    return flow_receipt(job, _flow(equipment, job), delivered)


def proven_until(equipment: Equipment, job: Job) -> str:
    """Return when the newest time-stamp over a contract ends; empty where there is none."""
    sealings = _flow(equipment, job).definition.sealings
    if all(rule.profile.level is not Level.B_LTA for rule in sealings):
        return ""
    contract = equipment.vault.path(job.id, Slot.CONTRACT, job.artifact(Slot.CONTRACT))
    reports = equipment.documents.verify(contract, equipment.anchors())
    proven = [one.ends for one in reports if one.good and one.proof is Proof.ARCHIVED]
    return proven[-1] if proven else ""


def _flow(equipment: Equipment, job: Job) -> Flow:
    flow = equipment.flows.get(job.flow)
    if flow is None:
        raise InternalFault(LookupError(f"flow {job.flow}"))
    return flow
