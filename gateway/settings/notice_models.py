"""What may stand below `notices:` in `gateway.yaml`."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError

from gateway.core.notice_texts import PLACEHOLDERS
from gateway.core.request_template import check
from gateway.settings.service_models import HttpPart, LoginPart, SecretReference
from gateway.settings.written import (
    Globs,
    MailAddress,
    MailAddresses,
    Part,
    PathText,
    Span,
    Text,
    Words,
)

_HOST = re.compile(r"[A-Za-z0-9._-]{1,255}|[0-9A-Fa-f:.]{2,45}")


def _host(value: str) -> str:
    if not _HOST.fullmatch(value):
        raise ValueError("write a host's name or number; the port has a key of its own")
    return value


def _template(value: str) -> str:
    check(value, PLACEHOLDERS)
    return value


def _url(value: object) -> object:
    if isinstance(value, str):
        return value
    try:
        return SecretReference.model_validate(value)
    except ValidationError:
        raise ValueError("write an address, or where a secret one is: {secret: NAME}") from None


class MailPart(Part):
    """A mail server, and whom mail shall reach."""

    type: Literal["mail"]
    """mail: by SMTP."""
    server: Annotated[Words, AfterValidator(_host)]
    """The mail server."""
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """Of the server; 587 for starttls, 465 for tls, 25 for none."""
    encryption: Literal["starttls", "tls", "none"] = "starttls"
    """tls from the first byte, starttls (insisted on), or none."""
    ca_file: PathText | None = None
    """PEM of a private authority for TLS; the system's when not given."""
    login: LoginPart | None = None
    """How we log in, where the server asks for it."""
    sender: MailAddress
    """From whom the mail is."""
    recipients: Annotated[MailAddresses, Field(max_length=100)] = ()
    """To whom it goes: one address or a list."""
    parties: bool = False
    """The parties of a contract flow whom a notice concerns get it, too."""
    timeout: Span = "30s"  # type: ignore[assignment]
    """How long to wait for each answer of the server."""


class WebhookPart(HttpPart):
    """An address to which notices are posted."""

    type: Literal["webhook"]
    """webhook: by HTTP POST."""
    url: Annotated[Words | SecretReference, BeforeValidator(_url)]
    """The address; a reference to a secret where the address itself lets anybody post."""
    format: Literal["standard", "slack", "ntfy"] = "standard"
    """standard: JSON with every fact; slack: {"text": …}; ntfy: plain text with a title."""
    key: SecretReference | None = None
    """Signs each request (HMAC-SHA256, Standard Webhooks); standard insists on it."""
    bearer: SecretReference | None = None
    """A token for the header Authorization."""
    connect_timeout: Span = "10s"  # type: ignore[assignment]
    """How long to wait for a connection."""
    read_timeout: Span = "15s"  # type: ignore[assignment]
    """How long to wait for an answer."""


class CommandPart(Part):
    """A program that gets notices on its standard input."""

    type: Literal["command"]
    """command: a program, started without a shell."""
    command: Annotated[tuple[Words, ...], Field(min_length=1, max_length=100)]
    """The program's path, then its arguments, each an entry of the list."""
    timeout: Span = "30s"  # type: ignore[assignment]
    """After so long it is killed, with all that it started."""


TargetPart = Annotated[MailPart | WebhookPart | CommandPart, Field(discriminator="type")]


class NoticeRetryPart(Part):
    """When a notice that could not be told is tried again."""

    first: Span = "5s"  # type: ignore[assignment]
    """The first pause; each later one is twice as long."""
    longest: Span = "1h"  # type: ignore[assignment]
    """No pause is longer."""
    attempts: Annotated[int, Field(ge=1, le=1000)] = 12
    """After so many the notice is laid aside: sealgate notices list."""


class NoticePart(Part):
    """Who is told of what."""

    to: TargetPart
    """Where notices go."""
    on: Annotated[
        tuple[
            Literal[
                "delivered",
                "failed",
                "held",
                "resumed",
                "quota",
                "certificate",
                "mount",
                "sweep",
                "request",
                "turn",
                "reminder",
                "escalated",
                "refused",
                "ended",
            ],
            ...,
        ],
        Field(min_length=1),
    ] = ("failed", "held", "resumed", "quota", "certificate", "mount", "request")
    """Of what: a list."""
    inboxes: Globs = ()
    """Only of these inboxes: globs; what is of no inbox is told all the same."""
    rules: Globs = ()
    """Only of documents that these rules sealed: globs; what is of no rule is told all the same."""
    digest: Span | None = None
    """Gather the notices of so long a time into one; each goes for itself when not given."""
    language: Literal["en", "zh"] | None = None
    """Of the texts that Sealgate brings; the site's when not given."""
    subject: Annotated[Text, AfterValidator(_template)] = ""
    """Our own words, with placeholders such as {event} and {source}."""
    text: Annotated[Text, AfterValidator(_template)] = ""
    """The same, for the text."""
    retry: NoticeRetryPart = NoticeRetryPart()
    """When a notice that could not be told is tried again."""
