"""What can be told of a document before it is claimed: its result's name, who lists it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.core.batches import is_manifest, row_ticket
from gateway.core.errors import SiteFault
from gateway.core.names import claim_values, display, result_folder, result_name
from gateway.core.plan import SealingPlan
from gateway.core.tickets import ReceivedTicket
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.explaining import sha256_of

_UNKNOWN = ("job", "time")
_OPEN, _CLOSE = "\ue000", "\ue001"
"""Stand for < and >, which no name may hold, until the name is made."""


@dataclass(frozen=True)
class Listing:
    """What manifests say of a document."""

    ticket: ReceivedTicket | None = None
    """What the row that lists it asks for."""
    waits: str = ""
    """What it waits for where a manifest has to list it and none does."""


def foreseen_result(
    equipment: Equipment, decided: SealingPlan, inbox: str, source: str, sha256: str
) -> str:
    """Return where the result would go below the outbox if the file were claimed now.

    What a claim alone decides is told by its name: `<job>`, `<time>`.
    """
    delivery = decided.delivery
    more = claim_values("", inbox, sha256, equipment.clock.now())
    more |= {f"{{{one}}}": f"{_OPEN}{one}{_CLOSE}" for one in _UNKNOWN}
    more |= {"{rule}": decided.rule, "{seal}": decided.seal.name}
    name = result_name(delivery.name, source, decided.rule, decided.seal.name, 1, more=more)
    folder = result_folder(delivery.folder, inbox, source, flat=delivery.flat, more=more)
    return display(f"{folder}/{name}").replace(_OPEN, "<").replace(_CLOSE, ">")


def listed(equipment: Equipment, inbox: str, source: str, file: Path) -> Listing:
    """Return what a manifest asks for a file: one under way that awaits it, or one beside it."""
    terms = equipment.batch_terms.get(inbox)
    if terms is None:
        return Listing()
    member = equipment.batches.awaited(inbox).get(source)
    job = equipment.jobs.get(member.batch) if member is not None else None
    if member is not None and job is not None:
        return Listing(row_ticket(job.source, job.sha256, member.row, member.ticket))
    problems = []
    for ticket in _rows_beside(equipment, file):
        if not ticket.problem:
            return Listing(ticket)
        problems.append(ticket.problem)
    if terms.alone:
        return Listing()
    why = f" ({'; '.join(problems)})" if problems else ""
    return Listing(waits=f"waits for a manifest that lists it{why}")


def _rows_beside(equipment: Equipment, file: Path) -> Iterator[ReceivedTicket]:
    """Yield the rows of manifests beside a file that list it, and manifests with a problem."""
    for path in sorted(file.parent.iterdir()):
        if not is_manifest(path.name) or not path.is_file():
            continue
        try:
            manifest = equipment.read_manifest(path, path.name)
        except SiteFault as fault:
            yield ReceivedTicket(display(path.name), "", problem=str(fault))
            continue
        if manifest.problem:
            yield ReceivedTicket(display(path.name), "", problem=manifest.problem)
        for row, one in enumerate(manifest.listed, 1):
            if one.file == file.name:
                yield row_ticket(path.name, sha256_of(path), row, one.ticket)
