"""States of a job and the one table of its transitions.

An event that the table does not know in a state is a defect of the caller and names itself;
nothing else in the house decides what may follow what.
"""

from __future__ import annotations

from enum import StrEnum

from gateway.core.errors import UsageFault


class State(StrEnum):
    """Where a job stands; each value is durable once the ledger holds it."""

    CLAIMED = "claimed"
    """The ledger knows the file by name; the rename into the spool may or may not have happened."""
    ACCEPTED = "accepted"
    """The original lies in the vault, hashed."""
    PLANNED = "planned"
    """Rule, seal, place and service are decided and pinned."""
    FLOWING = "flowing"
    """A contract flow has it: people and deadlines decide when it goes on."""
    PREPARED = "prepared"
    """The placeholder file and the digest to be signed are stored."""
    SENT = "sent"
    """The digest may be on its way to the service."""
    SIGNED = "signed"
    """The service's answer is stored."""
    TIMESTAMPED = "timestamped"
    """The time-stamp token over the signature is stored."""
    PROVEN = "proven"
    """Revocation data of signer and authority are stored (B-LT, B-LTA)."""
    EXTENDED = "extended"
    """The signed PDF with its evidence waits for the document time-stamp (B-LTA)."""
    SEALED = "sealed"
    """The complete PDF is stored, not yet trusted."""
    VERIFIED = "verified"
    """The release gate has let the stored file pass."""
    DELIVERED = "delivered"
    """Result and receipt are in the outbox."""
    ARCHIVED = "archived"
    """Original, result and receipt are in the archive: the end."""
    FAILING = "failing"
    """Given up; the original has yet to be laid into failed/."""
    FAILED = "failed"
    """The original and its receipt are in failed/: the end unless retried."""
    VOID = "void"
    """The claim found no file (it was moved away first): the end."""


class Event(StrEnum):
    """What happens to a job; `noun.verb`, as written to the signing log."""

    CLAIMED = "job.claimed"
    LOST = "claim.lost"
    ACCEPTED = "job.accepted"
    RESUMED = "job.resumed"
    PLANNED = "job.planned"
    LISTED = "batch.listed"
    """A manifest was read, and its documents are awaited."""
    COLLECTED = "batch.collected"
    """All documents of a manifest have ended, or are missing; the report is its result."""
    HANDED_OVER = "job.handed-over"
    """A contract flow takes the document through its steps."""
    CONCLUDED = "job.concluded"
    """The flow was completed; its last revision is the result."""
    PREPARED = "job.prepared"
    REROUTED = "job.rerouted"
    REUSED = "result.reused"
    """The same bytes were sealed before, and that result is given again."""
    PREVIEWED = "preview.drawn"
    """Pictures of the pages with the seal marked are the result; nothing is signed."""
    SENT = "sign.sent"
    REFUSED = "sign.refused"
    UNANSWERED = "sign.unanswered"
    UNUSABLE = "sign.unusable"
    ANSWERED = "sign.answered"
    STAMPED = "time.stamped"
    PROVEN = "evidence.stored"
    EXTENDED = "seal.extended"
    EMBEDDED = "seal.embedded"
    FOUND = "result.found"
    """The site was restored from a backup, and the result was delivered after that."""
    VERIFIED = "result.verified"
    NAMED = "result.named"
    """Where the result goes is decided, and what waits for that name is on the disk."""
    DELIVERED = "result.delivered"
    ARCHIVED = "job.archived"
    GAVE_UP = "job.gave-up"
    FAILED = "job.failed"
    RETRIED = "job.retried"
    HELD = "job.held"


TERMINAL = frozenset({State.ARCHIVED, State.FAILED, State.VOID})
"""States in which nothing is left to do."""

ACTIVE = tuple(state for state in State if state not in TERMINAL and state is not State.FLOWING)
"""States in which a job has to be worked on; a flow's own job rests until the flow has ended."""

TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.CLAIMED, Event.LOST): State.VOID,
    (State.CLAIMED, Event.ACCEPTED): State.ACCEPTED,
    (State.CLAIMED, Event.RESUMED): State.SIGNED,
    (State.ACCEPTED, Event.PLANNED): State.PLANNED,
    (State.ACCEPTED, Event.LISTED): State.PLANNED,
    (State.ACCEPTED, Event.HANDED_OVER): State.FLOWING,
    (State.FLOWING, Event.CONCLUDED): State.VERIFIED,
    (State.PLANNED, Event.COLLECTED): State.VERIFIED,
    (State.PLANNED, Event.PREPARED): State.PREPARED,
    (State.PREPARED, Event.PREPARED): State.PREPARED,
    (State.PLANNED, Event.REUSED): State.VERIFIED,
    (State.PLANNED, Event.PREVIEWED): State.VERIFIED,
    (State.PLANNED, Event.REROUTED): State.PLANNED,
    (State.PREPARED, Event.REROUTED): State.PLANNED,
    (State.PREPARED, Event.SENT): State.SENT,
    (State.SENT, Event.ANSWERED): State.SIGNED,
    (State.SENT, Event.REFUSED): State.PREPARED,
    (State.SENT, Event.UNANSWERED): State.PREPARED,
    (State.SENT, Event.UNUSABLE): State.PREPARED,
    (State.SIGNED, Event.STAMPED): State.TIMESTAMPED,
    (State.SIGNED, Event.EMBEDDED): State.SEALED,
    (State.TIMESTAMPED, Event.EMBEDDED): State.SEALED,
    (State.ACCEPTED, Event.PROVEN): State.PROVEN,
    (State.SIGNED, Event.PROVEN): State.PROVEN,
    (State.TIMESTAMPED, Event.PROVEN): State.PROVEN,
    (State.PROVEN, Event.EMBEDDED): State.SEALED,
    (State.PROVEN, Event.EXTENDED): State.EXTENDED,
    (State.EXTENDED, Event.EMBEDDED): State.SEALED,
    (State.PREPARED, Event.UNANSWERED): State.PREPARED,
    (State.PREPARED, Event.FOUND): State.SEALED,
    (State.SENT, Event.FOUND): State.SEALED,
    (State.SIGNED, Event.FOUND): State.SEALED,
    (State.TIMESTAMPED, Event.FOUND): State.SEALED,
    (State.PROVEN, Event.FOUND): State.SEALED,
    (State.EXTENDED, Event.FOUND): State.SEALED,
    (State.SEALED, Event.VERIFIED): State.VERIFIED,
    (State.VERIFIED, Event.NAMED): State.VERIFIED,
    (State.VERIFIED, Event.DELIVERED): State.DELIVERED,
    (State.DELIVERED, Event.ARCHIVED): State.ARCHIVED,
    (State.FAILING, Event.FAILED): State.FAILED,
    (State.FAILED, Event.RETRIED): State.CLAIMED,
}
"""Every step forward. `GAVE_UP` and `HELD` are added below for the states that allow them."""

for _state in State:
    if _state not in TERMINAL and _state not in (State.FAILING, State.DELIVERED):
        TRANSITIONS[_state, Event.GAVE_UP] = State.FAILING
    if _state not in TERMINAL:
        TRANSITIONS[_state, Event.HELD] = _state


def follow(state: State, event: Event) -> State:
    """Return the state that `event` leads to from `state`.

    Raises `UsageFault` (`usage.illegal-transition`) naming both when the table has no such row.
    """
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise UsageFault("usage.illegal-transition", f"{event} in state {state}") from None
