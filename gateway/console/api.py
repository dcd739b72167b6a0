"""The HTTP API under `/api/v1`: submit, status, results, log, explain; for programs.

A program comes with an API token as bearer; what it may do is what its token's scopes and its
owner's roles both allow. No cookie counts here, so no page of another site can act through one.
"""

from __future__ import annotations

import hashlib
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Form, Header, Query, Security, UploadFile
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import Field, Json
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as Scope_

from gateway.console.api_flows import add_flows
from gateway.console.api_models import Entry, Explanation, Fault, JobStatus, Submitted
from gateway.console.contracts import definitions_of
from gateway.console.handing import hand_over
from gateway.console.seeing import Sight, seen_job
from gateway.console.statuses import STATUSES, is_missing
from gateway.console.visit import attachment, whole_number
from gateway.core.droppers import Dropper
from gateway.core.errors import AccessFault, SealgateError, UsageFault
from gateway.core.log_query import LogOutcome, LogQuery
from gateway.core.names import display
from gateway.core.people import Permission
from gateway.core.site import InboxSettings
from gateway.core.visiting import Visitor
from gateway.pipeline.dropping import plain_name
from gateway.pipeline.explaining import explain
from gateway.pipeline.stories import name_of, read_kept
from gateway.ports import Kept
from gateway.wiring import Site, load_site

PREFIX = "/api/v1"
OPENAPI = f"{PREFIX}/openapi.json"
_MOST = 1000
_PLAIN: dict[str, object] = {"content": {"text/plain": {"schema": {"type": "string"}}}}
_ERRORS: dict[int | str, dict[str, object]] = {
    **{code: {"model": Fault} for code in (400, 401, 403, 404, 409, 413, 422, 503)},
    # By what stands before the API and knows nothing of it.
    421: {"description": "The console has another name", **_PLAIN},
    429: {"description": "Too many requests", **_PLAIN},
}
_bearer = HTTPBearer(auto_error=False, description="an API token, made in the console")
_Key = Annotated[str, Header(alias="Idempotency-Key", max_length=200)]
_Word = Annotated[str, Field(max_length=1000)]
_Fields = Annotated[Json[dict[_Word, _Word]] | None, Form()]
_Bearer = Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]


def add_api(app: FastAPI, site: Site) -> None:
    """Add the API of an open site to an application."""
    router = APIRouter(prefix=PREFIX, responses=_ERRORS)
    _add_documents(router, site, threading.Lock())
    _add_jobs(router, site)
    _add_log(router, site)
    add_flows(router, site, allowed)
    app.include_router(router)

    def of_fault(request: Request, error: Exception) -> Response:
        if not isinstance(error, SealgateError):
            raise error
        return JSONResponse(Fault.of(error).model_dump(), _status(error))

    def of_request(request: Request, error: Exception) -> Response:
        detail = str(error.errors()[0]["loc"]) if isinstance(error, RequestValidationError) else ""
        return JSONResponse(Fault.of(UsageFault("usage.request", detail[:200])).model_dump(), 400)

    app.add_exception_handler(SealgateError, of_fault)
    app.add_exception_handler(RequestValidationError, of_request)


def allowed(site: Site, *needs: Permission) -> Callable[[_Bearer], Visitor]:
    """Return the dependency that lets in whoever may do any one of these."""

    def let_in(bearer: _Bearer = None) -> Visitor:
        visitor = site.people.person_of_api_token(bearer.credentials if bearer else "")
        if not any(visitor.may(need) for need in needs):
            visitor.require(needs[0])
        return visitor

    return let_in


def _add_documents(router: APIRouter, site: Site, one_at_a_time: threading.Lock) -> None:
    submitting = Depends(allowed(site, Permission.SUBMIT))

    @router.post("/inboxes/{inbox}/documents", status_code=202)
    def submit(
        inbox: str,
        file: UploadFile,
        fields: _Fields = None,
        visitor: Visitor = submitting,
        key: _Key = "",
    ) -> Submitted:
        """Lay a PDF into an inbox. The same key with the same bytes is done once.

        `fields` is a JSON object of what a contract flow asks about the document.
        """
        settings = _inbox(site, inbox)
        if fields and all(one.inbox != inbox for one in definitions_of(site)):
            raise UsageFault("flow.unknown", display(inbox))
        digest = hashlib.file_digest(file.file, "sha256").hexdigest()  # type: ignore[arg-type]
        file.file.seek(0)
        memory, known = site.equipment.memory, f"api:{visitor.person.login}:{inbox}:{key}"
        with one_at_a_time:
            if key and (kept := memory.recall(known)):
                before = Submitted.model_validate_json(kept)
                if before.sha256 != digest:
                    raise UsageFault("usage.key-reused", display(key))
                return before
            dropped = hand_over(site, visitor, settings, file, fields or {})
            done = Submitted(inbox=inbox, source=display(dropped.source), sha256=dropped.sha256)
            if key:
                memory.remember(known, done.model_dump_json())
        return done

    @router.post("/inboxes/{inbox}/explain")
    def explain_document(
        inbox: str, file: UploadFile, visitor: Visitor = submitting
    ) -> Explanation:
        """Tell what would be done with a PDF; nothing is kept or spent."""
        _inbox(site, inbox)
        rulebook = load_site(site.loaded.settings.root).rulebook
        account = site.people.keeping(visitor.actor).get(visitor.person.login)
        name = plain_name(file.filename or "")
        home_inbox, _, home = account.home.partition("/")
        source = f"{home}/{name}" if home_inbox == inbox else name
        with tempfile.TemporaryDirectory(prefix="sealgate-explain-") as folder:
            path = Path(folder) / "document.pdf"
            path.write_bytes(file.file.read())
            person = site.people.books.people.person(visitor.person.login)
            dropper = Dropper("", visitor.person.login, person)
            return Explanation.of(
                explain(site.equipment, rulebook, path, inbox, source, dropper=dropper)
            )


