"""Who is told of what: what `gateway.yaml` says below `notices`, checked and frozen."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from gateway.core.retry import RetryPolicy
from gateway.core.secret import Secret
from gateway.core.services import HttpAccess, LoginSettings


class NoticeKind(StrEnum):
    """What is told; the words of `on:`."""

    DELIVERED = "delivered"
    """A result lies in the outbox."""
    FAILED = "failed"
    """A document lies in failed/."""
    HELD = "held"
    """Work is paused."""
    RESUMED = "resumed"
    """Paused work goes on."""
    QUOTA = "quota"
    """A prepaid quota has passed a threshold, or will soon be used up."""
    CERTIFICATE = "certificate"
    """A signer's certificate ends soon, or was revoked."""
    MOUNT = "mount"
    """An inbox cannot be read: its share is gone, or closed to us."""
    SWEEP = "sweep"
    """A scheduled sweep has ended."""
    REQUEST = "request"
    """A keeper asks for what another keeper has to confirm."""
    TURN = "turn"
    """A step of a contract flow waits for a party."""
    REMINDER = "reminder"
    """It still does, and its deadline comes near."""
    ESCALATED = "escalated"
    """It has waited so long that another party may act, too."""
    REFUSED = "refused"
    """What a party has brought could not be accepted."""
    ENDED = "ended"
    """A contract flow was completed, rejected or withdrawn, or has expired."""
    TEST = "test"
    """Somebody asked for it."""


class Language(StrEnum):
    """Of the texts that Sealgate brings."""

    ENGLISH = "en"
    CHINESE = "zh"


class Encryption(StrEnum):
    """How mail travels to its server."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class WebhookFormat(StrEnum):
    """What a webhook's body looks like."""

    STANDARD = "standard"
    """JSON with every fact, signed as Standard Webhooks has it."""
    SLACK = "slack"
    """`{"text": …}`, as Slack, Mattermost and Rocket.Chat take it."""
    NTFY = "ntfy"
    """The text as it is, the subject as its title."""


@dataclass(frozen=True)
class MailTarget:
    """A mail server and whom it shall reach."""

    server: str
    port: int
    encryption: Encryption
    sender: str
    recipients: tuple[str, ...]
    parties: bool = False
    """The parties of a flow whom a notice concerns get it, too, where they have an address."""
    login: LoginSettings | None = None
    ca_file: Path | None = None
    """PEM of a private authority; None for the system's."""
    timeout: float = 30.0
    """Seconds to wait for each answer."""


@dataclass(frozen=True)
class WebhookTarget:
    """An address to which notices are posted."""

    url: Secret
    """Kept from view: the addresses of many chat services are secrets."""
    key: bytes = field(default=b"", repr=False)
    """Signs with HMAC-SHA256; empty: unsigned."""
    format: WebhookFormat = WebhookFormat.STANDARD
    token: Secret | None = None
    """A bearer token, if the target wants one."""
    access: HttpAccess = HttpAccess()


@dataclass(frozen=True)
class CommandTarget:
    """A program that is given notices on its standard input."""

    arguments: tuple[str, ...]
    """The first is the program's absolute path."""
    folder: Path
    """Where it starts."""
    timeout: float = 30.0
    """Seconds until it is killed, with all of its group."""


Target = MailTarget | WebhookTarget | CommandTarget


@dataclass(frozen=True)
class Subscription:
    """One entry below `notices`."""

    name: str
    target: Target
    kinds: frozenset[NoticeKind]
    inboxes: tuple[str, ...] = ()
    """Globs; empty: all."""
    rules: tuple[str, ...] = ()
    """Globs; empty: all."""
    digest: float = 0.0
    """Seconds for which notices are gathered into one; 0: each for itself."""
    language: Language = Language.ENGLISH
    subject: str = ""
    """A template of the author's; empty for ours."""
    text: str = ""
    """The same."""
    attempts: int = 12
    """After so many a notice is laid aside."""
    retry: RetryPolicy = RetryPolicy(5.0, 3600.0)
