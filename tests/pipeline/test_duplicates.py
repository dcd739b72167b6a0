"""The same bytes once more: who waits for whom, and what happens between plan and return."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.core.duplicates import Duplicates
from gateway.core.errors import WaitingFault
from gateway.core.job import Job
from gateway.core.states import State
from gateway.pipeline import intake
from gateway.pipeline.planning import make_plan
from gateway.pipeline.runner import Runner
from tests.e2e.pages import write_pdf
from tests.pipeline.conftest import House


@pytest.fixture
def returning(house: House) -> House:
    """Return a site whose rule gives earlier results again."""
    (rule,) = house.rulebook.rules
    house.rulebook = replace(house.rulebook, rules=(replace(rule, duplicates=Duplicates.RETURN),))
    return house


def accepted(house: House, name: str) -> Job:
    """Drop, claim and accept one document, always of the same bytes."""
    write_pdf(house.root / "inbox" / f"{name}.pdf", ("one",))
    (candidate,), _ = house.equipment.inboxes["in"].examine()
    (job,) = intake.take(house.equipment, (candidate,))
    return intake.accept(house.equipment, job)


def test_younger_waits_for_older_and_never_the_other_way(returning: House) -> None:
    """Undecided twins wait by age; a decided one lets all others wait; then all are served."""
    runner = Runner(returning.equipment)
    older, younger = sorted((accepted(returning, name) for name in "ab"), key=lambda job: job.id)
    waiting = runner.run(younger)
    assert (waiting.state, waiting.code) == (State.ACCEPTED, "intake.duplicate-under-way")
    planned = make_plan(returning.equipment, older)
    with pytest.raises(WaitingFault):
        make_plan(returning.equipment, waiting)
    assert runner.run(planned).state is State.ARCHIVED
    done = runner.run(waiting)
    assert (done.state, done.same_as, done.code) == (State.ARCHIVED, older.id, "")
    assert len(returning.service.signed) == 1


def test_nobody_waits_for_a_twin_that_is_held(returning: House) -> None:
    """A twin that waits for its service does not let others wait for it."""
    runner = Runner(returning.equipment)
    older, younger = sorted((accepted(returning, name) for name in "ab"), key=lambda job: job.id)
    returning.service.down = True
    assert runner.run(older).code == "service.unreachable"
    assert make_plan(returning.equipment, younger).state is State.PLANNED


def test_result_that_is_lost_after_planning_is_sealed_again(returning: House) -> None:
    """What was to be returned and is gone a moment later is sealed, and said once in the log."""
    runner = Runner(returning.equipment)
    first = runner.run(accepted(returning, "a"))
    again = make_plan(returning.equipment, accepted(returning, "b"))
    for kept in (returning.root / "archive").rglob("*-sealed.pdf"):
        kept.unlink()
    returning.service.down = True
    held = runner.run(runner.run(again))
    assert held.code == "service.unreachable"
    returning.service.down = False
    done = runner.run(held)
    assert (done.state, done.same_as) == (State.ARCHIVED, "")
    (noted,) = returning.ledger.entries(event="result.not-reused")
    told = dict(noted.details)
    assert (told["job"], told["earlier"]) == (done.id, first.id)
    assert "missing" in told["because"]
    assert len(returning.service.signed) == 2
