"""Batches: reading manifests, letting in what they list, reporting what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from gateway.core.batches import (
    UNDER_WAY,
    Fate,
    Member,
    batch_name,
    fate_of,
    is_manifest,
    report,
    tally,
)
from gateway.core.errors import DocumentFault, WaitingFault
from gateway.core.job import Job, Slot
from gateway.core.names import result_folder, result_name
from gateway.core.states import Event, State
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.planning import make_plan
from gateway.pipeline.previewing import prepare_or_draw
from gateway.pipeline.receipts import batch_receipt
from gateway.ports import Bystander, Candidate, Inbox, Kept, Packed, Parcel

_Ended = tuple[tuple[Member, Job | None], ...]


@dataclass(frozen=True)
class Admitted:
    """The files of one scan of an inbox, as its manifests see them."""

    candidates: tuple[Candidate, ...]
    """May be taken."""
    left: tuple[Bystander, ...] = ()
    """What is left where it is: what waits for a manifest that lists it, and what else does."""
    undecided: int = 0
    """How many of those left may be listed in a manifest that is just being read."""
    listed: Mapping[str, Member] = field(default_factory=dict)
    """What manifests under way list, by its source."""

    @property
    def resting(self) -> int:
        """Count what is left and will be taken when what it lacks has come."""
        return sum(one.waits for one in self.left)

    @property
    def waiting(self) -> int:
        """Count what will be taken, now or later."""
        return len(self.candidates) + self.resting

    def batch_of(self, candidate: Candidate) -> str:
        """Return the batch that lists a file; empty when none does."""
        member = self.listed.get(candidate.source)
        return member.batch if member is not None else ""


def look_into(equipment: Equipment, inbox: Inbox) -> Admitted:
    """Scan an inbox; tell which files may be taken, and why the others are left.

    While a manifest of a folder is being read, nothing else of that folder is taken: it may be
    listed in it. In an inbox without manifests everything may be taken. Raises `SiteFault` as
    `Inbox.examine` does.
    """
    candidates, bystanders = inbox.examine()
    known = _admit(equipment, inbox.name, candidates)
    return replace(known, left=(*bystanders, *known.left))


def _admit(equipment: Equipment, inbox: str, candidates: tuple[Candidate, ...]) -> Admitted:
    terms = equipment.batch_terms.get(inbox)
    if terms is None:
        return Admitted(candidates)
    listed = equipment.batches.awaited(inbox)
    unread = {_folder(one.source) for one in candidates if is_manifest(one.source)}
    for job in equipment.jobs.find((State.CLAIMED, State.ACCEPTED)):
        if job.inbox == inbox and is_manifest(job.source):
            unread.add(_folder(job.source))
    taken: list[Candidate] = []
    left: list[Candidate] = []
    for one in candidates:
        known = is_manifest(one.source) or one.source in listed
        free = terms.alone and _folder(one.source) not in unread
        (taken if known or free else left).append(one)
    why, patience = "waits for a manifest that lists it", terms.missing_after
    return Admitted(
        tuple(taken),
        tuple(Bystander(inbox, one.source, why, waits=True, patience=patience) for one in left),
        sum(_folder(one.source) in unread for one in left),
        listed,
    )


def list_or_plan(equipment: Equipment, job: Job) -> Job:
    """Read a manifest and await what it lists; or plan how a document is sealed.

    Raises `DocumentFault`: `batch.unreadable`, and what `make_plan` raises.
    """
    terms = equipment.batch_terms.get(job.inbox)
    if terms is None or not is_manifest(job.source):
        return make_plan(equipment, job)
    path = equipment.vault.path(job.id, Slot.ORIGINAL, job.artifact(Slot.ORIGINAL))
    manifest = equipment.read_manifest(path, job.source.rsplit("/", 1)[-1])
    if manifest.problem:
        raise DocumentFault("batch.unreadable", manifest.problem)
    return equipment.batches.begin(job, manifest.listed, terms.missing_after)


def collect_or_prepare(equipment: Equipment, job: Job) -> Job:
    """Make the report of a batch that has ended; or prepare a document for its signature.

    Raises `WaitingFault` (`batch.under-way`) while documents of the batch are under way.
    """
    if job.batch != job.id:
        return prepare_or_draw(equipment, job)
    if not equipment.batches.ends(job):
        raise WaitingFault(UNDER_WAY)
    ended = equipment.batches.members(job.id)
    terms = equipment.batch_terms.get(job.inbox)
    if terms is not None and terms.zip:
        draft = equipment.vault.draft(job.id, Slot.BATCH)
        equipment.pack(draft, _packed(equipment, job, ended))
        stored = equipment.vault.adopt(job.id, Slot.BATCH)
    else:
        stored = equipment.vault.put(job.id, Slot.BATCH, report(ended))
    counts = {outcome.value: str(count) for outcome, count in tally(ended).items()}
    return equipment.jobs.advance(
        job,
        Event.COLLECTED,
        counts,
        code="",
        detail="",
        not_before=0.0,
        artifacts=job.storing(stored),
    )


def parcel(equipment: Equipment, job: Job, sealed: Path, sha256: str) -> Parcel:
    """Return what goes to the outbox when a batch has ended."""
    ending = "{n}.zip" if _is_zip(sealed) else "-report{n}.csv"
    source = f"{batch_name(job.source)}.csv"
    names = (
        result_name("{stem}" + ending, source, "", "", number) for number in range(1, 1_000_000)
    )
    return Parcel(job.id, sealed, sha256, result_folder("", job.inbox, source), names)


def receipt(equipment: Equipment, job: Job, delivered: Path) -> bytes:
    """Write the receipt of a batch: how many documents it had, and what became of them.

    They are those of the report, as the log has them: one that is retried since counts no more.
    """
    counts: dict[Fate, int] = {}
    for entry in equipment.log.entries(event=Event.COLLECTED, job=job.id):
        told = dict(entry.details)
        counts = {outcome: int(told.get(outcome, 0)) for outcome in Fate}
    return batch_receipt(job, counts, delivered)


def _is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"PK\x03\x04"


def _packed(equipment: Equipment, job: Job, ended: _Ended) -> Iterator[Packed]:
    """Yield the report, then each result with its receipt."""
    yield Packed("report.csv", job.created, report(ended))
    for _, member in ended:
        if member is None or fate_of(member) is not Fate.DELIVERED:
            continue
        for file in equipment.archived.files(member):
            if file.what in (Kept.RESULT, Kept.RECEIPT):
                opened = equipment.archived.opened(file)
                yield Packed(file.path.name, member.created, opened)


def _folder(source: str) -> str:
    return source.rpartition("/")[0]
