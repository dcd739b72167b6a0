"""Changing one rule in the text of its file, as its author would: nothing else is touched."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from gateway.core.errors import ConfigurationFault, UsageFault
from gateway.settings.yaml_editing import CannotEdit, set_value
from gateway.settings.yaml_file import Location, parse_yaml
from gateway.settings.yaml_nodes import Value

_BOM = "\ufeff"


@dataclass(frozen=True)
class RuleEdit:
    """What a rule is to say from now on; what is None stays as it is."""

    places: tuple[dict[str, Value], ...] | None = None
    """As they stand in a rule file."""
    seal: str | None = None


@dataclass(frozen=True)
class RuleText:
    """A rule as it stands in its file."""

    name: str
    inbox: str
    seal: str
    places: tuple[dict[str, Value], ...]
    line: int
    """From 1, of its name."""


def rule_texts(file: str, text: str) -> tuple[RuleText, ...]:
    """Return the rules that a file's text has; raises `ConfigurationFault` when it is no YAML."""
    parsed, problems = parse_yaml(file, text)
    if parsed is None:
        raise ConfigurationFault(problems)
    value = parsed.value if isinstance(parsed.value, dict) else {}
    rules, inbox = value.get("rules"), str(value.get("inbox"))
    found = []
    for index, rule in enumerate(rules if isinstance(rules, list) else ()):
        if isinstance(rule, dict):
            line, _ = parsed.position(("rules", index, "name"))
            name, seal = str(rule.get("name")), str(rule.get("seal"))
            found.append(RuleText(name, inbox, seal, _places(rule.get("place")), line))
    return tuple(found)


def edited(file: str, content: bytes, rule: str, edit: RuleEdit) -> bytes:
    """Return a file's content with one rule changed; every other byte stays.

    Raises `UsageFault`: `rules.unknown` when there is no such rule, `rules.cannot-edit` when the
    layout of the file does not let it be changed alone.
    """
    text = decoded(content)
    marked = text.startswith(_BOM)
    text = text.removeprefix(_BOM)
    names = [one.name for one in rule_texts(file, text)]
    if rule not in names:
        raise UsageFault("rules.unknown", f"{rule} in {file}")
    here: Location = ("rules", names.index(rule))
    try:
        if edit.seal is not None:
            text = set_value(text, (*here, "seal"), edit.seal)
        if edit.places is not None:
            text = set_value(text, (*here, "place"), _written(text, here, edit.places))
    except CannotEdit as error:
        raise UsageFault("rules.cannot-edit", f"{rule} in {file}: {error}") from error
    return ((_BOM if marked else "") + text).encode()


def decoded(content: bytes) -> str:
    """Return a file's text; raises `UsageFault` (`rules.cannot-edit`) when it is no UTF-8."""
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise UsageFault("rules.cannot-edit", "the file is no UTF-8") from error


def difference(file: str, before: bytes, after: bytes) -> str:
    """Return a unified diff of two contents of a file; empty when they are equal."""
    old, new = (content.decode("utf-8", "replace").splitlines() for content in (before, after))
    return "\n".join(difflib.unified_diff(old, new, file, file, lineterm=""))


def _places(written: object) -> tuple[dict[str, Value], ...]:
    listed = written if isinstance(written, list) else [written]
    return tuple(one for one in listed if isinstance(one, dict))


def _written(text: str, here: Location, places: tuple[dict[str, Value], ...]) -> Value:
    """Return places as the file has them: one alone stays alone, unless it stood in a list."""
    parsed, _ = parse_yaml("", text)
    present: object = parsed.value if parsed is not None else None
    for step in here:
        present = present[step]  # type: ignore[index]
    present = present.get("place") if isinstance(present, dict) else None
    if len(places) == 1 and not isinstance(present, list):
        return places[0]
    return list(places)
