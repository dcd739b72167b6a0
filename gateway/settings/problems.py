"""From what the models object to, to problems with a place, a code and a remedy."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Any, get_args

from pydantic import BaseModel

from gateway.core.errors import Problem
from gateway.settings.yaml_file import Location, YamlFile

_TAGS_AT = {"services": 2, "notices": 3}
"""Below these the models are told apart by their type, whose name they put into locations there;
below the entries of any `steps`, too."""

_SECRETS = (
    "pin",
    "client_secret",
    "password",
    "passwords",
    "key",
    "access_key_id",
    "secret_access_key",
    "session_token",
    "bearer",
)

_NAMING = "Use small letters, digits, - and _, beginning with a letter or digit."

_SHAPES = {
    "bool": "Write true or false.",
    "int": "Write a whole number.",
    "string": "Write a text.",
    "model": "Write keys with values, indented below it.",
    "dict": "Write keys with values, indented below it.",
    "tuple": "Write a list: each entry on a line of its own, after a dash.",
}
"""Remedies for a wrong type, by the first word of the models' kind of objection."""


class Objection(Exception):
    """What is wrong with one value: a code of the settings, a sentence and the remedy."""

    def __init__(self, code: str, what: str, remedy: str) -> None:
        super().__init__(what)
        self.code = code
        self.what = what
        self.remedy = remedy


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ` Did you mean X?` for the nearest known word, or nothing."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f" Did you mean {near[0]}?" if near else ""


def location_of(item: Any) -> Location:
    """Return the place in the file that one objection of the models is about."""
    steps = tuple(step for step in item["loc"] if step != "[key]")
    steps = tuple(
        step for at, step in enumerate(steps) if not (at > 1 and steps[at - 2] == "steps")
    )
    at = _TAGS_AT.get(str(steps[0])) if steps else None
    if at is not None and (at == 2 or steps[at - 1 : at] == ("to",)):
        steps = steps[:at] + steps[at + 1 :]
    return (*steps, "type") if item["type"] == "union_tag_invalid" else steps


def problems_of(
    file: YamlFile, model: type[BaseModel], items: Iterable[Any]
) -> tuple[Problem, ...]:
    """Return one problem for each objection of the models."""
    return tuple(_problem(file, model, item) for item in items)


def _problem(file: YamlFile, model: type[BaseModel], item: Any) -> Problem:
    location, kind, given = location_of(item), item["type"], item.get("input")
    last = str(location[-1]) if location else ""
    if kind == "extra_forbidden":
        return _unknown_key(file, location, last, _keys_around(model, item["loc"]))
    if kind in ("missing", "union_tag_not_found"):
        key, parent = ("type", location) if kind != "missing" else (last, location[:-1])
        what, remedy = f"The key {key} is missing.", "Add it; see docs/configuration.md."
        return file.problem(parent, "settings.missing-key", what, remedy)
    if kind == "union_tag_invalid":
        given = item["ctx"]["tag"]
    if "[key]" in item["loc"]:
        what = f"{_shown(last)} cannot be a name here."
        return file.problem(location, "settings.wrong-value", what, _NAMING, key=True)
    noun = _noun(location)
    if noun in _SECRETS and given is not None and not isinstance(given, dict):
        what = f"A secret stands in the file itself, at {noun}."
        remedy = "Remove it, make a new secret, and refer to it: {secret: NAME}."
        return file.problem(location, "settings.secret-in-yaml", what, remedy)
    return file.problem(location, *_about_value(noun, kind, given, item))


def _unknown_key(file: YamlFile, location: Location, key: str, known: set[str]) -> Problem:
    what = f"The key {_shown(key)} is not known here."
    remedy = f"Known are {', '.join(sorted(known))}.{did_you_mean(key, known)}"
    return file.problem(location, "settings.unknown-key", what, remedy, key=True)


def _about_value(noun: str, kind: str, given: object, item: Any) -> tuple[str, str, str]:
    """Return code, sentence and remedy for a value that is there but will not do."""
    remedy = _remedy(kind, given, item)
    if remedy is not None:
        return "settings.wrong-value", f"{_shown(given)} is not possible for {noun}.", remedy
    if kind in ("too_short", "string_too_short"):
        remedy = "Write at least one." if kind == "too_short" else "Fill it in."
        return "settings.missing-key", f"{noun} is empty.", remedy
    remedy = _SHAPES.get(kind.partition("_")[0], _sentence(item["msg"]))
    if given is None:
        return "settings.wrong-type", f"{noun} has no value.", f"{remedy} Or remove the key."
    return "settings.wrong-type", f"{_shown(given)} has the wrong type for {noun}.", remedy


def _remedy(kind: str, given: object, item: Any) -> str | None:
    """Return the remedy for a value of the right type, or None when the type is wrong."""
    context = item.get("ctx", {})
    if kind == "value_error":
        return _sentence(str(context["error"]))
    if kind in ("literal_error", "union_tag_invalid"):
        choices = re.findall(r"'([^']*)'", context.get("expected") or context["expected_tags"])
        return f"Write one of: {', '.join(choices)}.{did_you_mean(str(given), choices)}"
    if kind == "string_pattern_mismatch":
        return _NAMING
    if kind in ("greater_than_equal", "less_than_equal"):
        bound = f"at least {context['ge']}" if "ge" in context else f"at most {context['le']}"
        return f"Write a number of {bound}."
    return None


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")


def _noun(location: Location) -> str:
    """Return the key that a value stands under, be it in a list."""
    return next((step for step in reversed(location) if isinstance(step, str)), "this file")


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "A mapping"
    if isinstance(value, list | tuple):
        return "A list"
    if value == "":
        return "An empty text"
    text = str(value)
    return text if len(text) <= 80 else text[:79] + "…"


def _models_in(annotation: Any) -> Iterable[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)


def _keys_around(model: type[BaseModel], way: Location) -> set[str]:
    """Return the keys known beside the last step of the way that pydantic tells."""
    choices: tuple[type[BaseModel], ...] = (model,)
    for step in way[:-1]:
        field = choices[0].model_fields.get(str(step))
        if field is not None:
            choices = tuple(_models_in(field.annotation)) or choices
        elif len(choices) > 1:
            choices = tuple(one for one in choices if _tag_of(one) == step) or choices
    return set(choices[0].model_fields)


def _tag_of(model: type[BaseModel]) -> str:
    field = model.model_fields.get("type")
    return str(get_args(field.annotation)[0]) if field is not None else ""
