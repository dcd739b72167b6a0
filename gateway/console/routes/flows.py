"""Contract flows: the board, each flow with its revisions, and the acts of its parties."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from starlette.responses import Response

from gateway.console.contracts import SEEN, Card, FlowSight, Turn
from gateway.console.handing import bring_in, hand_over
from gateway.console.page_pictures import MOST_PAGES, page_asked, page_picture
from gateway.console.routing import Routes
from gateway.console.visit import Visit, attachment
from gateway.core.errors import DocumentFault, SealgateError, SiteFault, UsageFault
from gateway.core.flow_acts import Act, ActKind
from gateway.core.flow_definition import FlowDefinition
from gateway.core.flow_drawing import Standing, drawn
from gateway.core.flow_story import story_of
from gateway.core.names import display
from gateway.core.people import Permission
from gateway.ports import Flow, SignatureReport
from gateway.wiring.flows import inbox_tickets

routes = Routes()
_ENDED = 30
"""Ended flows on the board."""
_SAID: dict[str, str] = {
    ActKind.APPROVE: "flow-approved",
    ActKind.REJECT: "flow-rejected",
    ActKind.DELEGATE: "flow-delegated",
}


@routes.get("/flows", *SEEN)
def board(visit: Visit) -> Response:
    """Show every flow that runs in the column of its step, the overdue ones first."""
    sight, now = _sight(visit), visit.site.equipment.clock.now()
    running = sight.running()
    cards = sorted((sight.card(flow, now) for flow in running), key=_urgency)
    definitions = {flow.definition.name: flow.definition for flow in reversed(running)}
    definitions |= {flow.name: flow for flow in visit.site.rules.flows()}
    return visit.page(
        "flows/board.html",
        boards=[_board(one, cards) for _, one in sorted(definitions.items())],
        mine=[card for card in cards if card.mine],
        ended=sight.ended(_ENDED),
        startable=[one for one in visit.site.rules.flows() if visit.may(Permission.SUBMIT)],
    )


@routes.get("/flows/drawings/{name}", *SEEN)
def drawing_of_definition(visit: Visit) -> Response:
    """Draw a definition, and where the visitor's documents stand."""
    definition = _definition(visit)
    standing = [
        Standing(
            definition.name,
            display(flow.status.source),
            flow.status.state,
            flow.status.steps_under_way,
        )
        for flow in _sight(visit).running()
        if flow.definition.name == definition.name
    ]
    return _svg(drawn([definition], standing, language=visit.language))


@routes.post("/flows/begin/{name}", Permission.SUBMIT, largest=0)
def begin(visit: Visit) -> Response:
    """Lay a document into a flow's inbox, its ticket with the fields of the form beside it."""
    definition = _definition(visit)
    inbox = visit.site.loaded.settings.inbox(definition.inbox)
    if inbox is None:
        raise UsageFault("flow.unknown", display(definition.name)[:100])
    files = visit.files("file")
    if not files:
        raise UsageFault("usage.no-file")
    dropped = hand_over(visit.site, visit.somebody, inbox, files[0])
    told = {key: visit.field(f"field.{key}").strip() for key in definition.wanted}
    fields = {key: value for key, value in told.items() if value}
    if fields:
        # JSON is YAML, too. It is there long before the document has settled.
        ticket = json.dumps({"fields": fields}, ensure_ascii=False, indent=1) + "\n"
        inbox_tickets(visit.site).lay(inbox.name, dropped.source, ticket.encode())
    return visit.go("/flows", said="flow-begun")


@routes.get("/flows/{flow}", *SEEN)
def show(visit: Visit) -> Response:
    """Show where a flow stands, what it waits for, and all that happened."""
    sight = _sight(visit)
    flow = sight.flow(visit.path("flow"))
    return _page(visit, sight, flow)


@routes.get("/flows/{flow}/drawing", *SEEN)
def drawing(visit: Visit) -> Response:
    """Draw the way of one flow."""
    flow = _sight(visit).flow(visit.path("flow"))
    return _svg(drawn([flow.definition], story=flow.status, language=visit.language))


@routes.post("/flows/{flow}/act", *SEEN)
def act(visit: Visit) -> Response:
    """Approve, reject or hand over a step that waits for the visitor."""
    sight = _sight(visit)
    flow = sight.flow(visit.path("flow"))
    asked = visit.field("act")
    if asked not in _SAID:
        raise UsageFault("flow.not-here", display(asked)[:100])
    kind = ActKind(asked)
    turn = _turn(visit, sight, flow)
    why = visit.field("why").strip()[:500]
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
    sight = _sight(visit)
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
    sight = _sight(visit)
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
    flow = _sight(visit).flow(visit.path("flow"))
    path = visit.office.flows.revision(flow.id, visit.path("sha256"))
    name = f"{Path(flow.status.source).stem}-{_number(flow, visit.path('sha256'))}.pdf"
    headers = attachment(name)
    return Response(path.read_bytes(), media_type="application/octet-stream", headers=headers)


@routes.get("/flows/{flow}/revisions/{sha256}/pages/{number}.png", *SEEN)
def picture(visit: Visit) -> Response:
    """Return one page of a revision as a picture; it is drawn in a child process."""
    flow = _sight(visit).flow(visit.path("flow"))
    path = visit.office.flows.revision(flow.id, visit.path("sha256"))
    return page_picture(visit, path, page_asked(visit), seconds=3600)


def _definition(visit: Visit) -> FlowDefinition:
    """Return the definition that the path names; raises `UsageFault` (`flow.unknown`)."""
    name = visit.path("name")
    for definition in visit.site.rules.flows():
        if definition.name == name:
            return definition
    raise UsageFault("flow.unknown", display(name)[:100])


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
        pages=min(pages, MOST_PAGES),
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


def _board(
    definition: FlowDefinition, cards: list[Card]
) -> tuple[FlowDefinition, list[tuple[str, list[Card]]]]:
    """Return the columns of one flow: its steps in their order, each with its cards."""
    own = [card for card in cards if card.name == definition.name]
    names = [step.name for step in definition.steps]
    # A flow that runs by an earlier definition may stand at a step that is no more.
    names += sorted({name for card in own for name in card.steps} - set(names))
    return definition, [(name, [card for card in own if name in card.steps]) for name in names]


def _urgency(card: Card) -> tuple[bool, bool, datetime | str]:
    """Order cards: overdue, then by what is due first, then those that never are."""
    return not card.overdue, card.due is None, card.due or card.id


def _number(flow: Flow, sha256: str) -> int:
    return [one.sha256 for one in flow.status.revisions].index(sha256)


def _sight(visit: Visit) -> FlowSight:
    return FlowSight(visit.office.flows, visit.somebody)


def _svg(picture: str) -> Response:
    return Response(picture, media_type="image/svg+xml", headers={"Cache-Control": "no-store"})
