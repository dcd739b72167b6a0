"""Whatever a site does with its ledger, in whatever order, and whenever it is killed."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.ledger.machine import SqliteMachine, postgresql_machine
from tests.postgresql import LedgerDatabase

_FEW = settings(
    max_examples=25,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),  # the larger run makes short what it finds
    suppress_health_check=list(HealthCheck),
)


def test_sqlite() -> None:
    """States, charges, holds and log are always those of a simple model."""
    run_state_machine_as_test(SqliteMachine, settings=_FEW)


def test_postgresql(ledger_database: LedgerDatabase) -> None:
    """So they are in a database."""
    few = settings(_FEW, max_examples=6)
    run_state_machine_as_test(postgresql_machine(ledger_database), settings=few)
