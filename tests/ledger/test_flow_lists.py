"""Lists of flows: who sees which, in which order, page by page, and quickly among ten thousand."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gateway.core.flow_acts import Act, ActKind, Actor
from gateway.core.flow_definition import FlowDefinition, Party
from gateway.core.flow_events import FlowState
from gateway.ledger import SqliteLedger, schema
from gateway.ports import FlowColumn, FlowQuery, FlowRow, Viewer
from tests.ledger.test_flows import Hand, begun
from tests.pipeline.test_flow_notices import FLOW


def _definition(user: str = "", group: str = "") -> FlowDefinition:
    """Return a definition whose first party is known by user or group."""
    first, *others = FLOW.parties
    parties = (Party(first.name, first.title, user=user, group=group), *others)
    return replace(FLOW, parties=parties, name=f"of-{user or group or 'nobody'}")


def _begin(ledger: SqliteLedger, definition: FlowDefinition, name: str, owner: str = "") -> None:
    act = Act(ActKind.BEGIN, actor=Actor("x", login=owner), sha256="ab", source=f"{name}.pdf")
    begun(ledger, definition, act, name)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, datetime]:
    """Make a ledger with flows of several people, begun a minute apart; return when, too."""
    path, clock = tmp_path_factory.mktemp("ledger") / "ledger.sqlite", Hand()
    kinds = ((_definition(user="anna"), ""), (_definition(group="legal"), "otto"))
    with closing(SqliteLedger(path, clock)) as ledger:
        for number in range(12):
            clock.at += timedelta(minutes=1)
            _begin(ledger, kinds[number % 2][0], f"{90 - number}", kinds[number % 2][1])
        _begin(ledger, replace(_definition(), stages=FLOW.stages[-1:]), "never")
    return path, clock.at


@pytest.fixture
def clock(made: tuple[Path, datetime]) -> Hand:
    """Return a clock."""
    clock = Hand()
    clock.at = made[1]
    return clock


@pytest.fixture
def ledger(made: tuple[Path, datetime], tmp_path: Path, clock: Hand) -> Iterator[SqliteLedger]:
    """Yield a copy of that ledger."""
    path = Path(shutil.copy(made[0], tmp_path))
    with closing(SqliteLedger(path, clock)) as ledger:
        yield ledger


def _all(ledger: SqliteLedger, query: FlowQuery, limit: int = 5) -> list[FlowRow]:
    """Return every page of a list."""
    rows, after = [], ""
    while True:
        page = ledger.flow_lists.page(query, after=after, limit=limit)
        rows += page.rows
        assert len(page.rows) == limit or not page.after
        if not page.after:
            assert ledger.flow_lists.count(query) == len(rows)
            return rows
        after = page.after


@pytest.mark.parametrize(
    ("viewer", "seen", "waiting"),
    [
        (Viewer("anna"), 6, 6),
        (Viewer("otto"), 6, 0),
        (Viewer("lena", frozenset({"legal"})), 6, 6),
        (Viewer("both", frozenset({"legal", ""})), 6, 6),
        (Viewer("stranger"), 0, 0),
        (Viewer(""), 0, 0),
        (Viewer("anna", everything=True), 13, 6),
        (Viewer("auditor", everything=True), 13, 0),
    ],
)
def test_everybody_sees_their_own(
    ledger: SqliteLedger, viewer: Viewer, seen: int, waiting: int
) -> None:
    """What somebody began, what their parties take part in, or all; and what waits for them."""
    rows = _all(ledger, FlowQuery(viewer))
    assert len(rows) == len({row.id for row in rows}) == seen
    assert len(_all(ledger, FlowQuery(viewer, mine=True))) == waiting
    columns = ledger.flow_lists.columns(viewer)
    assert sum(one.count for one in columns) == seen


def test_order_and_filters(ledger: SqliteLedger, clock: Hand) -> None:
    """Overdue ones come first, then by deadline; ended ones the latest first."""
    viewer = Viewer("auditor", everything=True)
    rows = _all(ledger, FlowQuery(viewer))
    dues = [row.deadline for row in rows]
    assert dues[:-1] == sorted(one for one in dues if one is not None)
    assert (rows[-1].id, dues[-1]) == ("never", None)
    assert dues[0] is not None
    clock.at = dues[0]
    assert [row.id for row in _all(ledger, FlowQuery(viewer, overdue=True))] == ["90"]
    step, party = rows[0].steps[0], rows[0].parties[0]
    assert len(_all(ledger, FlowQuery(viewer, name="of-anna", step=step, party=party))) == 6
    assert _all(ledger, FlowQuery(viewer, step=step[:-1])) == []
    assert _all(ledger, FlowQuery(viewer, name="of-anna", party="nobody")) == []
    assert FlowColumn("of-anna", step, 6) in ledger.flow_lists.columns(viewer)
    ledger.flows.act("90", Act(ActKind.TICK))
    clock.at += timedelta(seconds=1)
    ledger.flows.act("80", Act(ActKind.WITHDRAW, actor=Actor("x", operator=True)))
    ended = FlowQuery(viewer, ended=True)
    assert [row.id for row in _all(ledger, ended, 1)] == ["80", "90"]
    assert len(_all(ledger, replace(ended, state=FlowState.WITHDRAWN))) == 1
    assert len(_all(ledger, replace(ended, state=FlowState.COMPLETED))) == 0
    assert ledger.verify() == ()


def test_a_ledger_of_before_gets_deadlines_and_parties(ledger: SqliteLedger, clock: Hand) -> None:
    """Flows that ran before lists were kept are in them as if they had begun since."""
    viewer = Viewer("lena", frozenset({"legal"}))
    waiting = FlowQuery(viewer, mine=True)
    before = ledger.flow_lists.page(waiting, limit=99)
    with ledger._store.transaction() as connection:
        connection.execute("UPDATE flows SET deadline = 'wrong'")
        connection.execute("DELETE FROM flow_parties")
        (text,) = (one for one in schema.migrations() if "flow_parties" in one)
        for statement in schema.statements(text):
            if re.match(r"(--.*\n|\s)*(UPDATE|INSERT)", statement):
                connection.execute(statement)
    assert ledger.flow_lists.page(waiting, limit=99) == before
    assert ledger.verify() == ()


def test_quick_among_ten_thousand(ledger: SqliteLedger, clock: Hand, tmp_path: Path) -> None:
    """A page is read in order along an index, however many flows run; nothing is sorted."""
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite", isolation_level=None)) as connection:
        names = ", ".join(
            name for _, name, *_ in connection.execute("PRAGMA table_info(flows)") if name != "id"
        )
        connection.execute(
            f"INSERT INTO flows (id, {names}) WITH RECURSIVE many(n) AS"  # noqa: S608
            f" (VALUES (1) UNION ALL SELECT n + 1 FROM many WHERE n < 10000)"
            f" SELECT 'x' || n, {names} FROM many, flows WHERE id = '90'"
        )
    asked: list[str] = []
    with ledger._store.reading() as connection:
        connection.set_trace_callback(asked.append)
    oldest = ledger.flow_lists.page(FlowQuery(Viewer("otto")), limit=5)
    ledger.flow_lists.page(FlowQuery(Viewer("anna"), mine=True), after=oldest.after, limit=5)
    everything = Viewer("auditor", everything=True)
    ledger.flow_lists.page(FlowQuery(everything), limit=5)
    ledger.flow_lists.page(FlowQuery(everything, ended=True), limit=5)
    assert len(oldest.rows) == 5
    with ledger._store.reading() as connection:
        connection.set_trace_callback(None)
        for statement in asked:
            plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}")]
            index = "flows_ended" if "NOT IN" in statement else "flows_running"
            assert any(index in line for line in plan), plan
            assert not any("TEMP B-TREE" in line for line in plan), plan
