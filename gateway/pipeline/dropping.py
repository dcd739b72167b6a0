"""Dropping by hand: what somebody hands over lands in an inbox as if it had been laid there."""

from __future__ import annotations

import os
import re
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from gateway.core.accounts import Account
from gateway.core.errors import DocumentFault
from gateway.core.names import safe, shorten
from gateway.core.site import InboxSettings
from gateway.ports import Droppers, TicketWriting
from gateway.ports.remotes import Landing

_CHUNK = 1 << 20
_LONGEST_NAME = 200
_HEADER_WITHIN = 1024
"""Bytes in which `%PDF-` has to be, as readers allow."""


@dataclass(frozen=True)
class Dropped:
    """A document that was laid into an inbox."""

    inbox: str
    source: str
    """Path below the inbox."""
    sha256: str


@dataclass(frozen=True)
class TicketAhead:
    """A ticket that lies there before its document: nobody can take the one without the other."""

    tickets: TicketWriting
    content: Callable[[str], bytes]
    """Of the ticket, by the document's SHA-256 in hex."""


def drop(
    inbox: InboxSettings,
    landing: Callable[[Path], Landing],
    droppers: Droppers,
    person: Account,
    *,
    name: str,
    content: BinaryIO,
    largest: int,
    ticket: TicketAhead | None = None,
) -> Dropped:
    """Lay a document into an inbox: durably, at once, over nothing; it is the person's.

    It goes to the person's own folder when that is in the inbox; a ticket lies there before it.
    Logged as `document.uploaded`. Raises `DocumentFault` (`intake.not-a-pdf`,
    `intake.too-large`, `intake.empty`) and `SiteFault`.
    """
    folder = _own_folder(inbox, person)
    if folder:
        (inbox.path / folder).mkdir(mode=0o750, parents=True, exist_ok=True)
    shore = landing(inbox.path / folder)
    claim = secrets.token_hex(12)
    with shore.partial(claim) as partial, os.fdopen(partial, "wb", closefd=False) as target:
        try:
            _copy(content, target, largest)
        except DocumentFault:
            target.truncate(0)
            shore.discard(claim)
            raise
        sha256 = shore.seal_off(partial)
    below = f"{folder}/" if folder else ""

    laid: list[str] = []

    def announce(free: str) -> bool:
        if ticket is not None:
            _take_back(ticket, inbox.name, laid)  # the name was taken meanwhile
            if not ticket.tickets.lay_ahead(inbox.name, below + free, ticket.content(sha256)):
                return False
            laid.append(below + free)
        droppers.announce(inbox.name, below + free, sha256, person.login)
        return True

    try:
        landed = shore.land(claim, plain_name(name), announce)
    except BaseException:
        if ticket is not None:
            _take_back(ticket, inbox.name, laid)
        raise
    return Dropped(inbox.name, below + landed, sha256)


def _take_back(ticket: TicketAhead, inbox: str, laid: list[str]) -> None:
    while laid:
        ticket.tickets.take_back(inbox, laid.pop())


def plain_name(name: str) -> str:
    """Return a file's name without folders, control characters and other traps, as a PDF's."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    shown = "".join(one if one.isprintable() else "_" for one in safe(last))
    stem = re.sub(r"\.pdf$", "", shown, flags=re.IGNORECASE).strip(" .") or "document"
    return shorten(stem, ".pdf", _LONGEST_NAME)


def _own_folder(inbox: InboxSettings, person: Account) -> str:
    home_inbox, _, folder = person.home.partition("/")
    return folder if home_inbox == inbox.name else ""


def _copy(content: BinaryIO, target: BinaryIO, largest: int) -> None:
    begin = content.read(_CHUNK)
    if not begin:
        raise DocumentFault("intake.empty")
    if b"%PDF-" not in begin[:_HEADER_WITHIN]:
        raise DocumentFault("intake.not-a-pdf")
    size = 0
    while begin:
        size += len(begin)
        if size > largest:
            raise DocumentFault("intake.too-large", f"more than {largest} bytes")
        target.write(begin)
        begin = content.read(_CHUNK)
    target.flush()
