"""Mending documents whose structure cannot be read: when that is tried, and what is told of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Repair(StrEnum):
    """Whether a rule wants a document mended that cannot be sealed as it is."""

    NEVER = "never"
    UNSIGNED = "unsigned"
    """Rewritten without loss where nobody has signed it; what is sealed is the rewritten file."""


REPAIRABLE = frozenset(
    {"pdf.unreadable", "pdf.truncated", "pdf.unsafe-structure", "pdf.page-tree", "pdf.unrenderable"}
)
"""Codes of faults that a rewritten structure may mend."""


@dataclass(frozen=True)
class Repaired:
    """A document that was mended."""

    because: str
    """Code and detail of the fault for which it could not be sealed."""
    changes: tuple[str, ...]
    """What was done, in words."""
    sha256: str = ""
    """Of the mended file, in hex."""
    size: int = 0
    """Of the mended file, in bytes."""
