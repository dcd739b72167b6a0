"""Who dropped a file, by the users as they are now."""

from __future__ import annotations

from gateway.core.accounts import Account
from gateway.core.droppers import Dropper, account_of, name_of
from gateway.core.errors import UsageFault
from gateway.core.job import Job
from gateway.core.names import display
from gateway.core.visiting import actor_of
from gateway.ledger.connection import Connection
from gateway.ledger.log import append
from gateway.ledger.people_rows import account_from, accounts_from, person_from
from gateway.ledger.rows import written_time
from gateway.ledger.store import Face

_OF_MACHINE = "user:"
_MAYBE = """
(:owner <> '' AND :owner IN (posix, smb, login))
OR (home <> '' AND substr(:path, 1, length(home) + 1) = home || '/')
"""


class LedgerDroppers(Face):
    """The port `Droppers`."""

    def who(self, inbox: str, source: str, owner: str, sha256: str = "") -> Dropper:
        """Return who dropped a file that lay at a path of an inbox and had this owner."""
        with self._store.snapshot() as connection:
            return dropper_from(connection, inbox, source, owner, sha256)

    def announce(self, inbox: str, source: str, sha256: str, login: str) -> None:
        """Keep that a user is about to lay these bytes into an inbox; raises as the port says."""
        now = self._clock.now()
        source = display(source)
        with self._store.transaction() as connection:
            if account_from(connection, login) is None:
                raise UsageFault("usage.unknown-user", login)
            connection.execute(
                "INSERT INTO uploads (inbox, source, sha256, login, at) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (inbox, source, sha256) DO UPDATE SET login = excluded.login,"
                " at = excluded.at",
                (inbox, source, sha256, login, written_time(now)),
            )
            details = {"inbox": inbox, "source": source, "sha256": sha256, "login": login}
            append(connection, now, "document.uploaded", details, actor=actor_of(login))

    def known_as(self, actor: str) -> str:
        """Return one name for one person, be it at the machine (`user:`) or in the console."""
        with self._store.reading() as connection:
            return known_as(connection, actor)


def known_as(connection: Connection, actor: str) -> str:
    """Return one name for one person, inside the caller's transaction."""
    if not actor.startswith(_OF_MACHINE):
        return actor
    name = actor.removeprefix(_OF_MACHINE)
    row = connection.execute(
        "SELECT login FROM users WHERE posix = :name OR (login = :name AND posix = '')"
        " ORDER BY posix = ''",
        {"name": name},
    ).fetchone()
    return actor_of(row[0]) if row is not None else actor


def dropper_of(connection: Connection, job: Job) -> Dropper:
    """Return who dropped the file of a job, inside the caller's transaction."""
    return dropper_from(connection, job.inbox, job.source, job.dropper, job.sha256)


def dropper_from(
    connection: Connection, inbox: str, source: str, owner: str, sha256: str
) -> Dropper:
    """Return who dropped a file, inside the caller's transaction."""
    source = display(source)
    uploaded = _uploaded(connection, inbox, source, sha256)
    if uploaded is not None:
        return Dropper(owner, name_of(uploaded, (), owner), person_from(connection, uploaded))
    asked = {"owner": owner, "path": f"{inbox}/{source}"}
    accounts = accounts_from(connection, _MAYBE, asked)
    account = account_of(accounts, inbox, source, owner)
    name = name_of(account, accounts, owner)
    return Dropper(owner, name, person_from(connection, account))


def _uploaded(connection: Connection, inbox: str, source: str, sha256: str) -> Account | None:
    """Return the user who announced these bytes under this name."""
    row = connection.execute(
        "SELECT login FROM uploads WHERE inbox = ? AND source = ? AND sha256 = ?",
        (inbox, source, sha256),
    ).fetchone()
    return account_from(connection, row[0]) if row is not None else None
