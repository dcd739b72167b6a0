"""What may stand in `gateway.yaml` and in a rule file: the edge at which YAML is parsed.

The models also give the JSON Schemas for editors (`docs/schema/`). Their validators turn
written values into values of `core`; names are checked later, when all files are read.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from gateway.core.lengths import Length
from gateway.core.rules import Comparison

_DURATION = re.compile(r"^(\d+(?:\.\d+)?)\s*(ms|s|m|h)$")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_SIZE = re.compile(r"^(\d+)\s*(B|kB|MB|GB|KiB|MiB|GiB)$")
_BYTES = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_PAGE = re.compile(r"^(first|last|-?[1-9]\d*)$")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_PLACEHOLDERS = {"stem", "ext", "rule", "seal", "n"}


def _text(value: object) -> object:
    """Accept numbers where text is meant: YAML makes numbers of unquoted digits."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _duration(least: float, most: float) -> Callable[[object], float]:
    def parse(value: object) -> float:
        match = _DURATION.match(str(value))
        if match is None:
            raise ValueError("write a duration like 500ms, 2s, 5m or 1h")
        seconds = float(match.group(1)) * _SECONDS[match.group(2)]
        if not least <= seconds <= most:
            raise ValueError(f"must be between {least:g} s and {most:g} s")
        return seconds

    return parse


def _size(value: object) -> int:
    match = _SIZE.match(str(value))
    if match is None:
        raise ValueError("write a size like 512MiB or 20MB")
    return int(match.group(1)) * _BYTES[match.group(2)]


def _length(value: object) -> Length:
    return value if isinstance(value, Length) else Length.parse(str(value))


def _expression(value: str) -> str:
    try:
        re.compile(value)
    except (re.error, RecursionError) as error:
        raise ValueError(f"not a regular expression: {error}") from error
    return value


def _comparison(value: object) -> Comparison:
    return Comparison.parse(str(value))


def _size_comparison(value: object) -> Comparison:
    return Comparison.parse(str(value), sizes=True)


def _signatures(value: object) -> Comparison:
    written = str(value)
    return Comparison.parse({"none": "=0", "any": ">=1"}.get(written, written))


def _page(value: str) -> str:
    if not _PAGE.match(value):
        raise ValueError("write first, last, a page number from 1, or -1, -2, … from the end")
    return value


def _below(value: str) -> str:
    parts = value.split("/")
    if value.startswith("/") or any(part in ("", ".", "..") for part in parts):
        raise ValueError("write a folder below the outbox, without .. and without a leading /")
    return value


def _template(value: str) -> str:
    for name in _PLACEHOLDER.findall(value):
        if name not in _PLACEHOLDERS:
            known = ", ".join("{" + known + "}" for known in sorted(_PLACEHOLDERS))
            raise ValueError(f"{{{name}}} is not known; there are {known}")
    if "{stem}" not in value or not value.lower().endswith(".pdf") or "/" in value:
        raise ValueError("a result's name must hold {stem}, end in .pdf and have no /")
    return value


