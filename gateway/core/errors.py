"""The one tree of errors: stable codes, whom they stop, and what a person does about them.

A *document* fault fails one document. A *waiting* fault lets one document wait, alone.
A *service* or *site* fault holds work and fails none.
A *notice* fault concerns nothing but the telling of something.
An *access* fault stops one person who is not let in, or may not do this.
A *configuration* or *usage* fault stops a command before it has done anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.core.error_codes import CODES, ErrorCode, Scope

__all__ = [
    "AccessFault",
    "Charge",
    "ConfigurationFault",
    "DocumentFault",
    "ErrorCode",
    "InternalFault",
    "NoticeFault",
    "Problem",
    "Scope",
    "SealgateError",
    "ServiceFault",
    "SiteFault",
    "UsageFault",
    "WaitingFault",
]


class Charge(StrEnum):
    """Whether a failed call to a digest service can have cost money."""

    NEVER = "never"
    """Nothing was sent, or the service refused in so many words."""
    UNKNOWN = "unknown"
    """The request may have been carried out, but no answer arrived."""


class SealgateError(Exception):
    """Carry a stable code from `CODES` with the detail of this one case.

    Raises `KeyError` at once when the code is not in the closed list, and `ValueError` when
    the code belongs to another scope, so neither mistake can reach a receipt.
    """

    scope: Scope

    def __init__(self, code: str, detail: str = "") -> None:
        self.entry: ErrorCode = CODES[code]
        if self.entry.scope is not self.scope:
            raise ValueError(f"{code} is a {self.entry.scope} code, not a {self.scope} code")
        self.detail = detail
        super().__init__(f"{code}: {self.sentence}")

    @property
    def code(self) -> str:
        """Return the stable code, such as `pdf.encrypted`."""
        return self.entry.code

    @property
    def retryable(self) -> bool:
        """Tell whether the same work may succeed later without anybody changing anything."""
        return self.entry.retryable

    @property
    def sentence(self) -> str:
        """Return the plain sentence for the person who reads it, with this case's detail."""
        return f"{self.entry.meaning} ({self.detail})" if self.detail else self.entry.meaning

    @property
    def remedy(self) -> str:
        """Return what the reader can do about it."""
        return self.entry.remedy


class DocumentFault(SealgateError):
    """Fail one document; its neighbours go on."""

    scope = Scope.DOCUMENT


class WaitingFault(SealgateError):
    """Let one document wait, alone, until a moment comes or a person acts."""

    scope = Scope.WAITING

    def __init__(self, code: str, detail: str = "", *, until: datetime | None = None) -> None:
        super().__init__(code, detail)
        self.until = until
        """When it may try again by itself; None when a person has to act first."""


class ServiceFault(SealgateError):
    """Hold the work of one remote service; documents wait where they are."""

    scope = Scope.SERVICE

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        charge: Charge = Charge.NEVER,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(code, detail)
        self.charge = charge
        self.retry_after = retry_after
        """Seconds the service asked us to wait, if it did."""


class NoticeFault(SealgateError):
    """Let a notice wait, or lay it aside; documents go on."""

    scope = Scope.NOTICE

    def __init__(self, code: str, detail: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(code, detail)
        self.retry_after = retry_after
        """Seconds the target asked us to wait, if it did."""


class SiteFault(SealgateError):
    """Hold work because this machine cannot do it now: disk, permission, mount."""

    scope = Scope.SITE


class AccessFault(SealgateError):
    """Refuse one person; nothing else is touched."""

    scope = Scope.ACCESS

    def __init__(self, code: str, detail: str = "", *, until: datetime | None = None) -> None:
        super().__init__(code, detail)
        self.until = until
        """When it is worth trying again, if that is known."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong in a configuration file, where it is and how to mend it."""

    file: str
    line: int
    """1-based; 0 when the problem is the file as a whole."""
    column: int
    """1-based; 0 when the problem is the file as a whole."""
    code: str
    message: str
    remedy: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{where}: {self.message} [{self.code}]\n    {self.remedy}"


class ConfigurationFault(SealgateError):
    """Refuse to start: carries every problem found, in the order of the files."""

    scope = Scope.CONFIGURATION

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        count = f"{len(problems)} problem" + ("" if len(problems) == 1 else "s")
        super().__init__("settings.invalid", count)


class UsageFault(SealgateError):
    """Tell the caller of a command that it asked for something that cannot be."""

    scope = Scope.USAGE


class InternalFault(SealgateError):
    """Wrap an exception nobody foresaw: the document is set aside, never retried by itself."""

    scope = Scope.INTERNAL

    def __init__(self, cause: BaseException) -> None:
        super().__init__("internal.unexpected", f"{type(cause).__name__}: {cause}"[:500])
