"""From a request to a page: who comes, may they, did the form come from us, and what went wrong."""

from __future__ import annotations

import hmac
import sys
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import replace

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive

from gateway.console.cookies import Cookies
from gateway.console.navigation import home_of
from gateway.console.office import Office
from gateway.console.routing import FORM_BYTES, Door, Route
from gateway.console.statuses import STATUSES, is_missing
from gateway.console.visit import Visit, whole_number
from gateway.console.words import language_of
from gateway.core.errors import AccessFault, Scope, SealgateError
from gateway.core.notice_settings import Language
from gateway.core.visiting import Visitor
from gateway.people.tokens import csrf_of, new_token

Endpoint = Callable[[Request], Awaitable[Response]]
_STATUSES = STATUSES | {Scope.CONFIGURATION: 503}
_FIELDS, _FILES = 300, 50


class TooLarge(Exception):
    """A request brings more than its page takes."""


class Reception:
    """Receives the visits of one console."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.cookies = Cookies(office.settings)

    def endpoint(self, route: Route) -> Endpoint:
        """Return what answers the requests of a route."""

        async def answer(request: Request) -> Response:
            return await self.answer(request, route)

        return answer

    async def answer(self, request: Request, route: Route) -> Response:
        """Answer one request; a fault becomes its page."""
        visit = await run_in_threadpool(self.visit, request)
        try:
            self._admit(visit, route)
            if route.method == "POST":
                visit = replace(visit, form=await self._form(request, route))
                self._check_form(visit)
            response = await run_in_threadpool(route.page, visit)
        except SealgateError as fault:
            response = self.of_fault(visit, fault)
        except TooLarge:
            response = visit.page("errors/status.html", 413, number=413)
        except (MultiPartException, HTTPException):
            response = visit.page("errors/status.html", 400, number=400)
        except Exception:  # the page that failed is told of below; the console goes on
            response = self.of_defect(visit)
        finally:
            await visit.form.close()
        return self.finish(visit, response)

    def visit(self, request: Request) -> Visit:
        """Return a request as pages meet it, before it is known whether it is let in."""
        token, visitor = self.cookies.session(request), None
        if token:
            try:
                visitor = self.office.site.people.person_of_session(token)
            except AccessFault:
                token = ""
        if visitor is None:
            token = self.cookies.form(request) or new_token()
            request.state.fresh_form = token
        csrf = visitor.csrf if visitor is not None else csrf_of(token)
        return Visit(self.office, request, visitor, self._language(request, visitor), csrf)

    def of_fault(self, visit: Visit, fault: SealgateError) -> Response:
        """Return what a visitor sees of a fault."""
        if fault.code == "access.logged-out":
            here = visit.request.url.path
            if visit.request.method == "GET" and here != "/":
                return visit.go(f"/login?next={here}")
            return visit.go("/login")
        if fault.code == "access.second-factor":
            return visit.go("/profile/second-factor")
        if fault.code == "access.four-eyes":
            return visit.go("/seals", said="filed")
        missing = is_missing(fault) or fault.code.startswith("access.link")
        status = 404 if missing else _STATUSES.get(fault.scope, 409)
        detail = "" if status == 503 and not visit.visitor else fault.detail
        return visit.page("errors/fault.html", status, code=fault.code, detail=detail)

    def of_defect(self, visit: Visit) -> Response:
        """Return what a visitor sees of a defect of ours; it is told on standard error."""
        traceback.print_exc(file=sys.stderr)
        return visit.page("errors/status.html", 500, number=500)

    def finish(self, visit: Visit, response: Response) -> Response:
        """Give whoever is not logged in what its next form has to bring back."""
        fresh = getattr(visit.request.state, "fresh_form", "")
        if fresh and fresh != self.cookies.form(visit.request):
            self.cookies.begin_form(response, fresh)
        return response

    def _admit(self, visit: Visit, route: Route) -> None:
        if Door.OPEN in route.needs:
            return
        if visit.visitor is None:
            raise AccessFault("access.logged-out")
        if Door.LOGGED_IN in route.needs:
            return
        needs = [need for need in route.needs if not isinstance(need, Door)]
        if not any(visit.visitor.may(need) for need in needs):
            visit.visitor.require(needs[0])

    async def _form(self, request: Request, route: Route) -> FormData:
        largest = route.largest or self.office.site.loaded.settings.limits.max_file_size
        largest += 0 if route.largest else FORM_BYTES
        told = request.headers.get("content-length", "0")
        declared = whole_number(told)
        if declared is None or declared > largest:
            raise TooLarge
        limited = Request(request.scope, _bounded(request.receive, largest))
        return await limited.form(
            max_files=0 if route.largest == FORM_BYTES else _FILES, max_fields=_FIELDS
        )

    def _check_form(self, visit: Visit) -> None:
        told = visit.request.headers.get("x-csrf-token") or visit.field("csrf")
        if not hmac.compare_digest(told.encode(), visit.csrf.encode()):
            raise AccessFault("access.form")

    def _language(self, request: Request, visitor: Visitor | None) -> Language:
        wishes = (
            request.cookies.get("language", ""),
            visitor.person.language if visitor is not None else "",
            request.headers.get("accept-language", "") if visitor is None else "",
        )
        return language_of(wishes, self.office.site.loaded.settings.language)


def landing_of(visitor: Visitor) -> str:
    """Return where somebody goes who has just come in."""
    return "/profile/second-factor" if visitor.needs_second_factor else home_of(visitor)


def _bounded(receive: Receive, largest: int) -> Receive:
    """Return what hands a request on and ends it when it is too large."""
    got = 0

    async def receiving() -> Message:
        nonlocal got
        message = await receive()
        got += len(message.get("body", b""))
        if got > largest:
            raise TooLarge
        return message

    return receiving
