"""The contract of the ledger's four ports, held against every implementation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol

import pytest

from gateway.core.errors import SiteFault, UsageFault
from gateway.core.job import Artifact, Job, Slot, paper
from gateway.core.states import Event, State
from gateway.ports import Clock, Holds, Jobs, Memory, SigningLog

START = datetime(2026, 11, 23, 23, 7, 14, 123456, tzinfo=UTC)
CLAIMED = Job("20261123-1", State.CLAIMED, 1, "main", "a/b.pdf", "/spool/1", START, START)


class Ledger(Jobs, SigningLog, Holds, Memory, Protocol):
    """All that a ledger is."""

    def close(self) -> None:
        """Close it."""


class SteppingClock:
    """A clock that goes on by a minute each time it is read."""

    def __init__(self) -> None:
        self.moment = START

    def now(self) -> datetime:
        """Return the time and turn on."""
        self.moment += timedelta(minutes=1)
        return self.moment

    def monotonic(self) -> float:
        """Return no time at all; a ledger has no use for it."""
        return 0.0


@pytest.fixture
def reopen(open_ledger: Callable[[Clock], Ledger]) -> Callable[[], Ledger]:
    """Return a function that opens the same ledger anew."""
    return partial(open_ledger, SteppingClock())


@pytest.fixture
def ledger(reopen: Callable[[], Ledger]) -> Iterator[Ledger]:
    """Yield an empty ledger."""
    opened = reopen()
    yield opened
    opened.close()


def _events(ledger: Ledger, **search: str) -> list[str]:
    return [entry.event for entry in ledger.entries(**search)]  # type: ignore[arg-type]


# --- jobs -----------------------------------------------------------------------------------


def test_opened_job_is_remembered(ledger: Ledger, reopen: Callable[[], Ledger]) -> None:
    """A job comes back as it was given, also from another opening of the ledger."""
    job = ledger.open(CLAIMED, {"source": "a/b.pdf"})
    assert job == CLAIMED
    other = reopen()
    assert other.get(CLAIMED.id) == job
    other.close()


def test_opening_is_logged(ledger: Ledger) -> None:
    """The claim is the first entry of a job's story."""
    ledger.open(CLAIMED, {"source": "a/b.pdf"})
    (entry,) = ledger.entries()
    assert (entry.event, entry.job, entry.actor) == ("job.claimed", CLAIMED.id, "sealgate")
    assert entry.details == (("source", "a/b.pdf"),)
    assert entry.at.startswith("2026-11-23T23:")
    assert entry.at.endswith("Z")


def test_job_is_opened_once(ledger: Ledger) -> None:
    """The same id cannot be opened again, and nothing is logged of the attempt."""
    ledger.open(CLAIMED, {})
    with pytest.raises(UsageFault):
        ledger.open(CLAIMED, {})
    assert _events(ledger) == ["job.claimed"]


def test_every_field_survives(ledger: Ledger) -> None:
    """All that a job can carry comes back from the ledger the same."""
    artifacts = (Artifact(Slot.PLAN, "ef", 7), Artifact(Slot.ORIGINAL, "ab", 1 << 40))
    changes: dict[str, object] = {
        "sha256": "ab" * 32,
        "size": 1 << 40,
        "generation": 3,
        "rule": "合同",
        "seal": "company-seal",
        "service": "csc",
        "snapshot": "cd" * 32,
        "digest": "ef" * 32,
        "attempts": 4,
        "not_before": 1795475234.25,
        "code": "service.busy",
        "detail": "wait, 请",
        "delivered": "/outbox/ü.pdf",
        "returned": "/failed/a.pdf",
        "spooled": "/spool/2",
        "artifacts": artifacts,
    }
    job = ledger.advance(ledger.open(CLAIMED, {}), Event.ACCEPTED, {}, **changes)
    assert ledger.get(CLAIMED.id) == job
    assert {name: getattr(job, name) for name in changes} == changes
    assert job.state is State.ACCEPTED
    assert job.version == 2
    assert job.updated > job.created


def test_undecodable_paths_survive(ledger: Ledger) -> None:
    """A name that is not UTF-8 comes back byte for byte; in the log it is printable."""
    source = "caf\udce9/\udcff\udcfe.pdf"
    job = ledger.open(
        replace(CLAIMED, source=source, spooled=f"/spool/{source}"), {"source": source}
    )
    job = ledger.advance(job, Event.ACCEPTED, {}, delivered=source, returned=source)
    assert ledger.get(job.id) == job
    assert job.source == job.delivered == job.returned == source
    entry = next(iter(ledger.entries()))
    assert entry.details == (("source", r"caf\xe9/\xff\xfe.pdf"),)


