"""The positioning page: pages for people, JSON for their script, pictures."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from pydantic import ValidationError
from starlette.responses import JSONResponse, Response

from gateway.console import positioning_requests as asked
from gateway.console.positioning_answers import Json, changes_value, fault_value, requests_value
from gateway.console.positioning_desk import PositioningDesk, may_place
from gateway.console.positioning_words import words_of
from gateway.console.routing import Page, Routes
from gateway.console.visit import Visit, whole_number
from gateway.console.words import say
from gateway.core.errors import SealgateError, UsageFault
from gateway.core.people import Permission, Person

routes = Routes()

Asked = TypeVar("Asked", bound=asked.Asked)
BASE = "/positioning"
_SEE, _EDIT = Permission.SEE_RULES, Permission.EDIT_RULES


@routes.get(BASE, _SEE)
def page(visit: Visit) -> Response:
    """Show where the seals of a rule go."""
    fault: Json | None = None
    try:
        rules = visit.office.positioning.rules()
    except SealgateError as error:
        rules, fault = [], fault_value(error)
    chosen = (visit.query("file"), visit.query("rule"))
    listed = [
        {
            **one,
            "value": json.dumps({"file": one["file"], "rule": one["rule"]}),
            "chosen": chosen == (one["file"], one["rule"]),
        }
        for one in rules
    ]
    words = words_of(partial(say, visit.language))
    return visit.page(
        "positioning/place.html",
        base=BASE,
        rules=listed,
        problem=fault,
        words=json.dumps(words.script, ensure_ascii=False),
        ways=words.ways,
        corners=words.corners,
        edges=words.edges,
        sides=words.sides,
        may_save=visit.may(_EDIT),
        may_place=may_place(visit.somebody.person),
    )


@routes.get(f"{BASE}/changes", _SEE)
def changes(visit: Visit) -> Response:
    """List what was changed in rule files."""
    return _changes(visit)


@routes.post(f"{BASE}/changes/{{number}}/undo", _EDIT)
def undo_change(visit: Visit) -> Response:
    """Take a change back, and list them again."""
    try:
        reason = visit.field("reason")[:2000]
        question = asked.UndoAsked(number=whole_number(visit.path("number")) or 0, reason=reason)
        done = visit.office.positioning.undo(question, visit.actor)
    except ValidationError:
        return _changes(visit, UsageFault("rules.unknown", visit.path("number")[:20]))
    except SealgateError as fault:
        return _changes(visit, fault)
    return visit.go(f"{BASE}/changes", said="filed" if "request" in done else "saved")


@routes.post(f"{BASE}/requests/{{number}}", _EDIT)
def decide(visit: Visit) -> Response:
    """Write or refuse what another keeper has asked for, and list what waits again."""
    confirmed, why = visit.field("decision") == "confirm", visit.field("why").strip()
    try:
        visit.office.positioning.decide(
            whole_number(visit.path("number")) or 0, visit.actor, why, confirmed=confirmed
        )
    except SealgateError as fault:
        return _changes(visit, fault)
    return visit.go(f"{BASE}/changes", said="confirmed" if confirmed else "refused")


@routes.get(f"{BASE}/pages/{{sample}}/{{page}}.png", _SEE)
def sample_page(visit: Visit) -> Response:
    """Show a page of a sample."""
    longest = _number(visit.query("longest"), 1600)
    desk, index = visit.office.positioning, whole_number(visit.path("page"))
    if index is None:
        return _refused(UsageFault("usage.wrong-number", visit.path("page")[:20]))
    return _told(lambda: _png(desk.page(visit.path("sample"), index, longest)))


@routes.get(f"{BASE}/seal.png", _SEE)
def seal(visit: Visit) -> Response:
    """Show a seal."""
    file, rule, name = (visit.query(key) for key in ("file", "rule", "seal"))
    return _told(lambda: _png(visit.office.positioning.seal(file, rule, name, 600)))


@routes.post(f"{BASE}/samples/upload", _SEE, largest=0)
def upload(visit: Visit) -> Response:
    """Keep an uploaded document as a sample."""
    files = visit.files("file")
    if not files:
        return _refused(UsageFault("usage.no-file"))
    content = files[0].file.read()
    return _told(lambda: JSONResponse(visit.office.positioning.upload(content)))


def _told(answer: Callable[[], Response]) -> Response:
    """Answer a script: a fault is told as JSON, too."""
    try:
        return answer()
    except SealgateError as fault:
        return _refused(fault)


def _question(
    model: type[Asked], answer: Callable[[PositioningDesk, Asked, Visit], Json | bytes]
) -> Page:
    """Return a page that takes JSON, in the field `question`, and gives JSON or a PNG."""

    def answered(visit: Visit) -> Response:
        written = visit.form.get("question", "")
        try:
            question = model.model_validate_json(written if isinstance(written, str) else "")
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(step) for step in first["loc"])
            return _refused(UsageFault("usage.wrong-question", f"{where}: {first['msg']}"))

        def told() -> Response:
            found = answer(visit.office.positioning, question, visit)
            return _png(found) if isinstance(found, bytes) else JSONResponse(found)

        return _told(told)

    return answered


def _declare_questions() -> None:
    """Declare what the page's script asks."""
    desk = PositioningDesk
    for path, need, answered in (
        ("rule", _SEE, _question(asked.RuleAsked, lambda d, q, v: d.rule(q))),
        ("show", _SEE, _question(asked.ShowAsked, lambda d, q, v: d.show(q))),
        ("drag", _SEE, _question(asked.DragAsked, lambda d, q, v: d.drag(q))),
        ("hits", _SEE, _question(asked.HitsAsked, lambda d, q, v: d.hits(q))),
        ("proof", _SEE, _question(asked.ProofAsked, lambda d, q, v: d.proof(q))),
        ("samples", _SEE, _question(asked.SamplesAsked, _as(desk.samples))),
        ("samples/take", _SEE, _question(asked.TakeAsked, _as(desk.take))),
        ("effects", _SEE, _question(asked.EffectsAsked, lambda d, q, v: d.effects(q))),
        ("effects/picture", _SEE, _question(asked.EffectPictureAsked, _as(desk.effect_picture))),
        ("waiting", _SEE, _question(asked.SamplesAsked, _as(desk.waiting))),
        (
            "place",
            _SEE,
            _question(asked.HandAsked, lambda d, q, v: d.place(q, v.somebody.person, v.actor)),
        ),
        ("save", _EDIT, _question(asked.SaveAsked, lambda d, q, v: d.save(q, v.actor))),
        ("undo", _EDIT, _question(asked.UndoAsked, lambda d, q, v: d.undo(q, v.actor))),
    ):
        routes.post(f"{BASE}/{path}", need)(answered)


def _as(
    answer: Callable[[PositioningDesk, Asked, Person], Json | bytes],
) -> Callable[[PositioningDesk, Asked, Visit], Json | bytes]:
    """Return an answer that depends on who asks."""
    return lambda desk, question, visit: answer(desk, question, visit.somebody.person)


def _changes(visit: Visit, fault: SealgateError | None = None) -> Response:
    desk = visit.office.positioning
    found = changes_value(desk.changes(), desk.difference)
    status = 409 if fault is not None else 200
    return visit.page(
        "positioning/changes.html",
        status,
        base=BASE,
        changes=found,
        requests=requests_value(desk.requests()),
        fault=fault,
        may_save=visit.may(_EDIT),
    )


def _refused(fault: SealgateError) -> Response:
    status = {"rules.conflict": 409, "access.forbidden": 403}.get(fault.code, 422)
    return JSONResponse(fault_value(fault), status)


def _png(content: bytes) -> Response:
    """Return a picture that no browser writes to its disk: of a document, or of a seal."""
    return Response(content, media_type="image/png", headers={"Cache-Control": "no-store"})


def _number(written: str, otherwise: int) -> int:
    number = whole_number(written)
    return otherwise if number is None else min(max(number, 100), 4000)


_declare_questions()
