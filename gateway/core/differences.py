"""What changed about a value, as the signing log tells it: each fact old and new."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import fields
from typing import TypeVar

Kept = TypeVar("Kept")


def differences(old: Kept | None, new: Kept, left_out: Container[str]) -> dict[str, str]:
    """Return the changed fields of a dataclass by name, each as `old -> new`; all set of a new one.

    Fields that are `left_out` are told elsewhere, or not at all.
    """
    told: dict[str, str] = {}
    for field in fields(new):  # type: ignore[arg-type]  # both are dataclasses
        if field.name in left_out:
            continue
        after = _written(getattr(new, field.name))
        if old is None:
            if after not in ("", "no"):
                told[field.name] = after
        elif (before := _written(getattr(old, field.name))) != after:
            told[field.name] = f"{before or 'none'} -> {after or 'none'}"
    return told


def _written(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, frozenset):
        return ", ".join(sorted(map(str, value)))
    return str(value)
