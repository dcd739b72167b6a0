"""Files of rules that Sealgate changes itself, and the book of those changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class RuleFiles(Protocol):
    """The folder of rule files; a file is named by its name in it."""

    def names(self) -> tuple[str, ...]:
        """Return the names of the rule files, in order."""

    def read(self, name: str) -> bytes:
        """Return a file's content.

        Raises `UsageFault`: `rules.unknown` when there is no such file, `rules.cannot-edit` when
        it is a link or no plain file; `SiteFault` when it cannot be read.
        """

    def replace(self, name: str, content: bytes, expected: str) -> None:
        """Write a file durably, if its SHA-256 (hex) is still the expected one.

        Raises `UsageFault` (`rules.conflict`) when it is not, and as `read` does.
        """


@dataclass(frozen=True)
class RuleChange:
    """One change of a rule file."""

    file: str
    rule: str
    before: str
    """SHA-256 of the file's content, in hex."""
    after: str
    actor: str
    reason: str
    undoes: int = 0
    """Number of the change that it takes back."""
    number: int = 0
    """From 1, in the order in which they were begun."""
    at: datetime | None = None
    """When it was begun."""
    written: bool = False
    """The file was written."""
    request: int = 0
    """Number of the keeper's request by which it came about; 0 for what was done at once."""
    confirmer: str = ""
    """Who confirmed that request."""


class RuleChanges(Protocol):
    """The book of changes: entered before a file is written, logged when it is."""

    def begin(self, change: RuleChange, before: bytes, after: bytes) -> RuleChange:
        """Enter a change with both contents; return it with its number."""

    def finish(self, number: int) -> None:
        """Say that the file is written; logged as `rule.changed`, or `rule.restored`."""

    def abandon(self, number: int) -> None:
        """Say that the file was not written: the change never was."""

    def all(self, file: str = "") -> tuple[RuleChange, ...]:
        """Return the changes of a file, or of all, newest first."""

    def content(self, sha256: str) -> bytes:
        """Return a content by its hash; raises `UsageFault` (`rules.unknown`)."""
