"""What a visitor does in a contract flow, once or twice: a repeat changes nothing, and is no fault.

Whoever sends a request a second time, because the first answer was lost, gets what he got then;
but only when it is the same that was done, by the same person, on the same document.
"""

from __future__ import annotations

from gateway.console.contracts import FlowSight, Turn
from gateway.core.errors import DocumentFault, UsageFault
from gateway.core.flow_acts import Act, ActKind
from gateway.core.flow_events import FlowEvent, FlowEventKind, FlowState, StepState
from gateway.core.flow_state import StepStatus
from gateway.core.names import display
from gateway.ports import Flow

_GRANTED = frozenset({StepState.RELEASED, StepState.SEALING, StepState.DONE})
_AGREED = frozenset({FlowEventKind.APPROVED, FlowEventKind.RELEASED})


def turn_for(sight: FlowSight, flow: Flow, step: str, *, returns: bool = False) -> Turn:
    """Return the one turn that is meant; raises `UsageFault` (`flow.…`) as an act would."""
    found = [
        turn
        for turn in sight.turns(flow)
        if (not step or turn.step.name == step) and (turn.returns or not returns)
    ]
    if len(found) == 1:
        return found[0]
    if flow.status.state.ended:
        raise UsageFault("flow.ended", flow.status.state.value)
    code = "flow.unknown-step" if found else "flow.not-your-step"
    raise UsageFault(code, ", ".join(turn.step.name for turn in found) or display(step)[:100])


def was_done(flow: Flow, act: Act, story: tuple[FlowEvent, ...]) -> bool:
    """Tell whether the very same act was done before, by the same person.

    Raises `DocumentFault` (`flow.other-document`) when it was done to another document than the
    act names.
    """
    status, actor = flow.status, act.actor.name
    if act.kind is ActKind.WITHDRAW:
        return (status.state, status.ended_by) == (FlowState.WITHDRAWN, actor)
    standing = next((one for one in status.steps if one.name == act.step), StepStatus(""))
    if act.kind is ActKind.DELEGATE:
        return standing.state is StepState.OPEN and standing.parties == (act.to,)
    states = {ActKind.REJECT: frozenset({StepState.REJECTED}), ActKind.APPROVE: _GRANTED}
    if standing.actor != actor or standing.state not in states.get(act.kind, ()):
        return False
    if act.kind is ActKind.APPROVE:
        _check_document(act, story)
    return True


def _check_document(act: Act, story: tuple[FlowEvent, ...]) -> None:
    """Raise `DocumentFault` when the step was agreed to on another document than the act names."""
    agreed = [one for one in story if one.kind in _AGREED and one.step == act.step]
    if act.sha256 and any(one.get("sha256") != act.sha256 for one in agreed):
        raise DocumentFault("flow.other-document", act.step)


def was_returned(flow: Flow, step: str, sha256: str, actor: str) -> bool:
    """Tell whether somebody brought back that very file before, for a step or, without one, any."""
    return any(
        one.sha256 == sha256
        and (not step or one.step == step)
        and flow.status.step(one.step).actor == actor
        for one in flow.status.revisions
        if one.step
    )
