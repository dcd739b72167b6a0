"""Values written as YAML in one line, as the authors of rules write them."""

from __future__ import annotations

import re

from gateway.settings.yaml_nodes import Value

_PLAIN = re.compile(r"[\w.%/+-](?:[\w.%/+ -]*[\w.%/+-])?")
"""Texts that mean themselves without quotes, in brackets, too; colons and the like do not."""
_NOTHING = frozenset({"~", "null", "Null", "NULL"})


def flow(value: Value) -> str:
    """Return a value in one line: `{page: last, corner: top-left}`."""
    match value:
        case None:
            return "null"
        case str():
            return scalar(value)
        case dict():
            entries = ", ".join(f"{scalar(key)}: {flow(one)}" for key, one in value.items())
            return "{" + entries + "}"
        case list():
            return "[" + ", ".join(flow(one) for one in value) + "]"


def scalar(text: str, style: str = "") -> str:
    """Return a text as a scalar, quoted as wished, or where it must be."""
    if style == "'" and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    if style in ("", "|", ">") and _is_plain(text):
        return text
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _is_plain(text: str) -> bool:
    if text in _NOTHING or not _PLAIN.fullmatch(text) or not text.isprintable():
        return False
    # A dash or a dot may begin a list, a document or its end.
    return not text.startswith(("- ", "--", "..")) and text not in ("-", ".")


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if character.isprintable():
        return character
    number = ord(character)
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
