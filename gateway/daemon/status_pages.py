"""Keeping the status pages of inboxes true, on a thread of its own: no document waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

from gateway.core.errors import SealgateError
from gateway.core.status_page import (
    HTML_NAME,
    TEXT_NAME,
    InboxStatus,
    Section,
    render_html,
    render_text,
)
from gateway.daemon.background import background
from gateway.daemon.inbox_statuses import inbox_statuses
from gateway.pipeline.equipment import Equipment
from gateway.ports import Noticeboard, Watched

_EVERY = 3.0
"""Seconds between two looks, and so the least between two writings of a page."""


@dataclass(frozen=True)
class PageSettings:
    """Which inboxes have pages, and in what language."""

    blank: tuple[InboxStatus, ...]
    """One for each inbox with a page, with nothing on it yet."""
    boards: Mapping[str, Noticeboard]


class StatusPages:
    """Writes pages, each only when it would say something else than before."""

    def __init__(
        self,
        equipment: Equipment,
        settings: PageSettings,
        watched: Watched,
        say: Callable[[str], None],
    ) -> None:
        self._equipment = equipment
        self._settings = settings
        self._watched = watched
        self._say = say
        self._written: dict[str, InboxStatus] = {}
        self._complained: dict[str, str] = {}

    def refresh(self) -> None:
        """Bring every page up to date; what cannot be written is said once."""
        try:
            found = inbox_statuses(self._equipment, self._settings.blank, self._watched)
        except SealgateError as fault:
            # Documents meet the same fault, and it holds the site; the pages stay as they are.
            self._complain("ledger", fault)
            return
        self._complained.pop("ledger", None)
        for status in found:
            self._post(status)

    def take_leave(self) -> None:
        """Say on every page that nothing is sealed for now."""
        try:
            found = inbox_statuses(self._equipment, self._settings.blank, self._watched)
        except SealgateError:
            found = self._settings.blank
        for status in found:
            self._post(_left(status))

    def _post(self, status: InboxStatus) -> None:
        board = self._settings.boards[status.inbox]
        same = self._written.get(status.inbox) == status
        if same and board.shows(TEXT_NAME) and board.shows(HTML_NAME):
            return
        now = self._equipment.clock.now().astimezone()
        try:
            board.post(TEXT_NAME, render_text(status, now).encode())
            board.post(HTML_NAME, render_html(status, now).encode())
        except SealgateError as fault:
            self._complain(status.inbox, fault)
            return
        self._written[status.inbox] = status
        self._complained.pop(status.inbox, None)

    def _complain(self, what: str, fault: SealgateError) -> None:
        if self._complained.get(what) != fault.code:
            self._complained[what] = fault.code
            self._say(f"status page {what}: {fault}")


def _left(status: InboxStatus) -> InboxStatus:
    """Return a page that is true when nobody works: what was being sealed waits."""
    entries = (*status.held.entries, *status.sealing.entries)
    waiting = Section(entries, status.held.more + status.sealing.more)
    return replace(status, running=False, held=waiting, sealing=Section())


@contextmanager
def keeping_pages(pages: StatusPages | None, say: Callable[[str], None]) -> Iterator[None]:
    """Keep pages true while the block runs, and leave word that it has ended."""
    if pages is None:
        yield
        return
    try:
        with background("status", (partial(_look, pages),), say):
            yield
    finally:
        pages.take_leave()


def _look(pages: StatusPages) -> float:
    pages.refresh()
    return _EVERY
