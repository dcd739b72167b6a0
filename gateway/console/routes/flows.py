"""One contract flow: where it stands, its revisions, and the acts of its parties."""

from __future__ import annotations

from pathlib import Path

from starlette.responses import Response

from gateway.console.contracts import SEEN, FlowSight, Turn, flow_sight
from gateway.console.flow_doing import was_done
from gateway.console.flow_papers import are_there, paper_named, paper_of
from gateway.console.handing import bring_in
from gateway.console.page_pictures import page_asked, page_picture, pages_shown
from gateway.console.routing import Routes
from gateway.console.visit import Visit, attachment, svg
from gateway.core.errors import DocumentFault, SealgateError, SiteFault, UsageFault
from gateway.core.flow_acts import Act, ActKind, Actor
from gateway.core.flow_drawing import drawn
from gateway.core.flow_story import story_of
from gateway.core.names import display
from gateway.core.people import Permission
from gateway.ports import Flow, SignatureReport

routes = Routes()
_SAID: dict[str, str] = {
    ActKind.APPROVE: "flow-approved",
    ActKind.REJECT: "flow-rejected",
    ActKind.DELEGATE: "flow-delegated",
}


@routes.get("/flows/{flow}", *SEEN)
def show(visit: Visit) -> Response:
    """Show where a flow stands, what it waits for, and all that happened."""
    sight = flow_sight(visit)
    flow = sight.flow(visit.path("flow"))
    return _page(visit, sight, flow)


@routes.get("/flows/{flow}/drawing", *SEEN)
def drawing(visit: Visit) -> Response:
    """Draw the way of one flow."""
    flow = flow_sight(visit).flow(visit.path("flow"))
    return svg(drawn([flow.definition], story=flow.status, language=visit.language))


@routes.post("/flows/{flow}/act", *SEEN)
def act(visit: Visit) -> Response:
    """Approve, reject or hand over a step that waits for the visitor."""
    sight = flow_sight(visit)
    flow = sight.flow(visit.path("flow"))
    asked = visit.field("act")
    if asked not in _SAID:
        raise UsageFault("flow.not-here", display(asked)[:100])
    kind = ActKind(asked)
    why = visit.field("why").strip()[:500]
    again = Act(kind, visit.field("step"), Actor(visit.actor), to=visit.field("to"))
    if was_done(flow, again, ()):
        return visit.go(f"/flows/{flow.id}", said=_SAID[asked])
    turn = _turn(visit, sight, flow)
    if kind is ActKind.REJECT and not why:
        return _page(visit, sight, flow, UsageFault("flow.not-here"))
    seen = visit.field("sha256") if kind is ActKind.APPROVE else ""
    done = Act(kind, turn.step.name, sight.acting(turn), why, seen, to=visit.field("to"))
    try:
        visit.office.flows.act(flow.id, done)
    except (DocumentFault, UsageFault) as fault:
        return _page(visit, sight, sight.flow(flow.id), fault)
    return visit.go(f"/flows/{flow.id}", said=_SAID[asked])


@routes.post("/flows/{flow}/return", *SEEN, largest=0)
def bring_back(visit: Visit) -> Response:
    """Take back a document that was signed outside; one that is not as agreed is refused."""
    sight = flow_sight(visit)
    flow = sight.flow(visit.path("flow"))
    turn = _turn(visit, sight, flow)
    files = visit.files("file")
    if not files:
        return _page(visit, sight, flow, UsageFault("usage.no-file"))
    done = Act(ActKind.RETURN, turn.step.name, sight.acting(turn))
    try:
        bring_in(visit.office.flows, flow.id, done, files[0])
    except (DocumentFault, UsageFault) as fault:
        return _page(visit, sight, sight.flow(flow.id), fault)
    return visit.go(f"/flows/{flow.id}", said="flow-returned")


