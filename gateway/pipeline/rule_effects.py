"""What a draft of a rule would change for documents that were sealed before.

Each archived original is planned twice, with the rules in force and with the draft, from one look
at it. Nothing is sealed. As an archive may be large, it is done in parts of a few seconds each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from gateway.core.admission import admit
from gateway.core.errors import DocumentFault, SiteFault
from gateway.core.facts import DocumentFacts, Wanted
from gateway.core.job import Job
from gateway.core.matching import decide
from gateway.core.plan import Mark
from gateway.core.planning import plan
from gateway.core.rules import Rulebook
from gateway.core.states import State
from gateway.pipeline.equipment import Equipment
from gateway.ports import Kept

MOST_DOCUMENTS = 2000
"""Of the whole site: older ones are not looked at."""


@dataclass(frozen=True)
class Planned:
    """What one rulebook makes of a document."""

    rule: str
    seals: tuple[str, ...]
    """Labels: names with their looks."""
    marks: tuple[Mark, ...]
    fault: str = ""
    """Code of what keeps it from being sealed."""


@dataclass(frozen=True)
class Compared:
    """An archived document, planned by the rules in force and by the draft."""

    job: str
    source: str
    before: Planned
    after: Planned

    @property
    def changed(self) -> bool:
        """Tell whether the result would be another one."""
        return self.before != self.after


@dataclass(frozen=True)
class Effects:
    """What was found in one part of the archive."""

    looked: int
    """Documents of this part."""
    total: int
    """Documents of all parts."""
    changed: tuple[Compared, ...]
    unreadable: int
    """Documents of this part that are not there any more, or cannot be read."""
    after: str
    """The last job that was looked at: where the next part begins; empty at the end."""


def effects(
    equipment: Equipment,
    present: Rulebook,
    draft: Rulebook,
    inbox: str,
    *,
    after: str = "",
    most: int,
    seconds: float,
) -> Effects:
    """Compare what two rulebooks make of an inbox's newest archived documents, behind a job.

    At most `most` in all parts together, and for about so many seconds in this one.
    """
    jobs = _archived(equipment, inbox)[:most]
    begun = next((index + 1 for index, job in enumerate(jobs) if job.id == after), 0)
    end = equipment.clock.monotonic() + seconds
    changed: list[Compared] = []
    looked = unreadable = 0
    for job in jobs[begun:]:
        if looked and equipment.clock.monotonic() > end:
            break
        looked += 1
        compared = _compared(equipment, present, draft, job)
        if compared is None:
            unreadable += 1
        elif compared.changed:
            changed.append(compared)
    ended = begun + looked >= len(jobs)
    last = "" if ended else jobs[begun + looked - 1].id
    return Effects(looked, len(jobs), tuple(changed), unreadable, last)


def _archived(equipment: Equipment, inbox: str) -> tuple[Job, ...]:
    """Return the archived jobs of an inbox, newest first; what was sealed twice counts once."""
    found = equipment.jobs.find((State.ARCHIVED,), limit=MOST_DOCUMENTS, newest_first=True)
    own = {job.sha256: job for job in reversed(found) if job.inbox == inbox}
    return tuple(sorted(own.values(), key=lambda job: job.id, reverse=True))


def _compared(equipment: Equipment, old: Rulebook, new: Rulebook, job: Job) -> Compared | None:
    """Plan a document both ways; None when it cannot be read any more."""
    files = equipment.archived.files(job)
    original = next((one for one in files if one.what is Kept.ORIGINAL), None)
    if original is None:
        return None
    try:
        equipment.archived.check(original)
        wanted = _both(old.wanted(job.inbox), new.wanted(job.inbox))
        facts = equipment.documents.examine(original.path, wanted)
    except (DocumentFault, SiteFault):
        return None
    before, after = (_planned(rulebook, job, facts) for rulebook in (old, new))
    return Compared(job.id, job.source, before, after)


def _both(one: Wanted, other: Wanted) -> Wanted:
    queries = dict.fromkeys((*one.queries, *other.queries))
    return Wanted(tuple(queries), text_boxes=one.text_boxes or other.text_boxes)


def _planned(rulebook: Rulebook, job: Job, facts: DocumentFacts) -> Planned:
    decision = decide(rulebook, job.inbox, job.source, facts)
    rule = decision.rule.name if decision.rule is not None else ""
    try:
        admit(facts)
        made = plan(rulebook, decision, facts, job.source)
    except DocumentFault as fault:
        return Planned(rule, (), (), fault.code)
    return Planned(rule, tuple(seal.label for seal in made.seals), tuple(_bare(made.marks)))


def _bare(marks: tuple[Mark, ...]) -> Iterator[Mark]:
    """Yield marks without what only tells how they came about."""
    for mark in marks:
        yield replace(mark, asked="", found=None, notes=())
