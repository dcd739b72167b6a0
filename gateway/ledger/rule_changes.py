"""Changes of rule files, with the contents before and after."""

from __future__ import annotations

from dataclasses import replace

from gateway.core.errors import UsageFault
from gateway.ledger.log import append
from gateway.ledger.rows import Row, read_time, written_time
from gateway.ledger.store import Face
from gateway.ports import RuleChange

_COLUMNS = (
    "file, rule, before, after, actor, reason, undoes, number, at, written, request, confirmer"
)
_FINISH = f"""
UPDATE rule_changes SET written = 1 WHERE number = ? AND written = 0 RETURNING {_COLUMNS}
"""  # noqa: S608  # our own names
_ALL = f"""
SELECT {_COLUMNS} FROM rule_changes WHERE :file IN ('', file) ORDER BY number DESC
"""  # noqa: S608


class LedgerRuleChanges(Face):
    """The port `RuleChanges`."""

    def begin(self, change: RuleChange, before: bytes, after: bytes) -> RuleChange:
        """Enter a change with both contents; return it with its number."""
        now = self._clock.now()
        with self._store.transaction() as connection:
            connection.executemany(
                "INSERT INTO rule_texts (sha256, content) VALUES (?, ?) ON CONFLICT DO NOTHING",
                ((change.before, before), (change.after, after)),
            )
            row = connection.execute(
                "INSERT INTO rule_changes (at, actor, reason, file, rule, before, after, undoes,"
                " request, confirmer) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING number",
                (
                    written_time(now),
                    change.actor,
                    change.reason,
                    change.file,
                    change.rule,
                    change.before,
                    change.after,
                    change.undoes,
                    change.request,
                    change.confirmer,
                ),
            ).fetchone()
        return replace(change, number=row[0], at=now)

    def finish(self, number: int) -> None:
        """Say that the file is written; logged as `rule.changed`, or `rule.restored`."""
        with self._store.transaction() as connection:
            row = connection.execute(_FINISH, (number,)).fetchone()
            if row is None:
                return  # somebody else has finished it
            change = _change(row)
            details = {
                "file": change.file,
                "rule": change.rule,
                "reason": change.reason,
                "before": change.before,
                "after": change.after,
                "number": str(number),
            }
            if change.undoes:
                details["undoes"] = str(change.undoes)
            if change.request:
                details |= {"request": str(change.request), "confirmed by": change.confirmer}
            event = "rule.restored" if change.undoes else "rule.changed"
            append(connection, self._clock.now(), event, details, actor=change.actor)

    def abandon(self, number: int) -> None:
        """Say that the file was not written: the change never was."""
        with self._store.transaction() as connection:
            connection.execute(
                "DELETE FROM rule_changes WHERE number = ? AND written = 0", (number,)
            )

    def all(self, file: str = "") -> tuple[RuleChange, ...]:
        """Return the changes of a file, or of all, newest first."""
        with self._store.reading() as connection:
            rows = connection.execute(_ALL, {"file": file}).fetchall()
        return tuple(map(_change, rows))

    def content(self, sha256: str) -> bytes:
        """Return a content by its hash; raises `UsageFault` (`rules.unknown`)."""
        with self._store.reading() as connection:
            row = connection.execute(
                "SELECT content FROM rule_texts WHERE sha256 = ?", (sha256,)
            ).fetchone()
        if row is None:
            raise UsageFault("rules.unknown", sha256)
        return bytes(row[0])


def _change(row: Row) -> RuleChange:
    file, rule, before, after, actor, reason, undoes, number, at, written, *asked = row
    request, confirmer = asked
    return RuleChange(
        file,
        rule,
        before,
        after,
        actor,
        reason,
        undoes=undoes,
        number=number,
        at=read_time(at),
        written=bool(written),
        request=request,
        confirmer=confirmer,
    )