@routes.post("/flows/{flow}/withdraw", *SEEN)
def withdraw(visit: Visit) -> Response:
    """Call a flow off."""
    sight = flow_sight(visit)
    flow = sight.flow(visit.path("flow"))
    actor = sight.withdrawing(flow)
    if actor is None:
        raise UsageFault("flow.not-withdrawable", flow.status.state.value)
    why = visit.field("why").strip()[:500]
    try:
        visit.office.flows.act(flow.id, Act(ActKind.WITHDRAW, actor=actor, why=why))
    except UsageFault as fault:
        return _page(visit, sight, flow, fault)
    return visit.go(f"/flows/{flow.id}", said="flow-withdrawn")


@routes.get("/flows/{flow}/revisions/{sha256}/file", *SEEN)
def revision(visit: Visit) -> Response:
    """Return a revision of a flow's document, checked, to be kept."""
    flow = flow_sight(visit).flow(visit.path("flow"))
    path = visit.office.flows.revision(flow.id, visit.path("sha256"))
    name = f"{Path(flow.status.source).stem}-{_number(flow, visit.path('sha256'))}.pdf"
    headers = attachment(name)
    return Response(path.read_bytes(), media_type="application/octet-stream", headers=headers)


@routes.get("/flows/{flow}/revisions/{sha256}/pages/{number}.png", *SEEN)
def picture(visit: Visit) -> Response:
    """Return one page of a revision as a picture; it is drawn in a child process."""
    flow = flow_sight(visit).flow(visit.path("flow"))
    path = visit.office.flows.revision(flow.id, visit.path("sha256"))
    return page_picture(visit, path, page_asked(visit), seconds=3600)


@routes.get("/flows/{flow}/evidence/{paper}", *SEEN)
def evidence(visit: Visit) -> Response:
    """Return the certificate of a flow that has ended, or its data."""
    flow = flow_sight(visit).flow(visit.path("flow"))
    paper = paper_named(visit.path("paper"))
    content = paper_of(visit.site, flow, paper)
    return visit.download(content, paper.name_for(flow), paper.media_type)


def _page(
    visit: Visit, sight: FlowSight, flow: Flow, fault: SealgateError | None = None
) -> Response:
    chosen = visit.query("revision") or flow.status.current
    if all(one.sha256 != chosen for one in flow.status.revisions):
        chosen = flow.status.current
    pages, reports, page_fault = _looked(visit, flow, chosen)
    return visit.page(
        "flows/flow.html",
        400 if fault is not None else 200,
        flow=flow,
        stands=flow.status,
        turns=sight.turns(flow),
        withdrawable=sight.withdrawing(flow) is not None,
        story=story_of(visit.office.site.equipment.log.entries(job=flow.id)),
        shown=chosen,
        pages=pages,
        drawn=pages_shown(visit, pages),
        papers=flow.status.state.ended,
        certificate=are_there(flow),
        reports=reports,
        page_fault=page_fault,
        fault=fault,
        job=flow.id if visit.may(Permission.SEE_DOCUMENTS) else "",
    )


def _looked(visit: Visit, flow: Flow, sha256: str) -> tuple[int, tuple[SignatureReport, ...], str]:
    """Return pages and signatures of a revision, or the code of why they cannot be shown."""
    documents = visit.site.documents
    try:
        path = visit.office.flows.revision(flow.id, sha256)
        pages = len(documents.examine(path).pages)
        return pages, documents.verify(path, visit.site.equipment.anchors()), ""
    except (DocumentFault, SiteFault, UsageFault) as fault:
        return 0, (), fault.code


def _turn(visit: Visit, sight: FlowSight, flow: Flow) -> Turn:
    """Return the turn that the form names; raises `UsageFault` as an act would."""
    name = visit.field("step")
    found = [turn for turn in sight.turns(flow) if turn.step.name == name]
    if not found:
        ended = flow.status.state.ended
        raise UsageFault("flow.ended" if ended else "flow.not-your-step", display(name)[:100])
    return found[0]


def _number(flow: Flow, sha256: str) -> int:
    return [one.sha256 for one in flow.status.revisions].index(sha256)
