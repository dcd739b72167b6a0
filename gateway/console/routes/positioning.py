"""The routes of the positioning page: pages for people, JSON for their script, pictures."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.console import positioning_requests as asked
from gateway.console.positioning_answers import Json, changes_value, fault_value
from gateway.console.positioning_desk import PositioningDesk, may_place
from gateway.console.positioning_words import words_of
from gateway.core.errors import DocumentFault, SealgateError, UsageFault
from gateway.core.people import Permission, Person, may

Asked = TypeVar("Asked", bound=asked.Asked)
Endpoint = Callable[[Request], Awaitable[Response]]

_LARGEST_QUESTION = 512 * 1024
_UPLOAD_SLACK = 1024


class Surroundings(Protocol):
    """What the console does for every page."""

    def person(self, request: Request, permission: Permission) -> Person:
        """Return who asks, if they may; raises what the console answers by itself."""

    def check_sent(self, request: Request, token: str | None = None) -> None:
        """Refuse what another site made the browser send; the token of a form, if it is one."""

    def translator(self, request: Request) -> Callable[[str], str]:
        """Return what translates for this person."""

    def render(self, request: Request, template: str, values: Json, status: int = 200) -> Response:
        """Return a page."""


class PositioningRoutes:
    """The endpoints below one path."""

    def __init__(
        self, desk: Callable[[], PositioningDesk], around: Surroundings, base: str, largest: int
    ) -> None:
        self._desk = desk
        self._around = around
        self._base = base
        self._largest = largest
        """Bytes of an upload."""

    def all(self) -> list[Route]:
        """Return the routes, with paths below the base."""
        see, edit = Permission.SEE_RULES, Permission.EDIT_RULES
        question, picture = self._question, self._picture
        return [
            Route("/", self._page),
            Route("/changes", self._changes),
            Route("/changes/{number:int}/undo", self._undo_form, methods=["POST"]),
            Route("/pages/{sample}/{page:int}.png", self._sample_page),
            Route("/seal.png", self._seal),
            self._post("/rule", question(asked.RuleAsked, lambda d, q, p: d.rule(q), see)),
            self._post("/show", question(asked.ShowAsked, lambda d, q, p: d.show(q), see)),
            self._post("/drag", question(asked.DragAsked, lambda d, q, p: d.drag(q), see)),
            self._post("/hits", question(asked.HitsAsked, lambda d, q, p: d.hits(q), see)),
            self._post("/samples", question(asked.SamplesAsked, PositioningDesk.samples, see)),
            self._post("/samples/take", question(asked.TakeAsked, PositioningDesk.take, see)),
            self._post("/samples/upload", self._upload),
            self._post("/effects", question(asked.EffectsAsked, lambda d, q, p: d.effects(q), see)),
            self._post(
                "/effects/picture",
                picture(asked.EffectPictureAsked, lambda d, q, p: d.effect_picture(q, p), see),
            ),
            self._post("/proof", picture(asked.ProofAsked, lambda d, q, p: d.proof(q), see)),
            self._post(
                "/save", question(asked.SaveAsked, lambda d, q, p: d.save(q, actor_of(p)), edit)
            ),
            self._post("/waiting", question(asked.SamplesAsked, PositioningDesk.waiting, see)),
            self._post(
                "/place",
                question(asked.HandAsked, lambda d, q, p: d.place(q, p, actor_of(p)), see),
            ),
            self._post(
                "/undo", question(asked.UndoAsked, lambda d, q, p: d.undo(q, actor_of(p)), edit)
            ),
        ]

    @staticmethod
    def _post(path: str, endpoint: Endpoint) -> Route:
        return Route(path, endpoint, methods=["POST"])

    def _question(
        self,
        model: type[Asked],
        answer: Callable[[PositioningDesk, Asked, Person], Json],
        permission: Permission,
    ) -> Endpoint:
        """Return an endpoint that takes JSON and gives JSON."""

        async def endpoint(request: Request) -> Response:
            return await self._answered(
                request, model, permission, lambda q, p: JSONResponse(answer(self._desk(), q, p))
            )

        return endpoint

    def _picture(
        self,
        model: type[Asked],
        draw: Callable[[PositioningDesk, Asked, Person], bytes],
        permission: Permission,
    ) -> Endpoint:
        """Return an endpoint that takes JSON and gives a PNG."""

        async def endpoint(request: Request) -> Response:
            return await self._answered(
                request, model, permission, lambda q, p: _png(draw(self._desk(), q, p))
            )

        return endpoint

    async def _answered(
        self,
        request: Request,
        model: type[Asked],
        permission: Permission,
        answer: Callable[[Asked, Person], Response],
    ) -> Response:
        person = self._around.person(request, permission)
        self._around.check_sent(request)
        try:
            body = await _body(request, _LARGEST_QUESTION)
            question = model.model_validate_json(body)
            return await run_in_threadpool(answer, question, person)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(step) for step in first["loc"])
            return _refused(UsageFault("usage.wrong-question", f"{where}: {first['msg']}"))
        except SealgateError as fault:
            return _refused(fault)

    async def _upload(self, request: Request) -> Response:
        self._around.person(request, Permission.SEE_RULES)
        self._around.check_sent(request)
        try:
            body = await _body(request, self._largest + _UPLOAD_SLACK)
            return JSONResponse(await run_in_threadpool(self._desk().upload, body))
        except SealgateError as fault:
            return _refused(fault)

    async def _sample_page(self, request: Request) -> Response:
        self._around.person(request, Permission.SEE_RULES)
        sample, page = request.path_params["sample"], request.path_params["page"]
        longest = _number(request.query_params.get("longest", ""), 1600)
        try:
            png = await run_in_threadpool(self._desk().page, sample, page, longest)
        except SealgateError as fault:
            return _refused(fault)
        return _png(png)

    async def _seal(self, request: Request) -> Response:
        self._around.person(request, Permission.SEE_RULES)
        file, rule, seal = (request.query_params.get(key, "") for key in ("file", "rule", "seal"))
        try:
            png = await run_in_threadpool(self._desk().seal, file, rule, seal, 600)
        except SealgateError as fault:
            return _refused(fault)
        return _png(png)

    async def _page(self, request: Request) -> Response:
        person = self._around.person(request, Permission.SEE_RULES)
        chosen = (request.query_params.get("file"), request.query_params.get("rule"))
        fault: Json | None = None
        try:
            rules = await run_in_threadpool(self._desk().rules)
        except SealgateError as error:
            rules, fault = [], fault_value(error)
        listed = [
            {
                **one,
                "value": json.dumps({"file": one["file"], "rule": one["rule"]}),
                "chosen": chosen == (one["file"], one["rule"]),
            }
            for one in rules
        ]
        words = words_of(self._around.translator(request))
        values: Json = {
            "base": self._base,
            "rules": listed,
            "fault": fault,
            "words": json.dumps(words.script, ensure_ascii=False),
            "ways": words.ways,
            "corners": words.corners,
            "edges": words.edges,
            "sides": words.sides,
            "may_save": may(person, Permission.EDIT_RULES),
            "may_place": may_place(person),
        }
        return self._around.render(request, "positioning.html", values)

    async def _changes(self, request: Request, refused: str = "") -> Response:
        person = self._around.person(request, Permission.SEE_RULES)
        desk = self._desk()
        found = await run_in_threadpool(lambda: changes_value(desk.changes(), desk.difference))
        values: Json = {
            "base": self._base,
            "changes": found,
            "refused": refused,
            "may_save": may(person, Permission.EDIT_RULES),
        }
        status = 409 if refused else 200
        return self._around.render(request, "positioning_changes.html", values, status)

    async def _undo_form(self, request: Request) -> Response:
        person = self._around.person(request, Permission.EDIT_RULES)
        form = await request.form(max_files=0, max_fields=10)
        self._around.check_sent(request, str(form.get("csrf", "")))
        try:
            question = asked.UndoAsked(
                number=request.path_params["number"], reason=str(form.get("reason", ""))[:2000]
            )
            await run_in_threadpool(self._desk().undo, question, actor_of(person))
        except SealgateError as fault:
            return await self._changes(request, f"{fault.sentence} {fault.remedy}")
        return Response(status_code=303, headers={"Location": f"{self._base}/changes"})


def actor_of(person: Person) -> str:
    """Return how the signing log calls who changed a rule."""
    return f"user:{person.login}"


async def _body(request: Request, largest: int) -> bytes:
    """Read a body no further than allowed; raises `DocumentFault` (`intake.too-large`)."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > largest:
            raise DocumentFault("intake.too-large", f"more than {largest} bytes")
        parts.append(part)
    return b"".join(parts)


def _refused(fault: SealgateError) -> Response:
    status = 409 if fault.code == "rules.conflict" else 422
    return JSONResponse(fault_value(fault), status)


def _png(content: bytes) -> Response:
    """Return a picture that no browser writes to its disk: of a document, or of a seal."""
    return Response(content, media_type="image/png", headers={"Cache-Control": "no-store"})


def _number(written: str, otherwise: int) -> int:
    return min(max(int(written), 100), 4000) if written.isdecimal() else otherwise
