"""`sealgate archive hold, release, holds, purge`: how long archived files stay."""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from gateway.cli.output import Cell, complain, say, show
from gateway.cli.site import actor, opened
from gateway.core.errors import UsageFault
from gateway.core.job import Job
from gateway.core.names import display
from gateway.daemon.lock import SiteLock
from gateway.daemon.restored import refuse_restored
from gateway.pipeline.purging import Purged, due, finish, purge
from gateway.wiring import Site

_LONGEST_REASON = 500
_COLUMNS = ("job", "source", "archived", "result", "detail")


def archive_hold(chosen: argparse.Namespace) -> int:
    """Put a job's archived files under legal hold."""
    why = chosen.why.strip()
    if not why or len(why) > _LONGEST_REASON or not why.isprintable():
        detail = f"one line, up to {_LONGEST_REASON} characters"
        raise UsageFault("usage.hold-reason", detail)
    with opened(chosen.site, with_rules=False) as site:
        site.ledger.legal_holds.hold(chosen.job, why, actor())
    say(f"{chosen.job} is under legal hold")
    return 0


def archive_release(chosen: argparse.Namespace) -> int:
    """End a job's legal hold."""
    with opened(chosen.site, with_rules=False) as site:
        site.ledger.legal_holds.release(chosen.job, actor())
    say(f"{chosen.job} is under legal hold no longer")
    return 0


def archive_holds(chosen: argparse.Namespace) -> int:
    """List the jobs under legal hold."""
    with opened(chosen.site, with_rules=False) as site:
        rows = [
            (hold.job, _source(site, hold.job), f"{hold.since:%Y-%m-%d}", hold.actor, hold.why)
            for hold in site.ledger.legal_holds.all()
        ]
    show("Legal holds", ("job", "source", "since", "actor", "why"), rows, as_json=chosen.json)
    return 0


def archive_purge(chosen: argparse.Namespace) -> int:
    """Remove archived files whose retention has passed; exit 1 when some could not be."""
    with opened(chosen.site, with_rules=False) as site:
        retention = site.loaded.settings.retention
        before = retention.passed_before(site.equipment.clock.now()) if retention else None
        if chosen.dry_run:
            jobs = list(due(site.equipment, before)) if before else []
            show("Due", _COLUMNS, [_row(job, "due", "") for job in jobs], as_json=chosen.json)
            _sum_up(site, f"{len(jobs)} would be purged", quiet=chosen.json)
            return 0
        # Legal holds that were laid after the backup are not known.
        refuse_restored(site.equipment.holds)
        # Nothing is renewed meanwhile: a new version could be laid where files are taken away.
        folder = site.loaded.settings.state / "renewals"
        folder.mkdir(mode=0o700, exist_ok=True)
        with SiteLock(folder):
            rows = list(_told(finish(site.equipment), "finished"))
            if before:
                rows += _told(purge(site.equipment, before, actor()), "purged")
        done = sum(row[3] in ("purged", "finished") for row in rows)
        show("Purged", _COLUMNS, rows, as_json=chosen.json)
        _sum_up(site, f"{done} purged, {len(rows) - done} not", quiet=chosen.json)
    return 1 if any(row[3] == "not purged" for row in rows) else 0


def _told(outcomes: Iterable[Purged], word: str) -> Iterable[tuple[Cell, ...]]:
    for one in outcomes:
        if one.fault is not None:
            yield _row(one.job, "not purged", str(one.fault))
        elif not one.done:
            yield _row(one.job, "kept", "put under legal hold just now")
        else:
            yield _row(one.job, word, f"{one.files} files" if one.files else "")


def _row(job: Job, result: str, detail: str) -> tuple[Cell, ...]:
    return job.id, display(job.source), f"{job.updated:%Y-%m-%d}", result, detail


def _sum_up(site: Site, what: str, *, quiet: bool) -> None:
    if site.loaded.settings.retention is None:
        complain("gateway.yaml has no retention: archived files are kept for ever")
    elif not quiet:
        say(f"{what}; {len(site.ledger.legal_holds.all())} jobs are under legal hold")


def _source(site: Site, job_id: str) -> str:
    job = site.equipment.jobs.get(job_id)
    return display(job.source) if job is not None else ""
