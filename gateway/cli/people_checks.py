"""What `sealgate doctor` finds out about people."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.cli.output import Cell
from gateway.core.errors import SealgateError
from gateway.core.people import Role
from gateway.people.overview import UserFacts, UserStanding
from gateway.wiring import Site


def people_checks(site: Site) -> Iterator[tuple[Cell, ...]]:
    """Yield what was found; nothing where there are no users and no provider."""
    users = site.people.everybody()
    if users:
        yield _users(users)
    if (holder := next((one for one in users if one.second_factor), None)) is not None:
        yield _key(site, holder)
    inboxes = {inbox.name for inbox in site.loaded.settings.inboxes} | {"flows"}
    for user in users:
        inbox = user.account.home.partition("/")[0]
        if inbox and inbox not in inboxes:
            yield f"user {user.account.login}", "warning", f"its home is in no inbox: {inbox}"
    if site.people.sign_on is not None:
        yield _provider(site)


def _users(users: tuple[UserFacts, ...]) -> tuple[Cell, ...]:
    enabled = [one for one in users if one.standing is UserStanding.ENABLED]
    administrators = sum(Role.ADMINISTRATOR in one.person.roles for one in enabled)
    detail = f"{len(users)} users, {administrators} administrators who can log in"
    return "users", "ok" if administrators else "warning", detail


def _key(site: Site, user: UserFacts) -> tuple[Cell, ...]:
    try:
        site.people.second_factor.check_key(user.account.login)
    except SealgateError as error:
        return "second factors", "fail", error.sentence
    return "second factors", "ok", "their key is there"


def _provider(site: Site) -> tuple[Cell, ...]:
    assert site.people.sign_on is not None  # noqa: S101  # looked at by the caller
    try:
        site.people.sign_on.provider.authorization("", "", "")
    except SealgateError as error:
        return "sign-on provider", "fail", error.sentence
    return "sign-on provider", "ok", site.people.sign_on.settings.issuer
