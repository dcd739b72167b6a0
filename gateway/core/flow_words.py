"""What a contract flow's parts are called where people see them: drawings, tables, notes."""

from __future__ import annotations

from gateway.core.flow_definition import Condition, FlowDefinition, Otherwise, Stage, Step, StepKind
from gateway.core.flow_events import StepState
from gateway.core.flow_state import FlowStatus, StepStatus

_UNITS = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))
_DOES = {
    StepKind.SEAL: "by itself",
    StepKind.APPROVE: "approves",
    StepKind.SIGN_OUTSIDE: "signs outside",
    StepKind.REVIEW: "reviews",
}
_STANDS = {
    StepState.OPEN: "waits",
    StepState.RELEASED: "waits for its seal",
    StepState.SEALING: "is being sealed",
    StepState.DONE: "done",
    StepState.SKIPPED: "skipped",
    StepState.REJECTED: "rejected",
    StepState.EXPIRED: "expired",
}


def spelt(seconds: float) -> str:
    """Write a duration as definitions do, its two largest units: `1d 12h`."""
    left, parts = max(0, round(seconds)), []
    for unit, size in _UNITS:
        if left >= size:
            parts.append(f"{left // size}{unit}")
            left %= size
    return " ".join(parts[:2]) or "0s"


def condition_words(when: tuple[Condition, ...]) -> tuple[str, ...]:
    """Return when a step is there, a line for each condition; none for always."""
    return tuple(
        f"{'and' if number else 'if'} {_condition(one)}" for number, one in enumerate(when)
    )


def _condition(condition: Condition) -> str:
    if condition.comparison is not None:
        sign = condition.comparison.sign
        return f"{condition.field} {sign} {condition.comparison.written.lstrip('<>=! ')}"
    return f"{condition.field} is {' or '.join(condition.words)}"


def does_words(step: Step) -> str:
    """Return what a step's party does, and which signature that adds."""
    added = ""
    if step.sealing is not None:
        added = f": {step.sealing.seal}, {step.sealing.profile.level.value}"
    elif step.field:
        added = f" in field {step.field}"
    return _DOES[step.kind] + added


def time_words(step: Step) -> str:
    """Return how long a step may take, and what then; empty where nothing is said."""
    skips = [
        word
        for word, wish in (("a no", step.on_rejection), ("silence", step.on_expiry))
        if wish is Otherwise.SKIP and step.kind.wants_act
    ]
    skipped = f"{' or '.join(skips)} skips it" if skips else ""
    within = f"within {spelt(step.deadline)}" if step.deadline is not None else ""
    return "; ".join(part for part in (within, skipped) if part)


def stage_words(stage: Stage) -> str:
    """Return how many of a stage's steps are wanted; empty for one alone."""
    if len(stage.steps) == 1:
        return ""
    wanted = f"{stage.quorum} of {len(stage.steps)}" if stage.quorum else "all at once"
    return f"{stage.name}: {wanted}" if stage.name else wanted


def standing_words(status: FlowStatus, step: StepStatus) -> str:
    """Return where a step stands, by whom and how long after the flow's beginning."""
    said = _STANDS.get(step.state, "")
    if not said:
        return ""
    since = step.at - status.begun if step.at is not None and status.begun is not None else None
    after = f" after {spelt(since.total_seconds())}" if since and since.total_seconds() else ""
    kind, _, name = step.actor.partition(":")
    acted = step.state in (StepState.DONE, StepState.REJECTED) and kind == "user"
    return f"{said}{after}{f', {name}' if acted else ''}"


def terms_words(definition: FlowDefinition) -> str:
    """Return the terms of a flow as a whole, in one line."""
    parts = [f"inbox {definition.inbox}"]
    if definition.deadline is not None:
        parts.append(f"within {spelt(definition.deadline)}")
    parts.append(f"withdrawal {definition.withdrawal.value}")
    if definition.evidence is not None:
        parts.append(f"evidence sealed with {definition.evidence.seal}")
    return " · ".join(parts)
