"""Commands that work for once: sweep, retry."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from gateway.cli.daemon_log import line_of_job
from gateway.cli.notices import tell_now
from gateway.cli.output import complain, say, show, show_value
from gateway.cli.renewing import sweep_renew
from gateway.cli.site import actor, opened, remind_of_daemon, turn_of
from gateway.cli.tickets import left_of
from gateway.cli.times import ask, following, tell_waiting
from gateway.core.errors import UsageFault
from gateway.core.job import Job
from gateway.core.log_timestamps import SUBJECT
from gateway.core.names import display
from gateway.core.site import InboxSettings
from gateway.core.states import ACTIVE
from gateway.daemon.at_work import at_work
from gateway.daemon.attendance import Attendance
from gateway.daemon.engine import Engine
from gateway.daemon.fetching import fetch_once
from gateway.daemon.pushing import begin, push_once
from gateway.daemon.restored import waiting_for_release
from gateway.daemon.sweep import Swept, Tally, follow
from gateway.daemon.sweep import sweep as sweep_site
from gateway.flows.clerk import Clerk
from gateway.folders.inbox import FolderInbox
from gateway.pipeline.retrying import Retried, release_restored, retry_all, retry_one
from gateway.pipeline.waiting import ALONE
from gateway.ports import Distribution
from gateway.wiring import Site, flow_clerk

_AGAIN = "waits to be tried again"


def sweep(chosen: argparse.Namespace) -> int:
    """Seal everything that waits; exit 0 all delivered, 1 some failed, 3 held."""
    if chosen.renew:
        return sweep_renew(chosen)
    with opened(chosen.site, serving=True) as site:
        site.ledger.check()
        names = {settings.name for settings, _ in site.inboxes}
        for name in chosen.inboxes:
            if name not in names:
                raise UsageFault("usage.unknown-inbox", name)
        inboxes = tuple(
            (settings, inbox)
            for settings, inbox in site.inboxes
            if not chosen.inboxes or settings.name in chosen.inboxes
        )
        if (waits := waiting_for_release(site.equipment.holds)) is not None:
            complain(f"{waits}\n    {waits.remedy}")
            return 3
        if chosen.now:
            ask(site, inboxes)
        swept = _with_progress(chosen, lambda tally: _sweep(site, inboxes, tally, chosen.now))
        tell_waiting(site, inboxes)
        return _report(chosen, swept, site)


def _sweep(
    site: Site,
    inboxes: tuple[tuple[InboxSettings, FolderInbox], ...],
    tally: Tally,
    now: bool,
) -> Swept:
    """Sweep, or watch the process do it that works on the site; go on when that one ends."""
    turn = turn_of(site)
    names = frozenset(settings.name for settings, _ in inboxes)
    awaited = names if now else following(site, names)
    while True:
        try:
            with turn.taken():
                site.notifying.begin()
                begin(site.pushers)
                chosen = tuple(one for one in site.fetchers if one.inbox in names)
                fetch_once(site.equipment, chosen)
                with at_work(site, turn.node, complain) as crew, crew.coordinating():
                    engine = make_engine(site, inboxes, crew.distribution, tally.ended)
                    done = sweep_site(site.equipment, engine, tally)
                push_once(site.equipment, site.pushers)
                tell_now(site)
                return done
        except UsageFault as fault:
            if fault.code != "usage.already-running":
                raise
        swept = follow(site.equipment, tally, awaited, lambda: turn.worker() is not None)
        if swept is not None:
            return swept


def retry(chosen: argparse.Namespace) -> int:
    """Let a job try again that failed or waits for a person; with all, holds end at once."""
    with opened(chosen.site, with_rules=False) as site:
        if chosen.restored:
            return _release_restored(chosen, site)
        if chosen.all_failed:
            tried = retry_all(site.equipment, actor())
        else:
            tried = (Retried(retry_one(site.equipment, chosen.job, actor())),)
        rows = [
            (one.job.id, display(one.job.source), one.fault.sentence if one.fault else _AGAIN)
            for one in tried
        ]
        show("Retry", ("job", "source", "result"), rows, as_json=chosen.json)
        if turn_of(site).worker() is None and not chosen.json:
            complain("no daemon is running: sealgate run or sealgate sweep takes them up")
    return 0


def _release_restored(chosen: argparse.Namespace, site: Site) -> int:
    waited = release_restored(site.equipment, actor())
    if chosen.json:
        show_value({"released": waited})
    else:
        say("the site may work" if waited else "nothing waited for that")
        remind_of_daemon(site)
    return 0


def make_engine(
    site: Site,
    inboxes: tuple[tuple[InboxSettings, FolderInbox], ...],
    distribution: Distribution,
    ended: Callable[[Job], None],
) -> Engine:
    """Return an engine that attends the chosen inboxes of a site, and its flows."""
    return engine_of(site, inboxes, distribution, ended, flow_clerk(site, complain))


def engine_of(
    site: Site,
    inboxes: tuple[tuple[InboxSettings, FolderInbox], ...],
    distribution: Distribution,
    ended: Callable[[Job], None],
    clerk: Clerk | None = None,
) -> Engine:
    """Return an engine that attends the chosen inboxes of a site; `clerk` attends its flows."""
    site.rules.announce()
    attendance = Attendance(site.equipment, inboxes, site.loaded.settings.state / "reports")
    return Engine(site.equipment, attendance, distribution, ended, clerk=clerk)


def _with_progress(chosen: argparse.Namespace, work: Callable[[Tally], Swept]) -> Swept:
    """Show a moving bar on a terminal, a line a document in a pipe, nothing beside JSON."""
    if chosen.json:
        return work(Tally())
    if not sys.stdout.isatty():
        return work(Tally(lambda job: say(line_of_job(job))))
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn()) as progress:
        task = progress.add_task("sealing", total=None)

        def ended(job: Job) -> None:
            progress.advance(task)
            progress.console.print(line_of_job(job), markup=False, highlight=False)

        return work(Tally(ended))


def _report(chosen: argparse.Namespace, swept: Swept, site: Site) -> int:
    if chosen.json:
        rows = [
            (job.id, display(job.source), job.state.value, job.code if job.returned else "")
            for job in (*swept.delivered, *swept.failed)
        ]
        show("", ("job", "source", "state", "code"), rows, as_json=True)
    else:
        say(
            f"{len(swept.delivered)} sealed, {len(swept.failed)} failed, "
            f"{swept.held} held, {swept.waiting} still waiting"
        )
    for job in site.equipment.jobs.find(ACTIVE):
        if job.code in ALONE:
            complain(f"{job.id} {display(job.source)} waits: {job.code} ({job.detail})")
    chosen_inboxes = {name: site.equipment.inboxes[name] for name in chosen.inboxes}
    for one in left_of(site.equipment, chosen_inboxes or site.equipment.inboxes):
        complain(f"{one.inbox}/{one.source}: {one.why}")
    for hold in site.equipment.holds.all():
        complain(f"{hold.subject} is held: {hold.code} ({hold.detail})")
    if swept.held or any(hold.subject != SUBJECT for hold in site.equipment.holds.all()):
        return 3
    return 1 if swept.failed else 0
