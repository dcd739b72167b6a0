"""Who may do what in a contract flow, when, and how refusals are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.core.errors import DocumentFault, UsageFault
from gateway.core.flow_acts import Act, ActKind, Actor
from gateway.core.flow_deciding import decide
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
from gateway.core.flow_events import FlowState, StepState
from gateway.core.flow_state import FlowStatus, evolve, initial, next_due
from gateway.core.rules import Comparison
from tests.core.flow_definitions import SEAL, sealing

START = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
ANNA = Actor("user:anna", "anna")
PARTIES = (Party("anna", user="anna"), Party("acme"), Party("boss", group="heads"))


class Told:
    """A flow in memory."""

    def __init__(self, definition: FlowDefinition) -> None:
        self.definition = definition
        self.status: FlowStatus = initial(definition)
        self.now = START

    def do(self, kind: ActKind, step: str = "", actor: Actor = ANNA, **more: object) -> list[str]:
        """Do an act; return its events."""
        act = Act(kind, step, actor, **more)  # type: ignore[arg-type]
        events = decide(self.definition, self.status, act, self.now)
        for event in events:
            self.status = evolve(self.status, event)
        return [f"{event.kind} {event.step}".strip() for event in events]


def flow(*stages: Stage, **more: object) -> Told:
    """Begin a flow of some stages."""
    told = Told(FlowDefinition("lease", "lease", PARTIES, stages, seals=(SEAL,), **more))  # type: ignore[arg-type]
    told.do(ActKind.BEGIN, sha256="00", source="a.pdf", fields=(("amount", "5000"),))
    return told


def one(name: str, kind: StepKind = StepKind.APPROVE, party: str = "anna", **more: object) -> Stage:
    """Return a stage of one step."""
    return Stage((Step(name, kind, party, **more),))  # type: ignore[arg-type]


def refused(code: str, told: Told, *arguments: object, **more: object) -> None:
    """Let an act be refused with a code."""
    with pytest.raises((UsageFault, DocumentFault)) as caught:
        told.do(*arguments, **more)  # type: ignore[arg-type]
    assert caught.value.code == code


def test_a_sequence_goes_its_way() -> None:
    """Approval, then a seal by itself, then a signature outside, then the end."""
    told = flow(
        one("read"),
        one("seal", StepKind.SEAL, sealing=sealing("seal")),
        one("sign", StepKind.SIGN_OUTSIDE, "acme"),
    )
    assert told.status.open_parties == ("anna",)
    assert told.do(ActKind.APPROVE, "read") == ["step.approved read", "step.released seal"]
    assert told.do(ActKind.SEAL_BEGIN, "seal", job="j") == ["step.seal-begun seal"]
    assert told.status.job == "j"
    assert told.do(ActKind.SEAL_END, "seal", job="j", sha256="01") == [
        "step.sealed seal",
        "step.opened sign",
    ]
    acme = Actor("party:acme", party="acme")
    assert told.do(ActKind.RETURN, "sign", acme, sha256="02") == [
        "step.returned sign",
        "flow.completed",
    ]
    assert [each.sha256 for each in told.status.revisions] == ["00", "01", "02"]
    refused("flow.ended", told, ActKind.REJECT, "sign", acme, why="late")


def test_only_whose_turn_it_is_may_act() -> None:
    """A person is held against user and group; a folder speaks for its party; others may not."""
    told = flow(one("read", party="boss"))
    refused("flow.not-your-step", told, ActKind.APPROVE, "read")
    stranger = Actor("user:eve", "eve", party="boss")
    refused("flow.not-your-step", told, ActKind.APPROVE, "read", stranger)
    refused("flow.unknown-step", told, ActKind.APPROVE, "write")
    head = Actor("user:hugo", "hugo", frozenset({"heads"}))
    assert told.do(ActKind.APPROVE, "read", head) == ["step.approved read", "flow.completed"]
    assert told.status.step("read").actor == "user:hugo"


def test_a_file_that_is_another_is_not_approved() -> None:
    """An approval names what was seen; only revisions of this flow can be."""
    told = flow(one("read"))
    refused("flow.other-document", told, ActKind.APPROVE, "read", sha256="ff")
    assert told.do(ActKind.APPROVE, "read", sha256="00")


def test_some_of_many_suffice() -> None:
    """With two of three the third is asked no more; one person does not count twice."""
    steps = tuple(Step(name, StepKind.APPROVE, "boss") for name in ("a", "b", "c"))
    told = flow(Stage(steps, 2))
    hugo, iris = (Actor(f"user:{name}", name, frozenset({"heads"})) for name in ("hugo", "iris"))
    told.do(ActKind.APPROVE, "a", hugo)
    refused("flow.same-person", told, ActKind.APPROVE, "b", hugo)
    events = told.do(ActKind.APPROVE, "c", iris)
    assert events == ["step.approved c", "step.skipped b", "flow.completed"]


def test_too_many_noes_end_a_vote() -> None:
    """When two of three cannot be reached any more, the flow is rejected."""
    steps = tuple(Step(name, StepKind.APPROVE, "acme") for name in ("a", "b", "c"))
    told = flow(Stage(steps, 2))
    acme = Actor("party:acme", party="acme")
    assert told.do(ActKind.REJECT, "a", acme, why="no") == ["step.rejected a"]
    assert told.do(ActKind.REJECT, "b", acme, why="no") == ["step.rejected b", "flow.rejected"]


@pytest.mark.parametrize(("sign", "opened"), [(">1000", True), ("<=1000", False)])
def test_conditions_decide_which_steps_there_are(sign: str, opened: bool) -> None:
    """A step whose condition does not hold is left out; a missing field lets nothing begin."""
    condition = Condition("amount", Comparison.parse(sign))
    told = flow(one("board", when=(condition,)), one("read", party="acme"))
    state = StepState.OPEN if opened else StepState.SKIPPED
    assert told.status.step("board").state is state
    fresh = Told(told.definition)
    refused("flow.ticket-field", fresh, ActKind.BEGIN, sha256="00")
    refused("flow.ticket-field", fresh, ActKind.BEGIN, sha256="00", fields=(("amount", "nan"),))


def test_time_reminds_escalates_and_ends() -> None:
    """Each is told once, those missed together as one, and the deadline ends the flow."""
    step = one(
        "read", deadline=100.0, reminders=(60.0, 20.0, 10.0), escalation=Escalation(70.0, "acme")
    )
    told = flow(step)
    assert next_due(told.definition, told.status) == START + timedelta(seconds=40)
    told.now = START + timedelta(seconds=50)
    assert told.do(ActKind.TICK) == ["step.reminded read"]
    assert told.do(ActKind.TICK) == []
    told.now = START + timedelta(seconds=95)
    assert told.do(ActKind.TICK) == ["step.escalated read", "step.reminded read"]
    assert told.status.step("read").parties == ("anna", "acme")
    told.now = START + timedelta(seconds=100)
    assert told.do(ActKind.TICK) == ["step.expired read", "flow.expired"]
    assert next_due(told.definition, told.status) is None


def test_withdrawal_has_its_bounds() -> None:
    """The owner may withdraw as long as the definition says, and nobody else; twice is once."""
    told = flow(
        one("seal", StepKind.SEAL, sealing=sealing("seal")),
        one("read", party="acme"),
        withdrawal=Withdrawal.UNTIL_SIGNED,
    )
    refused("flow.not-withdrawable", told, ActKind.WITHDRAW, actor=Actor("user:eve", "eve"))
    told.do(ActKind.SEAL_BEGIN, "seal", job="j")
    refused("flow.not-withdrawable", told, ActKind.WITHDRAW)
    other = flow(one("read"), withdrawal=Withdrawal.UNTIL_SIGNED)
    assert other.do(ActKind.WITHDRAW, why="no need") == ["flow.withdrawn"]
    assert other.do(ActKind.WITHDRAW, why="no need") == []
    assert other.status.state is FlowState.WITHDRAWN


def test_a_step_is_handed_to_its_delegates_only() -> None:
    """Whose turn it is may hand it on; from then on the other party acts."""
    told = flow(one("read", delegates=("acme",)))
    refused("flow.not-delegable", told, ActKind.DELEGATE, "read", to="boss")
    assert told.do(ActKind.DELEGATE, "read", to="acme") == ["step.delegated read"]
    refused("flow.not-your-step", told, ActKind.APPROVE, "read")
    assert told.do(ActKind.APPROVE, "read", Actor("party:acme", party="acme"))


def test_what_comes_late_does_not_count() -> None:
    """Behind a deadline nothing is accepted, though nobody has looked at the clock since."""
    told = flow(one("read", deadline=100.0, on_expiry=Otherwise.SKIP), one("seal"), deadline=200.0)
    told.now = START + timedelta(seconds=100)
    refused("flow.not-open", told, ActKind.APPROVE, "read")
    assert told.do(ActKind.TICK) == ["step.expired read", "step.opened seal"]
    told.now = START + timedelta(seconds=200)
    refused("flow.ended", told, ActKind.APPROVE, "seal")
    refused("flow.ended", told, ActKind.WITHDRAW)


def test_only_the_job_that_is_waited_for_seals() -> None:
    """What another job says of a seal changes nothing, and a fault is told once."""
    told = flow(one("seal", StepKind.SEAL, sealing=sealing("seal")))
    told.do(ActKind.SEAL_BEGIN, "seal", job="j")
    assert told.do(ActKind.SEAL_END, "seal", job="other", sha256="01") == []
    fault = {"job": "j", "code": "pdf.encrypted"}
    assert told.do(ActKind.SEAL_FAIL, "seal", **fault) == ["step.seal-failed seal"]
    assert told.do(ActKind.SEAL_FAIL, "seal", **fault) == []
    assert told.do(ActKind.SEAL_END, "seal", job="j", sha256="01")[0] == "step.sealed seal"


def test_no_seal_is_begun_behind_the_end_of_the_time() -> None:
    """A seal that was released in time and not begun is not begun when the flow has expired."""
    told = flow(one("seal", StepKind.SEAL, sealing=sealing("seal")), deadline=60.0)
    told.now = START + timedelta(seconds=60)
    assert told.do(ActKind.SEAL_BEGIN, "seal", job="j") == ["flow.expired"]


def test_what_was_done_is_done_once() -> None:
    """The same act again is accepted and changes nothing; another's comes too late."""
    told = flow(one("read", party="boss"), one("sign", StepKind.SIGN_OUTSIDE, "acme"), one("more"))
    hugo, iris = (Actor(f"user:{name}", name, frozenset({"heads"})) for name in ("hugo", "iris"))
    assert told.do(ActKind.APPROVE, "read", hugo)
    assert told.do(ActKind.APPROVE, "read", hugo) == []
    refused("flow.not-open", told, ActKind.APPROVE, "read", iris)
    acme = Actor("party:acme", party="acme")
    assert told.do(ActKind.RETURN, "sign", acme, sha256="01")
    assert told.do(ActKind.RETURN, "sign", acme, sha256="01") == []
    assert told.do(ActKind.REJECT, "more", why="no") == ["step.rejected more", "flow.rejected"]
    assert told.do(ActKind.REJECT, "more", why="no") == []


