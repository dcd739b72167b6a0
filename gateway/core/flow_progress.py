"""How far a contract flow has come: which stages are complete, and what its document lacks then."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.core.flow_definition import FlowDefinition, Stage
from gateway.core.flow_events import FlowState, StepState
from gateway.core.flow_state import FlowStatus, StepStatus
from gateway.core.rules import Level

_BUSY = frozenset({StepState.RELEASED, StepState.SEALING})
_RANKS = tuple(Level)
"""From the least to the most."""


def complete(stage: Stage, standing: Sequence[StepStatus]) -> bool:
    """Tell whether the flow may go on behind a stage."""
    states = [one.state for one in standing]
    if any(state in _BUSY for state in states):
        return False
    if all(state is StepState.SKIPPED for state in states):
        return True
    if stage.quorum is not None:
        return states.count(StepState.DONE) >= stage.quorum
    return not {StepState.OPEN, StepState.PENDING} & set(states)


def wanted_level(definition: FlowDefinition, status: FlowStatus) -> Level | None:
    """Return the long-term level that a contract is to have at the end; None when it needs none.

    It is what the definition says, or the highest of the seals that were put on.
    """
    if definition.level is not None:
        return definition.level
    done = (definition.step(one.name).sealing for one in status.at(StepState.DONE))
    levels = [rule.profile.level for rule in done if rule is not None]
    return max((one for one in levels if one.long_term), key=_RANKS.index, default=None)


def lacking_level(definition: FlowDefinition, status: FlowStatus) -> Level | None:
    """Return the level to which a document has yet to be extended before its flow is completed.

    None while somebody has something to do, when the last signature has brought the level, when
    nothing was signed in the flow, and when it was tried.
    """
    if status.state is not FlowState.RUNNING or status.extension_over:
        return None
    for stage in definition.stages:
        if not complete(stage, [status.step(step.name) for step in stage.steps]):
            return None
    level, last = wanted_level(definition, status), status.revisions[-1].step
    if level is None or not last:
        return None
    rule = definition.step(last).sealing
    brought = rule is not None and _RANKS.index(rule.profile.level) >= _RANKS.index(level)
    return None if brought else level