def _one_or_more(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _switch(value: object) -> object:
    """YAML reads an unquoted `no` as false."""
    return "no" if value is False else value


Text = Annotated[str, BeforeValidator(_text)]
Name = Annotated[str, BeforeValidator(_text), StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
_WRITTEN = WithJsonSchema({"type": "string"})
Quiet = Annotated[float, BeforeValidator(_duration(0.05, 3600)), _WRITTEN]
Span = Annotated[float, BeforeValidator(_duration(0.1, 86400)), _WRITTEN]
Size = Annotated[int, BeforeValidator(_size), _WRITTEN]
LengthText = Annotated[Length, BeforeValidator(_length), _WRITTEN]
Expression = Annotated[Text, AfterValidator(_expression)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_one_or_more)]


class Part(BaseModel):
    """A mapping in which every key is known."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


class SecretReference(Part):
    """Where a secret is; never the secret itself."""

    secret: Text | None = None
    file: Text | None = None
    environment: Text | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> SecretReference:
        if sum(value is not None for value in (self.secret, self.file, self.environment)) != 1:
            raise ValueError("say exactly one of secret, file and environment")
        return self


class InboxPart(Part):
    """One inbox."""

    path: Text | None = None
    watching: Literal["auto", "events", "polling"] = "auto"
    settle: Quiet | None = None
    incomplete_after: Span = "30s"  # type: ignore[assignment]
    scan_every: Span = "20s"  # type: ignore[assignment]
    recursive: bool = True
    must_be_mount: bool = False


class OAuthPart(Part):
    """OAuth 2.0 client credentials."""

    token_url: Text
    client_id: Text
    client_secret: SecretReference
    scope: Text = "service"


class ServicePart(Part):
    """A digest service."""

    type: Literal["csc"]
    url: Text
    credential: Text = ""
    oauth: OAuthPart | None = None
    pin: SecretReference | None = None
    idempotent: bool = False
    connect_timeout: Span = "10s"  # type: ignore[assignment]
    read_timeout: Span = "60s"  # type: ignore[assignment]
    ca_file: Text | None = None


class TimestampPart(Part):
    """A time-stamp authority."""

    url: Text
    connect_timeout: Span = "10s"  # type: ignore[assignment]
    read_timeout: Span = "30s"  # type: ignore[assignment]
    ca_file: Text | None = None
    user: Text = ""
    password: SecretReference | None = None


class SealPart(Part):
    """A seal: picture, physical size, service."""

    image: Text
    width: LengthText
    height: LengthText | None = None
    service: Text


class TrustPart(Part):
    """Whom the site trusts."""

    anchors: Texts = ()


class RetryPart(Part):
    """When work that could not be done is tried again."""

    first: Span = "2s"  # type: ignore[assignment]
    longest: Span = "5m"  # type: ignore[assignment]
    cap: Annotated[int, Field(ge=1, le=1000)] = 8


class LimitsPart(Part):
    """Bounds on one document and on the whole."""

    max_file_size: Size = "512MiB"  # type: ignore[assignment]
    document_seconds: Span = "60s"  # type: ignore[assignment]
    document_memory: Size = "2GiB"  # type: ignore[assignment]
    in_flight: Annotated[int, Field(ge=1, le=256)] = 8
    readers: Annotated[int, Field(ge=1, le=64)] = 2


class SiteFile(Part):
    """`gateway.yaml`."""

    name: Text
    sandbox: bool = False
    inboxes: Annotated[dict[Name, InboxPart | None], Field(min_length=1)]
    outbox: Text = "outbox"
    archive: Text = "archive"
    failed: Text = "failed"
    state: Text = "state"
    rules: Text = "rules"
    services: Annotated[dict[Name, ServicePart], Field(min_length=1)]
    timestamp: TimestampPart | None = None
    seals: Annotated[dict[Name, SealPart], Field(min_length=1)]
    trust: TrustPart = TrustPart()
    retry: RetryPart = RetryPart()
    limits: LimitsPart = LimitsPart()


class MatchPart(Part):
    """Conditions that must all hold."""

    path: Texts = ()
    pages: Annotated[Comparison, BeforeValidator(_comparison), _WRITTEN] | None = None
    size: Annotated[Comparison, BeforeValidator(_size_comparison), _WRITTEN] | None = None
    text: Expression | None = None
    metadata: dict[Text, Expression] = {}
    signatures: Annotated[Comparison, BeforeValidator(_signatures), _WRITTEN] | None = None
    fields: Texts = ()


class OffsetPart(Part):
    """A shift on the displayed page."""

    x: LengthText = "0mm"  # type: ignore[assignment]
    y: LengthText = "0mm"  # type: ignore[assignment]


class PlacePart(Part):
    """Where the seal goes: at a page's corner, or `at: text`."""

    page: Annotated[Text, AfterValidator(_page)] = "last"
    corner: Literal["top-left", "top-right", "bottom-left", "bottom-right", "center"] = (
        "bottom-right"
    )
    margin: LengthText = "0mm"  # type: ignore[assignment]
    offset: OffsetPart = OffsetPart()
    at: Literal["text"] | None = None
    find: Text | None = None
    occurrence: Literal["first", "last"] = "first"

    @model_validator(mode="after")
    def _text_has_words(self) -> PlacePart:
        if (self.at == "text") != (self.find is not None):
            raise ValueError("at: text needs find: WORDS, and find needs at: text")
        if self.find == "":
            raise ValueError("find must not be empty")
        return self


class ProfilePart(Part):
    """PAdES level and options."""

    level: Literal["B-B", "B-T"] = "B-B"
    certify: Annotated[
        Literal["no", "no-changes", "form-filling", "annotations"], BeforeValidator(_switch)
    ] = "no"
    reason: Text = ""
    location: Text = ""
    contact: Text = ""


class DeliverPart(Part):
    """Where the result goes and what it is called."""

    outbox: Annotated[Text, AfterValidator(_below)] | None = None
    name: Annotated[Text, AfterValidator(_template)] = "{stem}-sealed{n}.pdf"


class RulePart(Part):
    """One rule."""

    name: Name
    match: MatchPart = MatchPart()
    seal: Text
    place: PlacePart
    profile: ProfilePart = ProfilePart()
    deliver: DeliverPart = DeliverPart()


class RuleFile(Part):
    """A file in `rules/`."""

    inbox: Text
    rules: Annotated[tuple[RulePart, ...], Field(min_length=1)]
