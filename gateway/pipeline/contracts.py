"""What leaves a contract flow that was completed: the contract, to every folder that gets it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gateway.core.errors import InternalFault
from gateway.core.flow_progress import wanted_level
from gateway.core.job import Job, Slot
from gateway.core.names import result_folder, result_name
from gateway.core.rules import Level
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.extending import authorities_of
from gateway.pipeline.long_term import archived_until
from gateway.pipeline.receipts import flow_receipt
from gateway.ports import Flow, Parcel

_NAME = "{stem}{n}.pdf"


def parcels(equipment: Equipment, job: Job, contract: Path, sha256: str) -> Iterator[Parcel]:
    """Yield the parcel for the flow's own folder, then one for each that gets a copy."""
    folders = _flow(equipment, job).definition.outbox or ("",)
    for chosen in folders:
        folder = result_folder(chosen, job.inbox, job.source)
        yield Parcel(job.id, contract, sha256, folder, _names(job))


def _names(job: Job) -> Iterator[str]:
    return (result_name(_NAME, job.source, "", "", number) for number in range(1, 1_000_000))


def receipt(equipment: Equipment, job: Job, delivered: Path) -> bytes:
    """Write the receipt of a contract."""
    return flow_receipt(job, _flow(equipment, job), delivered)


def proven_until(equipment: Equipment, job: Job) -> str:
    """Return when the newest time-stamp over a contract ends; empty where there is none."""
    flow = _flow(equipment, job)
    if wanted_level(flow.definition, flow.status) is not Level.B_LTA:
        return ""
    contract = equipment.vault.path(job.id, Slot.CONTRACT, job.artifact(Slot.CONTRACT))
    reports = equipment.documents.verify(contract, authorities_of(equipment, flow))
    return archived_until(reports, contract=True)


def is_contract(equipment: Equipment, job_id: str) -> bool:
    """Tell whether a job's result is the contract of a flow."""
    return equipment.flows.get(job_id) is not None


def anchors_for(equipment: Equipment, job_id: str) -> tuple[bytes, ...]:
    """Return whom the signatures in a job's result may lead to."""
    flow = equipment.flows.get(job_id)
    return equipment.anchors() if flow is None else authorities_of(equipment, flow)


def _flow(equipment: Equipment, job: Job) -> Flow:
    flow = equipment.flows.get(job.flow)
    if flow is None:
        raise InternalFault(LookupError(f"flow {job.flow}"))
    return flow
