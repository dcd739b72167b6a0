"""Contract flows as lists show them: visibility, order and pages are the database's to find.

Flows that run are read along `flows_running`, those that have ended along `flows_ended`: in order,
and no further than to the end of the page.
"""

from __future__ import annotations

from collections import Counter

from gateway.core.errors import UsageFault
from gateway.core.flow_definition import FlowDefinition
from gateway.core.names import display
from gateway.ledger.flow_rows import COLUMNS, listed, read_definition
from gateway.ledger.rows import written_time
from gateway.ledger.store import Face
from gateway.ports import FlowColumn, FlowPage, FlowQuery, Viewer

_RUNNING = "state = 'running'"
_ENDED = "state NOT IN ('new', 'running')"
_OWN = "(person <> '' AND person = :login OR people <> '' AND people IN ({groups}))"
_SEEN = f"""
(owner <> '' AND owner = :login
  OR definition IN (SELECT definition FROM flow_parties WHERE {_OWN}))
"""  # noqa: S608
_HAS = "replace(' ' || {words} || ' ', ' ' || {word} || ' ', '') <> ' ' || {words} || ' '"
"""Among the words of a column, with a blank between two of them, is this one."""
_MINE = f"""
EXISTS (SELECT 1 FROM flow_parties AS own WHERE own.definition = flows.definition AND {_OWN}
  AND {_HAS.format(words="flows.parties", word="own.party")})
"""  # noqa: S608
_BETWEEN = ","
"""Of the two parts of a cursor; in neither of them."""


class LedgerFlowLists(Face):
    """The port `FlowLists`."""

    def page(self, query: FlowQuery, *, after: str = "", limit: int) -> FlowPage:
        """Return flows, overdue ones first; the port says in which order."""
        key, index = ("updated", "flows_ended") if query.ended else ("deadline", "flows_running")
        beyond, direction = ("<", "DESC") if query.ended else (">", "ASC")
        moment, _, flow = after.partition(_BETWEEN)
        condition = self._condition(query)
        if flow:
            condition += f" AND ({key}, id) {beyond} (:moment, :flow)"
        statement = (
            f"SELECT {COLUMNS}, {key} FROM flows INDEXED BY {index} WHERE {condition}"  # noqa: S608
            f" ORDER BY {key} {direction}, id {direction} LIMIT :limit"
        )
        more = {"moment": moment, "flow": flow, "limit": limit + 1}
        with self._store.reading() as connection:
            rows = connection.execute(statement, self._words(query) | more).fetchall()
        shown = rows[:limit]
        following = f"{shown[-1][-1]}{_BETWEEN}{shown[-1][0]}" if len(rows) > limit else ""
        return FlowPage(tuple(listed(row[:-1]) for row in shown), following)

    def count(self, query: FlowQuery) -> int:
        """Return how many there are."""
        statement = f"SELECT count(*) FROM flows WHERE {self._condition(query)}"  # noqa: S608
        with self._store.reading() as connection:
            return int(connection.execute(statement, self._words(query)).fetchone()[0])

    def columns(self, viewer: Viewer) -> tuple[FlowColumn, ...]:
        """Return at which steps flows stand that run."""
        query = FlowQuery(viewer)
        statement = (
            f"SELECT name, steps, count(*) FROM flows WHERE {self._condition(query)}"  # noqa: S608
            " GROUP BY name, steps"
        )
        with self._store.reading() as connection:
            rows = connection.execute(statement, self._words(query)).fetchall()
        counts: Counter[tuple[str, str]] = Counter()
        for name, steps, count in rows:
            for step in steps.split():
                counts[name, step] += count
        return tuple(FlowColumn(*place, count) for place, count in sorted(counts.items()))

    def definition(self, sha256: str) -> FlowDefinition:
        """Return a definition to which flows are pinned; raises `flow.unknown`."""
        statement = "SELECT content FROM snapshots WHERE snapshot = ?"
        with self._store.reading() as connection:
            row = connection.execute(statement, (sha256,)).fetchone()
        if row is None:
            raise UsageFault("flow.unknown", display(sha256)[:100])
        return read_definition(row[0])

    @staticmethod
    def _condition(query: FlowQuery) -> str:
        wanted = [_ENDED if query.ended else _RUNNING]
        if not query.viewer.everything:
            wanted.append(_SEEN)
        if query.state is not None:
            wanted.append("state = :state")
        if query.name:
            wanted.append("name = :name")
        for column, one in (("steps", query.step), ("parties", query.party)):
            if one:
                wanted.append(_HAS.format(words=column, word=f":{column}"))
        if query.mine:
            wanted.append(_MINE)
        if query.overdue:
            wanted.append("deadline <= :now")
        groups = ", ".join(f":{name}" for name in _groups(query.viewer)) or "''"
        return " AND ".join(wanted).format(groups=groups)

    def _words(self, query: FlowQuery) -> dict[str, object]:
        viewer = query.viewer
        return {
            "login": viewer.login,
            "state": query.state.value if query.state is not None else "",
            "name": query.name,
            "steps": query.step,
            "parties": query.party,
            "now": written_time(self._clock.now()),
        } | _groups(viewer)


def _groups(viewer: Viewer) -> dict[str, object]:
    """Return somebody's groups by the names that statements have for them."""
    return {f"group{number}": group for number, group in enumerate(sorted(viewer.groups))}
