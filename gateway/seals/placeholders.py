"""Placeholders in the texts of a design, `{date}`: which there are, and what they become."""

from __future__ import annotations

import re
from collections.abc import Mapping

NAMES = ("date", "time", "serial", "signer", "reason", "hash", "receipt", "name")

_PART = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


def used(text: str) -> frozenset[str]:
    """Return the placeholders of a text; raises `ValueError` with a sentence.

    A brace that is meant stands twice.
    """
    names = set()
    for part in _PART.finditer(text):
        name = part.group(1)
        if name is None and len(part.group()) == 1:
            raise ValueError("a single brace has no meaning: write {{ or }} for one that shows")
        if name is not None:
            if name not in NAMES:
                raise ValueError(f"{{{name}}} is not known: write one of {_known()}")
            names.add(name)
    return frozenset(names)


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return the text with its placeholders replaced; raises `KeyError` for a missing one."""

    def value(part: re.Match[str]) -> str:
        name = part.group(1)
        return part.group()[0] if name is None else values[name]

    return _PART.sub(value, text)


def _known() -> str:
    return ", ".join(f"{{{name}}}" for name in NAMES)
