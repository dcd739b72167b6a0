"""What roles, permissions and states are called on pages."""

from __future__ import annotations

from gateway.console.words import noted
from gateway.core.flow_definition import StepKind
from gateway.core.flow_events import FlowState, StepState
from gateway.core.log_query import LogOutcome
from gateway.core.people import Permission, Role
from gateway.core.states import State

ROLES = {
    Role.ADMINISTRATOR: noted("Administrator"),
    Role.SEAL_KEEPER: noted("Seal keeper"),
    Role.CONTRACT_OWNER: noted("Contract owner"),
    Role.APPROVER: noted("Approver"),
    Role.OPERATOR: noted("Operator"),
    Role.AUDITOR: noted("Auditor"),
    Role.SUBMITTER: noted("Submitter"),
}
PERMISSIONS = {
    Permission.SUBMIT: noted("submit documents, and see one's own"),
    Permission.SEE_DOCUMENTS: noted("see everybody's documents"),
    Permission.WORK_DOCUMENTS: noted("retry documents, end holds"),
    Permission.DECIDE_USES: noted("approve or reject uses of seals"),
    Permission.SEE_SEALS: noted("see seals"),
    Permission.KEEP_SEALS: noted("add, grant, change and revoke seals"),
    Permission.SEE_RULES: noted("see rules"),
    Permission.EDIT_RULES: noted("change rules"),
    Permission.SEE_SERVICES: noted("see services"),
    Permission.WORK_SERVICES: noted("test services, keep quotas"),
    Permission.SEE_LOG: noted("search, export and verify the signing log"),
    Permission.OWN_FLOWS: noted("begin and withdraw contract flows"),
    Permission.MANAGE_PEOPLE: noted("manage users and groups"),
    Permission.VERIFY: noted("have signatures of any PDF validated"),
}
STATES = {
    State.CLAIMED: noted("taken"),
    State.ACCEPTED: noted("read"),
    State.PLANNED: noted("planned"),
    State.FLOWING: noted("in a flow"),
    State.PREPARED: noted("prepared"),
    State.SENT: noted("being signed"),
    State.SIGNED: noted("signed"),
    State.TIMESTAMPED: noted("time-stamped"),
    State.PROVEN: noted("proof collected"),
    State.EXTENDED: noted("extended"),
    State.SEALED: noted("sealed"),
    State.VERIFIED: noted("verified"),
    State.DELIVERED: noted("delivered"),
    State.ARCHIVED: noted("done"),
    State.FAILING: noted("failing"),
    State.FAILED: noted("failed"),
    State.VOID: noted("withdrawn"),
}
OUTCOMES = {
    LogOutcome.DELIVERED: noted("delivered"),
    LogOutcome.FAILED: noted("failed"),
    LogOutcome.HELD: noted("held"),
    LogOutcome.REFUSED: noted("refused"),
    LogOutcome.UNANSWERED: noted("unanswered"),
    LogOutcome.EXPIRED: noted("expired"),
    LogOutcome.WITHDRAWN: noted("withdrawn"),
}
REASONS = (
    noted("waits for a manifest that lists it"),
    noted("waits for its ticket"),
    noted("has two tickets: one of them must go"),
    noted("is paused by .hold"),
)
"""Why a document is left in its inbox, as the pipeline says it."""
WEEKDAYS = (
    *(noted("Mon"), noted("Tue"), noted("Wed"), noted("Thu")),
    *(noted("Fri"), noted("Sat"), noted("Sun")),
)
FLOW_STATES = {
    FlowState.NEW: noted("new"),
    FlowState.RUNNING: noted("running"),
    FlowState.COMPLETED: noted("completed"),
    FlowState.REJECTED: noted("rejected"),
    FlowState.EXPIRED: noted("expired"),
    FlowState.WITHDRAWN: noted("called off"),
}
STEP_STATES = {
    StepState.PENDING: noted("to come"),
    StepState.OPEN: noted("waits for its party"),
    StepState.RELEASED: noted("released"),
    StepState.SEALING: noted("being sealed"),
    StepState.DONE: noted("done"),
    StepState.SKIPPED: noted("left out"),
    StepState.REJECTED: noted("rejected"),
    StepState.EXPIRED: noted("expired"),
}
STEP_KINDS = {
    StepKind.SEAL: noted("seal, by itself"),
    StepKind.APPROVE: noted("approval"),
    StepKind.SIGN_OUTSIDE: noted("signature with one's own tool"),
    StepKind.REVIEW: noted("review"),
}
