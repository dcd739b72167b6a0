"""How users prove who they are: hashes, and what is encrypted already."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.core.errors import AccessFault, UsageFault
from gateway.core.people import Role
from gateway.ledger.connection import Connection
from gateway.ledger.log import append
from gateway.ledger.people_rows import has_administrator
from gateway.ledger.rows import read_time, written_time
from gateway.ledger.store import Face
from gateway.ports import LoginSecrets, OneTimeLink

_WRITE = """
INSERT INTO credentials (login, password, password_since, totp, totp_pending, totp_step)
VALUES (:login, :password, :password_since, :totp, :totp_pending, :totp_step)
ON CONFLICT (login) DO UPDATE SET password = :password, password_since = :password_since,
  totp = :totp, totp_pending = :totp_pending, totp_step = :totp_step
"""
_READ = """
SELECT password, password_since, totp, totp_pending, totp_step FROM credentials WHERE login = ?
"""


class LedgerCredentials(Face):
    """The port `Credentials`."""

    def find(self, login: str) -> LoginSecrets:
        """Return what there is of a user; nothing of an unknown one."""
        with self._store.snapshot() as connection:
            row = connection.execute(_READ, (login,)).fetchone()
            codes = connection.execute(
                "SELECT hash FROM recovery_codes WHERE login = ?", (login,)
            ).fetchall()
        if row is None:
            return LoginSecrets()
        password, since, totp, pending, step = row
        recovery = frozenset(code for (code,) in codes)
        return LoginSecrets(password, since, totp, pending, step, recovery)

    def save(
        self,
        login: str,
        secrets: LoginSecrets,
        event: str,
        details: Mapping[str, str],
        actor: str,
        *,
        link: str = "",
        stays: str = "",
    ) -> None:
        """Replace a user's secrets and end its sessions; raises as the port says."""
        now = self._clock.now()
        with self._store.transaction() as connection:
            known = "SELECT 1 FROM users WHERE login = ?"
            if connection.execute(known, (login,)).fetchone() is None:
                raise UsageFault("usage.unknown-user", login)
            if link:
                spend_link(connection, link, written_time(now), login)
            write_secrets(connection, login, secrets)
            end_sessions(connection, login, stays)
            append(connection, now, event, details, actor=actor)

    def rehash(self, login: str, former: str, password: str) -> None:
        """Replace the hash of the same password by a better one; nothing is logged."""
        with self._store.transaction() as connection:
            connection.execute(
                "UPDATE credentials SET password = ? WHERE login = ? AND password = ?",
                (password, login, former),
            )

    def spend_step(self, login: str, step: int) -> bool:
        """Take a time step for used; False when it, or a later one, was used before."""
        with self._store.transaction() as connection:
            updated = connection.execute(
                "UPDATE credentials SET totp_step = ? WHERE login = ? AND totp_step < ?",
                (step, login, step),
            )
            return updated.rowcount == 1

    def spend_recovery(self, login: str, code: str) -> bool:
        """Take a recovery code, by its hash, for used; logged. False when there is none such."""
        now = self._clock.now()
        with self._store.transaction() as connection:
            deleted = connection.execute(
                "DELETE FROM recovery_codes WHERE login = ? AND hash = ?", (login, code)
            )
            if deleted.rowcount != 1:
                return False
            left = connection.execute(
                "SELECT count(*) FROM recovery_codes WHERE login = ?", (login,)
            ).fetchone()[0]
            details = {"login": login, "left": str(left)}
            append(connection, now, "person.recovery-used", details, actor=f"person:{login}")
        return True


class LedgerOneTimeLinks(Face):
    """The port `OneTimeLinks`."""

    def add(self, link: OneTimeLink, secret: str, actor: str) -> None:
        """Keep a new link under its hash; raises as the port says."""
        with self._store.transaction() as connection:
            if not link.login and has_administrator(connection):
                raise UsageFault("usage.has-administrator")
            connection.execute("DELETE FROM one_time_links WHERE login = ?", (link.login,))
            connection.execute(
                "INSERT INTO one_time_links (token, login, made, expires) VALUES (?, ?, ?, ?)",
                (secret, link.login, written_time(link.made), written_time(link.expires)),
            )
            details = {"expires": written_time(link.expires)}
            details |= {"login": link.login} if link.login else {"role": Role.ADMINISTRATOR.value}
            append(connection, self._clock.now(), "person.link-made", details, actor=actor)

    def find(self, secret: str) -> OneTimeLink | None:
        """Return an unused link by its hash, also an expired one."""
        with self._store.reading() as connection:
            row = connection.execute(
                "SELECT login, made, expires FROM one_time_links WHERE token = ?", (secret,)
            ).fetchone()
        return None if row is None else OneTimeLink(row[0], read_time(row[1]), read_time(row[2]))


def write_secrets(connection: Connection, login: str, secrets: LoginSecrets) -> None:
    """Replace a user's secrets, inside the caller's transaction."""
    plain = ("password", "password_since", "totp", "totp_pending", "totp_step")
    values = {name: getattr(secrets, name) for name in plain}
    connection.execute(_WRITE, values | {"login": login})
    connection.execute("DELETE FROM recovery_codes WHERE login = ?", (login,))
    connection.executemany(
        "INSERT INTO recovery_codes (login, hash) VALUES (?, ?)",
        ((login, code) for code in sorted(secrets.recovery)),
    )


def end_sessions(connection: Connection, login: str, stays: str = "") -> int:
    """End a user's sessions, but one, inside the caller's transaction; return how many."""
    ended = connection.execute("DELETE FROM sessions WHERE login = ? AND id <> ?", (login, stays))
    return ended.rowcount


def spend_link(connection: Connection, secret: str, now: str, login: str = "") -> None:
    """Use a link up, by its hash; raises `AccessFault` (`access.link`)."""
    if not login and has_administrator(connection):
        raise AccessFault("access.link", "there is an administrator by now")
    spent = connection.execute(
        "DELETE FROM one_time_links WHERE token = ? AND login = ? AND expires > ?",
        (secret, login, now),
    )
    if spent.rowcount != 1:
        raise AccessFault("access.link")
