"""The same bytes once more: what a rule wants then, and what a plan says about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Duplicates(StrEnum):
    """What becomes of a document whose very bytes the rule has sealed before."""

    AGAIN = "again"
    """It is sealed once more, and paid for once more."""
    RETURN = "return"
    """The earlier result is given again; nothing is sent and nothing is paid."""
    REFUSE = "refuse"
    """It fails, naming the earlier job."""


@dataclass(frozen=True)
class Earlier:
    """The earlier job of the same bytes under the same rule, as a plan pins it."""

    job: str
    returned: bool = False
    """Its result is to be given again."""
    because: str = ""
    """Why its result cannot be given again although the rule wants that, in words."""