def test_each_kind_of_step_wants_its_own_act() -> None:
    """A signature is not approved, and an approval is no document that is brought."""
    told = flow(one("read"), one("sign", StepKind.SIGN_OUTSIDE, "acme"))
    refused("flow.not-here", told, ActKind.RETURN, "read", sha256="01")
    told.do(ActKind.APPROVE, "read")
    acme = Actor("party:acme", party="acme")
    refused("flow.not-here", told, ActKind.APPROVE, "sign", acme)


def test_who_keeps_the_site_acts_on_behalf() -> None:
    """An operator acts for the party it names, several beside each other, and for no other one."""
    told = flow(Stage((Step("a", StepKind.APPROVE, "anna"), Step("b", StepKind.APPROVE, "acme"))))
    root = Actor("user:root", "root", party="anna", operator=True)
    refused("flow.not-your-step", told, ActKind.APPROVE, "b", root)
    assert told.do(ActKind.APPROVE, "a", root) == ["step.approved a"]
    assert told.do(ActKind.APPROVE, "b", replace(root, party="acme"))


def test_no_one_of_all_goes_on() -> None:
    """Where all are wanted, the flow waits for the last of them."""
    told = flow(Stage((Step("a", StepKind.APPROVE, "anna"), Step("b", StepKind.APPROVE, "acme"))))
    assert told.do(ActKind.APPROVE, "a") == ["step.approved a"]
    assert told.status.state is FlowState.RUNNING


