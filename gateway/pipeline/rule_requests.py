"""Changes of rule files that wait for another keeper: what is asked for, and how it is shown."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cache

from pydantic import TypeAdapter, ValidationError

from gateway.core.errors import UsageFault
from gateway.core.four_eyes import KeeperRequest
from gateway.settings.rule_editing import difference

RULE = "rule"
"""What requests of this kind are about."""


@dataclass(frozen=True)
class AskedChange:
    """A rule file as somebody wants it, pinned to the content that he saw."""

    file: str
    rule: str
    before: str = field(repr=False)
    """The file's whole text."""
    after: str = field(repr=False)
    reason: str
    undoes: int = 0
    """Number of the change that it takes back."""

    @property
    def event(self) -> str:
        """Return what the log will call it."""
        return "rule.restored" if self.undoes else "rule.changed"

    @property
    def known(self) -> str:
        """Return the SHA-256, in hex, of the content that it was made from."""
        return hashlib.sha256(self.before.encode()).hexdigest()

    @property
    def details(self) -> dict[str, str]:
        """Return what the log tells of the wish."""
        after = hashlib.sha256(self.after.encode()).hexdigest()
        told = {"rule": self.rule, "reason": self.reason, "before": self.known, "after": after}
        return told | ({"undoes": str(self.undoes)} if self.undoes else {})

    @property
    def difference(self) -> str:
        """Return what would change, as a unified diff."""
        return difference(f"rules/{self.file}", self.before.encode(), self.after.encode())

    def to_json(self) -> str:
        """Write it as what a request holds."""
        return _adapter().dump_json(self).decode()


@cache
def _adapter() -> TypeAdapter[AskedChange]:
    # Built when it is first needed: most commands read none.
    return TypeAdapter(AskedChange)


def asked_change(request: KeeperRequest) -> AskedChange:
    """Return what a request holds.

    Raises `UsageFault` (`usage.request-kind`) when it is about something else.
    """
    try:
        if request.kind == RULE:
            return _adapter().validate_json(request.content)
    except ValidationError:
        pass  # it is told as what it is: nothing that can be done here
    raise UsageFault("usage.request-kind", f"request {request.number} is about a {request.kind}")
