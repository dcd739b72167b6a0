"""Between users, groups and the rows of the ledger; called inside transactions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from gateway.core.accounts import Account, Group, person_of
from gateway.core.flow_people import KnownPeople
from gateway.core.people import Person, Role
from gateway.ledger.connection import Connection, marks
from gateway.ledger.looking import Place

_Parameters = tuple[object, ...] | Mapping[str, object]

_USERS = """
SELECT login, name, language, mail, disabled, posix, smb, home, subject, revision
FROM users WHERE {which} ORDER BY login
"""
_ADMINISTRATOR = """
SELECT 1 FROM users WHERE disabled = 0 AND (
  EXISTS (SELECT 1 FROM role_grants WHERE kind = 'user' AND name = login AND role = :role)
  OR EXISTS (SELECT 1 FROM memberships JOIN role_grants
    ON kind = 'group' AND name = user_group AND role = :role
    WHERE memberships.login = users.login)
) LIMIT 1
"""


def accounts_from(
    connection: Connection, which: str = "true", parameters: _Parameters = ()
) -> tuple[Account, ...]:
    """Read the users that fit a condition on their columns, by login."""
    rows = connection.execute(_USERS.format(which=which), parameters).fetchall()
    logins = [row[0] for row in rows]
    roles = _roles(connection, "user", logins)
    groups = _sets(
        connection,
        "SELECT login, user_group FROM memberships WHERE login IN ({marks})",
        logins,
    )
    return tuple(
        Account(
            login=login,
            name=name,
            roles=roles[login],
            groups=frozenset(groups[login]),
            language=language,
            mail=mail,
            disabled=bool(disabled),
            posix=posix,
            smb=smb,
            home=home,
            subject=subject,
            revision=revision,
        )
        for login, name, language, mail, disabled, posix, smb, home, subject, revision in rows
    )


def account_from(connection: Connection, login: str) -> Account | None:
    """Read one user."""
    return next(iter(accounts_from(connection, "login = ?", (login,))), None)


def groups_from(connection: Connection, names: Iterable[str] | None = None) -> list[Group]:
    """Read the groups of these names, or all, by name."""
    rows = connection.execute(
        "SELECT name, about, revision FROM user_groups ORDER BY name"
    ).fetchall()
    wanted = None if names is None else set(names)
    found = [row for row in rows if wanted is None or row[0] in wanted]
    roles = _roles(connection, "group", [row[0] for row in found])
    return [Group(name, about, roles[name], revision) for name, about, revision in found]


def person_from(connection: Connection, account: Account | None) -> Person | None:
    """Return the person that a user is now; None of a disabled one."""
    if account is None or account.disabled:
        return None
    return person_of(account, groups_from(connection, account.groups))


def has_administrator(connection: Connection) -> bool:
    """Tell whether some enabled user is an administrator, by itself or by a group."""
    role = {"role": Role.ADMINISTRATOR.value}
    return connection.execute(_ADMINISTRATOR, role).fetchone() is not None


def replace_roles(connection: Connection, kind: str, name: str, roles: Iterable[Role]) -> None:
    """Let a user or group have these roles and no others."""
    connection.execute("DELETE FROM role_grants WHERE kind = ? AND name = ?", (kind, name))
    connection.executemany(
        "INSERT INTO role_grants (kind, name, role) VALUES (?, ?, ?)",
        ((kind, name, role.value) for role in sorted(roles)),
    )


def _roles(
    connection: Connection, kind: str, names: list[str]
) -> defaultdict[str, frozenset[Role]]:
    statement = f"SELECT name, role FROM role_grants WHERE kind = '{kind}' AND name IN ({{marks}})"  # noqa: S608  # one of our own words
    found = _sets(connection, statement, names)
    roles: defaultdict[str, frozenset[Role]] = defaultdict(frozenset)
    roles.update((name, frozenset(map(Role, values))) for name, values in found.items())
    return roles


def _sets(connection: Connection, statement: str, names: list[str]) -> defaultdict[str, set[str]]:
    """Gather the second column by the first, a few hundred names at a time."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for start in range(0, len(names), 500):
        some = names[start : start + 500]
        for name, value in connection.execute(statement.format(marks=marks(some)), some):
            found[name].add(value)
    return found


def known_people(ledger: Place) -> KnownPeople:
    """Return who may log in to a site, and its groups, by a ledger that need not be there.

    Raises `SiteFault` when it is there and cannot be read.
    """
    return ledger.look("users", _known) or KnownPeople()


def _known(connection: Connection) -> KnownPeople:
    users = connection.execute("SELECT login FROM users WHERE disabled = 0")
    groups = connection.execute("SELECT name FROM user_groups")
    return KnownPeople(
        frozenset(login for (login,) in users), frozenset(name for (name,) in groups)
    )