def test_details_may_quote_anything(ledger: Ledger) -> None:
    """Control characters, quotes and halves of surrogate pairs are kept printable and verify."""
    job = ledger.open(CLAIMED, {"title": 'a"b\\c\x00\x1b\ud800 盖'})
    ledger.advance(job, Event.HELD, {}, detail="half \udfff pair")
    stored = ledger.get(job.id)
    assert stored is not None
    assert stored.detail == r"half \udfff pair"
    assert dict(next(iter(ledger.entries())).details)["title"] == 'a"b\\c\x00\x1b\\ud800 盖'
    assert ledger.verify() == ()


def test_step_is_logged_with_its_details(ledger: Ledger) -> None:
    """State and entry change together."""
    job = ledger.open(CLAIMED, {})
    ledger.advance(job, Event.ACCEPTED, {"sha256": "ab", "size": "3"})
    entry = list(ledger.entries(job=job.id))[-1]
    assert entry.event == "job.accepted"
    assert entry.details == (("sha256", "ab"), ("size", "3"))


def test_illegal_step_is_refused(ledger: Ledger) -> None:
    """What the table of transitions does not know does not happen and is not logged."""
    job = ledger.open(CLAIMED, {})
    with pytest.raises(UsageFault) as fault:
        ledger.advance(job, Event.DELIVERED, {})
    assert fault.value.code == "usage.illegal-transition"
    assert ledger.get(job.id) == job
    assert _events(ledger) == ["job.claimed"]


def test_outdated_writer_is_refused(ledger: Ledger) -> None:
    """Who knows an older version of a job cannot move it."""
    old = ledger.open(CLAIMED, {})
    new = ledger.advance(old, Event.HELD, {})
    with pytest.raises(UsageFault) as fault:
        ledger.advance(old, Event.ACCEPTED, {})
    assert fault.value.code == "usage.illegal-transition"
    assert ledger.get(old.id) == new
    assert _events(ledger) == ["job.claimed", "job.held"]


def test_wrong_idea_of_the_state_is_refused(ledger: Ledger) -> None:
    """A job value that claims another state than the stored one cannot be advanced."""
    job = ledger.open(CLAIMED, {})
    with pytest.raises(UsageFault):
        ledger.advance(replace(job, state=State.VERIFIED), Event.DELIVERED, {})
    assert ledger.get(job.id) == job


def test_unknown_job_is_refused(ledger: Ledger) -> None:
    """A job that was never opened cannot be advanced."""
    with pytest.raises(UsageFault):
        ledger.advance(CLAIMED, Event.ACCEPTED, {})
    assert ledger.get(CLAIMED.id) is None
    assert _events(ledger) == []


@pytest.mark.parametrize("field", ["id", "state", "version", "inbox", "created", "nonsense"])
def test_some_fields_are_not_changed_from_outside(ledger: Ledger, field: str) -> None:
    """Identity and bookkeeping of a job belong to the ledger."""
    job = ledger.open(CLAIMED, {})
    with pytest.raises(TypeError):
        ledger.advance(job, Event.HELD, {}, **{field: "x"})
    assert ledger.get(job.id) == job


def test_artifacts_are_replaced_as_a_whole(ledger: Ledger) -> None:
    """Stored artifacts are those of the last change, in its order."""
    job = ledger.open(CLAIMED, {})
    first = (Artifact(Slot.ORIGINAL, "ab", 1), Artifact(Slot.PLAN, "cd", 2))
    job = ledger.advance(job, Event.ACCEPTED, {}, artifacts=first)
    second = job.storing(Artifact(Slot.ORIGINAL, "ef", 3))
    job = ledger.advance(job, Event.HELD, {}, artifacts=second)
    stored = ledger.get(job.id)
    assert stored is not None
    assert stored.artifacts == second
    job = ledger.advance(job, Event.HELD, {}, attempts=1)
    assert ledger.get(job.id) == job
    assert job.artifacts == second


