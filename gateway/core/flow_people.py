"""Whether the users and groups that contract flows name are there."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from gateway.core.errors import UsageFault
from gateway.core.flow_definition import FlowDefinition


@dataclass(frozen=True)
class KnownPeople:
    """Logins of users who may log in, and names of groups."""

    users: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()


def strangers(definition: FlowDefinition, known: KnownPeople) -> tuple[UsageFault, ...]:
    """Return a fault (`flow.unknown-person`) for each user and group of a party that is not there.

    A site that knows nobody yet is not told so of each.
    """
    if not known.users:
        return ()
    found = []
    for party in definition.parties:
        for noun, name, names in (
            ("user", party.user, known.users),
            ("group", party.group, known.groups),
        ):
            if name and name not in names:
                what = f"{definition.name}: {party.name} is {noun} {name}.{_nearest(name, names)}"
                found.append(UsageFault("flow.unknown-person", what))
    return tuple(found)


def _nearest(name: str, names: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, sorted(names), n=1)
    return f" Did you mean {near[0]}?" if near else ""
