"""Placing seals by hand on documents that wait: a ticket with measures is laid beside each.

The ticket names the document's hash, so it holds for exactly the bytes on which the seals were
placed. It is read and planned as the daemon will, before it is laid there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.core.admission import admit
from gateway.core.errors import DocumentFault, SealgateError, SiteFault, UsageFault
from gateway.core.matching import decide
from gateway.core.names import display
from gateway.core.planning import plan
from gateway.core.rules import Rulebook
from gateway.pipeline.batches import look_into
from gateway.pipeline.positioning import Positioning, Words
from gateway.ports import TicketWriting
from gateway.settings.ticket_file import parse_ticket
from gateway.settings.yaml_writing import flow


@dataclass(frozen=True)
class Placed:
    """One document, and what became of the wish to place its seals."""

    source: str
    ticket: str = ""
    """Path below the inbox of the ticket that was laid; empty when none was."""
    fault: SealgateError | None = None


@dataclass(frozen=True)
class Wish:
    """Where somebody wants the seals of documents that a rule matches."""

    rulebook: Rulebook
    rule: str
    inbox: str
    places: tuple[Words, ...]
    actor: str


@dataclass(frozen=True)
class HandPlacing:
    """Lays tickets beside documents, on behalf of people."""

    positioning: Positioning
    tickets: TicketWriting

    def waiting(self, inbox: str) -> tuple[str, ...]:
        """Return the documents that wait in an inbox for a ticket or to be taken; by name."""
        equipment = self.positioning.equipment
        watched = equipment.inboxes.get(inbox)
        if watched is None:
            return ()
        try:
            found = look_into(equipment, watched)
        except SiteFault:
            return ()  # a folder that is away has nothing that waits
        waiting = [one.source for one in found.candidates if not one.companions]
        waiting += [one.source for one in found.left if one.waits and "ticket" in one.why]
        return tuple(sorted(one for one in waiting if one.lower().endswith(".pdf")))

    def place(self, wish: Wish, sources: Sequence[str]) -> tuple[Placed, ...]:
        """Lay a ticket beside each document, if the wish's rule is the one that matches it.

        One document's fault is told for it alone.
        """
        done = []
        for source in sources:
            try:
                done.append(Placed(source, self._place(wish, source)))
            except (DocumentFault, UsageFault, SiteFault) as fault:
                done.append(Placed(source, fault=fault))
        return tuple(done)

    def _place(self, wish: Wish, source: str) -> str:
        sample = self.positioning.samples.from_inbox(wish.inbox, source)
        content = _ticket(wish, sample.id)
        facts = self.positioning.facts(sample.id, wish.rulebook.wanted(wish.inbox))
        admit(facts)
        decision = decide(wish.rulebook, wish.inbox, source, facts)
        if decision.rule is None or decision.rule.name != wish.rule:
            other = decision.rule.name if decision.rule is not None else "no rule"
            raise UsageFault("tickets.other-rule", f"{display(source)}: {other}")
        # As the daemon will do it: what would fail then is told now.
        received = parse_ticket(source + ".yaml", content)
        plan(wish.rulebook, decision, facts, source, ticket=received, sha256=sample.id)
        laid = self.tickets.lay(wish.inbox, source, content)
        details = {
            "inbox": wish.inbox,
            "source": display(source),
            "rule": wish.rule,
            "sha256": sample.id,
            "ticket": hashlib.sha256(content).hexdigest(),
        }
        self.positioning.equipment.log.record("ticket.placed", details, wish.actor)
        return laid


def _ticket(wish: Wish, sha256: str) -> bytes:
    """Write a ticket, which holds for the document with this hash only."""
    head = f"# Placed by hand: {display(wish.actor)}\nsha256: {sha256}\nown_place:\n"
    return (head + "".join(f"  - {flow(place)}\n" for place in wish.places)).encode()
