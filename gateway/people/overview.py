"""What there is to see of users: everything but secrets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from gateway.core.accounts import Account, Group, person_of
from gateway.core.people import Person
from gateway.ports import ApiToken, LoginSecrets, Session


class UserStanding(StrEnum):
    """Whether somebody can log in."""

    ENABLED = "enabled"
    NO_WAY_IN = "no password yet"
    """Neither a password nor a subject at the OpenID provider."""
    DISABLED = "disabled"


@dataclass(frozen=True)
class UserFacts:
    """What is to be seen of one user."""

    account: Account
    person: Person
    """With the roles of its groups, also while it is disabled."""
    standing: UserStanding
    password_since: str
    """UTC, ISO 8601; empty when there is no password."""
    second_factor: bool
    recovery_codes: int
    """How many are left."""
    sessions: tuple[Session, ...]
    """Open ones, newest first."""
    tokens: tuple[ApiToken, ...]
    """Those that were not withdrawn, newest first."""


def facts_of(
    account: Account,
    groups: Iterable[Group],
    secrets: LoginSecrets,
    sessions: Iterable[Session],
    tokens: Iterable[ApiToken],
) -> UserFacts:
    """Return what is to be seen of a user; sessions and tokens may be those of all."""
    login = account.login
    return UserFacts(
        account=account,
        person=person_of(account, groups),
        standing=_standing(account, secrets),
        password_since=secrets.password_since if secrets.password else "",
        second_factor=bool(secrets.totp),
        recovery_codes=len(secrets.recovery),
        sessions=tuple(one for one in sessions if one.login == login),
        tokens=tuple(one for one in tokens if one.login == login and not one.withdrawn),
    )


def _standing(account: Account, secrets: LoginSecrets) -> UserStanding:
    if account.disabled:
        return UserStanding.DISABLED
    way_in = secrets.password or account.subject
    return UserStanding.ENABLED if way_in else UserStanding.NO_WAY_IN
