"""Somebody who was let in: who it is, by which way, and what may be done that way."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from gateway.core.errors import AccessFault
from gateway.core.people import PERMISSIONS, Permission, Person


class Way(StrEnum):
    """How somebody came in."""

    PASSWORD = "password"  # noqa: S105  # a word for how, not a password
    LINK = "link"
    SIGN_ON = "sign-on"
    """By the OpenID provider."""
    TOKEN = "token"  # noqa: S105  # the same
    """By an API token: no session."""


@dataclass(frozen=True)
class Visitor:
    """A person who was let in, with what may be done now."""

    person: Person
    permissions: frozenset[Permission]
    """Those of the person's roles; fewer by an API token; none while a duty is open."""
    way: Way
    session: str = ""
    """The session's public id; empty by an API token."""
    token: str = ""
    """The API token's public id; empty in a session."""
    csrf: str = field(default="", repr=False)
    """What forms of this session have to bring back; empty by an API token."""
    needs_second_factor: bool = False
    """A role asks for a second factor that is not set up: nothing else is possible yet."""
    ends: datetime | None = None
    """When the session ends at the latest, be it used or not; when the API token expires."""

    @property
    def actor(self) -> str:
        """Return who acts, as the signing log writes it."""
        return actor_of(self.person.login)

    def may(self, permission: Permission) -> bool:
        """Tell whether something may be done now."""
        return permission in self.permissions

    def require(self, permission: Permission) -> None:
        """Refuse what may not be done now.

        Raises `AccessFault` (`access.forbidden`, `access.second-factor`).
        """
        if self.needs_second_factor:
            raise AccessFault("access.second-factor", self.person.login)
        if not self.may(permission):
            raise AccessFault("access.forbidden", f"{self.person.login}: {permission}")


def actor_of(login: str) -> str:
    """Return a person as the signing log writes who acts; users of the machine are `user:`."""
    return f"person:{login}"


def permissions_of(person: Person) -> frozenset[Permission]:
    """Return what a person's roles allow."""
    return frozenset().union(*(PERMISSIONS[role] for role in person.roles))
