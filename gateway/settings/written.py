"""Values as authors write them: durations, sizes, lengths, globs, names of files.

Each type here is a field type of the models: it turns text into a value of `core`, or raises
`ValueError` with a sentence that says how to write it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from gateway.core.destinations import WORDS, as_folder
from gateway.core.findings import NAMES, FindingCondition
from gateway.core.lengths import Length
from gateway.core.names import is_partial
from gateway.core.pages import Pages
from gateway.core.rules import Comparison

_DURATION = re.compile(r"^(\d{1,9}(?:\.\d{1,9})?)\s*(ms|s|m|h|d)$")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_DAY = 86_400
_SIZE = re.compile(r"^(\d{1,15})\s*(B|kB|MB|GB|KiB|MiB|GiB)$")
_BYTES = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_SHARE = re.compile(r"^(\d{1,3}(?:\.\d{1,9})?)\s*%$")
_OCCURRENCE = re.compile(r"^(first|last|all|-?[1-9]\d{0,4})$")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_PLACEHOLDERS = (
    *("date", "day", "ext", "inbox", "job", "month", "n"),
    *("rule", "seal", "sha8", "stem", "time", "year", *WORDS),
)
_IN_FOLDERS = ("date", "day", "inbox", "month", "rule", "seal", "year", *WORDS)
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\<>:"|?*{}]')
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SET = re.compile(r"\[(!?)(\]?[^\]]*)\]")
_MAIL_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}")
_FARTHEST = 100_000
"""Of any unit: no page is so large."""


class Part(BaseModel):
    """A mapping in which every key is known."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        validate_default=True,
        use_attribute_docstrings=True,
        defer_build=True,
    )


Value = TypeVar("Value")


def _from_text(parse: Callable[[str], Value]) -> Callable[[object], Value]:
    """Let `parse` see only text; anything else has the wrong type."""

    def check(value: object) -> Value:
        if not isinstance(value, str):
            raise PydanticCustomError("string_type", "Input should be a text")
        return parse(value)

    return check


def _duration(least: float, most: float) -> Callable[[str], float]:
    def parse(value: str) -> float:
        match = _DURATION.match(value)
        if match is None:
            raise ValueError("write a duration like 500ms, 2s, 5m, 1h or 3d")
        seconds = float(match.group(1)) * _SECONDS[match.group(2)]
        if not least <= seconds <= most:
            raise ValueError(f"it must be between {_spelt(least)} and {_spelt(most)}")
        return seconds

    return parse


def seconds_of(written: str) -> float:
    """Read a duration such as 90s or 3d; raises `ValueError` with a sentence for the author."""
    return _duration(0.001, 3650 * _DAY)(written)


def _spelt(seconds: float) -> str:
    days = seconds / _DAY
    return f"{days:g} d" if days > 1 else f"{seconds:g} s"


def _size(least: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        match = _SIZE.match(value)
        if match is None:
            raise ValueError("write a size like 512MiB or 20MB")
        size = int(match.group(1)) * _BYTES[match.group(2)]
        if size < least:
            raise ValueError(f"it must be at least {least:,} bytes")
        return size

    return parse


def _share(value: str) -> float:
    match = _SHARE.match(value)
    if match is None or not 0 < float(match.group(1)) <= 100:
        raise ValueError("write a share like 20%, above 0% and up to 100%")
    return float(match.group(1)) / 100


def _length(value: str) -> Length:
    length = Length.parse(value)
    if abs(length.value) > _FARTHEST:
        raise ValueError("no page is so large")
    return length


def _distance(value: str) -> Length:
    length = _length(value)
    if length.value < 0:
        raise ValueError("a margin leads into the page: it must not be negative")
    return length


def _seal_width(value: str) -> Length:
    _length(value)
    return Length.on_paper(value)


def _expression(value: str) -> str:
    try:
        re.compile(value)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"it is not a regular expression: {error}") from error
    if not value:
        raise ValueError("an empty regular expression finds everything: leave the key out")
    return value


def _signatures(value: str) -> Comparison:
    return Comparison.parse({"none": "=0", "any": ">=1"}.get(value, value))


def _size_comparison(value: str) -> Comparison:
    return Comparison.parse(value, sizes=True)


