"""Options of a signature besides its level: what it commits to, its policy, what it locks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Commitment(StrEnum):
    """What the signer commits to (ETSI EN 319 122-1, 5.2.3), as the rule's author writes it."""

    ORIGIN = "proof-of-origin"
    RECEIPT = "proof-of-receipt"
    DELIVERY = "proof-of-delivery"
    SENDER = "proof-of-sender"
    APPROVAL = "proof-of-approval"
    CREATION = "proof-of-creation"


@dataclass(frozen=True)
class SignaturePolicy:
    """An explicit signature policy (ETSI EN 319 122-1, 5.2.9)."""

    oid: str
    """Dotted."""
    hash_algorithm: str
    """`sha256`, `sha384` or `sha512`."""
    hash: str
    """Of the policy's document, in hex."""
    uri: str = ""
    """Where the document can be had; ASCII."""


class LockAction(StrEnum):
    """Which form fields a lock is about (FieldMDP, ISO 32000-2, 12.8.2.4)."""

    ALL = "all"
    DOCUMENT = "document"
    """All of them, and nothing else may be changed either (/P 1, ISO 32000-2, table 237)."""
    INCLUDE = "include"
    EXCLUDE = "exclude"


@dataclass(frozen=True)
class FieldLock:
    """Form fields whose values nobody may change after the signature."""

    action: LockAction
    fields: tuple[str, ...] = ()
    """Fully qualified names, each with all below it; empty for `ALL` and `DOCUMENT`."""
