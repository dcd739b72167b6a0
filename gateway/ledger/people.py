"""Users and groups: each change and its entry in the signing log are one transaction."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.core.accounts import Account, Group
from gateway.core.errors import UsageFault
from gateway.core.people import Person
from gateway.ledger.connection import Connection
from gateway.ledger.credentials import end_sessions, spend_link, write_secrets
from gateway.ledger.log import append
from gateway.ledger.people_rows import (
    account_from,
    accounts_from,
    groups_from,
    has_administrator,
    person_from,
    replace_roles,
)
from gateway.ledger.rows import written_time
from gateway.ledger.store import Face
from gateway.ports import LoginSecrets

_INSERT = """
INSERT INTO users (login, name, language, mail, disabled, posix, smb, home, subject, revision)
VALUES (:login, :name, :language, :mail, :disabled, :posix, :smb, :home, :subject, 1)
"""
_UPDATE = """
UPDATE users SET name = :name, language = :language, mail = :mail, disabled = :disabled,
  posix = :posix, smb = :smb, home = :home, subject = :subject, revision = revision + 1
WHERE login = :login
"""
_ONE_PERSONS = ("posix", "smb", "home", "subject")
"""What no two users may have in common: it tells who somebody is."""


class LedgerPeople(Face):
    """The port `People`."""

    def find(self, login: str) -> Account | None:
        """Return a user, disabled ones, too; None when there never was one."""
        with self._store.snapshot() as connection:
            return account_from(connection, login)

    def all(self) -> tuple[Account, ...]:
        """Return every user there ever was, by login."""
        with self._store.snapshot() as connection:
            return accounts_from(connection)

    def person(self, login: str) -> Person | None:
        """Return who a user is now, with the roles of its groups; None when disabled."""
        with self._store.snapshot() as connection:
            return person_from(connection, account_from(connection, login))

    def by_subject(self, subject: str) -> Account | None:
        """Return the user whom the sign-on provider knows so."""
        with self._store.snapshot() as connection:
            which = "subject = ? AND subject <> ''"
            return next(iter(accounts_from(connection, which, (subject,))), None)

    def save(
        self,
        account: Account,
        event: str,
        details: Mapping[str, str],
        actor: str,
        *,
        secrets: LoginSecrets | None = None,
        link: str = "",
    ) -> Account:
        """Insert or change a user; raises as the port says."""
        now = self._clock.now()
        with self._store.transaction() as connection:
            administered = has_administrator(connection)
            stored = account_from(connection, account.login)
            _check(connection, stored, account)
            if link:
                spend_link(connection, link, written_time(now))
            connection.execute(_UPDATE if stored else _INSERT, _parameters(account))
            replace_roles(connection, "user", account.login, account.roles)
            _join(connection, account)
            if secrets is not None:
                write_secrets(connection, account.login, secrets)
            append(connection, now, event, details, actor=actor)
            if account.disabled:
                _shut_out(connection, account.login, written_time(now))
            _check_administered(connection, account.login, before=administered)
            saved = account_from(connection, account.login)
        assert saved is not None  # noqa: S101  # it was written in this transaction
        return saved


class LedgerGroups(Face):
    """The port `Groups`."""

    def find(self, name: str) -> Group | None:
        """Return a group, or None."""
        with self._store.snapshot() as connection:
            return next(iter(groups_from(connection, [name])), None)

    def all(self) -> tuple[Group, ...]:
        """Return the groups, by name."""
        with self._store.snapshot() as connection:
            return tuple(groups_from(connection))

    def save(self, group: Group, event: str, details: Mapping[str, str], actor: str) -> Group:
        """Insert or change a group; raises as the port says."""
        now = self._clock.now()
        with self._store.transaction() as connection:
            administered = has_administrator(connection)
            stored = next(iter(groups_from(connection, [group.name])), None)
            if (stored.revision if stored else 0) != group.revision:
                taken = stored is not None and group.revision == 0
                code = "usage.group-exists" if taken else "usage.user-changed"
                raise UsageFault(code, group.name)
            connection.execute(
                "INSERT INTO user_groups (name, about, revision) VALUES (:name, :about, 1)"
                " ON CONFLICT (name) DO UPDATE SET about = :about,"
                " revision = user_groups.revision + 1",
                {"name": group.name, "about": group.about},
            )
            replace_roles(connection, "group", group.name, group.roles)
            append(connection, now, event, details, actor=actor)
            _check_administered(connection, group.name, before=administered)
            return groups_from(connection, [group.name])[0]

    def members(self, name: str) -> tuple[str, ...]:
        """Return the logins in a group, disabled ones, too."""
        with self._store.reading() as connection:
            rows = connection.execute(
                "SELECT login FROM memberships WHERE user_group = ? ORDER BY login", (name,)
            ).fetchall()
        return tuple(row[0] for row in rows)


def _check(connection: Connection, stored: Account | None, account: Account) -> None:
    """Refuse what would lose somebody else's change, or make two users one person."""
    if (stored.revision if stored else 0) != account.revision:
        taken = stored is not None and account.revision == 0
        raise UsageFault("usage.user-exists" if taken else "usage.user-changed", account.login)
    for column in _ONE_PERSONS:
        value = getattr(account, column)
        for other in accounts_from(connection, f"{column} = ? AND {column} <> ''", (value,)):
            if other.login != account.login:
                detail = f"{column} {value} is {other.login}'s already"
                raise UsageFault("usage.user-option", detail)
    known = {group.name for group in groups_from(connection)}
    if unknown := sorted(account.groups - known):
        raise UsageFault("usage.unknown-group", ", ".join(unknown))


def _check_administered(connection: Connection, what: str, *, before: bool) -> None:
    if before and not has_administrator(connection):
        raise UsageFault("usage.last-administrator", what)


def _join(connection: Connection, account: Account) -> None:
    connection.execute("DELETE FROM memberships WHERE login = ?", (account.login,))
    connection.executemany(
        "INSERT INTO memberships (login, user_group) VALUES (?, ?)",
        ((account.login, name) for name in sorted(account.groups)),
    )


def _shut_out(connection: Connection, login: str, now: str) -> None:
    """End whatever lets a user in; one that is enabled again begins anew."""
    end_sessions(connection, login)
    connection.execute("DELETE FROM one_time_links WHERE login = ?", (login,))
    connection.execute(
        "UPDATE api_tokens SET withdrawn = ? WHERE login = ? AND withdrawn = ''", (now, login)
    )


def _parameters(account: Account) -> dict[str, object]:
    plain = ("login", "name", "language", "mail", "posix", "smb", "home", "subject")
    return {name: getattr(account, name) for name in plain} | {"disabled": int(account.disabled)}
