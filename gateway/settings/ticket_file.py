"""One ticket file, read so that it cannot hurt: plain, small, UTF-8, YAML or JSON.

Theory of operation: JSON is checked by its own grammar first, then read as the YAML that it is,
too, so that what is wrong with a value has a line and a column in both.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import stat
from pathlib import Path

from gateway.core.errors import Problem, SiteFault
from gateway.core.names import display
from gateway.core.places import Place, PlaceTable
from gateway.core.tickets import ReceivedTicket, Ticket
from gateway.settings.parsing import Notes, parse
from gateway.settings.place_builder import PlaceBuilder
from gateway.settings.place_models import PlacePart
from gateway.settings.ticket_models import TicketFile
from gateway.settings.yaml_file import YamlFile, parse_yaml
from gateway.settings.yaml_text import printable

LARGEST = 64 * 1024
"""Bytes."""
_MOST_TOLD = 3
"""Problems named in a receipt."""
_PAIR = re.compile(r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def read_ticket(path: Path, name: str) -> ReceivedTicket:
    """Read a ticket called `name`; what is wrong with it is said in what is returned.

    Raises `FileNotFoundError`, and `SiteFault` when this machine cannot read it now.
    """
    shown = display(name)
    content = _bytes_of(path)
    if content is None:
        return ReceivedTicket(shown, "", problem=f"{shown}: it is not a plain file")
    return parse_ticket(shown, content)


def parse_ticket(shown: str, content: bytes) -> ReceivedTicket:
    """Return what a ticket's content asks for, or what is wrong with it."""
    sha256 = hashlib.sha256(content).hexdigest()
    if len(content) > LARGEST:
        return ReceivedTicket(shown, "", problem=f"{shown}: it is larger than 64 KiB")
    file, problems = _file_of(shown, content)
    if file is not None and not problems:
        parsed = parse(TicketFile, file, file.value)
        if parsed.model is not None and not parsed.problems:
            return ReceivedTicket(shown, sha256, ticket_from(parsed.model, file))
        problems = parsed.problems
    return ReceivedTicket(shown, sha256, problem=_told(problems))


def _bytes_of(path: Path) -> bytes | None:
    """Return the first bytes of a plain file, or None; no link is followed."""
    try:
        descriptor = os.open(path, _FLAGS)
    except FileNotFoundError:
        raise
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):
            return None
        raise SiteFault("site.input-output", f"{display(str(path))}: {error.strerror}") from error
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        return file.read(LARGEST + 1)


def _file_of(name: str, content: bytes) -> tuple[YamlFile | None, tuple[Problem, ...]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return None, (_syntax(name, line, 1, "This line is not UTF-8."),)
    if name.lower().endswith(".json"):
        try:
            json.loads(text)
        except json.JSONDecodeError as error:
            what = f"This is not valid JSON: {error.msg}."
            return None, (_syntax(name, error.lineno, error.colno, what),)
        except (RecursionError, ValueError):
            return None, (_syntax(name, 1, 1, "This is nested too deeply, or too large."),)
        # Tabs stand only between JSON's values, where YAML wants spaces.
        text = _PAIR.sub(_joined, text.replace("\t", " "))
    return parse_yaml(name, text)


def _joined(pair: re.Match[str]) -> str:
    """Write a character beyond the first 65,536 as YAML does."""
    high, low = int(pair.group(1), 16), int(pair.group(2), 16)
    return f"\\U{0x10000 + ((high - 0xD800) << 10) + low - 0xDC00:08x}"


def _syntax(name: str, line: int, column: int, what: str) -> Problem:
    return Problem(name, line, column, "settings.syntax", printable(what), "Correct it.")


def _told(problems: tuple[Problem, ...]) -> str:
    """Return what is wrong in one line: the first problems, each with its place and remedy."""
    told = [
        f"{one.file}:{one.line}:{one.column}: {one.message} {one.remedy}"
        for one in problems[:_MOST_TOLD]
    ]
    more = len(problems) - len(told)
    return "; ".join(told) + (f"; and {more} more" if more else "")


def ticket_from(part: TicketFile, file: YamlFile | None = None) -> Ticket:
    """Return what a parsed ticket asks for; `file` tells in which lines its places stand."""
    return Ticket(
        seal=part.seal or "",
        place=part.place or "",
        own_place=_own_place(part.own_place or (), file),
        profile=part.profile or "",
        name=part.name or "",
        reference=part.reference or "",
        recipient=part.recipient or "",
        priority=part.priority,
        sha256=part.sha256 or "",
        fields=tuple(part.fields.items()),
    )


def _own_place(
    parts: tuple[PlacePart, ...], file: YamlFile | None
) -> tuple[Place | PlaceTable, ...]:
    if file is None:
        file, _ = parse_yaml("ticket", "{}")
    assert file is not None  # noqa: S101  # that text is sound
    # Which seals there are, and which of them a ticket may show, is seen when it is applied.
    own = next((part.seal for part in parts if part.seal is not None), "")
    return PlaceBuilder(Notes(file, frozenset()), (), own).build(("own_place",), parts)