def _add_jobs(router: APIRouter, site: Site) -> None:
    seeing = Depends(allowed(site, Permission.SEE_DOCUMENTS, Permission.SUBMIT))

    @router.get("/jobs")
    def jobs(
        sha256: Annotated[str, Query(pattern="^[0-9a-f]{64}$")], visitor: Visitor = seeing
    ) -> list[JobStatus]:
        """Return the jobs of a document, by the hash of its bytes; newest first."""
        sight = Sight(visitor)
        return [
            JobStatus.of(job) for job in site.equipment.jobs.of_bytes(sha256) if sight.sees(job)
        ]

    @router.get("/jobs/{job}")
    def job(job: str, visitor: Visitor = seeing) -> JobStatus:
        """Return where a document stands."""
        return JobStatus.of(seen_job(site.equipment, visitor, job))

    @router.get("/jobs/{job}/{what}", response_class=Response)
    def file(job: str, what: Kept, visitor: Visitor = seeing) -> Response:
        """Return original, result or receipt of a document, checked against the ledger."""
        found = seen_job(site.equipment, visitor, job)
        kind = "application/json" if what is Kept.RECEIPT else "application/pdf"
        content = read_kept(site.equipment, found, what)
        return Response(content, media_type=kind, headers=attachment(name_of(found, what)))


def _add_log(router: APIRouter, site: Site) -> None:
    seeing = Depends(allowed(site, Permission.SEE_LOG))

    @router.get("/log")
    def log(  # noqa: PLR0917  # FastAPI passes them by name
        visitor: Visitor = seeing,
        event: str = "",
        outcome: LogOutcome | None = None,
        job: str = "",
        actor: str = "",
        text: str = "",
        since: str = "",
        until: str = "",
        after: Annotated[int, Query(ge=0, le=2**53)] = 0,
        limit: Annotated[int, Query(ge=1, le=_MOST)] = 100,
    ) -> list[Entry]:
        """Return entries of the signing log, oldest first; go on `after` the last sequence."""
        query = LogQuery(text, event, outcome, job, actor, since, until)
        entries = site.equipment.log.search(query, after=after, limit=limit)
        return [Entry.of(one) for one in entries]


class ApiGate:
    """Stands before the API: reads no body of whoever has no token, and none that is too large."""

    def __init__(self, app: ASGIApp, largest: int) -> None:
        self._app = app
        self._largest = largest

    async def __call__(self, scope: Scope_, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        path = scope.get("path", "")
        if scope["type"] != "http" or not path.startswith(PREFIX) or path == OPENAPI:
            await self._app(scope, receive, send)
            return
        headers, got = Headers(scope=scope), 0
        if not headers.get("authorization", "").lower().startswith("bearer "):
            refusal = _refused(AccessFault("access.token"), 401)
            await refusal(scope, receive, send)
            return
        told = whole_number(headers.get("content-length", "0"))
        if told is None or told > self._largest:
            await _refused(UsageFault("usage.request", "too large"), 413)(scope, receive, send)
            return

        async def receiving() -> Message:
            nonlocal got
            message = await receive()
            got += len(message.get("body", b""))
            # A client that lies about the length is cut off; nothing of it was kept.
            return {"type": "http.disconnect"} if got > self._largest else message

        await self._app(scope, receiving, send)


def _refused(fault: SealgateError, status: int) -> JSONResponse:
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse(Fault.of(fault).model_dump(), status, headers=headers)


def _inbox(site: Site, name: str) -> InboxSettings:
    inbox = site.loaded.settings.inbox(name)
    if inbox is None:
        raise UsageFault("usage.unknown-inbox", display(name)[:100])
    return inbox


def _status(fault: SealgateError) -> int:
    if fault.code == "usage.key-reused":
        return 409
    if isinstance(fault, AccessFault) and fault.code == "access.token":
        return 401
    return 404 if is_missing(fault) else STATUSES.get(fault.scope, 400)
