"""From what the models object to, to problems with a place, a code and a remedy."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from gateway.core.errors import Problem
from gateway.settings.yaml_file import YamlFile

_LATER = {
    "straddle": "straddle seals",
    "B-LT": "level B-LT",
    "B-LTA": "level B-LTA",
}
"""What rule authors may expect and this version refuses in so many words."""


def problems_of(
    file: YamlFile, model: type[BaseModel], error: ValidationError
) -> tuple[Problem, ...]:
    """Return one problem for each objection."""
    return tuple(
        _problem(file, model, item)
        for item in error.errors(include_url=False)
        # A list whose items were refused counts as empty, but that is no news.
        if not (item["type"] == "too_short" and item.get("input"))
    )


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ` Did you mean X?` for the nearest known word, or nothing."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f" Did you mean {near[0]}?" if near else ""


def _problem(file: YamlFile, model: type[BaseModel], item: Any) -> Problem:  # noqa: PLR0911
    location = tuple(step for step in item["loc"] if step != "[key]")
    kind, given = item["type"], item.get("input")
    last = str(location[-1]) if location else ""
    later = _LATER.get(last) or (_LATER.get(given) if isinstance(given, str) else None)
    if later is not None:
        code, what = "settings.not-supported", f"This version cannot make {later} yet."
        return file.problem(location, code, what, "Leave it out.", key=last in _LATER)
    if kind == "extra_forbidden":
        known = _keys_around(model, location)
        what = f"The key {last} is not known here."
        remedy = f"Known are {', '.join(sorted(known))}.{did_you_mean(last, known)}"
        return file.problem(location, "settings.unknown-key", what, remedy, key=True)
    if kind == "missing":
        what, remedy = f"The key {last} is missing.", "Add it; see docs/configuration.md."
        return file.problem(location[:-1], "settings.missing-key", what, remedy)
    if _is_secret(model, location) and not isinstance(given, dict):
        what = f"A secret stands in the file itself, at {last}."
        remedy = "Remove it, make a new secret, and refer to it: {secret: NAME}."
        return file.problem(location, "settings.secret-in-yaml", what, remedy)
    if "[key]" in item["loc"] or kind == "string_pattern_mismatch":
        what = f"{last if '[key]' in item['loc'] else given} cannot be a name here."
        remedy = "Use small letters, digits, - and _, beginning with a letter or digit."
        return file.problem(
            location, "settings.wrong-value", what, remedy, key="[key]" in item["loc"]
        )
    if kind == "value_error":
        what, remedy = f"{_shown(given)} is not possible for {last}.", f"{item['ctx']['error']}."
        return file.problem(location, "settings.wrong-value", what, remedy)
    if kind in ("literal_error", "enum", "greater_than_equal", "less_than_equal"):
        what = f"{_shown(given)} is not possible for {last}."
        near = did_you_mean(str(given), str(item["ctx"].get("expected", "")).split("'")[1::2])
        return file.problem(location, "settings.wrong-value", what, f"{item['msg']}.{near}")
    if kind == "too_short":
        what, remedy = f"{last} is empty.", "Write at least one."
        return file.problem(location, "settings.missing-key", what, remedy)
    what = f"{_shown(given)} has the wrong type for {last or 'this file'}."
    return file.problem(location, "settings.wrong-type", what, f"{item['msg']}.")


def _shown(value: object) -> str:
    text = repr(value) if not isinstance(value, dict | list) else type(value).__name__
    return {"dict": "A mapping", "list": "A list"}.get(text, text[:80])


def _models_in(annotation: Any) -> Iterable[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)


def _keys_around(model: type[BaseModel], location: tuple[str | int, ...]) -> set[str]:
    """Return the keys known beside the one at `location`."""
    for step in location[:-1]:
        field = model.model_fields.get(str(step))
        if field is not None:
            model = next(iter(_models_in(field.annotation)), model)
    return set(model.model_fields)


def _is_secret(model: type[BaseModel], location: tuple[str | int, ...]) -> bool:
    return bool(location) and location[-1] in ("pin", "client_secret", "password")