def _occurrence(value: str) -> str:
    if not _OCCURRENCE.match(value):
        raise ValueError("write first, last, all, a number from 1, or -1, -2, … from the end")
    return value


def _glob(value: str) -> str:
    parts = value.split("/")
    if "\\" in value:
        raise ValueError("folders are separated by /, and nothing is escaped")
    if value.startswith("/") or "." in parts or ".." in parts:
        raise ValueError("paths begin below the inbox: leave out a leading /, . and ..")
    if not parts[-1]:
        raise ValueError("this names no file: add ** for everything below a folder")
    return _sets(value)


def _sets(value: str) -> str:
    """Check the sets of a glob, such as `[0-9]`."""
    for negated, inside in _SET.findall(value):
        try:
            re.compile("[" + ("^" if negated else "") + re.escape(inside).replace(r"\-", "-") + "]")
        except re.error as error:
            raise ValueError(f"the set [{inside}] makes no sense: {error}") from error
    if "[" in _SET.sub("", value):
        raise ValueError("a [ has no ]: write [[] for a [ in a name")
    return value


def _below(value: str) -> str:
    parts = value.split("/")
    if any(part in ("", "..") or part.startswith(".") for part in parts) or "\\" in value:
        raise ValueError("write a folder below the outbox: no leading /, no .. and no hidden one")
    if _CONTROL.search(value) or any(len(part.encode()) > 255 for part in parts):
        raise ValueError("no folder can have this name")
    for name in _PLACEHOLDER.findall(value):
        if name not in _IN_FOLDERS:
            known = ", ".join("{" + one + "}" for one in _IN_FOLDERS)
            raise ValueError(f"{{{name}}} cannot stand in a folder; there are {known}")
    return value


def _folder_name(value: str) -> str:
    if not value or as_folder(value) != value or _UNSAFE.search(value):
        raise ValueError("write a name that a file and a folder can have")
    return value


def _template(value: str) -> str:
    known = ", ".join("{" + name + "}" for name in _PLACEHOLDERS)
    for name in _PLACEHOLDER.findall(value):
        if name not in _PLACEHOLDERS:
            raise ValueError(f"{{{name}}} is not known; there are {known}")
    plain = _PLACEHOLDER.sub("", value)
    if not ("{stem}" in value or "{job}" in value) or not plain.lower().endswith(".pdf"):
        raise ValueError("a result's name must hold {stem} or {job} and end in .pdf")
    if _UNSAFE.search(plain):
        raise ValueError(f"{_UNSAFE.search(plain)[0]!r} cannot stand in a name")  # type: ignore[index]
    if is_partial(_PLACEHOLDER.sub("x", value)) or len(plain.encode()) > 150:
        raise ValueError("a hidden, unfinished or overlong name would not be picked up")
    return value


def _path(value: str) -> str:
    if _CONTROL.search(value):
        raise ValueError("no file can have this name")
    if value.startswith("~"):
        raise ValueError("write the path in full, or relative to the site")
    return value


def _finding(value: str) -> str:
    return _one_of(value, NAMES)


def _findings_matched(value: str) -> FindingCondition:
    words = value.split()
    name = _one_of(words[-1] if words else "", NAMES)
    if words[:-1] not in ([], ["not"]):
        raise ValueError("write the name of a finding, or not and a name")
    return FindingCondition(name, absent=len(words) > 1)


