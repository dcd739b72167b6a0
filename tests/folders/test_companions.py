"""Tickets, triggers and pauses: what is claimed together, in which order, and what waits."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from gateway.core.job import Job
from gateway.core.site import InboxSettings, Tickets
from gateway.core.states import State
from gateway.folders.inbox import FolderInbox
from gateway.folders.outbox import FolderOutbox
from tests.folders.site import PDF, HandClock, Site, Stopped, names, receipt_of, stop_at

JOB = "20261125-080000-ab"


def inbox_of(site: Site, tickets: Tickets = Tickets.OPTIONAL, **settings: object) -> FolderInbox:
    """Return the adapter of an inbox with tickets."""
    chosen = InboxSettings("main", site.drop, **settings)  # type: ignore[arg-type]
    return FolderInbox(chosen, site.spool, site.memory, lambda: tickets)


def seen(inbox: FolderInbox) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Return each document with its companions, and what is left with the reason."""
    candidates, bystanders = inbox.examine()
    return (
        {one.source: [each.file.source for each in one.companions] for one in candidates},
        {one.source: one.why for one in bystanders},
    )


def drop(site: Site, *sources: str) -> None:
    """Drop files, PDFs where their names say so."""
    for source in sources:
        path = site.drop / source
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(PDF if path.suffix == ".pdf" else b"seal: a\n")


def claim(inbox: FolderInbox) -> Path:
    """Claim the one document that may be taken."""
    (candidate,), _ = inbox.examine()
    spooled = inbox.spool_path(candidate, JOB)
    assert inbox.claim(candidate, spooled)
    return spooled


def job(site: Site, **fields: object) -> Job:
    """Return the job of a claimed x.pdf."""
    now = HandClock().now()
    spooled = str(site.spool / f"{JOB}.pdf")
    job = Job(JOB, State.CLAIMED, 1, "main", "x.pdf", spooled, now, now)
    return Job(**(vars(job) | fields))


def test_a_ticket_belongs_to_its_document(site: Site) -> None:
    """It is no document itself; without its document it is an orphan."""
    drop(site, "a/x.pdf", "a/x.pdf.yaml", "y.pdf", "z.pdf.json", "w.yaml")
    documents, left = seen(inbox_of(site))
    assert documents == {"a/x.pdf": ["a/x.pdf.yaml"], "y.pdf": [], "w.yaml": []}
    assert left == {"z.pdf.json": "is a ticket without its document"}


def test_endings_of_tickets_may_be_in_capitals(site: Site) -> None:
    """A ticket is never overlooked for the way in which its ending is written."""
    drop(site, "x.pdf", "x.pdf.YAML", "y.PDF", "y.PDF.Json", "z.pdf", "z.pdf.yml")
    documents, left = seen(inbox_of(site))
    assert documents == {"x.pdf": ["x.pdf.YAML"], "y.PDF": ["y.PDF.Json"], "z.pdf": ["z.pdf.yml"]}
    assert left == {}


def test_without_tickets_nothing_changes(site: Site) -> None:
    """A file that looks like a ticket is a document like any other."""
    drop(site, "x.pdf", "x.pdf.yaml")
    assert seen(inbox_of(site, Tickets.NONE)) == ({"x.pdf": [], "x.pdf.yaml": []}, {})


def test_a_required_ticket_is_waited_for(site: Site) -> None:
    """The document alone waits where it is."""
    drop(site, "x.pdf")
    inbox = inbox_of(site, Tickets.REQUIRED)
    assert seen(inbox) == ({}, {"x.pdf": "waits for its ticket"})
    drop(site, "x.pdf.json")
    assert seen(inbox) == ({"x.pdf": ["x.pdf.json"]}, {})


def test_a_doubtful_ticket_keeps_its_document_waiting(site: Site) -> None:
    """Neither with two tickets nor with one that is a link is a document taken."""
    drop(site, "x.pdf", "x.pdf.json", "x.pdf.yaml", "y.pdf")
    (site.drop / "y.pdf.yaml").symlink_to("x.pdf.yaml")
    documents, left = seen(inbox_of(site))
    assert documents == {}
    assert left["x.pdf"] == "has two tickets: one of them must go"
    assert left["y.pdf"].startswith("waits for its ticket, which is a link")


