"""What everybody gets when a flow has ended: the contract, its certificate, and the data."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.core.job import Job
from gateway.core.names import certificate_name, data_name, result_folder
from gateway.flows.naming import evidence_base, result_base
from gateway.flows.room import FlowRoom
from gateway.ports import Flow


def hand_out(room: FlowRoom, flow: Flow) -> None:
    """Give every party its copy of the contract; raises `SiteFault`."""
    contract = room.revisions.path(flow.id, flow.status.current)
    name = result_base(flow.status.source)
    for party in flow.definition.parties:
        room.trays.hand_out(party.name, name, contract, flow.status.current)


def enclose(room: FlowRoom, flow: Flow, job: Job) -> None:
    """Lay certificate and data beside the contract, and give every party both.

    `job` is the document's own. Raises `SiteFault`.
    """
    page, certificate = flow.status.evidence, evidence_base(flow.status.source)
    content = room.revisions.path(flow.id, page)
    with _data(room, flow) as (data, sha256):
        for contract in _contracts(room, flow, job):
            name = certificate_name(contract.name)
            laid = room.enclosures.lay_beside(contract, name, content, page)
            room.enclosures.lay_beside(contract, data_name(laid.name), data, sha256)
        for party in flow.definition.parties:
            room.trays.hand_out(party.name, certificate, content, page)
            room.trays.hand_out(party.name, data_name(certificate), data, sha256)


def _contracts(room: FlowRoom, flow: Flow, job: Job) -> Iterator[Path]:
    """Yield where contracts were delivered; only the first is known by the name that it got."""
    for index, chosen in enumerate(flow.definition.outbox or ("",)):
        folder = result_folder(chosen, job.inbox, job.source)
        path = room.outbox / folder / result_base(job.source)
        yield path if index else Path(job.delivered)


def lay_record(room: FlowRoom, flow: Flow, returned: Path) -> None:
    """Lay the record of a flow that came to nothing beside its original; raises `SiteFault`."""
    certificate = certificate_name(returned.name)
    page = room.revisions.path(flow.id, flow.status.evidence)
    room.papers.lay_beside(returned, certificate, page, flow.status.evidence)
    with _data(room, flow) as (data, sha256):
        room.papers.lay_beside(returned, data_name(certificate), data, sha256)


@contextmanager
def _data(room: FlowRoom, flow: Flow) -> Iterator[tuple[Path, str]]:
    """Have the data in a file meanwhile, with its hash."""
    text = room.certifying.evidence(flow).to_json()
    with room.revisions.drafting(flow.id) as draft:
        draft.write_bytes(text)
        yield draft, hashlib.sha256(text).hexdigest()
