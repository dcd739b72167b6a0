"""Requests of keepers that another keeper confirms."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

from gateway.core.errors import AccessFault, UsageFault
from gateway.core.four_eyes import KeeperRequest, RequestState
from gateway.core.names import display
from gateway.ledger.connection import EVERY, Connection
from gateway.ledger.droppers import known_as
from gateway.ledger.log import append
from gateway.ledger.rows import Row, read_time, written_time
from gateway.ledger.store import Face

_COLUMNS = (
    "kind, subject, event, content, details, asker, asked, expires, number, state, decider,"
    " decided, why"
)


class LedgerKeeperRequests(Face):
    """The port `KeeperRequests`."""

    def file(self, request: KeeperRequest) -> KeeperRequest:
        """Keep a new request; return it with its number; logged as `request.filed`."""
        row = (
            request.kind,
            display(request.subject),
            request.event,
            request.content,
            json.dumps(dict(request.details), ensure_ascii=False),
            display(request.asker),
            written_time(request.asked),
            written_time(request.expires),
            RequestState.OPEN.value,
        )
        with self._store.transaction() as connection:
            (number,) = connection.execute(
                "INSERT INTO keeper_requests (kind, subject, event, content, details, asker, asked,"
                " expires, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING number",
                row,
            ).fetchone()
            filed = replace(request, number=number)
            told = {"request": str(number), "wants": request.event, "subject": request.subject}
            told |= dict(request.details)
            now = self._clock.now()
            append(connection, now, "request.filed", told, actor=request.asker)
        return filed

    def find(self, number: int) -> KeeperRequest | None:
        """Return a request, or None."""
        with self._store.reading() as connection:
            return _find(connection, number, self._clock.now())

    def all(self, *, waiting: bool = True, limit: int = 0) -> tuple[KeeperRequest, ...]:
        """Return the requests that wait for somebody, or all, newest first."""
        now = self._clock.now()
        which = "state = 'open' AND expires > ?" if waiting else "? <> ''"
        with self._store.reading() as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM keeper_requests WHERE {which}"  # noqa: S608  # our words
                " ORDER BY number DESC LIMIT ?",
                (written_time(now), limit or EVERY),
            ).fetchall()
        return tuple(_request(row, now) for row in rows)

    def check(self, number: int, actor: str) -> KeeperRequest:
        """Return a request that somebody may confirm now; raises as the port says."""
        with self._store.snapshot() as connection:
            return _confirmable(connection, number, actor, self._clock.now())

    def close(self, number: int, actor: str, *, confirmed: bool, why: str = "") -> KeeperRequest:
        """Confirm or refuse a request; raises as the port says."""
        now = self._clock.now()
        with self._store.transaction() as connection:
            return close_request(connection, now, number, actor, confirmed=confirmed, why=why)


def close_request(
    connection: Connection,
    now: datetime,
    number: int,
    actor: str,
    *,
    confirmed: bool,
    why: str = "",
) -> KeeperRequest:
    """Confirm or refuse a request, inside the caller's transaction."""
    if confirmed:
        request = _confirmable(connection, number, actor, now)
    else:
        request = _open(connection, number, now)
    state = RequestState.CONFIRMED if confirmed else RequestState.REFUSED
    connection.execute(
        "UPDATE keeper_requests SET state = ?, decider = ?, decided = ?, why = ? WHERE number = ?",
        (state.value, display(actor), written_time(now), display(why), number),
    )
    told = {"request": str(number), "wants": request.event, "asker": request.asker}
    told |= {"subject": request.subject} | ({"why": why} if why else {})
    append(connection, now, f"request.{state}", told, actor=actor)
    return replace(request, state=state, decider=actor, decided=now, why=why)


def _confirmable(connection: Connection, number: int, actor: str, now: datetime) -> KeeperRequest:
    request = _open(connection, number, now)
    if known_as(connection, request.asker) == known_as(connection, actor):
        raise AccessFault("access.same-person", f"request {number} is {request.asker}'s")
    return request


def _open(connection: Connection, number: int, now: datetime) -> KeeperRequest:
    request = _find(connection, number, now)
    if request is None:
        raise UsageFault("usage.unknown-request", str(number))
    if request.state is not RequestState.OPEN:
        raise UsageFault("usage.request-decided", f"request {number} is {request.state}")
    return request


def _find(connection: Connection, number: int, now: datetime) -> KeeperRequest | None:
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM keeper_requests WHERE number = ?",  # noqa: S608  # our own names
        (number,),
    ).fetchone()
    return None if row is None else _request(row, now)


def _request(row: Row, now: datetime) -> KeeperRequest:
    kind, subject, event, content, details, asker, asked, expires, number, *rest = row
    state, decider, decided, why = rest
    state, ends = RequestState(state), read_time(expires)
    if state is RequestState.OPEN and ends <= now:
        state = RequestState.EXPIRED
    return KeeperRequest(
        kind=kind,
        subject=subject,
        event=event,
        content=content,
        details=tuple(json.loads(details).items()),
        asker=asker,
        asked=read_time(asked),
        expires=ends,
        number=number,
        state=state,
        decider=decider,
        decided=read_time(decided) if decided else None,
        why=why,
    )