def test_a_ticket_is_part_of_what_settles(site: Site) -> None:
    """A document is another candidate when its ticket has come or changed."""
    drop(site, "x.pdf")
    inbox = inbox_of(site)
    (alone,), _ = inbox.examine()
    drop(site, "x.pdf.yaml")
    (together,), _ = inbox.examine()
    (site.drop / "x.pdf.yaml").write_text("seal: other\n")
    (changed,), _ = inbox.examine()
    assert len({alone, together, changed}) == 3


def test_a_claim_takes_the_ticket_along(site: Site) -> None:
    """Both lie in the spool under the job's name; the trigger is gone."""
    drop(site, "x.pdf", "x.pdf.yaml", "x.pdf.done", "x.done")
    claim(inbox_of(site, trigger=".done"))
    assert names(site.drop) == []
    assert names(site.spool) == [f"{JOB}.pdf", f"{JOB}.ticket.yaml"]


def test_a_claim_that_fails_gives_everything_back(site: Site) -> None:
    """When the document is not the same any more, its ticket and trigger return to it."""
    drop(site, "x.pdf", "x.pdf.yaml", "x.done")
    inbox = inbox_of(site, trigger=".done")
    (candidate,), _ = inbox.examine()
    spooled = inbox.spool_path(candidate, JOB)
    (site.drop / "x.pdf").write_bytes(PDF * 2)
    assert not inbox.claim(candidate, spooled)
    assert names(site.drop) == ["x.done", "x.pdf", "x.pdf.yaml"]


def test_a_ticket_that_changed_is_not_claimed(site: Site) -> None:
    """What was laid under its name meanwhile has not settled."""
    drop(site, "x.pdf", "x.pdf.yaml")
    inbox = inbox_of(site)
    (candidate,), _ = inbox.examine()
    (site.drop / "x.pdf.yaml").write_text("seal: another\n")
    assert not inbox.claim(candidate, inbox.spool_path(candidate, JOB))
    assert names(site.drop) == ["x.pdf", "x.pdf.yaml"]
    assert (site.drop / "x.pdf.yaml").read_text() == "seal: another\n"


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", range(14))
def test_no_document_is_claimed_without_its_ticket(
    site: Site, monkeypatch: pytest.MonkeyPatch, step: int, after: bool
) -> None:
    """Wherever a claim stops, concluding it leaves both in the spool or both in the inbox."""
    drop(site, "x.pdf", "x.pdf.yaml", "x.pdf.done")
    inbox = inbox_of(site, trigger=".done")
    site.spool.mkdir(mode=0o700)
    (candidate,), _ = inbox.examine()
    spooled = inbox.spool_path(candidate, JOB)
    stopped = False
    with monkeypatch.context() as patch:
        stop_at(patch, step, after=after)
        try:
            inbox.claim(candidate, spooled)
        except Stopped:
            stopped = True
    if (site.spool / f"{JOB}.pdf").exists():
        assert (site.spool / f"{JOB}.ticket.yaml").exists()
    inbox.conclude(spooled, "x.pdf")
    inbox.conclude(spooled, "x.pdf")
    claimed = [f"{JOB}.pdf", f"{JOB}.ticket.yaml"]
    waiting = ["x.pdf", "x.pdf.done", "x.pdf.yaml"]
    assert (names(site.spool), names(site.drop)) in ((claimed, []), ([], waiting))
    assert stopped or names(site.spool) == claimed


def test_a_returning_ticket_takes_nobodys_place(site: Site) -> None:
    """One that was dropped meanwhile under its name stays; the old one gets a number."""
    drop(site, "x.pdf", "x.pdf.yaml")
    spooled = claim(inbox_of(site))
    spooled.unlink()
    (site.drop / "x.pdf.yaml").write_text("seal: new\n")
    inbox_of(site).conclude(spooled, "x.pdf")
    assert (site.drop / "x.pdf.yaml").read_text() == "seal: new\n"
    assert names(site.drop) == ["x.pdf-2.yaml", "x.pdf.yaml"]


def test_a_trigger_lets_its_document_go(site: Site) -> None:
    """Without one a document waits; either of its names will do."""
    drop(site, "x.pdf", "y.pdf", "z.pdf", "x.pdf.done", "y.done", "v.done")
    documents, left = seen(inbox_of(site, Tickets.NONE, trigger=".done"))
    assert documents == {"x.pdf": ["x.pdf.done"], "y.pdf": ["y.done"]}
    assert left == {
        "z.pdf": "waits for its .done file",
        "v.done": "is a trigger without its document",
    }


