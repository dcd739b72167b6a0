"""From the inboxes of a parsed `gateway.yaml` to their settings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gateway.core.site import BatchTerms, InboxSettings, Tickets, Watching
from gateway.settings.parsing import Notes
from gateway.settings.problems import did_you_mean
from gateway.settings.remote_builder import build_remote
from gateway.settings.service_builder import ServiceBuilder
from gateway.settings.site_models import InboxPart, SiteFile
from gateway.settings.time_builder import TimeBuilder


class InboxBuilder:
    """Builds the inboxes of one site and notes every problem on the way."""

    def __init__(
        self,
        parsed: SiteFile,
        services: ServiceBuilder,
        path: Callable[[str], Path],
        notes: Notes,
    ) -> None:
        self._parsed = parsed
        self._services = services
        self._path = path
        self._notes = notes
        self.times = TimeBuilder(parsed.time_zone, path, notes)
        """Reads schedules in the site's time zone."""
        self.times.add_calendars(parsed.calendars)

    def build(self) -> tuple[InboxSettings, ...]:
        """Return all inboxes; look at the notes before using them."""
        parts = self._parsed.inboxes.items()
        return tuple(self._inbox(name, part or InboxPart()) for name, part in parts)

    def _inbox(self, name: str, part: InboxPart) -> InboxSettings:
        here = ("inboxes", name)
        if part.preview_of is not None:
            self._check_preview(name, part.preview_of)
        remote = None
        if part.remote is not None:
            remote = build_remote((*here, "remote"), part.remote, self._services, self._notes)
        return InboxSettings(
            name=name,
            path=self._path(part.path or f"inbox/{name}"),
            watching=Watching(part.watching),
            settle=part.settle,
            incomplete_after=part.incomplete_after,
            open_after=part.open_after,
            scan_every=part.scan_every,
            recursive=part.recursive,
            preview_of=part.preview_of or "",
            remote=remote,
            must_be_mount=part.must_be_mount,
            priority=part.priority,
            in_flight=part.in_flight,
            status_page=(
                self._parsed.status_page if part.status_page is None else part.status_page
            ),
            tickets=Tickets(part.tickets) if part.tickets is not None else None,
            trigger=part.trigger or "",
            batches=self._batches(name, part),
            orphaned_after=part.orphaned_after,
            opening=self.times.opening(here, part.open, part.sweeps),
        )

    def _batches(self, name: str, part: InboxPart) -> BatchTerms | None:
        """Build the terms of manifests; note where documents would need a ticket, too."""
        if part.batches is None:
            return None
        if part.tickets == "required":
            what = "A manifest takes the place of tickets, and has none itself."
            here = ("inboxes", name, "tickets")
            self._notes.add(here, "settings.wrong-value", what, "Write optional, or no batches:.")
        terms = part.batches
        return BatchTerms(terms.missing_after, terms.alone, terms.zip)

    def _check_preview(self, name: str, preview_of: str) -> None:
        """Note a preview of an inbox that is not there, or that has no rules of its own."""
        others = [
            other
            for other, part in self._parsed.inboxes.items()
            if other != name and (part is None or part.preview_of is None)
        ]
        if preview_of not in others:
            what = f"There is no inbox {preview_of} that seals."
            remedy = f"Name one that does.{did_you_mean(preview_of, others)}"
            here = ("inboxes", name, "preview_of")
            self._notes.add(here, "settings.unknown-name", what, remedy)
