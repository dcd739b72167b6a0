"""Sessions and API tokens, found by the hashes of their tokens."""

from __future__ import annotations

from datetime import datetime

from gateway.core.errors import UsageFault
from gateway.core.names import display
from gateway.core.people import Permission
from gateway.core.visiting import Way, actor_of
from gateway.ledger.log import append
from gateway.ledger.rows import Row, read_time, written_time
from gateway.ledger.store import Face
from gateway.ports import ApiToken, Session

_SESSION = "SELECT id, login, way, begun, seen, ends, address, browser FROM sessions"
_TOKEN = "SELECT id, login, name, scopes, made, expires, used, withdrawn FROM api_tokens"  # noqa: S105  # SQL


class LedgerSessions(Face):
    """The port `Sessions`."""

    def begin(self, session: Session, token: str) -> None:
        """Begin a session that is found by the hash of its token; logged as `person.logged-in`."""
        now = self._clock.now()
        row = (
            session.id,
            token,
            session.login,
            session.way.value,
            written_time(session.begun),
            written_time(session.seen),
            written_time(session.ends),
            display(session.address),
            display(session.browser),
        )
        with self._store.transaction() as connection:
            # Sessions that nobody ended go here: there is no other moment that has to come.
            connection.execute("DELETE FROM sessions WHERE ends < ?", (written_time(now),))
            connection.execute(
                "INSERT INTO sessions (id, token, login, way, begun, seen, ends, address, browser)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )
            details = {"login": session.login, "way": session.way.value, "session": session.id}
            details |= {"address": session.address} if session.address else {}
            actor = actor_of(session.login)
            append(connection, now, "person.logged-in", details, actor=actor)

    def find(self, token: str) -> Session | None:
        """Return the session by the hash of its token; None when there is none, or it was ended."""
        with self._store.reading() as connection:
            row = connection.execute(f"{_SESSION} WHERE token = ?", (token,)).fetchone()
        return None if row is None else _session(row)

    def touch(self, session: str, seen: datetime) -> None:
        """Keep when a session was last used."""
        with self._store.transaction() as connection:
            connection.execute(
                "UPDATE sessions SET seen = ? WHERE id = ?", (written_time(seen), session)
            )

    def end(self, login: str, event: str, actor: str, *, session: str = "", stays: str = "") -> int:
        """End one session of a user, or all, but one that stays; logged if there are any."""
        now = self._clock.now()
        with self._store.transaction() as connection:
            ended = connection.execute(
                "DELETE FROM sessions WHERE login = ? AND (? = '' OR id = ?) AND id <> ?",
                (login, session, session, stays),
            ).rowcount
            if ended:
                which = {"session": session} if session else {"sessions": str(ended)}
                append(connection, now, event, {"login": login} | which, actor=actor)
        return ended

    def open(self, login: str = "") -> tuple[Session, ...]:
        """Return the sessions of a user, or of all, that were not ended; newest first."""
        with self._store.reading() as connection:
            rows = connection.execute(
                f"{_SESSION} WHERE (? = '' OR login = ?) AND ends > ? ORDER BY begun DESC, id",
                (login, login, written_time(self._clock.now())),
            ).fetchall()
        return tuple(map(_session, rows))


class LedgerApiTokens(Face):
    """The port `ApiTokens`."""

    def add(self, token: ApiToken, secret: str, actor: str) -> None:
        """Keep a new token under its hash; logged as `person.token-made`."""
        scopes = " ".join(sorted(token.scopes))
        row = (
            token.id,
            secret,
            token.login,
            display(token.name),
            scopes,
            written_time(token.made),
            written_time(token.expires),
        )
        with self._store.transaction() as connection:
            connection.execute(
                "INSERT INTO api_tokens (id, token, login, name, scopes, made, expires, used,"
                " withdrawn) VALUES (?, ?, ?, ?, ?, ?, ?, '', '')",
                row,
            )
            details = {"login": token.login, "token": token.id, "name": token.name}
            details |= {"scopes": scopes, "expires": written_time(token.expires)}
            append(connection, self._clock.now(), "person.token-made", details, actor=actor)

    def find(self, secret: str) -> ApiToken | None:
        """Return the token by its hash, also a withdrawn or expired one."""
        with self._store.reading() as connection:
            row = connection.execute(f"{_TOKEN} WHERE token = ?", (secret,)).fetchone()
        return None if row is None else _token(row)

    def touch(self, token: str, used: datetime) -> None:
        """Keep when a token was last used."""
        with self._store.transaction() as connection:
            connection.execute(
                "UPDATE api_tokens SET used = ? WHERE id = ?", (written_time(used), token)
            )

    def withdraw(self, login: str, token: str, actor: str) -> None:
        """End a token for ever; raises as the port says."""
        now = self._clock.now()
        with self._store.transaction() as connection:
            updated = connection.execute(
                "UPDATE api_tokens SET withdrawn = ? WHERE login = ? AND id = ? AND withdrawn = ''",
                (written_time(now), login, token),
            )
            if updated.rowcount != 1:
                raise UsageFault("usage.unknown-token", f"{login}: {token}")
            details = {"login": login, "token": token}
            append(connection, now, "person.token-withdrawn", details, actor=actor)

    def all(self, login: str = "") -> tuple[ApiToken, ...]:
        """Return the tokens of a user, or of all, withdrawn ones, too; newest first."""
        with self._store.reading() as connection:
            rows = connection.execute(
                f"{_TOKEN} WHERE (? = '' OR login = ?) ORDER BY made DESC, id", (login, login)
            ).fetchall()
        return tuple(map(_token, rows))


def _session(row: Row) -> Session:
    number, login, way, begun, seen, ends, *rest = row
    return Session(
        number, login, Way(way), read_time(begun), read_time(seen), read_time(ends), *rest
    )


def _token(row: Row) -> ApiToken:
    number, login, name, scopes, made, expires, used, withdrawn = row
    return ApiToken(
        id=number,
        login=login,
        name=name,
        scopes=frozenset(map(Permission, scopes.split())),
        made=read_time(made),
        expires=read_time(expires),
        used=read_time(used) if used else None,
        withdrawn=bool(withdrawn),
    )
