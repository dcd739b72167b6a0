"""What the positioning page is told, as JSON. Lengths are in mm, pages and marks from 0."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

from gateway.core.errors import ConfigurationFault, SealgateError
from gateway.core.facts import TextHit
from gateway.core.four_eyes import KeeperRequest
from gateway.core.geometry import Box
from gateway.core.lengths import POINTS_PER_MILLIMETRE
from gateway.core.names import display
from gateway.core.plan import Mark, seal_box
from gateway.pipeline.positioning import Shown, numbered_place
from gateway.pipeline.rule_effects import Compared, Effects, Planned
from gateway.pipeline.rule_requests import asked_change
from gateway.ports import RuleChange

Json = dict[str, object]


def shown_value(shown: Shown) -> Json:
    """Tell where a draft's seals are."""
    made = shown.plan
    return {
        "file": shown.draft.file,
        "rule": shown.draft.rule,
        "places": shown.draft.written.places,
        "difference": shown.draft.difference,
        "pages": [
            {"width": _mm(frame.width), "height": _mm(frame.height)} for frame in shown.facts.pages
        ],
        "marks": [
            _mark(shown, number, mark) for number, mark in enumerate(made.marks if made else ())
        ],
        "seals": [{"name": seal.name, "label": seal.label} for seal in made.seals] if made else [],
        "matched": shown.matched,
        "fault": fault_value(shown.fault) if shown.fault is not None else None,
    }


def _mark(shown: Shown, number: int, mark: Mark) -> Json:
    found = mark.found
    return {
        "number": number,
        "page": mark.page,
        **box_value(mark.box),
        "seal": mark.seal,
        "rotation": mark.rotation,
        **_upright(shown, mark),
        "part": asdict(mark.part),
        "place": mark.asked,
        "notes": [display(note) for note in mark.notes],
        "found": {"what": display(found.what), **box_value(found.box)} if found else None,
        "movable": numbered_place(shown.rule, mark.asked) is not None
        and not (shown.plan is not None and shown.plan.fills and mark is shown.plan.mark),
    }


def _upright(shown: Shown, mark: Mark) -> Json:
    """Tell how large the whole seal is before it is turned."""
    seal = shown.plan.seals[mark.seal] if shown.plan is not None else None
    if seal is None or not mark.visible:
        return {"seal_width": 0.0, "seal_height": 0.0}
    box = seal_box(mark, seal.width / seal.height)
    return {"seal_width": _mm(box.width), "seal_height": _mm(box.height)}


def box_value(box: Box) -> Json:
    """Tell a box."""
    return {
        "x": _mm(box.x),
        "y": _mm(box.y),
        "width": _mm(box.width),
        "height": _mm(box.height),
    }


def hit_value(number: int, hit: TextHit) -> Json:
    """Tell one occurrence of words; numbers begin with 1."""
    text = display(hit.text or hit.query.words)[:200]
    return {"number": number, "page": hit.page, "text": text, **box_value(hit.box)}


def effects_value(found: Effects) -> Json:
    """Tell what a draft would change in one part of the archive."""
    return {
        "looked": found.looked,
        "total": found.total,
        "unreadable": found.unreadable,
        "after": found.after,
        "changed": [_compared(one) for one in found.changed],
    }


def _compared(one: Compared) -> Json:
    return {
        "job": one.job,
        "source": display(one.source),
        "before": _planned(one.before),
        "after": _planned(one.after),
        "drawable": not one.after.fault,
    }


def _planned(one: Planned) -> str:
    if one.fault:
        return one.fault
    places = [
        f"{mark.page + 1}: {_mm(mark.box.x):.1f}, {_mm(mark.box.y):.1f} mm{_sized(mark)}"
        for mark in one.marks
    ]
    more = f" (+{len(places) - 3})" if len(places) > 3 else ""
    return f"{one.rule} · {'; '.join(places[:3])}{more}"


def _sized(mark: Mark) -> str:
    turned = f", {mark.rotation:g}°" if mark.rotation else ""
    return f" ({_mm(mark.box.width):.1f} × {_mm(mark.box.height):.1f}{turned})"


def changes_value(
    changes: tuple[RuleChange, ...], difference_of: Callable[[RuleChange], str]
) -> list[Json]:
    """Tell the changes of rules; the newest of a file can be undone."""
    newest: dict[str, int] = {}
    for one in changes:
        newest.setdefault(one.file, one.number)
    return [
        {
            "number": one.number,
            "file": one.file,
            "rule": one.rule,
            "at": f"{one.at:%Y-%m-%d %H:%M}Z" if one.at is not None else "",
            "actor": one.actor,
            "reason": one.reason,
            "undoes": one.undoes,
            "confirmer": one.confirmer,
            "undoable": one.number == newest[one.file],
            "difference": _difference(difference_of(one)),
        }
        for one in changes
    ]


def requests_value(requests: tuple[KeeperRequest, ...]) -> list[Json]:
    """Tell the changes of rules that wait for another keeper."""
    found = ((one, asked_change(one)) for one in requests)
    return [
        {
            "number": request.number,
            "file": wanted.file,
            "rule": wanted.rule,
            "asked": request.asked,
            "expires": request.expires,
            "asker": request.asker,
            "reason": wanted.reason,
            "undoes": wanted.undoes,
            "difference": _difference(wanted.difference),
        }
        for request, wanted in found
    ]


def _difference(text: str) -> list[tuple[str, str]]:
    return [_kind(line) for line in text.splitlines()]


def _kind(line: str) -> tuple[str, str]:
    """Return which element shows a line of a diff, and the line."""
    if line.startswith(("+++", "---")):
        return "span", line
    return {"+": "ins", "-": "del"}.get(line[:1], "span"), line


def fault_value(fault: SealgateError) -> Json:
    """Tell a fault, and every problem of a configuration."""
    value: Json = {"code": fault.code, "sentence": fault.sentence, "remedy": fault.remedy}
    if isinstance(fault, ConfigurationFault):
        value["problems"] = [
            {
                "where": f"{one.file}:{one.line}:{one.column}" if one.line else one.file,
                "message": one.message,
                "remedy": one.remedy,
            }
            for one in fault.problems
        ]
    return value


def _mm(points: float) -> float:
    return round(points / POINTS_PER_MILLIMETRE, 3)
