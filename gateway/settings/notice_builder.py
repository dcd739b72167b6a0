"""From what stands below `notices:` to who is told of what, checking what models cannot."""

from __future__ import annotations

import base64
import os
from pathlib import Path

from gateway.core.matching import matches_glob
from gateway.core.notice_settings import (
    CommandTarget,
    Encryption,
    Language,
    MailTarget,
    NoticeKind,
    Subscription,
    Target,
    WebhookFormat,
    WebhookTarget,
)
from gateway.core.retry import RetryPolicy
from gateway.core.secret import Secret
from gateway.settings.addresses import is_loopback
from gateway.settings.notice_models import CommandPart, MailPart, NoticePart, WebhookPart
from gateway.settings.parsing import Notes
from gateway.settings.problems import did_you_mean
from gateway.settings.service_builder import ServiceBuilder
from gateway.settings.service_models import SecretReference
from gateway.settings.site_models import SiteFile
from gateway.settings.yaml_file import Location

_PORTS = {Encryption.STARTTLS: 587, Encryption.TLS: 465, Encryption.NONE: 25}
_NO_SECRET = Secret("", "")
"""Stands where a secret cannot be had; that was noted."""
_PREFIX = "whsec_"
"""Of keys as Standard Webhooks writes them: base64 follows."""


class NoticeBuilder:
    """Builds the subscriptions of a site and notes every problem on the way."""

    def __init__(
        self, root: Path, notes: Notes, services: ServiceBuilder, inboxes: tuple[str, ...]
    ) -> None:
        self._root = root
        self._notes = notes
        self._services = services
        self._inboxes = inboxes

    def build(self, parsed: SiteFile) -> tuple[Subscription, ...]:
        """Return the subscriptions; look at the notes before using them."""
        return tuple(
            self._subscription(name, part, parsed.language) for name, part in parsed.notices.items()
        )

    def _subscription(self, name: str, part: NoticePart, language: str) -> Subscription:
        here: Location = ("notices", name)
        self._check_inboxes((*here, "inboxes"), part.inboxes)
        if part.retry.first > part.retry.longest:
            what = "The longest pause is shorter than the first one."
            where = (*here, "retry", "longest")
            self._notes.add(where, "settings.wrong-value", what, "Let longest be at least first.")
        if part.digest and isinstance(part.to, MailPart) and part.to.parties:
            what = "One mail would tell each party of what concerns the others."
            remedy = "Leave digest out, or let parties have a subscription of their own."
            self._notes.add((*here, "digest"), "settings.wrong-value", what, remedy)
        return Subscription(
            name=name,
            target=self._target((*here, "to"), part.to),
            kinds=frozenset(map(NoticeKind, part.on)),
            inboxes=part.inboxes,
            rules=part.rules,
            digest=part.digest or 0.0,
            language=Language(part.language or language),
            subject=part.subject,
            text=part.text,
            attempts=part.retry.attempts,
            retry=RetryPolicy(part.retry.first, part.retry.longest),
        )

    def _check_inboxes(self, here: Location, globs: tuple[str, ...]) -> None:
        for index, glob in enumerate(globs):
            if not any(matches_glob(name, glob) for name in self._inboxes):
                what = f"No inbox fits {glob}."
                remedy = f"There are {', '.join(self._inboxes)}.{did_you_mean(glob, self._inboxes)}"
                self._notes.add((*here, index), "settings.unknown-name", what, remedy)

    def _target(self, here: Location, part: MailPart | WebhookPart | CommandPart) -> Target:
        match part:
            case MailPart():
                return self._mail(here, part)
            case WebhookPart():
                return self._webhook(here, part)
            case CommandPart():
                return self._command(here, part)

    def _mail(self, here: Location, part: MailPart) -> MailTarget:
        encryption = Encryption(part.encryption)
        if encryption is Encryption.NONE and part.login and not is_loopback(part.server):
            what = "The password would travel unencrypted."
            remedy = "Write encryption: starttls or tls."
            self._notes.add((*here, "encryption"), "settings.wrong-value", what, remedy)
        if not part.recipients and not part.parties:
            what = "Nobody is told."
            remedy = "Write recipients, or parties: true for the parties of contract flows."
            self._notes.add(here, "settings.missing-key", what, remedy)
        return MailTarget(
            server=part.server,
            port=part.port or _PORTS[encryption],
            encryption=encryption,
            sender=part.sender,
            recipients=part.recipients,
            parties=part.parties,
            login=self._services.login((*here, "login"), part.login) if part.login else None,
            ca_file=self._services.authority((*here, "ca_file"), part.ca_file),
            timeout=part.timeout,
        )

    def _webhook(self, here: Location, part: WebhookPart) -> WebhookTarget:
        if part.format == "standard" and part.key is None:
            what = "Nothing lets the receiver tell our notices from somebody else's."
            remedy = "Name the key that signs them: key: {secret: NAME}."
            self._notes.add((*here, "key"), "settings.missing-key", what, remedy)
        return WebhookTarget(
            url=self._url((*here, "url"), part.url),
            key=self._key((*here, "key"), part.key),
            format=WebhookFormat(part.format),
            token=self._services.secret((*here, "bearer"), part.bearer),
            access=self._services.access(here, part),
        )

    def _url(self, here: Location, written: str | SecretReference) -> Secret:
        if isinstance(written, str):
            found, address = Secret("url", written), written
        else:
            found = self._services.secret(here, written) or _NO_SECRET
            # What follows a question mark may be what lets us post.
            address = found.value.partition("?")[0]
        if found is _NO_SECRET:
            return found
        if address.partition("://")[0].lower() not in ("http", "https"):
            what = "This is no address of a webhook."
            self._notes.add(here, "settings.wrong-value", what, "Write https://HOST/PATH.")
        else:
            self._services.check_address(here, address)
        return found

    def _key(self, here: Location, reference: SecretReference | None) -> bytes:
        secret = self._services.secret(here, reference)
        if secret is None:
            return b""
        if not secret.value.startswith(_PREFIX):
            return secret.value.encode()
        try:
            return base64.b64decode(secret.value.removeprefix(_PREFIX), validate=True)
        except ValueError:
            what = f"The secret {secret.name} begins with {_PREFIX}, but no base64 follows."
            self._notes.add(here, "settings.secret", what, "Copy it again, in full.")
            return b""

    def _command(self, here: Location, part: CommandPart) -> CommandTarget:
        program = Path(os.path.normpath(self._root / part.command[0]))
        where: Location = (*here, "command", 0)
        if "/" not in part.command[0]:
            what = f"{part.command[0]} is no path."
            remedy = "Write the program's path in full, or relative to the site."
            self._notes.add(where, "settings.wrong-value", what, remedy)
        elif not program.is_file():
            what = f"There is no file {program}."
            self._notes.add(where, "settings.unreadable", what, "Check the name.")
        elif not os.access(program, os.X_OK):
            what = f"{program} may not be executed."
            self._notes.add(where, "settings.unreadable", what, f"chmod +x {program}")
        return CommandTarget((str(program), *part.command[1:]), self._root, part.timeout)
