"""The application: every route of every topic, behind the guard."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.console.api import OPENAPI, PREFIX, ApiGate, add_api
from gateway.console.api_models import Fault
from gateway.console.assets import load_assets
from gateway.console.guarding import Guard
from gateway.console.office import Office
from gateway.console.pages import Pages
from gateway.console.reception import Reception
from gateway.console.routes import (
    documents,
    entrance,
    flow_boards,
    flows,
    home,
    log,
    people,
    positioning,
    profile,
    seals,
    services,
    verify,
    work,
)
from gateway.console.routing import FORM_BYTES, Route
from gateway.core.errors import UsageFault
from gateway.wiring import Site

_TOPICS = (
    *(home, entrance, profile, work, documents, flow_boards, flows, log, verify),
    *(seals, services, people, positioning),
)


def declared_routes() -> tuple[Route, ...]:
    """Return every route there is."""
    return tuple(route for topic in _TOPICS for route in topic.routes.declared)


def make_app(site: Site, sealing: Callable[[], bool] = lambda: True) -> FastAPI:
    """Return the console of an open site; `sealing` tells whether some process works on it."""
    assets = load_assets()
    office = Office(site, Pages(assets, site.loaded.settings.name), assets, sealing)
    reception = Reception(office)
    app = FastAPI(title="Sealgate", openapi_url=OPENAPI, docs_url=None, redoc_url=None)
    add_api(app, site)
    for route in declared_routes():
        methods = ["GET", "HEAD"] if route.method == "GET" else [route.method]
        app.router.add_route(route.path, reception.endpoint(route), methods)

    async def of_status(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        if request.url.path.startswith(PREFIX):
            fault = Fault.of(UsageFault("usage.request", str(status)))
            return JSONResponse(fault.model_dump(), status)
        visit = await run_in_threadpool(reception.visit, request)
        response = visit.page("errors/status.html", status, number=status)
        return reception.finish(visit, response)

    app.router.redirect_slashes = False
    app.add_exception_handler(HTTPException, of_status)
    clock = site.equipment.clock
    largest = site.loaded.settings.limits.max_file_size + FORM_BYTES
    app.add_middleware(ApiGate, largest=largest)
    app.add_middleware(Guard, settings=office.settings, monotonic=clock.monotonic)
    return app