def test_papers_come_with_their_transition(ledger: Ledger) -> None:
    """A small artifact is there with the transition that stores it, and as it was stored last."""
    job = ledger.open(CLAIMED, {})
    assert ledger.paper(job.id, Slot.PLAN) is None
    plan = paper(Slot.PLAN, b"\0plan")
    kept = (Artifact(Slot.ORIGINAL, "ab", 1), plan)
    job = ledger.advance(job, Event.ACCEPTED, {}, artifacts=kept)
    assert ledger.paper(job.id, Slot.PLAN) == b"\0plan"
    assert ledger.paper(job.id, Slot.ORIGINAL) is None
    again = ledger.get(job.id)
    assert again is not None
    assert again.artifacts == kept
    seam = again.storing(paper(Slot.SEAM, b""), Artifact(Slot.ORIGINAL, "cd", 1))
    job = ledger.advance(again, Event.HELD, {}, artifacts=seam)
    assert ledger.paper(job.id, Slot.PLAN) == b"\0plan"
    assert ledger.paper(job.id, Slot.SEAM) == b""
    job = ledger.advance(job, Event.HELD, {}, artifacts=job.storing(paper(Slot.PLAN, b"other")))
    assert ledger.paper(job.id, Slot.PLAN) == b"other"
    job = ledger.advance(job, Event.HELD, {}, artifacts=job.artifacts[:1])
    assert ledger.paper(job.id, Slot.PLAN) is None
    with pytest.raises(UsageFault):
        ledger.advance(again, Event.HELD, {}, artifacts=seam)
    assert ledger.paper(job.id, Slot.SEAM) == b""


@pytest.mark.parametrize("paid", [False, True])
def test_papers_go_with_their_job(ledger: Ledger, *, paid: bool) -> None:
    """A job that has failed keeps its papers only if it may go on behind a paid signature."""
    job = ledger.open(CLAIMED, {})
    kept = (paper(Slot.PLAN, b"plan"),)
    if paid:
        kept = (*kept, Artifact(Slot.SIGNATURE, "ab", 1))
    job = ledger.advance(job, Event.ACCEPTED, {}, artifacts=kept)
    job = ledger.advance(job, Event.GAVE_UP, {})
    assert ledger.paper(job.id, Slot.PLAN) == b"plan"
    job = ledger.advance(job, Event.FAILED, {})
    assert ledger.paper(job.id, Slot.PLAN) == (b"plan" if paid else None)
    ledger.advance(job, Event.RETRIED, {}, artifacts=())
    assert ledger.paper(job.id, Slot.PLAN) is None


def test_jobs_are_found_by_state(ledger: Ledger) -> None:
    """Jobs come by id, and a limit counts from the end that was asked for."""
    for number in (3, 1, 4, 2, 5):
        job = ledger.open(replace(CLAIMED, id=f"job-{number}", source=f"{number}.pdf"), {})
        if number != 5:
            kept = (Artifact(Slot.ORIGINAL, "ab", 1), Artifact(Slot.PLAN, "ab", number))
            ledger.advance(job, Event.ACCEPTED, {}, artifacts=kept)

    def ids(*states: State, **how: object) -> list[str]:
        return [job.id[-1] for job in ledger.find(states, **how)]  # type: ignore[arg-type]

    assert ids(State.ACCEPTED) == ["1", "2", "3", "4"]
    assert ids(State.CLAIMED, State.ACCEPTED) == ["1", "2", "3", "4", "5"]
    assert ids(State.ACCEPTED, limit=2) == ["1", "2"]
    assert ids(State.ACCEPTED, limit=2, newest_first=True) == ["4", "3"]
    assert ids(State.FAILED) == []
    assert ids() == []
    assert ledger.find([State.ACCEPTED])[1] == ledger.get("job-2")


def test_jobs_of_the_same_bytes(ledger: Ledger) -> None:
    """Jobs that accepted the same bytes are found under any name, the newest first."""
    for number, sha256 in enumerate(("ab", "cd", "ab")):
        job = ledger.open(replace(CLAIMED, id=f"job-{number}", source=f"{number}.pdf"), {})
        ledger.advance(job, Event.ACCEPTED, {}, sha256=sha256, generation=1)
    ledger.open(replace(CLAIMED, id="job-9"), {})
    assert [job.id for job in ledger.of_bytes("ab")] == ["job-2", "job-0"]
    assert ledger.of_bytes("") == ()


def test_generations_count_acceptances(ledger: Ledger) -> None:
    """Only the same bytes under the same name in the same inbox count."""
    for generation in (1, 2):
        assert ledger.generations("main", CLAIMED.source, "ab") == generation - 1
        job = ledger.open(replace(CLAIMED, id=f"job-{generation}"), {})
        ledger.advance(job, Event.ACCEPTED, {}, sha256="ab", generation=generation)
    assert ledger.generations("main", CLAIMED.source, "ab") == 2
    assert ledger.generations("main", CLAIMED.source, "cd") == 0
    assert ledger.generations("main", "other.pdf", "ab") == 0
    assert ledger.generations("second", CLAIMED.source, "ab") == 0


