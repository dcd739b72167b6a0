"""Flows in the ledger: what was acted is what the log replays, after restarts, and found out."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from datetime import datetime
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.core.errors import DocumentFault, UsageFault
from gateway.core.flow_acts import Act, ActKind, Actor
from gateway.core.flow_definition import FlowDefinition
from gateway.core.flow_events import FlowState
from gateway.core.job import Job
from gateway.core.quota import Price
from gateway.core.states import Event, State
from gateway.ledger import Ledger, SqliteLedger
from gateway.ledger.postgresql.ledger import PostgresqlLedger
from tests.core.flow_definitions import definitions
from tests.core.test_flow_stories import START, Story
from tests.pipeline.test_flow_notices import FLOW
from tests.postgresql import LedgerDatabase


class Hand:
    """A clock that shows what it is told."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        """Return the time."""
        return self.at

    def monotonic(self) -> float:
        """Return the same as seconds."""
        return self.at.timestamp()


class Recorded(Story):
    """A story that remembers when each act was accepted."""

    def __init__(self, definition: FlowDefinition, amount: str, random: Random) -> None:
        self.accepted: list[tuple[datetime, Act]] = []
        super().__init__(definition, amount, random)

    def do(self, act: Act) -> bool:
        """Do an act."""
        done = super().do(act)
        if done:
            self.accepted.append((self.now, act))
        return done


def begun(ledger: Ledger, definition: FlowDefinition, act: Act, name: str = "1") -> str:
    """Hand a document over to a flow."""
    at = ledger._clock.now()
    job = Job(name, State.CLAIMED, 1, "test", f"{name}.pdf", "/spool", at, at)
    job = ledger.advance(ledger.open(job, {}), Event.ACCEPTED, {})
    return ledger.flows.begin(job, definition, act).id


@settings(
    max_examples=16, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(
    definitions(),
    st.sampled_from(["5", "10", "11"]),
    st.randoms(use_true_random=False),
    st.booleans(),
)
def test_the_log_replays_what_was_acted(
    ledger_database: LedgerDatabase,
    definition: FlowDefinition,
    amount: str,
    random: Random,
    in_a_file: bool,
) -> None:
    """Any acts at any definition: each process that opens the ledger finds the same state."""
    story = Recorded(definition, amount, random)
    story.live(25)
    clock = Hand()
    with tempfile.TemporaryDirectory() as folder:
        ledger_database.empty()
        path, address = Path(folder) / "ledger.sqlite", ledger_database.address

        def opened() -> Ledger:
            return SqliteLedger(path, clock) if in_a_file else PostgresqlLedger(address, clock)

        with closing(opened()) as ledger:
            flow = begun(ledger, definition, story.accepted[0][1])
            for at, act in story.accepted[1:]:
                clock.at = at
                ledger.flows.act(flow, act)
        with closing(opened()) as ledger:
            found = ledger.flows.get(flow)
            assert found is not None
            assert found.status == story.status
            assert ledger.verify() == ()
            (row,) = ledger.flows.find(tuple(FlowState))
            assert (row.state, row.version) == (story.status.state, story.status.version)
            assert row.parties == story.status.open_parties


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a ledger in which a flow waits for its first party."""
    path = tmp_path / "ledger.sqlite"
    with closing(SqliteLedger(path, Hand())) as ledger:
        act = Act(ActKind.BEGIN, actor=Actor("x"), sha256="ab", source="1.pdf")
        begun(ledger, FLOW, act)
        assert ledger.verify() == ()
    return path


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE flows SET state = 'completed'",
        "UPDATE flows SET awaited = '7'",
        "UPDATE flows SET due = ''",
        "DELETE FROM flows",
    ],
)
def test_a_row_that_was_changed_is_found(path: Path, change: str) -> None:
    """The audit of the log compares each flow's row with its story."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(change)
    with closing(SqliteLedger(path, Hand())) as ledger:
        assert [flaw.what.partition(":")[0] for flaw in ledger.verify()] == ["flow 1"]


def test_a_fault_leaves_nothing_behind(path: Path) -> None:
    """A flow that cannot begin, and an act that is refused, leave no trace in the log."""
    clock = Hand()
    with closing(SqliteLedger(path, clock)) as ledger:
        before = len(list(ledger.entries()))
        act = Act(ActKind.APPROVE, "check", Actor("m", login="mallory"))
        with pytest.raises(UsageFault, match="waits for somebody else"):
            ledger.flows.act("1", act)
        assert len(list(ledger.entries())) == before
        with pytest.raises(UsageFault):
            ledger.flows.act("2", act)
        assert ledger.flows.get("2") is None


def test_begun_once(path: Path) -> None:
    """A job that is retried does not begin its flow again."""
    with closing(SqliteLedger(path, Hand())) as ledger:
        job = ledger.get("1")
        assert job is not None
        assert job.flow == "1"
        act = Act(ActKind.REJECT, "check", Actor("p", party="legal"), "no")
        ended = ledger.flows.act("1", act)
        for event in (Event.GAVE_UP, Event.FAILED, Event.RETRIED, Event.ACCEPTED):
            job = ledger.advance(job, event, {})
        job = ledger.flows.begin(job, FLOW, Act(ActKind.BEGIN, actor=Actor("x")))
        assert job.state is State.FLOWING
        found = ledger.flows.get("1")
        assert found is not None
        assert found.status == ended.status
        assert ledger.verify() == ()


def test_nothing_is_charged_for_a_flow_that_has_ended(path: Path) -> None:
    """The transaction that commits a call refuses a job which its flow waits for no more."""

    price = Price("s", 1, None, False, False, False, ())
    with closing(SqliteLedger(path, Hand())) as ledger:
        at = ledger._clock.now()
        job = Job("9", State.CLAIMED, 1, "flow.lease", "1.pdf", "/spool", at, at, flow="1")
        ledger.open(job, {})
        with pytest.raises(DocumentFault) as caught:
            ledger.begin(price, "9", "digest")
        assert caught.value.code == "flow.stopped"
        assert not ledger.flows.awaits(job)
