"""Who dropped a file, by the users as they are now."""

from __future__ import annotations

import sqlite3

from gateway.core.droppers import Dropper, account_of, name_of
from gateway.core.job import Job
from gateway.core.names import display
from gateway.core.visiting import actor_of
from gateway.ledger.people_rows import accounts_from, person_from
from gateway.ledger.store import Face

_OF_MACHINE = "user:"
_MAYBE = """
(:owner <> '' AND :owner IN (posix, smb, login))
OR (home <> '' AND substr(:path, 1, length(home) + 1) = home || '/')
"""


class SqliteDroppers(Face):
    """The port `Droppers`."""

    def who(self, inbox: str, source: str, owner: str) -> Dropper:
        """Return who dropped a file that lay at a path of an inbox and had this owner."""
        with self._store.snapshot() as connection:
            return dropper_from(connection, inbox, source, owner)

    def known_as(self, actor: str) -> str:
        """Return one name for one person, be it at the machine (`user:`) or in the console."""
        with self._store.reading() as connection:
            return known_as(connection, actor)


def known_as(connection: sqlite3.Connection, actor: str) -> str:
    """Return one name for one person, inside the caller's transaction."""
    if not actor.startswith(_OF_MACHINE):
        return actor
    name = actor.removeprefix(_OF_MACHINE)
    row = connection.execute(
        "SELECT login FROM users WHERE posix = ?1 OR (login = ?1 AND posix = '')"
        " ORDER BY posix = ''",
        (name,),
    ).fetchone()
    return actor_of(row[0]) if row is not None else actor


def dropper_of(connection: sqlite3.Connection, job: Job) -> Dropper:
    """Return who dropped the file of a job, inside the caller's transaction."""
    return dropper_from(connection, job.inbox, job.source, job.dropper)


def dropper_from(connection: sqlite3.Connection, inbox: str, source: str, owner: str) -> Dropper:
    """Return who dropped a file, inside the caller's transaction."""
    source = display(source)
    asked = {"owner": owner, "path": f"{inbox}/{source}"}
    accounts = accounts_from(connection, _MAYBE, asked)
    account = account_of(accounts, inbox, source, owner)
    name = name_of(account, accounts, owner)
    return Dropper(owner, name, person_from(connection, account))
