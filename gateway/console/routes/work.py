"""Documents: what waits, what is under way, what is held, what failed, what was done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response, StreamingResponse

from gateway.console.agenda import agenda
from gateway.console.contracts import SEEN, flow_sight
from gateway.console.handing import hand_over
from gateway.console.naming import WEEKDAYS
from gateway.console.routing import Routes
from gateway.console.seeing import Sight, visible_job
from gateway.console.visit import Visit
from gateway.console.words import say
from gateway.core.errors import DocumentFault, SiteFault, UsageFault
from gateway.core.names import display
from gateway.core.people import Permission
from gateway.core.seal_use import Approval
from gateway.core.site import InboxSettings
from gateway.core.states import ACTIVE, State
from gateway.pipeline.batches import look_into
from gateway.pipeline.retrying import retry_all, retry_one
from gateway.pipeline.waiting import ALONE
from gateway.ports import FlowQuery

routes = Routes()
_SHOWN = 50
_STREAM_SECONDS = 300
_LOOK_EVERY = 1.0


@dataclass(frozen=True)
class InboxNow:
    """One inbox as the board shows it."""

    settings: InboxSettings
    waiting: int
    """Documents that will be taken, now or when what they lack has come."""
    left: tuple[tuple[str, str], ...]
    """What is left where it is until something has come, and why."""
    until: datetime | None
    """When what waits will be taken; None when that is now."""
    fault: str = ""


@routes.get("/work", Permission.SEE_DOCUMENTS, Permission.SUBMIT)
def board(visit: Visit) -> Response:
    """Show what is under way."""
    equipment, sight = visit.site.equipment, Sight(visit.somebody)
    everything = visit.may(Permission.SEE_DOCUMENTS)
    under_way = [job for job in equipment.jobs.find(ACTIVE) if sight.sees(job)]
    failed = equipment.jobs.find((State.FAILED,), newest_first=True, limit=1000)
    done = equipment.jobs.find((State.ARCHIVED,), newest_first=True, limit=1000)
    return visit.page(
        "work/board.html",
        everything=everything,
        sealing=visit.office.sealing(),
        inboxes=[_inbox(visit, one) for one in visit.site.loaded.settings.inboxes],
        holds=equipment.holds.all() if everything else (),
        under_way=under_way[:_SHOWN],
        more=max(0, len(under_way) - _SHOWN),
        alone=ALONE,
        failed=[job for job in failed if sight.sees(job)][:_SHOWN],
        done=[job for job in done if sight.sees(job)][:_SHOWN],
        head=visit.site.ledger.tail.head(),
    )


@routes.get("/work/events", Permission.SEE_DOCUMENTS, Permission.SUBMIT)
def events(visit: Visit) -> Response:
    """Tell the page, while it is open, that something happened (server-sent events)."""
    if visit.office.streams.locked():
        # 204 has browsers stop asking; the page is then loaded anew by whoever wants to know.
        return Response(status_code=204)
    return StreamingResponse(_told(visit), media_type="text/event-stream")


@routes.post("/work/drop/{inbox}", Permission.SUBMIT, largest=0)
def drop_files(visit: Visit) -> Response:
    """Lay what was handed over into an inbox; one document that cannot be taken stops no other."""
    inbox = visit.site.loaded.settings.inbox(visit.path("inbox"))
    if inbox is None:
        raise UsageFault("usage.unknown-inbox", display(visit.path("inbox"))[:100])
    results: list[dict[str, str]] = []
    for file in visit.files("file"):
        name = display(file.filename or "")
        try:
            dropped = hand_over(visit.site, visit.somebody, inbox, file)
        except DocumentFault as fault:
            results.append({"name": name, "code": fault.code})
        else:
            results.append({"name": display(dropped.source), "sha256": dropped.sha256, "code": ""})
    if "application/json" in visit.request.headers.get("accept", ""):
        return JSONResponse(results)
    return visit.page("work/dropped.html", inbox=inbox.name, results=results)


@routes.post("/work/retry-all", Permission.WORK_DOCUMENTS)
def retry_everything(visit: Visit) -> Response:
    """Let all that failed try again, and end every hold."""
    retry_all(visit.site.equipment, visit.actor)
    return visit.go("/work", said="retried")


@routes.post("/work/release", Permission.WORK_DOCUMENTS)
def release(visit: Visit) -> Response:
    """End one hold."""
    visit.site.equipment.holds.release(visit.field("subject"))
    return visit.go("/work", said="released")


@routes.post("/work/jobs/{job}/retry", Permission.WORK_DOCUMENTS)
def retry(visit: Visit) -> Response:
    """Let one document try again."""
    job = visible_job(visit)
    retry_one(visit.site.equipment, job.id, visit.actor)
    return visit.go(f"/work/jobs/{job.id}", said="retried")


@routes.get("/approvals", Permission.DECIDE_USES, *SEEN)
def approvals(visit: Visit) -> Response:
    """Show what waits for the visitor: uses of seals, and steps of contracts."""
    equipment, sight = visit.site.equipment, flow_sight(visit)
    decides = visit.may(Permission.DECIDE_USES)
    uses = equipment.seal_uses.uses() if decides else ()
    mine = sight.find(FlowQuery(sight.viewer, mine=True), limit=_SHOWN)
    flows = [sight.flow(row.id) for row in mine.rows]
    return visit.page(
        "work/approvals.html",
        uses=[(use, equipment.jobs.get(use.job)) for use in uses],
        decides=decides,
        turns=[(flow, turn) for flow in flows for turn in sight.turns(flow) if not turn.on_behalf],
        more_turns=bool(mine.after),
    )


@routes.post("/work/jobs/{job}/decide", Permission.DECIDE_USES)
def decide(visit: Visit) -> Response:
    """Approve or reject a document's use of a seal."""
    approval = Approval.APPROVED if visit.field("decision") == "approve" else Approval.REJECTED
    why = visit.field("why").strip()[:500]
    job = visible_job(visit)
    if approval is Approval.APPROVED:
        visit.site.four_eyes.check_approval(job, visit.actor)
    visit.site.equipment.seal_uses.decide(job.id, approval, why, visit.actor)
    back = visit.field("back") or "/approvals"
    return visit.go(back, said="approved" if approval is Approval.APPROVED else "rejected")