def test_generation_of_a_retried_job_is_not_given_again(ledger: Ledger) -> None:
    """After a job was accepted anew, its new generation counts, so none is given twice."""
    job = ledger.open(CLAIMED, {})
    job = ledger.advance(job, Event.ACCEPTED, {}, sha256="ab", generation=1)
    for event in (Event.GAVE_UP, Event.FAILED, Event.RETRIED):
        job = ledger.advance(job, event, {})
    next_one = ledger.generations(job.inbox, job.source, "ab") + 1
    ledger.advance(job, Event.ACCEPTED, {}, generation=next_one)
    assert ledger.generations(job.inbox, job.source, "ab") == next_one == 2


def test_a_generation_is_given_once(ledger: Ledger) -> None:
    """Two jobs cannot both be the same drop; the second may try again."""
    first = ledger.open(CLAIMED, {})
    second = ledger.open(replace(CLAIMED, id="20261123-2"), {})
    ledger.advance(first, Event.ACCEPTED, {}, sha256="ab", generation=1)
    with pytest.raises(SiteFault) as fault:
        ledger.advance(second, Event.ACCEPTED, {}, sha256="ab", generation=1)
    assert fault.value.retryable
    assert ledger.get(second.id) == second
    ledger.advance(second, Event.ACCEPTED, {}, sha256="ab", generation=2)
    assert ledger.verify() == ()


# --- the signing log ------------------------------------------------------------------------


def test_entries_are_chained_without_gaps(ledger: Ledger) -> None:
    """Entries of jobs, of the site and of holds are one chain."""
    job = ledger.open(CLAIMED, {})
    recorded = ledger.record("daemon.started", {"version": "1"}, actor="root")
    ledger.hold("site", "site.disk-full", "", 0)
    ledger.advance(job, Event.LOST, {})
    entries = list(ledger.entries())
    assert [entry.sequence for entry in entries] == [1, 2, 3, 4]
    assert [entry.previous for entry in entries[1:]] == [entry.hash for entry in entries[:-1]]
    assert entries[1] == recorded
    assert (recorded.actor, recorded.job) == ("root", "")
    assert ledger.verify() == ()


def test_log_is_searched(ledger: Ledger) -> None:
    """Search by job, event, start of event, text and time, one by one and together."""
    job = ledger.open(CLAIMED, {"source": "Rechnung.pdf"})
    ledger.advance(job, Event.HELD, {"code": "service.busy", "detail": "请等待"})
    other = ledger.open(replace(CLAIMED, id="20261123-2"), {"source": "b.pdf"})
    ledger.advance(other, Event.HELD, {"code": "service.busy", "detail": 'with "quotes"\\'})
    ledger.record("daemon.stopped", {})
    held = ["job.held", "job.held"]
    assert _events(ledger, job=job.id) == ["job.claimed", "job.held"]
    assert _events(ledger, job="unknown") == []
    assert _events(ledger, event="job.held") == held
    assert _events(ledger, event="job.*") == ["job.claimed", "job.held"] * 2
    assert _events(ledger, event="job") == []
    assert len(_events(ledger, event="*")) == 5
    assert _events(ledger, text="等待") == ["job.held"]
    assert _events(ledger, text='"QUOTES"\\') == ["job.held"]
    assert _events(ledger, text="code=service.busy") == held
    assert _events(ledger, text="rechnung", event="job.*", job=job.id) == ["job.claimed"]


def test_log_search_has_a_limit(ledger: Ledger) -> None:
    """A limit counts what was found, not what was looked at."""
    for number in range(1001):
        ledger.record("odd.number" if number % 2 else "even.number", {"number": str(number)})
    found = list(ledger.entries(event="odd.*", text="number=99", limit=3))
    assert [dict(entry.details)["number"] for entry in found] == ["99", "991", "993"]
    assert len(list(ledger.entries())) == 1001
    assert next(iter(ledger.entries(event="odd.*", limit=1))).sequence == 2


@pytest.mark.parametrize(
    "since",
    [
        "2026-11-23T23:09:00",
        "2026-11-23 23:09",
        "2026-11-23T23:09:14Z",
        "2026-11-23T23:09:14.123456Z",
        "2026-11-24T07:09:00+08:00",
    ],
)
def test_log_is_searched_by_time(ledger: Ledger, since: str) -> None:
    """Times are UTC unless they say otherwise, and the moment itself belongs to the answer."""
    ledger.record("first.thing", {})
    ledger.record("second.thing", {})
    assert _events(ledger, since=since) == ["second.thing"]
    assert _events(ledger, since="2026-11-23") == ["first.thing", "second.thing"]


