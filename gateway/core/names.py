"""File names: which are still being written, and what results are called."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType

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
_PLACEHOLDER = re.compile(r"\{[a-z0-9]+\}")
_NOTHING: Mapping[str, str] = MappingProxyType({})
_DEVICES = frozenset(
    {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"}
    | {port + digit for port in ("COM", "LPT") for digit in "0123456789\u00b9\u00b2\u00b3"}
)
"""Names of devices on Windows, with any extension."""
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\<>:"|?*]')


def is_partial(name: str) -> bool:
    """Tell whether a file or folder of that name is left alone (unfinished, hidden)."""
    return _PARTIAL_PATTERN.match(name.lower()) is not None


def display(path: str) -> str:
    r"""Return a path as text that any log or JSON can hold; undecodable bytes as `\xNN`.

    Any other text may be given too: half of a surrogate pair, as PDF strings can hold, becomes
    `\uNNNN`.
    """
    if path.isascii():
        return str(path)
    path = _HALF_PAIR.sub(lambda half: f"\\u{ord(half.group()):04x}", path)
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def shorten(stem: str, rest: str, longest: int = LONGEST) -> str:
    """Return `stem + rest` in at most `longest` bytes, cutting whole characters off the stem."""
    room = longest - len(_bytes(rest))
    while len(_bytes(stem)) > room and stem:
        stem = stem[:-1]
    return stem + rest


def result_name(
    template: str,
    source: str,
    rule: str,
    seal: str,
    number: int,
    *,
    more: Mapping[str, str] = _NOTHING,
) -> str:
    """Fill a rule's name template: `{stem}`, `{ext}`, `{rule}`, `{seal}`, `{n}`, and `more`.

    `more` has values by placeholder, see `claim_values`; what it lacks stays as it is written.
    `number` counts from 1; `{n}` is empty for 1 and `-2`, `-3`, … after it. A template
    without `{n}` gets the counter before the extension. The name leaves room for
    `.receipt.json`, and names and characters that a share cannot hold get or become `_`.
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
    values = {"{ext}": extension, "{rule}": rule, "{seal}": seal, "{n}": counter, "{stem}": ""}
    values |= more
    before, after = safe(_filled(before, values)), safe(_filled(after, values))
    room = LONGEST - len(".receipt.json")
    body = shorten(safe(stem) if "{stem}" in template else "", after, room - len(_bytes(before)))
    return for_windows(_fitted(before + body, counter, room))


def claim_values(job_id: str, inbox: str, sha256: str, created: datetime) -> dict[str, str]:
    """Return what name templates may say of a job: its id, hash, and the time of its claim."""
    moment = created.astimezone(UTC)
    return {
        "{job}": job_id,
        "{inbox}": inbox,
        "{sha8}": sha256[:8],
        "{date}": f"{moment:%Y-%m-%d}",
        "{year}": f"{moment:%Y}",
        "{month}": f"{moment:%m}",
        "{day}": f"{moment:%d}",
        "{time}": f"{moment:%H%M%S}",
    }


def for_windows(name: str) -> str:
    """Make a name that Windows would take for a device, or would not keep, an ordinary one."""
    kept = name.rstrip(". ")
    name = kept + "_" * (len(name) - len(kept))
    device = name.partition(".")[0].rstrip(" ")
    if device.upper() in _DEVICES:
        name = f"{device}_{name[len(device) :]}"
    return name


def _fitted(name: str, counter: str, room: int) -> str:
    """Cut a name that is too long even without its stem; counter and extension are kept."""
    if len(_bytes(name)) <= room:
        return name
    head, dot, extension = name.rpartition(".")
    if not dot or len(_bytes(extension)) > _LONGEST_EXTENSION:
        head, dot, extension = name, "", ""
    return shorten(head, counter + dot + extension, room)


def result_folder(
    chosen: str,
    inbox: str,
    source: str,
    *,
    flat: bool = False,
    more: Mapping[str, str] = _NOTHING,
) -> str:
    """Return the folder of a result below the outbox: the rule's, or the inbox's name.

    Sub-folders of the inbox are kept below it, unless it is to be `flat`. `more` has values by
    placeholder, such as `claim_values`; none of them makes a folder of its own.
    """
    filled = "/".join(safe(_filled(part, dict(more))) for part in chosen.split("/"))
    return "/".join([filled or inbox, *([] if flat else source.split("/")[:-1])])


def _filled(template: str, values: dict[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda m: values.get(m.group(), m.group()), template)


def windows_name(name: str) -> str:
    """Return a name that a server of Windows can give a file; most stay as they are."""
    stem = name.rstrip(" .")
    name = stem + "_" * (len(name) - len(stem))
    return safe(f"_{name}" if name.partition(".")[0].upper() in _DEVICES else name)


def safe(name: str) -> str:
    """Return a text without characters that a share cannot hold: each becomes `_`."""
    return _UNSAFE.sub("_", name)


def _bytes(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")


def certificate_name(name: str) -> str:
    """Return what the certificate of completion of a contract is called, by the contract's name."""
    stem = name.rpartition(".")[0] or name
    return shorten(stem, "-evidence.pdf")


def data_name(certificate: str) -> str:
    """Return what the data of a certificate is called."""
    return certificate.removesuffix(".pdf") + ".json"
