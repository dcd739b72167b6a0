"""Notices that wait to be told, and up to where the log was looked at."""

from __future__ import annotations

import json
from collections.abc import Iterable

from gateway.core.chain import LogEntry
from gateway.core.names import display
from gateway.core.notices import facts, from_facts
from gateway.ledger.connection import Connection, marks
from gateway.ledger.log import append
from gateway.ledger.rows import Row, entry_from
from gateway.ledger.store import Face
from gateway.ports import NoticeState, NoticeTally, QueuedNotice

_SEEN = "notices.seen"
"""Name of the fact that holds the sequence of the last entry that was looked at."""
_KEPT_SECONDS = 7 * 86400.0
"""For how long it is remembered what was sent."""
_OF_BATCH = """
SELECT subscription, sequence, content, due, state, attempts, code, detail FROM notices
WHERE subscription = ? AND batch = ? AND state = 'queued' ORDER BY sequence
"""
_IN_STATES = """
SELECT subscription, sequence, content, due, state, attempts, code, detail FROM notices
WHERE state IN ({marks}) ORDER BY sequence, subscription
"""


class LedgerNotices(Face):
    """The ports `NoticeQueue` and `NoticeBooks`."""

    def begin(self, *, wanted: bool) -> None:
        """Remember the log's head as what was told, if nothing is; forget it if not `wanted`."""
        with self._store.reading() as connection:
            begun = connection.execute("SELECT 1 FROM facts WHERE name = ?", (_SEEN,)).fetchone()
        if wanted is (begun is not None):
            return
        with self._store.transaction() as connection:
            if wanted:
                connection.execute(
                    "INSERT INTO facts (name, value) SELECT ?, sequence FROM head"
                    " WHERE true ON CONFLICT (name) DO NOTHING",
                    (_SEEN,),
                )
            else:
                connection.execute("DELETE FROM facts WHERE name = ?", (_SEEN,))

    def fresh(self, most: int) -> tuple[LogEntry, ...]:
        """Return the first entries of the log that were not looked at yet."""
        with self._store.reading() as connection:
            rows = connection.execute(
                "SELECT sequence, at, event, job, actor, details, previous, hash FROM log"
                " WHERE sequence > (SELECT CAST(value AS BIGINT) FROM facts WHERE name = ?)"
                " ORDER BY sequence LIMIT ?",
                (_SEEN, most),
            ).fetchall()
        return tuple(map(entry_from, rows))

    def queue(self, seen: int, notices: Iterable[QueuedNotice]) -> None:
        """Add notices, and remember the last entry that was looked at, in one transaction."""
        with self._store.transaction() as connection:
            connection.executemany(
                "INSERT INTO notices (subscription, sequence, state, due, content)"
                " VALUES (?, ?, 'queued', ?, ?) ON CONFLICT (subscription, sequence) DO NOTHING",
                [(one.subscription, one.sequence, one.due, _written(one)) for one in notices],
            )
            connection.execute(
                "UPDATE facts SET value = ?"
                " WHERE CASE WHEN name = ? THEN CAST(value AS BIGINT) < ? ELSE false END",
                (str(seen), _SEEN, seen),
            )

    def take(self, subscription: str, now: float, most: int) -> tuple[QueuedNotice, ...]:
        """Return what is to be sent together now; those stay together at every attempt."""
        with self._store.reading() as connection:
            first = connection.execute(
                "SELECT batch, sequence FROM notices WHERE subscription = ? AND state = 'queued'"
                " AND due <= ? ORDER BY due, sequence LIMIT 1",
                (subscription, now),
            ).fetchone()
        if first is None:
            return ()
        batch, sequence = first
        if not batch:
            batch = sequence
            self._gather(subscription, sequence, most)
        with self._store.reading() as connection:
            rows = connection.execute(_OF_BATCH, (subscription, batch)).fetchall()
        return tuple(map(_notice, rows))

    def _gather(self, subscription: str, first: int, most: int) -> None:
        """Let those that wait stay together from now on: a digest that is repeated is the same."""
        with self._store.transaction() as connection:
            connection.execute(
                "UPDATE notices SET batch = ? WHERE subscription = ? AND sequence IN ("
                " SELECT sequence FROM notices WHERE subscription = ? AND state = 'queued'"
                " AND batch = 0 ORDER BY sequence <> ?, sequence LIMIT ?)",
                (first, subscription, subscription, first, most),
            )

    def settle(
        self,
        notices: tuple[QueuedNotice, ...],
        state: NoticeState,
        *,
        code: str = "",
        detail: str = "",
        due: float = 0.0,
    ) -> None:
        """Say how an attempt ended; notices that are laid aside are logged: `notice.dead`."""
        now, detail = self._clock.now(), display(detail)
        if state is NoticeState.SENT:
            due = now.timestamp()
        with self._store.transaction() as connection:
            connection.executemany(
                "UPDATE notices SET state = ?, attempts = attempts + 1, code = ?, detail = ?,"
                " due = ? WHERE subscription = ? AND sequence = ?",
                [(state, code, detail, due, one.subscription, one.sequence) for one in notices],
            )
            if state is NoticeState.DEAD and notices:
                told = {
                    "notice": notices[0].subscription,
                    "entry": str(notices[0].sequence),
                    "count": str(len(notices)),
                    "attempts": str(notices[0].attempts + 1),
                    "code": code,
                    "detail": detail,
                }
                append(connection, now, "notice.dead", told)
            if state is NoticeState.SENT:
                connection.execute(
                    "DELETE FROM notices WHERE subscription = ? AND state = 'sent' AND due < ?",
                    (notices[0].subscription, due - _KEPT_SECONDS),
                )

    def tallies(self) -> tuple[NoticeTally, ...]:
        """Return how each subscription's notices stand, by name."""
        with self._store.reading() as connection:
            rows = connection.execute(
                "SELECT subscription, count(*) FILTER (WHERE state = 'queued'),"
                " count(*) FILTER (WHERE state = 'queued' AND attempts > 0),"
                " count(*) FILTER (WHERE state = 'dead')"
                " FROM notices GROUP BY subscription ORDER BY subscription"
            ).fetchall()
            tallies = []
            for subscription, queued, failing, dead in rows:
                code, detail = _last_failure(connection, subscription)
                tallies.append(NoticeTally(subscription, queued, failing, dead, code, detail))
        return tuple(tallies)

    def rows(self, states: Iterable[NoticeState]) -> tuple[QueuedNotice, ...]:
        """Return the notices in any of `states`, oldest first."""
        wanted = [state.value for state in states]
        with self._store.reading() as connection:
            rows = connection.execute(_IN_STATES.format(marks=marks(wanted)), wanted).fetchall()
        return tuple(map(_notice, rows))

    def again(self, subscription: str, now: float) -> int:
        """Let what is laid aside or fails be sent at once; all subscriptions when empty."""
        with self._store.transaction() as connection:
            changed = connection.execute(
                "UPDATE notices SET state = 'queued', attempts = 0, due = ?"
                " WHERE (? = '' OR subscription = ?)"
                " AND (state = 'dead' OR (state = 'queued' AND attempts > 0))",
                (now, subscription, subscription),
            )
        return changed.rowcount


def _last_failure(connection: Connection, subscription: str) -> tuple[str, str]:
    row = connection.execute(
        "SELECT code, detail FROM notices WHERE subscription = ? AND state <> 'sent' AND code <> ''"
        " ORDER BY state = 'dead', due DESC LIMIT 1",
        (subscription,),
    ).fetchone()
    return (str(row[0]), str(row[1])) if row is not None else ("", "")


def _written(queued: QueuedNotice) -> str:
    return json.dumps(facts(queued.notice), ensure_ascii=False, separators=(",", ":"))


def _notice(row: Row) -> QueuedNotice:
    subscription, sequence, content, due, state, attempts, code, detail = row
    notice = from_facts(json.loads(content))
    return QueuedNotice(
        subscription, sequence, notice, due, NoticeState(state), attempts, code, detail
    )