def test_log_is_searched_up_to_a_time(ledger: Ledger) -> None:
    """The moment itself, or the whole day, belongs to the answer."""
    first = ledger.record("first.thing", {})
    ledger.record("second.thing", {})
    both = ["first.thing", "second.thing"]
    assert _events(ledger, until=first.at) == ["first.thing"]
    assert _events(ledger, until="2026-11-23T23:09:00") == ["first.thing"]
    assert _events(ledger, until="2026-11-24T07:09:00+08:00") == ["first.thing"]
    assert _events(ledger, until="2026-11-23") == both
    assert _events(ledger, until="9999-12-31") == both
    assert _events(ledger, until="2026-11-22") == []
    with pytest.raises(UsageFault, match=r"usage\.wrong-time"):
        ledger.entries(until="tomorrow")


def test_log_is_searched_for_one_of_several_events(ledger: Ledger) -> None:
    """Entries of any of the events are found, of a job or of all."""
    job = ledger.open(CLAIMED, {})
    ledger.advance(job, Event.HELD, {})
    ledger.record("daemon.stopped", {})
    wanted = ["daemon.stopped", "job.held"]
    assert [one.event for one in ledger.entries(events=wanted)] == ["job.held", "daemon.stopped"]
    assert [one.event for one in ledger.entries(events=wanted, job=job.id)] == ["job.held"]
    assert [one.event for one in ledger.entries(events=wanted, event="job.*")] == ["job.held"]


def test_log_is_followed(ledger: Ledger) -> None:
    """Whoever remembers a number gets what came after it, whatever the search."""
    entries = [ledger.record(event, {}) for event in ("a.thing", "b.thing", "a.thing", "c.thing")]
    job = ledger.open(CLAIMED, {})
    assert _events(ledger, after=entries[1].sequence) == ["a.thing", "c.thing", "job.claimed"]
    assert _events(ledger, event="a.*", after=entries[0].sequence) == ["a.thing"]
    assert _events(ledger, job=job.id, after=entries[3].sequence) == ["job.claimed"]
    assert _events(ledger, after=entries[3].sequence + 1) == []


def test_senseless_time_is_refused(ledger: Ledger) -> None:
    """A time that is none is told at once, not answered with an empty list."""
    with pytest.raises(UsageFault) as fault:
        ledger.entries(since="yesterday")
    assert fault.value.code == "usage.wrong-time"


# --- holds and memory -----------------------------------------------------------------------


def test_hold_is_opened_once_and_counts(ledger: Ledger) -> None:
    """Further failures count up and move the probe; the log tells of the beginning only."""
    first = ledger.hold("service:csc", "service.busy", "503", 10.0)
    assert (first.failures, first.probe_at, first.detail) == (1, 10.0, "503")
    second = ledger.hold("service:csc", "service.unreachable", "no route", 20.5)
    assert second.since == first.since
    assert (second.failures, second.code, second.probe_at) == (2, "service.unreachable", 20.5)
    assert ledger.all() == (second,)
    assert _events(ledger) == ["hold.opened"]
    details = dict(next(iter(ledger.entries())).details)
    assert details == {"subject": "service:csc", "code": "service.busy", "detail": "503"}


def test_hold_is_released_once(ledger: Ledger) -> None:
    """Who releases a hold that is not there is told so, and nothing is logged."""
    ledger.hold("site", "site.disk-full", "", 0)
    assert ledger.release("site") is True
    assert ledger.release("site") is False
    assert ledger.all() == ()
    assert _events(ledger) == ["hold.opened", "hold.closed"]
    assert dict(list(ledger.entries())[-1].details)["subject"] == "site"


def test_holds_come_oldest_first(ledger: Ledger, reopen: Callable[[], Ledger]) -> None:
    """Holds survive, in the order in which they began."""
    for subject in ("service:z", "inbox:a", "site"):
        ledger.hold(subject, "site.denied", "", 0)
    ledger.hold("service:z", "site.denied", "", 1)
    other = reopen()
    assert [hold.subject for hold in other.all()] == ["service:z", "inbox:a", "site"]
    other.close()


def test_snapshot_is_kept_once(ledger: Ledger) -> None:
    """The text of a rulebook is stored when it is new."""
    assert ledger.save_snapshot("ab", "rules: []") is True
    assert ledger.save_snapshot("ab", "rules: []") is False


def test_values_are_remembered(ledger: Ledger, reopen: Callable[[], Ledger]) -> None:
    """The last value of a name counts; an unknown name has none."""
    assert ledger.recall("heartbeat") is None
    ledger.remember("heartbeat", "1")
    ledger.remember("heartbeat", "2")
    other = reopen()
    assert other.recall("heartbeat") == "2"
    other.close()
