"""Failed attempts to log in, counted by login and by address; a restart forgets none.

Theory of operation: an attempt is counted as failed before anything is looked at, and taken back
when it was right. So of many attempts at the same moment no more are looked at than of as many
one after the other. While there is a pause nothing is looked at, and nothing counted.
"""

from __future__ import annotations

from datetime import UTC, datetime

from gateway.core.login_pauses import PausePolicy, pause_after
from gateway.ledger.connection import Connection
from gateway.ledger.log import append
from gateway.ledger.rows import written_time
from gateway.ledger.store import Face

_WINDOW = 3600.0
_LOGGED = 100
"""Failures that are logged in an hour; of the others the log tells how many there were."""
_LOG = "log"

_COUNT = """
INSERT INTO login_failures (subject, failures, last, until) VALUES (:subject, 1, :now, :until)
ON CONFLICT (subject) DO UPDATE SET failures = :failures, last = :now, until = :until
"""


class LedgerLoginAttempts(Face):
    """The port `LoginAttempts`."""

    def begin(self, login: str, address: str, policy: PausePolicy) -> datetime | None:
        """Count an attempt as failed; or, while there is a pause, return when it is over."""
        now = self._clock.now().timestamp()
        bearable = {
            _of_login(login): policy.after,
            _of_address(address): policy.after_of_address,
        }
        with self._store.transaction() as connection:
            until = max(_until(connection, subject) for subject in bearable)
            if until > now:
                return datetime.fromtimestamp(until, UTC)
            forgotten = now - max(policy.forgotten_after, policy.longest)
            connection.execute("DELETE FROM login_failures WHERE last < ?", (forgotten,))
            for subject, most in bearable.items():
                failures = _failures(connection, subject) + 1
                pause = pause_after(failures, most, policy)
                counted = {"failures": failures, "now": now, "until": now + pause if pause else 0}
                connection.execute(_COUNT, counted | {"subject": subject})
        return None

    def fail(self, login: str, address: str, told: str) -> datetime | None:
        """Log that an attempt failed; return until when there is a pause now, if there is."""
        now = self._clock.now()
        with self._store.transaction() as connection:
            until = max(
                _until(connection, _of_login(login)), _until(connection, _of_address(address))
            )
            paused = datetime.fromtimestamp(until, UTC) if until > now.timestamp() else None
            left_out = _left_out(connection, now.timestamp())
            if left_out is not None:
                details = {"login": told, "address": address}
                details |= {"until": written_time(paused)} if paused else {}
                details |= {"not logged before": str(left_out)} if left_out else {}
                event = "person.paused" if paused else "person.refused"
                append(connection, now, event, details)
        return paused

    def succeed(self, login: str, address: str) -> None:
        """Forget the failures of the login, and this attempt of the address."""
        with self._store.transaction() as connection:
            _forget(connection, login)
            _take_back(connection, _of_address(address))

    def retract(self, login: str, address: str) -> None:
        """Take an attempt back that neither failed nor succeeded."""
        with self._store.transaction() as connection:
            _take_back(connection, _of_login(login))
            _take_back(connection, _of_address(address))

    def unlock(self, login: str, actor: str) -> None:
        """Forget the failures of a login; logged as `person.unlocked`."""
        now = self._clock.now()
        with self._store.transaction() as connection:
            _forget(connection, login)
            append(connection, now, "person.unlocked", {"login": login}, actor=actor)


def _of_login(login: str) -> str:
    return f"login:{login}"


def _of_address(address: str) -> str:
    return f"address:{address}"


def _until(connection: Connection, subject: str) -> float:
    row = connection.execute(
        "SELECT until FROM login_failures WHERE subject = ?", (subject,)
    ).fetchone()
    return float(row[0]) if row else 0.0


def _failures(connection: Connection, subject: str) -> int:
    row = connection.execute(
        "SELECT failures FROM login_failures WHERE subject = ?", (subject,)
    ).fetchone()
    return int(row[0]) if row else 0


def _forget(connection: Connection, login: str) -> None:
    connection.execute("DELETE FROM login_failures WHERE subject = ?", (_of_login(login),))


def _take_back(connection: Connection, subject: str) -> None:
    # The attempt was looked at, so there was no pause before it: the one it began goes with it.
    connection.execute(
        "UPDATE login_failures SET failures = failures - 1, until = 0"
        " WHERE subject = ? AND failures > 0",
        (subject,),
    )


def _left_out(connection: Connection, now: float) -> int | None:
    """Count a failure; None when it is one too many of its hour, else how many those were."""
    row = connection.execute(
        "SELECT failures, until FROM login_failures WHERE subject = ?", (_LOG,)
    ).fetchone()
    count, until = row or (0, 0.0)
    before = max(0, count - _LOGGED) if until <= now else 0
    if until <= now:
        count, until = 0, now + _WINDOW
    counted = {"subject": _LOG, "failures": count + 1, "now": now, "until": until}
    connection.execute(_COUNT, counted)
    return before if count < _LOGGED else None
