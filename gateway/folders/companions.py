"""Which file of a scan steers which: tickets and triggers, and the documents that wait for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from gateway.core.companions import TRIGGERS, document_of, spooled_ticket, stem_of
from gateway.core.site import InboxSettings, Tickets
from gateway.folders import durable
from gateway.folders.opening import exists
from gateway.ports import Bystander, Candidate, Companion


class Pairing:
    """The files of one scan, each document with its companions."""

    def __init__(
        self,
        settings: InboxSettings,
        tickets: Tickets,
        candidates: Sequence[Candidate],
        left: Sequence[Bystander],
    ) -> None:
        self._settings = settings
        self._required = tickets is Tickets.REQUIRED
        self._with_tickets = tickets is not Tickets.NONE
        self._files = {candidate.source: candidate for candidate in candidates}
        self._tickets_of: dict[str, list[Candidate]] = {}
        for candidate in candidates if self._with_tickets else ():
            if document := document_of(candidate.source):
                self._tickets_of.setdefault(document, []).append(candidate)
        self._doubtful = {document_of(one.source): one.why for one in left}
        self._used: set[str] = set()
        self.bystanders: list[Bystander] = []
        """Documents that wait for a companion, and companions without a document."""

    def candidates(self) -> tuple[Candidate, ...]:
        """Return the documents that may be taken; the bystanders are complete afterwards."""
        if not self._with_tickets and not self._settings.trigger:
            return tuple(self._files.values())
        documents = [one for source, one in self._files.items() if not self._steers(source)]
        paired = tuple(filter(None, map(self._paired, documents)))
        for source in self._files.keys() - self._used:
            if self._steers(source):
                self.bystanders.append(self._orphan(source))
        return paired

    def _steers(self, source: str) -> bool:
        trigger = self._settings.trigger
        if self._with_tickets and document_of(source):
            return True
        return bool(trigger) and source.endswith(trigger)

    def _paired(self, document: Candidate) -> Candidate | None:
        """Return a document with its companions, or None when it waits."""
        tickets = tuple(self._tickets(document))
        triggers = tuple(self._triggers(document))
        self._used.update(one.file.source for one in (*tickets, *triggers))
        if why := self._lacks(document, tickets, triggers):
            patience = self._settings.orphaned_after
            self.bystanders.append(
                Bystander(document.inbox, document.source, why, waits=True, patience=patience)
            )
            return None
        return replace(document, companions=(*tickets, *triggers))

    def _lacks(
        self,
        document: Candidate,
        tickets: tuple[Companion, ...],
        triggers: tuple[Companion, ...],
    ) -> str:
        """Return what a document waits for, or nothing."""
        if self._with_tickets and (why := self._doubtful.get(document.source)):
            return f"waits for its ticket, which {why}"
        if len(tickets) > 1:
            return "has two tickets: one of them must go"
        if self._required and not tickets:
            return "waits for its ticket"
        if self._settings.trigger and not triggers:
            return f"waits for its {self._settings.trigger} file"
        return ""

    def _tickets(self, document: Candidate) -> Iterator[Companion]:
        for file in self._tickets_of.get(document.source, ()):
            yield Companion(spooled_ticket(file.source), file)

    def _triggers(self, document: Candidate) -> Iterator[Companion]:
        if trigger := self._settings.trigger:
            names = (document.source + trigger, stem_of(document.source) + trigger)
            for ending, name in zip(TRIGGERS, names, strict=True):
                if name in self._files and name not in self._used:
                    yield Companion(ending, self._files[name])

    def _orphan(self, source: str) -> Bystander:
        inbox, patience = self._settings.name, self._settings.orphaned_after
        if self._with_tickets and document_of(source):
            why, event = "is a ticket without its document", "ticket.orphaned"
        else:
            why, event = "is a trigger without its document", "intake.ignored"
        return Bystander(inbox, source, why, patience=patience, event=event)


def remove_triggers(spooled: Path) -> None:
    """Remove the triggers of a claimed file: they have done their work; raises `OSError`."""
    for ending in TRIGGERS if spooled.name else ():
        trigger = spooled.with_suffix(ending)
        if exists(trigger):
            durable.remove(trigger)
