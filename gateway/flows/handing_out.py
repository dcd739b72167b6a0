"""What everybody gets when a flow has ended: the contract, its certificate, and the data."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.core.names import certificate_name, data_name
from gateway.flows.naming import evidence_base, result_base
from gateway.flows.room import FlowRoom
from gateway.ports import Flow


def hand_out(room: FlowRoom, flow: Flow) -> None:
    """Give every party its copies; raises `SiteFault`."""
    contract = room.revisions.path(flow.id, flow.status.current)
    page = room.revisions.path(flow.id, flow.status.evidence)
    name = result_base(flow.status.source)
    certificate = evidence_base(flow.status.source)
    with _data(room, flow) as (data, sha256):
        for party in flow.definition.parties:
            room.trays.hand_out(party.name, name, contract, flow.status.current)
            room.trays.hand_out(party.name, certificate, page, flow.status.evidence)
            room.trays.hand_out(party.name, data_name(certificate), data, sha256)


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
