"""The signing log: search, figures, export, the state of the chain."""

from __future__ import annotations

import io
import tempfile
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path

from starlette.responses import Response

from gateway.console.charts import bars
from gateway.console.naming import OUTCOMES
from gateway.console.routing import Routes
from gateway.console.visit import Visit
from gateway.core.chain import LogEntry
from gateway.core.errors import UsageFault
from gateway.core.log_query import LogOutcome, LogQuery
from gateway.core.log_timestamps import SUBJECT
from gateway.core.people import Permission
from gateway.ledger.export import write_csv, write_json_lines
from gateway.pipeline.log_reporting import Asked
from gateway.wiring import log_audit, log_reporting

routes = Routes()
_SHOWN = 200
_ONE_REPORT = threading.Lock()
_REPORT_PATIENCE = 2.0
"""Seconds."""
_DAYS = 30
FILTERS = ("text", "event", "outcome", "job", "actor", "since", "until")
_EVENTS = (
    *("result.delivered", "job.failed", "sign.*", "seal.*", "person.*", "hold.*"),
    *("intake.*", "rules.*", "quota.*", "archive.*", "request.*"),
)


@routes.get("/log", Permission.SEE_LOG)
def show(visit: Visit) -> Response:
    """Show the newest entries that fit."""
    log = visit.site.equipment.log
    found = tuple(log.search(_query(visit), newest_first=True, limit=_SHOWN))
    return visit.page(
        "log/search.html",
        entries=found,
        documents=documents_of(visit, found),
        filters={name: visit.query(name) for name in FILTERS},
        events=_EVENTS,
        outcomes=OUTCOMES,
        shown=_SHOWN,
        query=visit.request.url.query,
        head=visit.site.ledger.tail.head(),
        stamp=visit.site.ledger.log_timestamps.latest(),
        wanted=visit.site.loaded.settings.log_timestamp is not None,
        hold=next(
            (one for one in visit.site.equipment.holds.all() if one.subject == SUBJECT), None
        ),
    )


@routes.get("/log/figures", Permission.SEE_LOG)
def figures(visit: Visit) -> Response:
    """Show how much was sealed, by day, seal, rule and inbox."""
    today = visit.site.equipment.clock.now().date()
    days = [(today - timedelta(days=back)).isoformat() for back in reversed(range(_DAYS))]
    log = visit.site.equipment.log
    delivered = list(log.entries(event="result.delivered", since=days[0]))
    failed = Counter(one.at[:10] for one in log.entries(event="job.failed", since=days[0]))
    by_day = Counter(one.at[:10] for one in delivered)
    jobs = [visit.site.equipment.jobs.get(one.job) for one in delivered[-5000:]]
    known = [job for job in jobs if job is not None]
    return visit.page(
        "log/figures.html",
        chart=bars([(day, by_day[day]) for day in days]),
        sealed=sum(by_day.values()),
        failed=sum(failed.values()),
        tables=(
            ("seal", Counter(job.seal for job in known).most_common(20)),
            ("rule", Counter(f"{job.inbox} / {job.rule}" for job in known).most_common(20)),
            ("service", Counter(job.service for job in known).most_common(20)),
        ),
    )


@routes.get("/log/export.{format}", Permission.SEE_LOG)
def export(visit: Visit) -> Response:
    """Return the entries that fit, oldest first, as CSV or JSON lines."""
    as_csv = visit.path("format") == "csv"
    target = io.StringIO(newline="")
    (write_csv if as_csv else write_json_lines)(_entries(visit), target)
    name = f"signing-log-{visit.site.equipment.clock.now():%Y%m%d-%H%M%S}"
    ending, kind = ("csv", "text/csv") if as_csv else ("jsonl", "application/jsonl")
    content = target.getvalue().encode("utf-8", "backslashreplace")
    return visit.download(content, f"{name}.{ending}", f"{kind}; charset=utf-8")


@routes.get("/log/report.pdf", Permission.SEE_LOG)
def report(visit: Visit) -> Response:
    """Return a report of the entries that fit; one is made at a time, since each takes a while.

    Whoever asks meanwhile waits for a short time only, and keeps no thread from other visitors.
    """
    asked = Asked(_query(visit), visit.actor, visit.language)
    if not _ONE_REPORT.acquire(timeout=_REPORT_PATIENCE):
        raise UsageFault("usage.report-under-way")
    try:
        with tempfile.TemporaryDirectory(prefix="sealgate-report-") as folder:
            file = Path(folder) / "report.pdf"
            log_reporting(visit.site).make(asked, file)
            content = file.read_bytes()
    finally:
        _ONE_REPORT.release()
    name = f"signing-log-{visit.site.equipment.clock.now():%Y%m%d-%H%M%S}.pdf"
    return visit.download(content, name, "application/pdf")


@routes.post("/log/verify", Permission.SEE_LOG)
def verify_chain(visit: Visit) -> Response:
    """Check the whole chain, and hold it against its time-stamps."""
    found = log_audit(visit.site)
    return visit.page("log/chain.html", found=found, flaws=tuple(islice(found.flaws, _SHOWN)))


def _entries(visit: Visit) -> Iterator[LogEntry]:
    """Yield the entries that the filters of the address let pass, oldest first."""
    return visit.site.equipment.log.search(_query(visit))


def documents_of(visit: Visit, entries: Iterable[LogEntry]) -> dict[str, str]:
    """Return the names of the documents that entries are about, by their jobs."""
    jobs = map(visit.site.equipment.jobs.get, sorted({one.job for one in entries if one.job}))
    return {job.id: job.source for job in jobs if job is not None}


def _query(visit: Visit) -> LogQuery:
    """Return what the address asks for; days are those of this machine, as the times shown."""
    asked = {name: visit.query(name).strip() for name in FILTERS}
    outcome = asked.pop("outcome")
    asked["since"] = _in_day(asked["since"], time.min)
    asked["until"] = _in_day(asked["until"], time.max)
    return LogQuery(outcome=LogOutcome(outcome) if outcome in tuple(LogOutcome) else None, **asked)


def _in_day(written: str, moment: time) -> str:
    """Return a moment of a day; what is no day stays as it is."""
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return written
    return datetime.combine(day, moment).astimezone().isoformat()
