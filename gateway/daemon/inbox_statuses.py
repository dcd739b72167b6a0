"""What a status page says, gathered from the ledger and the engine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from gateway.core.code_sentences import sentence_and_remedy
from gateway.core.job import Job
from gateway.core.monitoring import Queue
from gateway.core.notice_settings import Language
from gateway.core.states import ACTIVE, State
from gateway.core.status_page import Entry, InboxStatus, Section
from gateway.core.status_words import WORDS
from gateway.daemon.dispatch import subject_of
from gateway.pipeline.equipment import Equipment
from gateway.ports import Hold, Watched

_SHOWN = 100
"""Entries of one section; the others are counted."""
_FAILED_DAYS = 7
_FAILED_LOOKED_AT = 1000
"""Of the site, the last to be claimed."""


def inbox_statuses(
    equipment: Equipment, blank: tuple[InboxStatus, ...], watched: Watched
) -> tuple[InboxStatus, ...]:
    """Fill in pages with nothing on them yet; raises `SiteFault` of the ledger."""
    now = equipment.clock.now()
    holds = {hold.subject: hold for hold in equipment.holds.all()}
    active = _by_inbox(equipment.jobs.find(ACTIVE))
    newest = equipment.jobs.find((State.FAILED,), limit=_FAILED_LOOKED_AT, newest_first=True)
    recent = now - timedelta(days=_FAILED_DAYS)
    failed = _by_inbox(job for job in newest if job.updated >= recent)
    queues = watched.queues()
    return tuple(
        _filled(
            one,
            queues.get(one.inbox, Queue()),
            [(job, _why_held(job, holds, now)) for job in active[one.inbox]],
            failed[one.inbox],
            holds,
        )
        for one in blank
    )


def _filled(
    blank: InboxStatus,
    queue: Queue,
    active: list[tuple[Job, str]],
    failed: list[Job],
    holds: dict[str, Hold],
) -> InboxStatus:
    language = blank.language
    reasons = WORDS[language].arriving
    arriving = [
        Entry(one.source, one.since.astimezone(), sentence=reasons.get(one.why, one.why))
        for one in queue.first[:_SHOWN]
    ]
    sealing = [_entry(job, job.created, language) for job, code in active if not code]
    held = [_entry(job, job.created, language, code) for job, code in active if code]
    failed = sorted(failed, key=lambda job: job.updated, reverse=True)
    return replace(
        blank,
        stopped=_section(_stopping(blank, holds)),
        arriving=Section(tuple(arriving), queue.count - len(arriving)),
        sealing=_section(sealing),
        held=_section(held),
        failed=_section([_failure(job, language) for job in failed]),
    )


def _stopping(blank: InboxStatus, holds: dict[str, Hold]) -> list[Entry]:
    """Return what stops the whole inbox."""
    words = WORDS[blank.language].subjects
    found = []
    for kind, subject in (
        ("site", "site"),
        ("inbox", f"inbox:{blank.inbox}"),
        ("remote", f"remote:{blank.inbox}"),
    ):
        hold = holds.get(subject)
        if hold is not None:
            told = sentence_and_remedy(hold.code, blank.language)
            found.append(Entry(words[kind], hold.since.astimezone(), hold.code, *told))
    return found


def _why_held(job: Job, holds: dict[str, Hold], now: datetime) -> str:
    """Return the code of what a job waits for, or nothing when it is being worked on."""
    hold = holds.get("site") or holds.get(subject_of(job))
    if hold is not None:
        return hold.code
    return job.code if job.not_before > now.timestamp() else ""


def _entry(job: Job, since: datetime, language: Language, code: str = "") -> Entry:
    if not code:
        return Entry(job.source, since.astimezone())
    told = sentence_and_remedy(code, language)
    return Entry(job.source, since.astimezone(), code, *told)


def _failure(job: Job, language: Language) -> Entry:
    """Return a document that failed, with what is known of its own case."""
    entry = _entry(job, job.updated, language, job.code)
    sentence = f"{entry.sentence} ({job.detail})" if job.detail else entry.sentence
    return replace(entry, sentence=sentence, place=job.returned)


def _section(entries: list[Entry]) -> Section:
    return Section(tuple(entries[:_SHOWN]), max(0, len(entries) - _SHOWN))


def _by_inbox(jobs: Iterable[Job]) -> defaultdict[str, list[Job]]:
    found: defaultdict[str, list[Job]] = defaultdict(list)
    for job in jobs:
        found[job.inbox].append(job)
    return found
