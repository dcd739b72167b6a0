"""File names: which are still being written, and what results are called."""

from __future__ import annotations

import fnmatch
import re

LONGEST = 255
"""Bytes of one name on the file systems we write to."""

_PARTIAL = (
    ".*",
    "~$*",
    "*.part",
    "*.partial",
    "*.filepart",
    "*.tmp",
    "*.crdownload",
    "*.writing",
    "@eadir",
    "thumbs.db",
    "desktop.ini",
    "*.syncthing.*",
    # Pages of our own, which tell people how their documents stand.
    "_status.txt",
    "_status.html",
)
_PARTIAL_PATTERN = re.compile("|".join(fnmatch.translate(glob) for glob in _PARTIAL))
_HALF_PAIR = re.compile("[\ud800-\udc7f\udd00-\udfff]")
"""Surrogates that stand for no undecodable byte."""
_LONGEST_EXTENSION = 16
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\<>:"|?*]')


def is_partial(name: str) -> bool:
    """Tell whether a file or folder of that name is left alone (unfinished, hidden)."""
    return _PARTIAL_PATTERN.match(name.lower()) is not None


def display(path: str) -> str:
    r"""Return a path as text that any log or JSON can hold; undecodable bytes as `\xNN`.

    Any other text may be given too: half of a surrogate pair, as PDF strings can hold, becomes
    `\uNNNN`.
    """
    path = _HALF_PAIR.sub(lambda half: f"\\u{ord(half.group()):04x}", path)
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def shorten(stem: str, rest: str, longest: int = LONGEST) -> str:
    """Return `stem + rest` in at most `longest` bytes, cutting whole characters off the stem."""
    room = longest - len(_bytes(rest))
    while len(_bytes(stem)) > room and stem:
        stem = stem[:-1]
    return stem + rest


def result_name(template: str, source: str, rule: str, seal: str, number: int) -> str:
    """Fill a rule's name template: `{stem}`, `{ext}`, `{rule}`, `{seal}`, `{n}`.

    `number` counts from 1; `{n}` is empty for 1 and `-2`, `-3`, … after it. A template
    without `{n}` gets the counter before the extension. The name leaves room for
    `.receipt.json`, and characters that a share cannot hold become `_`.
    """
    name = source.rsplit("/", 1)[-1]
    stem, dot, extension = name.rpartition(".")
    if not dot:
        stem, extension = name, ""
    counter = f"-{number}" if number > 1 else ""
    if "{n}" not in template:
        head, dot, tail = template.rpartition(".")
        template = f"{head}{{n}}.{tail}" if dot else template + "{n}"
    before, _, after = template.partition("{stem}") if "{stem}" in template else ("", "", template)
    values = {"{ext}": extension, "{rule}": rule, "{seal}": seal, "{n}": counter}
    before, after = _safe(_filled(before, values)), _safe(_filled(after, values))
    room = LONGEST - len(".receipt.json")
    body = shorten(_safe(stem) if "{stem}" in template else "", after, room - len(_bytes(before)))
    return _fitted(before + body, counter, room)


def _fitted(name: str, counter: str, room: int) -> str:
    """Cut a name that is too long even without its stem; counter and extension are kept."""
    if len(_bytes(name)) <= room:
        return name
    head, dot, extension = name.rpartition(".")
    if not dot or len(_bytes(extension)) > _LONGEST_EXTENSION:
        head, dot, extension = name, "", ""
    return shorten(head, counter + dot + extension, room)


def result_folder(chosen: str, inbox: str, source: str) -> str:
    """Return the folder of a result below the outbox: the rule's, or the inbox's name.

    Sub-folders of the inbox are kept below it.
    """
    return "/".join([chosen or inbox, *source.split("/")[:-1]])


def _filled(template: str, values: dict[str, str]) -> str:
    return re.sub(r"\{(?:ext|rule|seal|n|stem)\}", lambda m: values.get(m.group(), ""), template)


def _safe(name: str) -> str:
    return _UNSAFE.sub("_", name)


def _bytes(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")
