"""Designs from a few words, for people who do not write designs: templates and options."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from gateway.ports import ReadyTemplate
from gateway.seals.designs import changing, parse_design
from gateway.seals.ready_designs import READY_DESIGNS, ReadyDesign
from gateway.seals.scaling import in_proportion

__all__ = ["changing", "design_from_options", "parse_design", "ready_templates", "template"]

Words = Mapping[str, str | tuple[str, ...]]

_PLACE = re.compile(r"\$\{([a-z]+)(?::(.*))?\}", re.DOTALL)
_CHANGES = ("width", "height", "colour", "opacity", "multiply", "turn")
_DATES = {"date_format": "format", "time_format": "time", "locale": "locale"}
_NOTHING = object()


def ready_templates() -> tuple[ReadyTemplate, ...]:
    """Return the ready designs, with the words that each wants and takes."""
    return tuple(
        ReadyTemplate(name, ready.what, ready.wants, ready.takes)
        for name, ready in READY_DESIGNS.items()
    )


def template(name: str, /, **words: str | tuple[str, ...]) -> bytes:
    """Return the canonical JSON of a ready design with the words put in.

    `strokes` takes path data or a tuple of them; all other words are texts. Raises `ValueError`
    with a sentence for each objection.
    """
    return parse_design(_with_words(name, words))


def design_from_options(
    *,
    design: object | None = None,
    template: str = "",
    words: Words | None = None,
    changes: Mapping[str, object] | None = None,
) -> bytes:
    """Return the canonical JSON of what a command line asks for.

    Either `design` (JSON, or a mapping read from YAML), or the name of a template with its
    words. `changes` may have width, height (such as 40mm), colour, opacity, multiply, turn,
    date_format, time_format, locale, time_zone. A width alone makes the whole seal larger or
    smaller, its height and its lines with it. Raises `ValueError` with a sentence for each
    objection.
    """
    if (design is None) == (not template):
        raise ValueError("give a design or the name of a template, one of them")
    if design is not None and words:
        raise ValueError("words belong to a template; a design has its own")
    chosen = design if design is not None else _with_words(template, words or {})
    return _changed(json.loads(parse_design(chosen)), changes or {})


def _changed(value: dict[str, Any], changes: Mapping[str, object]) -> bytes:
    before = dict(value)
    for name, change in changes.items():
        if name in _CHANGES:
            value[name] = change
        elif name in _DATES or name == "time_zone":
            value["date"] = {**(value.get("date") or {}), _DATES.get(name, name): change}
        else:
            raise ValueError(f"{name} is nothing that can be changed")
    # Reading it once more makes numbers of lengths, and tells what is wrong with them.
    return parse_design(in_proportion(before, json.loads(parse_design(value)), changes))


def _with_words(name: str, words: Words) -> dict[str, Any]:
    if name not in READY_DESIGNS:
        raise ValueError(f"there is no template {name!r}: there are {', '.join(READY_DESIGNS)}")
    ready = READY_DESIGNS[name]
    objections = [*_missing(name, ready, words), *_unknown(name, ready, words)]
    if objections:
        raise ValueError("\n".join(objections))
    filled: dict[str, Any] = _put(ready.design, words)
    return filled


def _missing(name: str, ready: ReadyDesign, words: Words) -> list[str]:
    return [f"{name} wants {word}" for word in ready.wants if not words.get(word)]


def _unknown(name: str, ready: ReadyDesign, words: Words) -> list[str]:
    known = (*ready.wants, *ready.takes)
    wants = ", ".join(known)
    return [f"{name} has no {word}; it takes {wants}" for word in words if word not in known]


def _put(value: Any, words: Words) -> Any:
    """Return the value with the words in it, or `_NOTHING` when it stands for a missing one."""
    if isinstance(value, str):
        place = _PLACE.fullmatch(value)
        if place is None:
            return value
        word = words.get(place.group(1)) or place.group(2) or _NOTHING
        return list(word) if isinstance(word, tuple) else word
    if isinstance(value, list):
        return [put for item in value if (put := _put(item, words)) is not _NOTHING]
    if isinstance(value, dict):
        parts = {key: _put(item, words) for key, item in value.items()}
        if any(parts.get(key) is _NOTHING for key in ("text", "content")):
            return _NOTHING
        return {key: item for key, item in parts.items() if item is not _NOTHING}
    return value
