"""A bare frame around the positioning page: who asks is said by a cookie, not by a log-in."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import jinja2
import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

import gateway.console
from gateway.console.positioning_answers import Json
from gateway.console.positioning_desk import PositioningDesk
from gateway.console.routes.positioning import PositioningRoutes
from gateway.core.people import Permission, Person, Role, may
from gateway.wiring import Site, hand_placing, open_site, positioning

BASE = "/positioning"
TOKEN = "made-up"
_HERE = Path(gateway.console.__file__).parent
_PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    "<title>{% block title %}{% endblock %}</title>{% block head %}{% endblock %}</head>"
    "<body>{% block content %}{% endblock %}</body></html>"
)
_POLICY = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"


class Frame:
    """What the console does for every page, as little of it as will do."""

    def __init__(self) -> None:
        loaders = [
            jinja2.DictLoader({"base.html": _PAGE}),
            jinja2.FileSystemLoader(_HERE / "templates"),
        ]
        self._templates = jinja2.Environment(
            loader=jinja2.ChoiceLoader(loaders), autoescape=True, undefined=jinja2.StrictUndefined
        )

    def person(self, request: Request, permission: Permission) -> Person:
        """Take the cookie's word for who asks."""
        role = Role(request.cookies.get("role", "submitter"))
        person = Person(role.value, role.value, frozenset({role}))
        if not may(person, permission):
            raise HTTPException(403)
        return person

    def check_sent(self, request: Request, token: str | None = None) -> None:
        """Ask for the token."""
        if (request.headers.get("x-csrf-token") if token is None else token) != TOKEN:
            raise HTTPException(403)

    def translator(self, request: Request) -> Callable[[str], str]:
        """Translate nothing."""
        return str

    def render(self, request: Request, template: str, values: Json, status: int = 200) -> Response:
        """Return a page."""
        page = self._templates.get_template(template)
        text = page.render(t=str, static="/static/{}".format, token=TOKEN, **values)
        return HTMLResponse(text, status)


class _Policy(BaseHTTPMiddleware):
    """As strict as the console is with its pages."""

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        response = await call_next(request)
        response.headers["Content-Security-Policy"] = _POLICY
        return response


def application(site: Site) -> Starlette:
    """Return the page of an open site."""
    tried = positioning(site)
    desk = PositioningDesk(tried, hand_placing(site, tried))
    routes = PositioningRoutes(lambda: desk, Frame(), BASE, site.equipment.max_file_size).all()
    return Starlette(
        routes=[
            Mount("/static", StaticFiles(directory=_HERE / "static")),
            Mount(BASE, routes=routes),
        ],
        middleware=[Middleware(_Policy)],
    )


def main() -> None:
    """Serve the page for a site on a port of loopback."""
    app = application(open_site(Path(sys.argv[1])))
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="warning")


if __name__ == "__main__":
    main()
