"""Documents: what waits, what is under way, what is held, what failed."""

from __future__ import annotations

from starlette.responses import Response

from gateway.console.routing import Routes
from gateway.console.visit import Visit
from gateway.core.people import Permission

routes = Routes()


@routes.get("/work", Permission.SEE_DOCUMENTS, Permission.SUBMIT)
def board(visit: Visit) -> Response:
    """Show what is under way."""
    return visit.page("work/board.html")
