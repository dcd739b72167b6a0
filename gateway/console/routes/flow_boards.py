"""Contract flows as a board and as lists, their definitions, and how one begins."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime

from starlette.responses import Response

from gateway.console.contracts import SEEN, Card, FlowSight, definitions_of, flow_sight
from gateway.console.handing import hand_over
from gateway.console.routing import Routes
from gateway.console.visit import Visit, svg
from gateway.core.errors import UsageFault
from gateway.core.flow_definition import FlowDefinition
from gateway.core.flow_drawing import Standing, drawn
from gateway.core.names import display
from gateway.core.people import Permission
from gateway.ports import FlowColumn, FlowQuery

routes = Routes()
_IN_COLUMN = 6
"""Cards of a column on the board; the others are on pages of their own."""
_WAITING = 6
_ENDED = 20
_ON_PAGE = 60
_DRAWN = 100
"""Documents in the drawing of a definition, the most urgent ones."""


@dataclass(frozen=True)
class Column:
    """A step of a definition on the board."""

    step: str
    count: int
    cards: tuple[Card, ...]


@routes.get("/flows", *SEEN)
def board(visit: Visit) -> Response:
    """Show the flows that run in the columns of their steps, the overdue ones first."""
    sight, now = flow_sight(visit), visit.site.equipment.clock.now()
    mine = FlowQuery(sight.viewer, mine=True)
    waiting = sight.find(mine, limit=_WAITING)
    over = sight.find(FlowQuery(sight.viewer, ended=True), limit=_ENDED)
    definitions = definitions_of(visit.site)
    return visit.page(
        "flows/board.html",
        boards=_boards(sight, definitions, now),
        mine=[sight.card(row, now) for row in waiting.rows],
        waiting=sight.count(mine) if waiting.after else len(waiting.rows),
        ended=[sight.flow(row.id) for row in over.rows],
        ended_more=bool(over.after),
        startable=[one for one in definitions if visit.may(Permission.SUBMIT)],
        attended={one.name for one in visit.site.loaded.settings.inboxes},
    )


@routes.get("/flows/list", *SEEN)
def listing(visit: Visit) -> Response:
    """Show flows page by page: of a step, those that wait for the visitor, those that ended."""
    sight, now = flow_sight(visit), visit.site.equipment.clock.now()
    query = FlowQuery(
        sight.viewer,
        ended=bool(visit.query("ended")),
        name=visit.query("name"),
        step=visit.query("step"),
        mine=bool(visit.query("mine")),
        overdue=bool(visit.query("overdue")),
    )
    page = sight.find(query, after=visit.query("after"), limit=_ON_PAGE)
    kept = {key: visit.query(key) for key in ("ended", "name", "step", "mine", "overdue")}
    return visit.page(
        "flows/list.html",
        query=query,
        title=_title(visit, sight, query),
        count=sight.count(query),
        cards=[] if query.ended else [sight.card(row, now, query.step) for row in page.rows],
        ended=[sight.flow(row.id) for row in page.rows] if query.ended else [],
        kept={key: value for key, value in kept.items() if value},
        after=page.after,
        later=bool(visit.query("after")),
    )


@routes.get("/flows/drawings/{name}", *SEEN)
def drawing_of_definition(visit: Visit) -> Response:
    """Draw a definition, and where the visitor's most urgent documents stand."""
    definition, sight = _definition(visit), flow_sight(visit)
    rows = sight.find(FlowQuery(sight.viewer, name=definition.name), limit=_DRAWN).rows
    standing = [Standing(row.name, display(row.source), row.state, row.steps) for row in rows]
    return svg(drawn([definition], standing, language=visit.language))


@routes.post("/flows/begin/{name}", Permission.SUBMIT, largest=0)
def begin(visit: Visit) -> Response:
    """Lay a document into a flow's inbox, its ticket with the fields of the form before it."""
    definition = _definition(visit)
    inbox = visit.site.loaded.settings.inbox(definition.inbox)
    if inbox is None:
        raise UsageFault("usage.unknown-inbox", display(definition.inbox)[:100])
    files = visit.files("file")
    if not files:
        raise UsageFault("usage.no-file")
    told = {key: visit.field(f"field.{key}").strip() for key in definition.wanted}
    fields = {key: value for key, value in told.items() if value}
    hand_over(visit.site, visit.somebody, inbox, files[0], fields)
    return visit.go("/flows", said="flow-begun")


def _definition(visit: Visit) -> FlowDefinition:
    """Return the definition that the path names; raises `UsageFault` (`flow.unknown`)."""
    name = visit.path("name")
    for definition in definitions_of(visit.site):
        if definition.name == name:
            return definition
    raise UsageFault("flow.unknown", display(name)[:100])


def _boards(
    sight: FlowSight, definitions: tuple[FlowDefinition, ...], now: datetime
) -> list[tuple[FlowDefinition, list[Column]]]:
    """Return the columns of every flow: its steps in their order, each with its first cards."""
    found = sight.columns()
    known = {one.name: one for one in definitions}
    for name in sorted({column.name for column in found} - known.keys()):
        # Its file is gone; those that run by it go on.
        rows = sight.find(FlowQuery(sight.viewer, name=name), limit=1).rows
        if rows:
            known[name] = sight.definition(rows[0])
    return [(one, _columns(sight, one, found, now)) for _, one in sorted(known.items())]


def _columns(
    sight: FlowSight, definition: FlowDefinition, found: tuple[FlowColumn, ...], now: datetime
) -> list[Column]:
    counts = Counter({one.step: one.count for one in found if one.name == definition.name})
    names = [step.name for step in definition.steps]
    # A flow that runs by an earlier definition may stand at a step that is no more.
    names += sorted(counts.keys() - set(names))
    at = FlowQuery(sight.viewer, name=definition.name)
    columns = []
    for name in names:
        page = sight.find(replace(at, step=name), limit=_IN_COLUMN) if counts[name] else None
        cards = tuple(sight.card(row, now, name) for row in page.rows) if page else ()
        columns.append(Column(name, counts[name], cards))
    return columns


def _title(visit: Visit, sight: FlowSight, query: FlowQuery) -> str:
    """Return what people call the flow whose documents are listed; empty for no certain one."""
    known = (one for one in definitions_of(visit.site) if one.name == query.name)
    definition = next(known, None)
    if definition is None and query.name:
        rows = sight.find(replace(query, step="", mine=False), limit=1).rows
        definition = sight.definition(rows[0]) if rows else None
    return "" if definition is None else definition.title or definition.name
