"""Playing a flow: chosen acts, time that passes, what is refused, and where it ends."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.core.errors import DocumentFault
from gateway.core.flow_acts import ActKind
from gateway.core.flow_definition import (
    Condition,
    FlowDefinition,
    Otherwise,
    Party,
    Stage,
    Step,
    StepKind,
)
from gateway.core.flow_events import FlowState
from gateway.core.flow_simulating import ChosenAct, Played, Wait, play
from gateway.core.rules import Comparison
from tests.core.flow_definitions import SEAL, definitions, sealing

DAY = 86_400.0
PARTIES = (Party("legal", group="legal"), Party("anna", user="anna"), Party("acme"))


def flow(*stages: Stage, **more: object) -> FlowDefinition:
    """Return a flow of some stages."""
    return FlowDefinition("lease", "lease", PARTIES, stages, seals=(SEAL,), **more)  # type: ignore[arg-type]


def one(name: str, kind: StepKind = StepKind.APPROVE, party: str = "anna", **more: object) -> Stage:
    """Return a stage of one step."""
    return Stage((Step(name, kind, party, **more),))  # type: ignore[arg-type]


def told(played: Played) -> list[str]:
    """Return what happened, and after how many days."""
    return [
        f"{moment.after / DAY:g} {moment.event.kind} {moment.event.step}".strip()
        if moment.event is not None
        else f"{moment.after / DAY:g} refused {moment.fault.code}"  # type: ignore[union-attr]
        for moment in played.moments
    ]


SEQUENCE = flow(
    one("read", StepKind.REVIEW, "legal", deadline=3 * DAY, reminders=(DAY,)),
    one("seal", StepKind.APPROVE, "anna", sealing=sealing("seal")),
    one("sign", StepKind.SIGN_OUTSIDE, "acme", deadline=DAY, on_expiry=Otherwise.SKIP),
)


def test_everybody_agrees() -> None:
    """Without acts a flow goes its whole way, seals and outside signatures included."""
    played = play(SEQUENCE, (), finish=True)
    assert played.status.state is FlowState.COMPLETED
    assert len(played.status.revisions) == 3
    assert not played.refused


def test_time_tells_everything_at_its_moment() -> None:
    """What falls due while nobody acts happens when it is due, not at the end of the wait."""
    script = (Wait(2.5 * DAY), ChosenAct.parse("read approve"), ChosenAct.parse("seal approve"))
    played = play(SEQUENCE, (*script, Wait(9 * DAY)))
    assert told(played) == [
        "0 flow.begun",
        "0 step.opened read",
        "2 step.reminded read",
        "2.5 step.approved read",
        "2.5 step.opened seal",
        "2.5 step.released seal",
        "2.5 step.seal-begun seal",
        "2.5 step.sealed seal",
        "2.5 step.opened sign",
        "3.5 step.expired sign",
        "3.5 flow.completed",
    ]


def test_what_may_not_be_done_is_told_and_the_rest_goes_on() -> None:
    """A refused act is part of the path; one that is nobody's, too."""
    acts = ("seal approve", "read approve by acme", "read approve by eve", "write approve")
    script = [ChosenAct.parse(act) for act in (*acts, "read reject because no", "withdraw")]
    played = play(SEQUENCE, script)
    assert told(played)[2:] == [
        "0 refused flow.not-open",
        "0 refused flow.not-your-step",
        "0 refused flow.not-your-step",
        "0 refused flow.unknown-step",
        "0 step.rejected read",
        "0 flow.rejected",
        "0 refused flow.ended",
    ]
    assert played.refused
    assert played.status.why == "read: no"


def test_of_a_group_others_act_of_one_person_nobody() -> None:
    """Two steps of one group are done by two people; two of one folder are not."""
    for party, state in (("legal", FlowState.COMPLETED), ("acme", FlowState.RUNNING)):
        steps = tuple(Step(name, StepKind.APPROVE, party) for name in ("a", "b"))
        played = play(flow(Stage(steps)), (), finish=True)
        assert played.status.state is state
        assert played.refused is (state is FlowState.RUNNING)


def test_fields_decide() -> None:
    """Fields of the ticket that is thought of decide which steps there are."""
    condition = Condition("amount", Comparison.parse(">1000"))
    definition = flow(one("board", when=(condition,)), one("read"))
    played = play(definition, (), (("amount", "10"),), finish=True)
    assert "0 step.skipped board" in told(played)
    with pytest.raises(DocumentFault):
        play(definition, ())


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("a approve", (ActKind.APPROVE, "a", "", "", "")),
        ("a return by acme", (ActKind.RETURN, "a", "acme", "", "")),
        ("a delegate to b by c because of by", (ActKind.DELEGATE, "a", "c", "b", "of by")),
        ("withdraw because no need", (ActKind.WITHDRAW, "", "", "", "no need")),
    ],
)
def test_acts_as_written(written: str, meant: tuple[ActKind, str, str, str, str]) -> None:
    """An act is one line of plain words."""
    act = ChosenAct.parse(written)
    assert (act.kind, act.step, act.party, act.to, act.why) == meant


@pytest.mark.parametrize(
    "written", ["", "a", "a agree", "a approve by", "a approve of b", "approve"]
)
def test_no_acts(written: str) -> None:
    """Anything else is refused with how to write it."""
    with pytest.raises(ValueError, match=r"write STEP|by PARTY"):
        ChosenAct.parse(written)


@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    definition=definitions(),
    amount=st.sampled_from(["1", "100"]),
    wait=st.sampled_from([0.0, 20.0, 600.0]),
)
def test_every_flow_can_be_played(definition: FlowDefinition, amount: str, wait: float) -> None:
    """It comes to its end, or tells who cannot act; its story has an order."""
    played = play(definition, (Wait(wait),), (("amount", amount),), finish=True)
    assert played.status.state.ended or played.refused
    times = [moment.after for moment in played.moments]
    assert times == sorted(times)
