"""Judging a flow's story event by event, in other words than the deciding code has.

What is judged: who acted, whether it was that step's turn, what had to be there before, and that
nothing comes behind the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from gateway.core.flow_definition import (
    FlowDefinition,
    Otherwise,
    Stage,
    Step,
    StepKind,
    Withdrawal,
)
from gateway.core.flow_events import FlowEvent, FlowEventKind

K = FlowEventKind
ENDS = (K.COMPLETED, K.REJECTED, K.EXPIRED, K.WITHDRAWN)
DONE = (K.APPROVED, K.RETURNED, K.SEALED)
EXTENDING = (K.EXTENSION_BEGUN, K.EXTENSION_FAILED, K.EXTENDED)
ACTED = (K.APPROVED, K.RELEASED, K.RETURNED, K.STEP_REJECTED, K.DELEGATED)
SPEAKS = {
    "user:anna": ("anna", "board"),
    "user:bert": ("board",),
    "user:boss": ("boss",),
    "user:mallory": (),
    "user:owner": (),
    "user:root": ("acme",),
    "party:anna": ("anna",),
    "party:board": ("board",),
    "party:acme": ("acme",),
    "party:boss": ("boss",),
}
"""For which parties of `flow_definitions` somebody may act."""
OPERATORS = ("user:root",)


def judge(definition: FlowDefinition, before: Sequence[FlowEvent], event: FlowEvent) -> None:
    """Fail when an event could not follow those before it."""
    ends = [one for one in before if one.kind in ENDS]
    if ends:
        assert event.kind in (K.HANDED_OUT, K.EVIDENCE_BEGUN, K.EVIDENCE_MADE, K.CLOSED)
        assert event.kind is K.CLOSED or ends[0].kind is K.COMPLETED
        assert all(one.kind not in (event.kind, K.CLOSED) for one in before)
        return
    if event.kind.of_step:
        _judge_step(definition, definition.step(event.step), before, event)
    elif event.kind is K.BEGUN:
        assert not before
    elif event.kind is K.WITHDRAWN:
        _judge_withdrawal(definition, before, event)
    elif event.kind is K.COMPLETED:
        assert all(satisfied(definition, stage, before) for stage in definition.stages)
        _judge_level(definition, before)
    elif event.kind in EXTENDING:
        _judge_extending(definition, before, event)
    else:
        _judge_end(definition, before, event)


def judge_rest(definition: FlowDefinition, events: Sequence[FlowEvent]) -> None:
    """Fail when what has to follow from the last act did not: one no ends what it should end."""
    if any(one.kind in ENDS for one in events):
        return
    for stage in definition.stages:
        names = {step.name for step in stage.steps}
        granted = {one.step for one in events if one.kind in (K.RELEASED, *DONE)} & names
        if stage.quorum is not None and len(granted) >= stage.quorum:
            assert not any(_is_open(events, name) for name in names), "asked though it is enough"
        for step in stage.steps if stage.quorum is None else ():
            for kind, wish in (
                (K.STEP_REJECTED, step.on_rejection),
                (K.STEP_EXPIRED, step.on_expiry),
            ):
                happened = _when(events, step, kind) is not None
                assert not (happened and wish is Otherwise.END), f"{step.name} ended nothing"


def satisfied(definition: FlowDefinition, stage: Stage, before: Sequence[FlowEvent]) -> bool:
    """Tell whether a stage has what it needs."""
    names = {step.name for step in stage.steps}
    done = {one.step for one in before if one.kind in DONE} & names
    skipped = {one.step for one in before if one.kind is K.SKIPPED} & names
    if names == skipped:
        return True
    if stage.quorum is not None:
        return len(done) >= stage.quorum
    waived = {
        step.name
        for step in stage.steps
        if (
            step.on_rejection is Otherwise.SKIP and _when(before, step, K.STEP_REJECTED) is not None
        )
        or (step.on_expiry is Otherwise.SKIP and _when(before, step, K.STEP_EXPIRED) is not None)
    }
    return names == done | skipped | waived


def _judge_step(
    definition: FlowDefinition, step: Step, before: Sequence[FlowEvent], event: FlowEvent
) -> None:
    number = definition.stage_of(step.name)
    for stage in definition.stages[:number]:
        assert satisfied(definition, stage, before), "not its turn"
    if event.kind in ACTED and event.actor != "sealgate":
        _judge_act(definition, step, before, event)
    if event.kind in (K.OPENED, K.RELEASED, K.SKIPPED):
        _judge_opening(definition, step, before, event)
    if event.kind is K.SEAL_BEGUN:
        begun = [one.step for one in before if one.kind is K.SEAL_BEGUN]
        assert len(begun) == sum(one.kind is K.SEALED for one in before), "two seals at once"
        assert _when(before, step, K.RELEASED) is not None
        assert event.get("sha256") == _revisions(before)[-1]
    if event.kind in (K.SEALED, K.SEAL_FAILED):
        jobs = [
            one.get("job") for one in before if (one.kind, one.step) == (K.SEAL_BEGUN, step.name)
        ]
        assert [event.get("job")] == jobs, "a job that nobody waits for"
    if event.kind in (K.SEALED, K.RETURNED):
        assert event.get("sha256") not in _revisions(before)
    if event.kind is K.REMINDED:
        due, told = _due(before, step), int(event.get("number"))
        assert due is not None
        assert event.at >= due - timedelta(seconds=step.reminders[told - 1])
    if event.kind is K.ESCALATED:
        opened = _when(before, step, K.OPENED)
        assert opened is not None
        assert step.escalation is not None
        assert event.at >= opened.at + timedelta(seconds=step.escalation.after)
        assert _when(before, step, K.ESCALATED) is None
    if event.kind is K.STEP_EXPIRED:
        due = _due(before, step)
        assert due is not None
        assert event.at >= due


def _judge_act(
    definition: FlowDefinition, step: Step, before: Sequence[FlowEvent], event: FlowEvent
) -> None:
    """Judge what a person did: it was asked for it, in time, and counts once."""
    assert _is_open(before, step.name), "acted though nobody was asked"
    assert set(SPEAKS[event.actor]) & set(_asked(before, step)), "not whose turn it is"
    for due in (_due(before, step), before[0].moment("due")):
        assert due is None or event.at < due, "acted too late"
    if event.kind is K.DELEGATED:
        assert event.get("to") in step.delegates
        return
    outside = step.kind is StepKind.SIGN_OUTSIDE
    assert (event.kind is K.RETURNED) == (outside and event.kind is not K.STEP_REJECTED)
    if event.kind in (K.APPROVED, K.RELEASED):
        assert (event.kind is K.RELEASED) == (step.sealing is not None)
        assert event.get("sha256") in _revisions(before), "approved what is not of this flow"
    if event.kind in (K.APPROVED, K.RELEASED) and event.actor not in OPERATORS:
        beside = {one.name for one in definition.stages[definition.stage_of(step.name)].steps}
        acted = [
            one for one in before if one.step in beside and one.kind in (K.APPROVED, K.RELEASED)
        ]
        assert event.actor not in {one.actor for one in acted}, "one person counts twice"


def _judge_opening(
    definition: FlowDefinition, step: Step, before: Sequence[FlowEvent], event: FlowEvent
) -> None:
    """Judge whether a step was opened, released by itself or left out for good reasons."""
    fields = {key.removeprefix("field."): value for key, value in before[0].details}
    wanted = all(one.holds(fields) for one in step.when)
    if _when(before, step, K.OPENED) is None:
        assert wanted == (event.kind is not K.SKIPPED)
        assert (step.kind is StepKind.SEAL) == (event.kind is K.RELEASED) or not wanted
        return
    assert event.kind is not K.OPENED, "opened twice"
    if event.kind is K.SKIPPED:
        stage = definition.stages[definition.stage_of(step.name)]
        names = {one.name for one in stage.steps}
        granted = {one.step for one in before if one.kind in (K.RELEASED, *DONE)} & names
        assert stage.quorum is not None
        assert len(granted) >= stage.quorum, "skipped though it is needed"


def _judge_extending(
    definition: FlowDefinition, before: Sequence[FlowEvent], event: FlowEvent
) -> None:
    """Judge whether it was time to extend a document, by the one job, once."""
    assert all(satisfied(definition, stage, before) for stage in definition.stages)
    jobs = [one.get("job") for one in before if one.kind is K.EXTENSION_BEGUN]
    assert all(one.kind is K.EXTENSION_BEGUN for one in before if one.kind in EXTENDING)
    if event.kind is K.EXTENSION_BEGUN:
        assert not jobs
        assert event.get("sha256") == _revisions(before)[-1]
        return
    due = before[0].moment("due")
    late = event.get("code") == "flow.not-extended" and due is not None and event.at >= due
    assert jobs == [event.get("job")] or late
    assert (event.get("sha256") not in _revisions(before)) or event.kind is K.EXTENSION_FAILED


def _judge_level(definition: FlowDefinition, before: Sequence[FlowEvent]) -> None:
    """Judge whether a contract is of the level that it should have, or could not get it."""
    signed = [one for one in before if one.kind in (K.SEALED, K.RETURNED)]
    levels = [definition.level] if definition.level is not None else []
    sealed = [definition.step(one.step) for one in signed if one.kind is K.SEALED]
    levels = levels or [one.sealing.profile.level for one in sealed if one.sealing is not None]
    wanted = max((one.value for one in levels if one.long_term), key=len, default="")
    tried = any(one.kind in (K.EXTENSION_FAILED, K.EXTENDED) for one in before)
    last = definition.step(signed[-1].step).sealing if signed else None
    brought = last is not None and len(last.profile.level.value) >= len(wanted)
    assert tried == bool(wanted and signed and not brought)


def _judge_withdrawal(
    definition: FlowDefinition, before: Sequence[FlowEvent], event: FlowEvent
) -> None:
    owns = f"user:{before[0].get('owner')}" == event.actor or event.actor in OPERATORS
    assert owns or definition.owners in SPEAKS[event.actor]
    assert definition.withdrawal is not Withdrawal.NEVER
    signed = any(one.kind in (K.SEAL_BEGUN, K.RETURNED) for one in before)
    assert not (signed and definition.withdrawal is Withdrawal.UNTIL_SIGNED)


def _judge_end(definition: FlowDefinition, before: Sequence[FlowEvent], event: FlowEvent) -> None:
    """Judge a rejection or an expiry of the whole flow."""
    due = before[0].moment("due")
    if event.kind is K.EXPIRED and due is not None and event.at >= due:
        return
    last = before[-1]
    assert last.kind is (K.STEP_REJECTED if event.kind is K.REJECTED else K.STEP_EXPIRED) or (
        _lost(definition, before)
    )
    stage = definition.stages[definition.stage_of(last.step)]
    if stage.quorum is not None:
        assert _lost(definition, before), "ended though enough could still agree"
        said_no = any(_when(before, step, K.STEP_REJECTED) for step in stage.steps)
        assert (event.kind is K.REJECTED) == said_no
    else:
        step = definition.step(last.step)
        wish = step.on_rejection if last.kind is K.STEP_REJECTED else step.on_expiry
        assert wish is Otherwise.END


def _lost(definition: FlowDefinition, before: Sequence[FlowEvent]) -> bool:
    """Tell whether the latest stage can no longer reach its quorum."""
    stage = definition.stages[definition.stage_of(before[-1].step)]
    names = [step.name for step in stage.steps]
    lost = {one.step for one in before if one.kind in (K.STEP_REJECTED, K.STEP_EXPIRED, K.SKIPPED)}
    return stage.quorum is not None and len(set(names) - lost) < stage.quorum


def _when(before: Sequence[FlowEvent], step: Step, kind: FlowEventKind) -> FlowEvent | None:
    return next((one for one in before if (one.kind, one.step) == (kind, step.name)), None)


def _due(before: Sequence[FlowEvent], step: Step) -> datetime | None:
    opened = _when(before, step, K.OPENED)
    return None if opened is None else opened.moment("due")


def _is_open(before: Sequence[FlowEvent], name: str) -> bool:
    own = [one.kind for one in before if one.step == name]
    closed = (*DONE, K.RELEASED, K.SKIPPED, K.STEP_REJECTED, K.STEP_EXPIRED)
    return K.OPENED in own and not set(own) & set(closed)


def _asked(before: Sequence[FlowEvent], step: Step) -> tuple[str, ...]:
    """Return the parties that were asked, after all that was handed over."""
    asked = (step.party,)
    for one in before:
        if one.step == step.name and one.kind is K.DELEGATED:
            asked = (one.get("to"),)
        if one.step == step.name and one.kind is K.ESCALATED:
            asked = (*asked, one.get("to"))
    return asked


def _revisions(before: Sequence[FlowEvent]) -> list[str]:
    made = (K.BEGUN, K.SEALED, K.RETURNED, K.EXTENDED)
    return [one.get("sha256") for one in before if one.kind in made]