def _one_of(value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        expected = ", ".join(f"'{name}'" for name in known)
        raise PydanticCustomError("literal_error", "It is not known", {"expected": expected})
    return value


def _mail_address(value: str) -> str:
    if not _MAIL_ADDRESS.fullmatch(value):
        raise ValueError("write a plain mail address, such as seals@company.example")
    return value


def _one_or_more(value: object) -> object:
    return [value] if isinstance(value, str) else value


_WRITTEN = WithJsonSchema({"type": "string"})
_NUMBER_TOO = WithJsonSchema({"type": ["string", "integer"]})
_ONE_OR_MORE = WithJsonSchema(
    {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
)

Text = Annotated[str, WithJsonSchema({"type": ["string", "number", "boolean"]})]
"""Any text; what an editor takes for a number counts as it is written."""
Words = Annotated[Text, StringConstraints(min_length=1)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,99}$")]
PathText = Annotated[str, StringConstraints(min_length=1), AfterValidator(_path)]
Quiet = Annotated[float, BeforeValidator(_from_text(_duration(0.05, 3600))), _WRITTEN]
Scan = Annotated[float, BeforeValidator(_from_text(_duration(0.1, 3600))), _WRITTEN]
Span = Annotated[float, BeforeValidator(_from_text(_duration(0.1, 86400))), _WRITTEN]
Takeover = Annotated[float, BeforeValidator(_from_text(_duration(1, 3600))), _WRITTEN]
Term = Annotated[float, BeforeValidator(_from_text(_duration(1, 3650 * _DAY))), _WRITTEN]
Terms = Annotated[tuple[Term, ...], BeforeValidator(_one_or_more), _ONE_OR_MORE]
FileSize = Annotated[int, BeforeValidator(_from_text(_size(2**10))), _WRITTEN]
Memory = Annotated[int, BeforeValidator(_from_text(_size(2**28))), _WRITTEN]
Share = Annotated[float, BeforeValidator(_from_text(_share)), _WRITTEN]
Shares = Annotated[tuple[Share, ...], BeforeValidator(_one_or_more), _ONE_OR_MORE]
LengthText = Annotated[Length, BeforeValidator(_from_text(_length)), _WRITTEN]
SealWidth = Annotated[Length, BeforeValidator(_from_text(_seal_width)), _WRITTEN]
Rotation = Annotated[float, Field(ge=-360, le=360, allow_inf_nan=False)]
Distance = Annotated[Length, BeforeValidator(_from_text(_distance)), _WRITTEN]
Expression = Annotated[Text, AfterValidator(_expression)]
Count = Annotated[Comparison, BeforeValidator(_from_text(Comparison.parse)), _NUMBER_TOO]
Bytes = Annotated[Comparison, BeforeValidator(_from_text(_size_comparison)), _NUMBER_TOO]
Signatures = Annotated[Comparison, BeforeValidator(_from_text(_signatures)), _NUMBER_TOO]
Occurrence = Annotated[str, AfterValidator(_occurrence), _NUMBER_TOO]
PageChoice = Annotated[Pages, BeforeValidator(_from_text(Pages.parse)), _NUMBER_TOO]
Globs = Annotated[
    tuple[Annotated[Words, AfterValidator(_glob)], ...],
    BeforeValidator(_one_or_more),
    _ONE_OR_MORE,
]
FieldGlobs = Annotated[
    tuple[Annotated[Words, AfterValidator(_sets)], ...],
    BeforeValidator(_one_or_more),
    _ONE_OR_MORE,
]
Paths = Annotated[tuple[PathText, ...], BeforeValidator(_one_or_more), _ONE_OR_MORE]
FindingNames = Annotated[
    tuple[Annotated[Words, AfterValidator(_finding)], ...],
    BeforeValidator(_one_or_more),
    WithJsonSchema(
        {"anyOf": [{"enum": NAMES}, {"type": "array", "items": {"enum": NAMES}}]},
    ),
]
FindingConditions = Annotated[
    tuple[Annotated[FindingCondition, BeforeValidator(_from_text(_findings_matched))], ...],
    BeforeValidator(_one_or_more),
    _ONE_OR_MORE,
]
MailAddress = Annotated[Words, AfterValidator(_mail_address)]
MailAddresses = Annotated[tuple[MailAddress, ...], BeforeValidator(_one_or_more), _ONE_OR_MORE]
Names = Annotated[tuple[Words, ...], BeforeValidator(_one_or_more), _ONE_OR_MORE]
Kept = Annotated[tuple[Literal["pdfa", "tagged"], ...], BeforeValidator(_one_or_more), _ONE_OR_MORE]
RoleNames = Annotated[
    tuple[
        Literal[
            "administrator",
            "seal-keeper",
            "contract-owner",
            "approver",
            "operator",
            "auditor",
            "submitter",
        ],
        ...,
    ],
    BeforeValidator(_one_or_more),
    _ONE_OR_MORE,
]
FolderBelow = Annotated[str, AfterValidator(_below)]
FolderName = Annotated[Words, AfterValidator(_folder_name)]
FoldersBelow = Annotated[tuple[FolderBelow, ...], BeforeValidator(_one_or_more), _ONE_OR_MORE]
Template = Annotated[str, AfterValidator(_template)]