def test_a_vote_may_be_left_out_as_a_whole() -> None:
    """A condition that holds for none of the votes leaves the vote out."""
    small = (Condition("amount", Comparison.parse("<10")),)
    votes = tuple(Step(name, StepKind.APPROVE, name, when=small) for name in ("anna", "acme"))
    told = flow(Stage(votes, 1), one("read"))
    assert told.status.open_parties == ("anna",)
    assert told.status.step("acme").state is StepState.SKIPPED


def test_silence_and_a_no_have_their_own_consequences() -> None:
    """What a no means says nothing about what silence means."""
    for rejection, expiry in ((Otherwise.SKIP, Otherwise.END), (Otherwise.END, Otherwise.SKIP)):
        wishes = {"on_rejection": rejection, "on_expiry": expiry}
        said_no = flow(one("read", **wishes), one("more"))
        said_no.do(ActKind.REJECT, "read", why="no")
        silent = flow(one("read", deadline=10.0, **wishes), one("more"))
        silent.now = START + timedelta(seconds=10)
        silent.do(ActKind.TICK)
        goes_on = FlowState.RUNNING
        assert said_no.status.state is (FlowState.REJECTED, goes_on)[rejection is Otherwise.SKIP]
        assert silent.status.state is (FlowState.EXPIRED, goes_on)[expiry is Otherwise.SKIP]


