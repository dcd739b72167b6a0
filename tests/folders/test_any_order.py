"""Whatever people do with an inbox, in whatever order, and wherever the intake is killed."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.folders.machine import IntakeMachine

_FEW = settings(
    max_examples=30,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),  # the larger run makes short what it finds
    suppress_health_check=list(HealthCheck),
)


def test_intake() -> None:
    """Each document is claimed once, nothing is lost, and tickets stay with their documents."""
    run_state_machine_as_test(IntakeMachine, settings=_FEW)
