"""Parse as far as possible: one faulty value must not hide what is wrong with its neighbours.

Theory of operation: the models object to some values. Each of those is taken out, or gets a
stand-in where something must stand, and the models look again, until they are content. What
was objected to is remembered as *doubtful*; later checks go over the mended whole, and what
they say about a doubtful place, or because of it, is dropped by `Notes`: its author knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from gateway.core.errors import Problem
from gateway.settings.problems import location_of, problems_of
from gateway.settings.yaml_file import Location, YamlFile

Model = TypeVar("Model", bound=BaseModel)
Made = TypeVar("Made")

_ROUNDS = 8
"""The models nest less deeply than this, and each round mends at least one floor."""

_SERVICE = {"type": "csc", "url": "https://stand-in.invalid"}
_SEAL = {"image": "stand-in.png", "width": "5mm", "service": "stand-in"}
_RULE = {"name": "stand-in", "seal": "stand-in", "place": {}}
_STEP = {"name": "stand-in", "type": "review", "party": "stand-in"}
_ENTRIES: dict[str, object] = {
    "rules": _RULE,
    "steps": _STEP,
    "reminders": "1s",
    "place": {},
    "fallback": {},
}
"""For entries of lists; a name for others."""
_STAND_INS: dict[str, object] = {
    "name": "stand-in",
    "sandbox": "true",
    "inboxes": {"stand-in": None},
    "services": {"stand-in": _SERVICE},
    "seals": {"stand-in": _SEAL},
    "type": "csc",
    "url": "https://stand-in.invalid",
    "token_url": "https://stand-in.invalid",
    "client_id": "stand-in",
    "client_secret": {"environment": "stand-in"},
    "request": "{digest.hex}",
    "content_type": "text/plain",
    "certificates": "stand-in",
    "header": "Stand-In",
    "key": {"environment": "stand-in"},
    "password": {"environment": "stand-in"},
    "access_key_id": {"environment": "stand-in"},
    "secret_access_key": {"environment": "stand-in"},
    "to": {"type": "command", "command": ["/bin/true"]},
    "server": "stand-in.invalid",
    "sender": "stand@in.invalid",
    "recipients": ["stand@in.invalid"],
    "command": ["/bin/true"],
    "module": "stand-in",
    "pin": {"environment": "stand-in"},
    "issuer": "stand-in",
    "audience": "stand-in",
    "region": "stand-in",
    "image": "stand-in.png",
    "width": "5mm",
    "service": "stand-in",
    "inbox": "stand-in",
    "rules": [_RULE],
    "seal": "stand-in",
    "place": {},
    "parties": {"stand-in": None},
    "party": "stand-in",
    "steps": [_STEP],
    "keep": "10y",
}
"""For keys without a default; of `width` the smallest, at which no picture is too coarse.

A key of this name that has a default elsewhere may refuse its stand-in: then it is taken out.
"""


class Notes:
    """Gathers problems of one file, but none that come from a doubtful place."""

    def __init__(self, file: YamlFile, doubtful: frozenset[Location]) -> None:
        self.problems: list[Problem] = []
        self.file = file
        self._doubtful = doubtful

    def doubts(self, location: Location) -> bool:
        """Tell whether something at a location was objected to before."""
        return _touches(location, self._doubtful)

    def add(
        self, location: Location, code: str, what: str, remedy: str, *, key: bool = False
    ) -> None:
        """Note a problem at a location, unless something there was objected to before."""
        if not self.doubts(location):
            self.problems.append(self.file.problem(location, code, what, remedy, key=key))


@dataclass(frozen=True)
class Parsed(Generic[Model]):
    """What could be parsed; None when not even stand-ins made a whole of it."""

    model: Model | None
    problems: tuple[Problem, ...]
    doubtful: frozenset[Location]


def built(
    model: type[Model],
    file: YamlFile,
    build: Callable[[Model, Notes], Made],
    problems: list[Problem],
) -> Made | None:
    """Parse a file and build what it says, adding to `problems`; None when nothing can be built."""
    parsed = parse(model, file, file.value)
    problems.extend(parsed.problems)
    if parsed.model is None:
        return None
    notes = Notes(file, parsed.doubtful)
    made = build(parsed.model, notes)
    problems.extend(notes.problems)
    return made


def parse(model: type[Model], file: YamlFile, value: object) -> Parsed[Model]:
    """Parse a file's value, or as much of it as the models accept, with every objection."""
    problems: list[Problem] = []
    doubtful: set[Location] = set()
    value = deepcopy(value)
    for _ in range(_ROUNDS):
        try:
            return Parsed(model.model_validate(value), tuple(problems), frozenset(doubtful))
        except ValidationError as error:
            # A list whose items were refused counts as too short, but that is no news.
            items = [
                item
                for item in error.errors(include_url=False)
                if not (item["type"] == "too_short" and item["input"])
            ]
        fresh = [item for item in items if not _touches(location_of(item), doubtful)]
        problems += problems_of(file, model, fresh)
        for item in items:
            location = location_of(item)
            whole = _as_a_whole(location)
            remove = whole != location or _is_superfluous(item) or location in doubtful
            _mend(value, whole, remove=remove)
            doubtful.add(location)
    return Parsed(None, tuple(problems), frozenset(doubtful))


def _touches(location: Location, places: Iterable[Location]) -> bool:
    """Tell whether a location is one of the places, holds one or lies in one."""
    return any(
        location[: len(place)] == place or place[: len(location)] == location for place in places
    )


def _is_superfluous(item: Any) -> bool:
    return item["type"] == "extra_forbidden" or "[key]" in item["loc"]


def _as_a_whole(location: Location) -> Location:
    """Return what has to go when a part of it is wrong: a block that may be left out."""
    for index, step in enumerate(location):
        if step == "escalate":
            return location[: index + 1]
    return location


def _mend(value: Any, location: Location, *, remove: bool) -> None:
    """Take the value at a location out, or put a stand-in there."""
    if not location:
        return
    whole, (*way, last) = value, location
    for step in way:
        if isinstance(value, dict) and isinstance(step, int):
            continue  # an entry may stand for a list of one
        if isinstance(value, str):
            break
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return
    if isinstance(value, str) or (isinstance(value, dict) and isinstance(last, int)):
        # What stands for a mapping with one key, or for a list of one, is at fault as a whole.
        _mend(whole, tuple(way), remove=remove)
    elif isinstance(value, list) and isinstance(last, int) and last < len(value):
        value[last] = deepcopy(_ENTRIES.get(str(way[-1]) if way else "", "stand-in"))
    elif isinstance(value, dict):
        if str(last) in _STAND_INS and not remove:
            value[last] = deepcopy(_STAND_INS[str(last)])
        else:
            value.pop(last, None)
