"""What people, the clock and the pipeline do to a contract flow, and who they are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gateway.core.flow_definition import FlowDefinition, Party


class ActKind(StrEnum):
    """What is done to a flow."""

    BEGIN = "begin"
    APPROVE = "approve"
    RETURN = "return"
    """A document signed outside came back; it was looked at before."""
    REJECT = "reject"
    DELEGATE = "delegate"
    WITHDRAW = "withdraw"
    TICK = "tick"
    """The time is what it is."""
    SEAL_BEGIN = "seal-begin"
    SEAL_FAIL = "seal-fail"
    SEAL_END = "seal-end"
    EXTENSION_BEGIN = "extension-begin"
    EXTENSION_FAIL = "extension-fail"
    EXTENSION_END = "extension-end"
    HAND_OUT = "hand-out"
    EVIDENCE_BEGIN = "evidence-begin"
    EVIDENCE_END = "evidence-end"
    CLOSE = "close"


@dataclass(frozen=True)
class Actor:
    """Who acts."""

    name: str
    """As the log has it: `user:anna`, `party:acme`, `sealgate`."""
    login: str = ""
    """Empty for somebody who is known by a folder only."""
    groups: frozenset[str] = frozenset()
    party: str = ""
    """The party in whose folder, or on whose behalf, it is done."""
    operator: bool = False
    """Somebody who keeps the site, and says on whose behalf it is."""

    def is_of(self, party: Party) -> bool:
        """Tell whether what is done counts as done by a party."""
        known = bool(self.login) and not self.operator
        if known and (party.user or party.group):
            return self.login == party.user or (bool(party.group) and party.group in self.groups)
        return self.party == party.name

    def is_of_any(self, definition: FlowDefinition, names: tuple[str, ...]) -> bool:
        """Tell whether it counts as done by any of some parties."""
        return any(self.is_of(definition.party(name)) for name in names)


SEALGATE = Actor("sealgate")


@dataclass(frozen=True)
class Act:
    """What is to happen; `core.flow_deciding` says whether it may, and what follows."""

    kind: ActKind
    step: str = ""
    actor: Actor = SEALGATE
    why: str = ""
    sha256: str = ""
    """Of a document, in hex: the one that was acted on, that came back, or that was sealed."""
    job: str = ""
    code: str = ""
    to: str = ""
    """Party that is handed the step."""
    source: str = ""
    """Name of the document, for a flow that begins."""
    fields: tuple[tuple[str, str], ...] = ()
    """Of the ticket."""
    signer: str = ""
    """Who signed outside, as the certificate says."""
    fingerprint: str = ""
    """SHA-256 of that certificate, in hex."""
