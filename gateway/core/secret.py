"""A secret's value, kept from view."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, repr=False)
class Secret:
    """A secret's value, kept out of every repr, log and traceback."""

    name: str
    value: str

    def __repr__(self) -> str:
        return f"Secret({self.name!r})"
