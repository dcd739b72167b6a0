"""The way in, what pages are made with, and matters of taste."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import Response

from gateway.console.cookies import THEMES, Cookies
from gateway.console.navigation import home_of
from gateway.console.routing import Door, Routes
from gateway.console.visit import Visit
from gateway.console.words import LANGUAGES

routes = Routes()


@routes.get("/", Door.LOGGED_IN)
def home(visit: Visit) -> Response:
    """Send somebody to the first page of his menu."""
    return visit.go(home_of(visit.somebody))


@routes.get("/assets/{name}", Door.OPEN)
def asset(visit: Visit) -> Response:
    """Return style sheet, script or picture."""
    found = visit.office.assets.get(visit.path("name"))
    if found is None:
        raise HTTPException(404)
    # Modules import each other by their bare names: those may be others after an upgrade.
    versioned = visit.query("v") == found.version
    kept = "public, max-age=31536000, immutable" if versioned else "no-cache"
    return Response(found.content, media_type=found.type, headers={"Cache-Control": kept})


@routes.get("/robots.txt", Door.OPEN)
def robots(visit: Visit) -> Response:
    """Keep search engines out."""
    return Response("User-agent: *\nDisallow: /\n", media_type="text/plain")


@routes.post("/taste", Door.OPEN)
def taste(visit: Visit) -> Response:
    """Keep theme or language in this browser, and go back to where one was."""
    response = visit.go(visit.field("back") or "/")
    cookies = Cookies(visit.office.settings)
    if (theme := visit.field("theme")) in ("", *THEMES) and "theme" in visit.form:
        cookies.keep_taste(response, "theme", theme)
    if (language := visit.field("language")) in tuple(LANGUAGES):
        cookies.keep_taste(response, "language", language)
    return response
