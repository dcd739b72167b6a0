"""JSON pointers (RFC 6901): where in a JSON document a value stands."""

from __future__ import annotations

import re

_ESCAPE = re.compile(r"~(?![01])")
_INDEX = re.compile(r"0|[1-9]\d{0,8}")


def parse(pointer: str) -> tuple[str, ...]:
    """Return the pointer's steps; raises `ValueError` with a sentence when it is none."""
    if not pointer:
        return ()
    if not pointer.startswith("/"):
        raise ValueError("a JSON pointer begins with a /, such as /signature")
    if _ESCAPE.search(pointer):
        raise ValueError("in a JSON pointer write ~0 for ~ and ~1 for / (RFC 6901)")
    steps = pointer[1:].split("/")
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in steps)


def find(document: object, pointer: str) -> object:
    """Return the value that a pointer leads to; raises `LookupError` when there is none."""
    for step in parse(pointer):
        if isinstance(document, dict):
            document = document[step]
        elif isinstance(document, list) and _INDEX.fullmatch(step):
            document = document[int(step)]
        else:
            raise LookupError(step)
    return document
