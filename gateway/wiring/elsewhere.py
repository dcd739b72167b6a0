"""Put together what reaches other machines' folders and people: remotes and notices."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from gateway.core.notice_settings import CommandTarget, MailTarget, Subscription, WebhookTarget
from gateway.core.site import SiteSettings
from gateway.folders.archived import ArchiveReader
from gateway.folders.landing import InboxLanding
from gateway.folders.numbering import ROOM, numbered
from gateway.ledger import Ledger
from gateway.notices.command import CommandNotifier
from gateway.notices.mail import MailNotifier
from gateway.notices.webhook import WebhookNotifier
from gateway.ports import (
    Clock,
    Notifier,
)
from gateway.remotes.fetching import Fetcher
from gateway.remotes.pushing import Books, Pusher

if TYPE_CHECKING:
    pass


def notifier(subscription: Subscription, clock: Clock) -> Notifier:
    """Return what tells the target of a subscription."""
    match subscription.target:
        case MailTarget() as target:
            return MailNotifier(target, clock)
        case WebhookTarget() as target:
            return WebhookNotifier(target, clock)
        case CommandTarget() as target:
            return CommandNotifier(target)


def fetchers(settings: SiteSettings, ledger: Ledger, clock: Clock) -> tuple[Fetcher, ...]:
    """Return what fills inboxes from folders elsewhere."""
    filled = [(inbox, inbox.remote) for inbox in settings.inboxes if inbox.remote is not None]
    if not filled:
        return ()
    from gateway.remotes.connecting import connected  # noqa: PLC0415  # a tenth of a second

    return tuple(
        Fetcher(
            inbox.name,
            remote,
            partial(connected, remote),
            InboxLanding(inbox.path),
            largest=settings.limits.max_file_size,
            memory=ledger,
            log=ledger,
            clock=clock,
        )
        for inbox, remote in filled
    )


def pushers(settings: SiteSettings, ledger: Ledger) -> tuple[Pusher, ...]:
    """Return what carries results to folders elsewhere."""
    if not settings.pushes:
        return ()
    from gateway.remotes.connecting import connected  # noqa: PLC0415  # a tenth of a second

    books = Books(ledger, ledger, ledger, ArchiveReader(settings.archive), settings.outbox)
    names = partial(numbered, longest=ROOM)
    return tuple(
        Pusher(one, partial(connected, one.remote), books, names) for one in settings.pushes
    )
