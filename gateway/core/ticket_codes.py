"""What can be wrong with what steers a document: its ticket, or its done-file."""

from __future__ import annotations

from gateway.core.error_code import document, waiting

INBOX_REMOVED = "intake.inbox-removed"

TICKET_CODES = (
    document(
        "ticket.unreadable",
        "The ticket beside the document cannot be understood.",
        "Correct the ticket in failed/ as the sentence says, then use sealgate retry;"
        " docs/tickets.md has every key.",
    ),
    document(
        "ticket.not-permitted",
        "The ticket asks for something that the rule does not let tickets choose.",
        "Ask for what is permitted, or let the rule's author permit it under tickets:.",
    ),
    document(
        "ticket.wrong-hash",
        "The ticket was written for another document: its sha256 is not the document's.",
        "Drop the document and a ticket that was written for it.",
    ),
    waiting(
        "intake.inbox-removed",
        "What came with a document was claimed, the document was not, and its inbox is no longer"
        " in gateway.yaml.",
        "Put the inbox back into gateway.yaml and start again: it gets back what was claimed."
        " Or take away the file that is named.",
    ),
    document(
        "ticket.missing",
        "The document came with a ticket, which is gone.",
        "Lay the ticket beside the document in failed/, then use sealgate retry.",
    ),
)
