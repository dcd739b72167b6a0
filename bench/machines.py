"""Use a ledger in many random orders, and hold it against a simple model after each step.

Usage: python -m bench.machines [--examples N] [--steps N]
"""

from __future__ import annotations

import argparse
import sys
import time

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.ledger.machine import SqliteMachine


def main() -> None:
    """Run the stories; whatever is wrong is shown as the shortest story in which it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=1000)
    parser.add_argument("--steps", type=int, default=50)
    chosen = parser.parse_args()
    steps = 0

    class Counted(SqliteMachine):
        """Counts its steps."""

        def check_invariants(self, *given: object) -> None:
            """Count, and look."""
            nonlocal steps
            steps += 1
            super().check_invariants(*given)  # type: ignore[no-untyped-call]

    many = settings(
        max_examples=chosen.examples,
        stateful_step_count=chosen.steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    began = time.process_time()
    run_state_machine_as_test(Counted, settings=many)
    spent = time.process_time() - began
    sys.stdout.write(f"ledger: {chosen.examples} stories, {steps:,} steps, {spent:.0f} s\n")


if __name__ == "__main__":
    main()