def test_a_vote_that_nobody_takes_part_in_expires() -> None:
    """Silence of too many is no rejection."""
    votes = tuple(Step(name, StepKind.APPROVE, name, deadline=10.0) for name in ("anna", "acme"))
    told = flow(Stage(votes, 1))
    told.now = START + timedelta(seconds=10)
    assert told.do(ActKind.TICK) == ["step.expired anna", "step.expired acme", "flow.expired"]


def test_owners_withdraw_as_long_as_the_definition_lets_them() -> None:
    """The party of the owners may, too; never is never; a signature that came back is one."""
    boss = Actor("user:hugo", "hugo", frozenset({"heads"}))
    sign = one("sign", StepKind.SIGN_OUTSIDE, "acme")
    assert flow(one("read"), owners="boss").do(ActKind.WITHDRAW, actor=boss) == ["flow.withdrawn"]
    never = flow(one("read"), withdrawal=Withdrawal.NEVER, owners="boss")
    refused("flow.not-withdrawable", never, ActKind.WITHDRAW, actor=boss)
    signed = flow(sign, one("read"), withdrawal=Withdrawal.UNTIL_SIGNED)
    signed.do(ActKind.RETURN, "sign", Actor("party:acme", party="acme"), sha256="01")
    refused("flow.not-withdrawable", signed, ActKind.WITHDRAW)


def test_evidence_is_made_once_and_not_behind_the_close() -> None:
    """What follows the end happens once each, in its order."""
    told = flow(one("read"))
    assert told.do(ActKind.EVIDENCE_BEGIN, job="e") == []
    told.do(ActKind.APPROVE, "read")
    assert told.do(ActKind.EVIDENCE_BEGIN, job="e") == ["flow.evidence-begun"]
    assert told.do(ActKind.EVIDENCE_BEGIN, job="f") == []
    assert told.do(ActKind.EVIDENCE_END, job="e", sha256="ee") == ["flow.evidence-made"]
    assert told.do(ActKind.EVIDENCE_END, job="e", sha256="ee") == []
    assert told.do(ActKind.CLOSE) == ["flow.closed"]
    assert told.do(ActKind.CLOSE) == []
    bare = flow(one("read"))
    bare.do(ActKind.APPROVE, "read")
    bare.do(ActKind.CLOSE)
    assert bare.do(ActKind.EVIDENCE_BEGIN, job="e") == []
    assert bare.do(ActKind.EVIDENCE_END, job="e", sha256="ee") == []