def test_a_hold_pauses_a_folder_and_all_below(site: Site) -> None:
    """Its files are not seen, its neighbours are; without the hold all are."""
    drop(site, "a.pdf", "b/c/d.pdf", "b/e.pdf")
    (site.drop / "b" / ".hold").touch()
    assert seen(inbox_of(site)) == ({"a.pdf": []}, {"b": "is paused by .hold"})
    (site.drop / ".hold").touch()
    assert seen(inbox_of(site)) == ({}, {"": "is paused by .hold"})
    (site.drop / ".hold").unlink()
    (site.drop / "b" / ".hold").unlink()
    assert set(seen(inbox_of(site))[0]) == {"a.pdf", "b/c/d.pdf", "b/e.pdf"}


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", range(12))
def test_a_failed_document_keeps_its_ticket(
    site: Site, monkeypatch: pytest.MonkeyPatch, step: int, after: bool
) -> None:
    """Wherever it stops: both get to failed/, and both come back from there."""
    drop(site, "x.pdf", "x.pdf.yaml")
    spooled = claim(inbox_of(site))
    outbox = FolderOutbox(*(site.root / name for name in ("outbox", "archive", "failed")))
    with monkeypatch.context() as patch:
        stop_at(patch, step, after=after)
        with suppress(Stopped):
            outbox.fail(job(site), spooled, receipt_of(JOB))
    returned = outbox.fail(job(site), spooled, receipt_of(JOB))
    assert names(returned.parent) == ["x.pdf", "x.pdf.receipt.json", "x.pdf.yaml"]
    with monkeypatch.context() as patch:
        stop_at(patch, step, after=after)
        with suppress(Stopped):
            outbox.withdraw_failed(job(site, returned=str(returned)), spooled)
    if spooled.exists():
        assert (site.spool / f"{JOB}.ticket.yaml").exists()
    assert outbox.withdraw_failed(job(site, returned=str(returned)), spooled)
    assert names(site.spool) == [f"{JOB}.pdf", f"{JOB}.ticket.yaml"]
    assert names(returned.parent) == []


def test_a_document_that_failed_is_nobodys_ticket(site: Site) -> None:
    """A file beside a failed one that has a receipt of its own stays where it is."""
    drop(site, "x.pdf")
    spooled = claim(inbox_of(site))
    outbox = FolderOutbox(*(site.root / name for name in ("outbox", "archive", "failed")))
    returned = outbox.fail(job(site), spooled, receipt_of(JOB))
    (returned.parent / "x.pdf.yaml").write_text("not a PDF")
    (returned.parent / "x.pdf.yaml.receipt.json").write_text('{"job": "other"}')
    assert outbox.withdraw_failed(job(site, returned=str(returned)), spooled)
    assert names(site.spool) == [f"{JOB}.pdf"]


def test_the_archive_has_the_ticket_beside_its_document(site: Site) -> None:
    """Done again after an interruption, nothing is missing and nothing is there twice."""
    drop(site, "x.pdf", "x.pdf.yaml")
    spooled = claim(inbox_of(site))
    outbox = FolderOutbox(*(site.root / name for name in ("outbox", "archive", "failed")))
    sealed = site.root / "sealed"
    sealed.write_bytes(PDF)
    for _ in range(2):
        folder = outbox.archive(job(site), spooled, sealed, b"{}", "x-sealed.pdf")
    assert names(folder) == ["x-sealed.pdf", "x-sealed.pdf.receipt.json", "x.pdf", "x.pdf.yaml"]
    assert names(site.spool) == []


def test_no_trigger_stays_in_the_spool(site: Site) -> None:
    """One whose claim was not concluded, its inbox being gone, ends with its document."""
    outbox = FolderOutbox(*(site.root / name for name in ("outbox", "archive", "failed")))
    sealed = site.root / "sealed"
    sealed.write_bytes(PDF)
    for end in ("archived", "failed"):
        drop(site, "x.pdf")
        spooled = claim(inbox_of(site))
        for ending in (".trigger.name", ".trigger.stem"):
            spooled.with_suffix(ending).touch()
        if end == "archived":
            outbox.archive(job(site), spooled, sealed, b"{}", "x-sealed.pdf")
        else:
            outbox.fail(job(site), spooled, receipt_of(JOB))
        assert names(site.spool) == []
