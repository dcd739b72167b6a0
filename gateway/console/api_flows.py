"""Contract flows by HTTP: which there are, where they stand, their documents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from gateway.console.api_flow_acts import FlowActs, add_flow_acts
from gateway.console.api_flow_models import DefinitionFacts, FlowFacts, FlowStory
from gateway.console.api_repeats import Repeats
from gateway.console.contracts import SEEN, FlowSight, definitions_of
from gateway.console.flow_papers import Paper, paper_of
from gateway.console.visit import attachment
from gateway.core.errors import UsageFault
from gateway.core.flow_drawing import drawn
from gateway.core.flow_events import FlowState
from gateway.core.names import display
from gateway.core.visiting import Visitor
from gateway.ports import FlowQuery
from gateway.wiring import Site
from gateway.wiring.flows import flow_office

Allowed = Callable[..., Callable[..., Visitor]]
_MOST = 500
_Name = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True)
class Wanted:
    """Which flows are asked for."""

    state: FlowState | None = None
    definition: _Name = ""
    step: _Name = ""
    party: _Name = ""
    """It is this party's turn."""
    mine: bool = False
    """It is the turn of whoever asks."""
    overdue: bool = False
    ended: bool = False

    def query(self, sight: FlowSight) -> FlowQuery:
        """Return what is asked of the ledger."""
        ended = self.ended or (self.state is not None and self.state.ended)
        return FlowQuery(
            sight.viewer,
            ended=ended,
            state=self.state,
            name=self.definition,
            step=self.step,
            party=self.party,
            mine=self.mine,
            overdue=self.overdue,
        )


def add_flows(router: APIRouter, site: Site, allowed: Allowed) -> None:
    """Add what programs may ask of contract flows, and do in them."""
    seeing = allowed(site, *SEEN)
    office = flow_office(site)

    def seen_by(visitor: Visitor) -> FlowSight:
        return FlowSight(office, site.ledger.flow_lists, visitor)

    _add_definitions(router, site, seeing)
    _add_lists(router, seeing, seen_by)
    _add_documents(router, seeing, seen_by)
    _add_papers(router, site, seeing, seen_by)
    add_flow_acts(router, FlowActs(office, Repeats(site.equipment.memory), seen_by), seeing)


def _add_definitions(router: APIRouter, site: Site, seeing: Callable[..., Visitor]) -> None:
    dependencies = [Depends(seeing)]

    @router.get("/flow-definitions", dependencies=dependencies)
    def definitions() -> list[DefinitionFacts]:
        """Return the definitions by which contract flows may begin now."""
        return [DefinitionFacts.of(one) for one in definitions_of(site)]

    @router.get(
        "/flow-definitions/{name}/drawing", response_class=Response, dependencies=dependencies
    )
    def drawing(name: str) -> Response:
        """Return the way of a definition as SVG."""
        found = next((one for one in definitions_of(site) if one.name == name), None)
        if found is None:
            raise UsageFault("flow.unknown", display(name)[:100])
        return _svg(drawn([found]))


def _add_lists(
    router: APIRouter, seeing: Callable[..., Visitor], seen_by: Callable[[Visitor], FlowSight]
) -> None:
    who = Depends(seeing)

    @router.get("/flows")
    def flows(  # noqa: PLR0917  # FastAPI passes them by name
        request: Request,
        response: Response,
        wanted: Annotated[Wanted, Depends()],
        visitor: Visitor = who,
        after: _Name = "",
        limit: Annotated[int, Query(ge=1, le=_MOST)] = 100,
    ) -> list[FlowFacts]:
        """Return the flows that run, overdue ones first, then by deadline; or those that ended.

        Ended ones come with the latest first. The header `Link` leads to the next page (RFC 8288).
        """
        sight = seen_by(visitor)
        page = sight.find(wanted.query(sight), after=after, limit=limit)
        if page.after:
            asked = [pair for pair in request.query_params.multi_items() if pair[0] != "after"]
            following = f"{request.url.path}?{urlencode([*asked, ('after', page.after)])}"
            response.headers["Link"] = f'<{following}>; rel="next"'
        found = [sight.flow(row.id) for row in page.rows]
        return [FlowFacts.of(flow, sight.turns(flow)) for flow in found]

    @router.get("/flows/{flow}")
    def show(flow: str, visitor: Visitor = who) -> FlowStory:
        """Return where a flow stands, and all that happened."""
        sight = seen_by(visitor)
        found = sight.flow(flow)
        return FlowStory.told(found, sight.turns(found), sight.story(found))


def _add_documents(
    router: APIRouter, seeing: Callable[..., Visitor], seen_by: Callable[[Visitor], FlowSight]
) -> None:
    who = Depends(seeing)

    @router.get("/flows/{flow}/drawing", response_class=Response)
    def drawing(flow: str, visitor: Visitor = who) -> Response:
        """Return the way of a flow, and where it stands, as SVG."""
        found = seen_by(visitor).flow(flow)
        return _svg(drawn([found.definition], story=found.status))

    @router.get("/flows/{flow}/revisions/{sha256}", response_class=Response)
    def revision(flow: str, sha256: str, visitor: Visitor = who) -> Response:
        """Return a version of a flow's document, checked."""
        sight = seen_by(visitor)
        found = sight.flow(flow)
        content = sight.revision(found, sha256).read_bytes()
        headers = attachment(f"{Path(found.status.source).stem}.pdf")
        return Response(content, media_type="application/pdf", headers=headers)


def _add_papers(
    router: APIRouter,
    site: Site,
    seeing: Callable[..., Visitor],
    seen_by: Callable[[Visitor], FlowSight],
) -> None:
    who = Depends(seeing)

    @router.get("/flows/{flow}/evidence/{paper}", response_class=Response)
    def evidence(flow: str, paper: Paper, visitor: Visitor = who) -> Response:
        """Return the certificate of completion (PDF) of a flow that has ended, or its data."""
        found = seen_by(visitor).flow(flow)
        content = paper_of(site, found, paper)
        return Response(
            content, media_type=paper.media_type, headers=attachment(paper.name_for(found))
        )


def _svg(picture: str) -> Response:
    return Response(picture, media_type="image/svg+xml")
