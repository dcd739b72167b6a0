"""Use ledger and intake in many random orders, and compare them with models of them.

Usage: python -m bench.machines [--examples N] [--steps N]
"""

from __future__ import annotations

import argparse
import sys
import time

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from tests.folders.machine import IntakeMachine
from tests.ledger.machine import SqliteMachine


def main() -> None:
    """Run the stories; whatever is wrong is shown as the shortest story in which it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=1000)
    parser.add_argument("--steps", type=int, default=50)
    chosen = parser.parse_args()
    many = settings(
        max_examples=chosen.examples,
        stateful_step_count=chosen.steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    for name, machine in (("ledger", SqliteMachine), ("intake", IntakeMachine)):
        began, steps = time.process_time(), _run(machine, many)
        spent = time.process_time() - began
        sys.stdout.write(f"{name}: {chosen.examples} stories, {steps:,} steps, {spent:.0f} s\n")
        sys.stdout.flush()


def _run(machine: type[RuleBasedStateMachine], many: settings) -> int:
    """Run the stories of one machine; return how many steps they had."""
    steps = 0

    class Counted(machine):  # type: ignore[misc, valid-type]
        """Counts its steps."""

        def check_invariants(self, *given: object) -> None:
            """Count, and look."""
            nonlocal steps
            steps += 1
            super().check_invariants(*given)

    run_state_machine_as_test(Counted, settings=many)
    return steps


if __name__ == "__main__":
    main()
