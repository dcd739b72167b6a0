"""Commands that look and change nothing: status, verify."""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import asdict, dataclass

from gateway.cli.arriving import arriving, tell_arriving
from gateway.cli.log_timestamps import LatestStamp
from gateway.cli.nodes import cluster
from gateway.cli.notices import told, troubled
from gateway.cli.output import complain, say, show, show_value
from gateway.cli.site import opened, turn_of
from gateway.cli.tickets import (
    waiting_among,
)
from gateway.cli.times import tell_until, until
from gateway.core.errors import DocumentFault, SiteFault, UsageFault
from gateway.core.flow_events import FlowState
from gateway.core.job import Job
from gateway.core.names import display
from gateway.core.states import ACTIVE, State
from gateway.folders.inbox import FolderInbox
from gateway.pipeline.batches import look_into
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.foresight import remembered
from gateway.pipeline.waiting import ALONE
from gateway.ports import Bystander, Candidate, Hold


def status(chosen: argparse.Namespace) -> int:
    """Show what waits, what is under way, what is held and what failed; or the nodes."""
    return cluster(chosen) if chosen.cluster else _site_status(chosen)


def _site_status(chosen: argparse.Namespace) -> int:
    with opened(chosen.site, with_rules=False) as site:
        equipment = site.equipment
        process = turn_of(site).worker()
        looks = [_look(equipment, inbox) for _, inbox in site.inboxes]
        inboxes = [look.row for look in looks]
        times = {name: until(site, name) for name, *_ in inboxes}
        under_way = equipment.jobs.find(ACTIVE)
        active = Counter(job.state.value for job in under_way)
        alone = tuple(job for job in under_way if job.code in ALONE)
        holds = equipment.holds.all()
        failed = equipment.jobs.find((State.FAILED,), limit=20, newest_first=True)
        soon = remembered(equipment.memory)
        tallies = troubled(site)
        left = [one for look in looks for one in waiting_among(look.left)]
        coming = [one for look in looks for one in arriving(equipment, look.inbox, look.admitted)]
        stamped = LatestStamp.of(site)
        flows = Counter(row.name for row in site.ledger.flows.find((FlowState.RUNNING,)))
    if chosen.json:
        value = _status_value(process, inboxes, active, holds, failed)
        value["waiting"] = [
            {"job": job.id, "inbox": job.inbox, "source": display(job.source), "code": job.code}
            | {"detail": job.detail}
            for job in alone
        ]
        value["until"] = {name: moment for name, moment in times.items() if moment}
        ahead = [{"event": one.event, "service": one.service, "what": one.what} for one in soon]
        value["notices"] = [asdict(one) for one in tallies]
        value["left"] = [{"inbox": one.inbox, "source": one.source, "why": one.why} for one in left]
        value["arriving"] = [asdict(one) for one in coming]
        value["flows"] = dict(flows)
        value["log_timestamp"] = stamped.value()
        show_value(value | {"soon": ahead})
        return 0
    say(f"daemon   {_running(process)}")
    say(f"health   {'red' if holds else 'green'}")
    show("Inboxes", ("inbox", "waiting", "ignored", "fault"), inboxes, as_json=False)
    tell_until(inboxes, times)
    tell_arriving(coming)
    counted = [f"jobs     {count} {state}" for state, count in sorted(active.items())]
    counted += [f"flows    {count} open: {name}" for name, count in sorted(flows.items())]
    for line in counted:
        say(line)
    for hold in holds:
        say(f"held     {hold.subject} since {hold.since:%Y-%m-%d %H:%M:%S}Z: {hold.code}")
        if hold.detail:
            say(f"         {hold.detail}")
    for job in alone:
        say(f"waits    {job.id} {job.inbox}/{display(job.source)}: {job.code} ({job.detail})")
    for found in left:
        say(f"left     {found.inbox}/{found.source}: {found.why}")
    stamped.tell()
    for one in soon:
        say(f"soon     {one.service}: {one.what}")
    for one_tally in tallies:
        say(f"notice   {one_tally.subscription}: {told(one_tally)}")
    for job in failed:
        say(f"failed   {job.id} {job.inbox}/{display(job.source)}: {job.code}")
    return 0


def _running(process: int | None) -> str:
    if process is None:
        return "not running"
    return f"running as process {process}" if process else "running on another node"


def _status_value(
    process: int | None,
    inboxes: list[tuple[str, int, int, str]],
    active: Counter[str],
    holds: tuple[Hold, ...],
    failed: tuple[Job, ...],
) -> dict[str, object]:
    return {
        "process": process,
        "healthy": not holds,
        "inboxes": [
            {"name": name, "waiting": waiting, "ignored": ignored, "fault": fault}
            for name, waiting, ignored, fault in inboxes
        ],
        "jobs": dict(active),
        "holds": [
            {
                "subject": hold.subject,
                "code": hold.code,
                "detail": hold.detail,
                "since": hold.since.isoformat(),
                "failures": hold.failures,
            }
            for hold in holds
        ],
        "failed": [
            {"job": job.id, "source": display(job.source), "code": job.code} for job in failed
        ],
    }


@dataclass(frozen=True)
class _Look:
    """What lies in an inbox."""

    inbox: FolderInbox
    row: tuple[str, int, int, str]
    admitted: tuple[Candidate, ...] = ()
    """May be taken as soon as they have settled."""
    left: tuple[Bystander, ...] = ()


def _look(equipment: Equipment, inbox: FolderInbox) -> _Look:
    try:
        found = look_into(equipment, inbox)
    except SiteFault as fault:
        return _Look(inbox, (inbox.name, 0, 0, fault.code))
    row = (inbox.name, found.waiting, len(found.left) - found.resting, "")
    return _Look(inbox, row, found.candidates, found.left)


def verify(chosen: argparse.Namespace) -> int:
    """Validate all signatures; exit 0 only when every file has some and all are good."""
    columns = ("file", "field", "signer", "signed at", "time-stamp", "result", "seals")
    rows: list[tuple[str, str, str, str, str, str, str]] = []
    good = True
    with opened(chosen.site, with_rules=False) as site:
        anchors = site.equipment.anchors()
        for file in chosen.files:
            name = display(str(file))
            if not file.is_file():
                raise UsageFault("usage.no-file", name)
            try:
                reports = site.documents.verify(file.absolute(), anchors)
            except DocumentFault as fault:
                rows.append((name, "", "", "", "", f"{fault.code}: {fault.sentence}", ""))
                good = False
                continue
            if not reports:
                rows.append((name, "", "", "", "", "not signed", ""))
            good = good and bool(reports) and all(report.good for report in reports)
            rows += [
                (
                    name,
                    report.field,
                    report.signer,
                    report.signed_at,
                    "yes" if report.timestamped else "no",
                    "valid" if report.good else report.problem,
                    display(report.seals),
                )
                for report in reports
            ]
    show("Signatures", columns, rows, as_json=chosen.json)
    if not good and not chosen.json:
        complain("not every file is validly signed and trusted by this site")
    return 0 if good else 1
