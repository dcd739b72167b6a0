"""Random contract flows, and small ones made by hand."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from gateway.core.flow_definition import (
    Condition,
    Escalation,
    FlowDefinition,
    Otherwise,
    Party,
    Stage,
    Step,
    StepKind,
    Withdrawal,
)
from gateway.core.places import AtCorner, Place
from gateway.core.rules import Comparison, Level, Profile, Rule, Seal

PARTIES = tuple(
    Party(name, user=user, group=group)
    for name, user, group in (
        ("anna", "anna", ""),
        ("board", "", "board"),
        ("acme", "", ""),
        ("boss", "boss", ""),
    )
)
NAMES = tuple(party.name for party in PARTIES)
SEAL = Seal("company", "ab" * 32, 100.0, 100.0, "service")


def sealing(name: str, level: Level = Level.B_B) -> Rule:
    """Return how a step seals."""
    return Rule(name, "flow.test", "company", (Place(AtCorner()),), profile=Profile(level))


@st.composite
def steps(draw: st.DrawFn, name: str, *, alone: bool) -> Step:
    """Draw one step; only one that is alone in its stage may be signed outside."""
    kinds = [StepKind.SEAL, StepKind.APPROVE, StepKind.REVIEW]
    kind = draw(st.sampled_from([*kinds, StepKind.SIGN_OUTSIDE] if alone else kinds))
    seals = kind is StepKind.SEAL or (kind is StepKind.APPROVE and draw(st.booleans()))
    deadline = draw(st.none() | st.sampled_from([10.0, 50.0, 500.0]))
    reminders: tuple[float, ...] = ()
    if deadline is not None:
        drawn = draw(st.lists(st.integers(1, int(deadline) - 1), max_size=3, unique=True))
        reminders = tuple(sorted(map(float, drawn), reverse=True))
    escalation = draw(st.none() | st.builds(Escalation, st.just(5.0), st.sampled_from(NAMES)))
    condition = Condition("amount", Comparison.parse(draw(st.sampled_from([">10", "<=10"]))))
    return Step(
        name,
        kind,
        draw(st.sampled_from(NAMES)),
        when=(condition,) if alone and draw(st.booleans()) else (),
        deadline=deadline,
        reminders=reminders,
        delegates=draw(st.sampled_from([(), NAMES[:2], NAMES[2:]])),
        escalation=escalation,
        on_rejection=draw(st.sampled_from(Otherwise)),
        on_expiry=draw(st.sampled_from(Otherwise)),
        sealing=sealing(name, draw(st.sampled_from(Level))) if seals else None,
    )


@st.composite
def definitions(draw: st.DrawFn) -> FlowDefinition:
    """Draw a definition with up to four stages."""
    stages = []
    for number in range(draw(st.integers(1, 4))):
        size = draw(st.integers(1, 3))
        inside = tuple(draw(steps(f"s{number}{one}", alone=size == 1)) for one in range(size))
        if size > 1 and draw(st.booleans()):
            condition = Condition(
                "amount", Comparison.parse(draw(st.sampled_from([">10", "<=10"])))
            )
            inside = tuple(replace(step, when=(condition,)) for step in inside)
        quorum = draw(st.none() | st.integers(1, size)) if size > 1 else None
        stages.append(Stage(inside, quorum))
    return FlowDefinition(
        "test",
        "test",
        PARTIES,
        tuple(stages),
        deadline=draw(st.none() | st.sampled_from([100.0, 3000.0])),
        withdrawal=draw(st.sampled_from(Withdrawal)),
        owners=draw(st.sampled_from(["", "boss"])),
        seals=(SEAL,),
        level=draw(st.none() | st.sampled_from([Level.B_LT, Level.B_LTA])),
    )
