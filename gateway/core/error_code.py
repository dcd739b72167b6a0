"""One row of the closed list of error codes, and whom an error stops."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """Whom an error stops."""

    DOCUMENT = "document"
    SERVICE = "service"
    SITE = "site"
    WAITING = "waiting"
    """One job, which waits alone."""
    NOTICE = "notice"
    """Nothing but the telling of something."""
    ACCESS = "access"
    """One person, who is not let in or may not do this."""
    CONFIGURATION = "configuration"
    USAGE = "usage"
    INTERNAL = "internal"


@dataclass(frozen=True)
class ErrorCode:
    """One row of the closed list."""

    code: str
    scope: Scope
    retryable: bool
    meaning: str
    remedy: str


def document(code: str, meaning: str, remedy: str) -> ErrorCode:
    """Return a row that concerns one document."""
    return ErrorCode(code, Scope.DOCUMENT, False, meaning, remedy)


def service(code: str, meaning: str, remedy: str) -> ErrorCode:
    """Return a row that concerns a service."""
    return ErrorCode(code, Scope.SERVICE, True, meaning, remedy)


def site(code: str, meaning: str, remedy: str) -> ErrorCode:
    """Return a row that concerns a site."""
    return ErrorCode(code, Scope.SITE, True, meaning, remedy)


def waiting(code: str, meaning: str, remedy: str) -> ErrorCode:
    """Return a row that lets one document wait."""
    return ErrorCode(code, Scope.WAITING, True, meaning, remedy)


def configuration(code: str, meaning: str, remedy: str) -> ErrorCode:
    """Return a row that concerns a configuration."""
    return ErrorCode(code, Scope.CONFIGURATION, False, meaning, remedy)


def access(code: str, meaning: str, remedy: str) -> ErrorCode:
    """Return a row that stops one person."""
    return ErrorCode(code, Scope.ACCESS, False, meaning, remedy)


def usage(code: str, meaning: str, remedy: str) -> ErrorCode:
    """Return a row that concerns the use of a command."""
    return ErrorCode(code, Scope.USAGE, False, meaning, remedy)