@routes.get("/calendar", Permission.SEE_DOCUMENTS)
def calendar(visit: Visit) -> Response:
    """Show when each inbox is attended in the days to come."""
    now = visit.site.equipment.clock.now()
    inboxes = visit.site.loaded.settings.inboxes
    return visit.page(
        "work/calendar.html",
        inboxes=[agenda(one.name, one.opening, now) for one in inboxes],
        weekdays=[say(visit.language, day) for day in WEEKDAYS],
    )


async def _told(visit: Visit) -> AsyncIterator[str]:
    """Yield the log's last number whenever there is a new one, for a while."""
    tail = visit.site.ledger.tail
    async with visit.office.streams:
        seen = await run_in_threadpool(tail.head)
        yield f"retry: 3000\nid: {seen}\ndata: {seen}\n\n"
        for _ in range(round(_STREAM_SECONDS / _LOOK_EVERY)):
            await asyncio.sleep(_LOOK_EVERY)
            if await visit.request.is_disconnected():
                return
            head = await run_in_threadpool(tail.head)
            yield f"id: {head}\ndata: {head}\n\n" if head != seen else ": still here\n\n"
            seen = head


def _inbox(visit: Visit, settings: InboxSettings) -> InboxNow:
    equipment = visit.site.equipment
    now = equipment.clock.now()
    until = settings.opening.opens(now, now) if settings.opening.limited else None
    try:
        found = look_into(equipment, equipment.inboxes[settings.name])
    except SiteFault as fault:
        return InboxNow(settings, 0, (), until, fault.code)
    left = tuple((one.source, one.why) for one in found.left if one.waits)
    return InboxNow(settings, found.waiting, left, until)
