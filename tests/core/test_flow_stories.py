"""Random acts at random flows: duplicates, late ones, ones out of order, and crashes in between."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gateway.core.errors import DocumentFault, UsageFault
from gateway.core.flow_acts import Act, ActKind, Actor
from gateway.core.flow_deciding import decide
from gateway.core.flow_definition import FlowDefinition, Otherwise, StepKind
from gateway.core.flow_events import FlowEvent, FlowEventKind, FlowState, StepState
from gateway.core.flow_state import evolve, initial, next_due, replay
from tests.core.flow_definitions import NAMES, definitions

START = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
K = FlowEventKind
ENDS = {K.COMPLETED, K.REJECTED, K.EXPIRED, K.WITHDRAWN}
ACTORS = (
    Actor("user:anna", "anna", frozenset({"board"})),
    Actor("user:bert", "bert", frozenset({"board"})),
    Actor("user:boss", "boss"),
    Actor("user:mallory", "mallory"),
    *(Actor(f"party:{name}", party=name) for name in NAMES),
    Actor("user:root", "root", party="acme", operator=True),
)
HUMAN = (ActKind.APPROVE, ActKind.RETURN, ActKind.REJECT, ActKind.DELEGATE, ActKind.WITHDRAW)
STEPS = [f"s{stage}{step}" for stage in range(4) for step in range(3)]


class FlowStory(RuleBasedStateMachine):
    """One flow, at which anything is thrown by anybody in any order."""

    @initialize(definition=definitions(), amount=st.sampled_from(["1", "100"]))
    def begin(self, definition: FlowDefinition, amount: str) -> None:
        """Begin a flow; its pinned definition is what comes back from JSON."""
        self.definition = FlowDefinition.from_json(definition.to_json())
        assert self.definition.sha256 == definition.sha256
        self.now = START
        self.events: list[FlowEvent] = []
        self.status = initial(definition)
        self.acts: list[Act] = []
        self.jobs = 0
        actor = Actor("user:owner", "owner")
        begin = Act(
            ActKind.BEGIN, actor=actor, sha256="00", source="a.pdf", fields=(("amount", amount),)
        )
        self._do(begin)
        assert self.status.state is not FlowState.NEW

    def _do(self, act: Act) -> None:
        """Do an act, twice: the second time must change nothing."""
        self.acts.append(act)
        try:
            events = decide(self.definition, self.status, act, self.now)
        except (UsageFault, DocumentFault):
            return
        for event in events:
            self.status = evolve(self.status, event)
        self.events += events
        # A step that was handed over, or skipped since, waits for others now.
        with suppress(UsageFault):
            assert decide(self.definition, self.status, act, self.now) == ()

    @rule(
        kind=st.sampled_from(HUMAN),
        step=st.sampled_from(STEPS),
        actor=st.sampled_from(ACTORS),
        to=st.sampled_from(NAMES),
        sha256=st.sampled_from(["", "00", "bad"]),
    )
    def act(self, kind: ActKind, step: str, actor: Actor, to: str, sha256: str) -> None:
        """Anybody does anything."""
        sha256 = f"r{len(self.events)}" if kind is ActKind.RETURN else sha256
        self._do(Act(kind, step, actor, why="because", sha256=sha256, to=to))

    @rule(data=st.data(), reject=st.integers(0, 5).map(lambda number: number == 5))
    def fitting_act(self, data: st.DataObject, reject: bool) -> None:
        """Somebody whose turn it is does what is asked, so that flows go on."""
        waiting = self.status.at(StepState.OPEN)
        if not waiting or self.status.state is not FlowState.RUNNING:
            return
        step = data.draw(st.sampled_from(waiting))
        party = data.draw(st.sampled_from(step.parties))
        outside = self.definition.step(step.name).kind is StepKind.SIGN_OUTSIDE
        kind = ActKind.REJECT if reject else ActKind.RETURN if outside else ActKind.APPROVE
        actor = Actor(f"party:{party}", party=party)
        sha256 = f"r{len(self.events)}" if kind is ActKind.RETURN else ""
        self._do(Act(kind, step.name, actor, "because", sha256))

    @rule(data=st.data())
    def fitting_acts(self, data: st.DataObject) -> None:
        """Some people do what is asked, one after the other, and the seals keep up."""
        for _ in range(4):
            self.fitting_act(data, reject=data.draw(st.integers(0, 9)) == 9)
            self.seal(begin=True, ends=True)

    @rule(seconds=st.sampled_from([0, 1, 3, -500, 30, 300]))
    def time_passes(self, seconds: int) -> None:
        """The clock goes on, or is set back."""
        self.now += timedelta(seconds=seconds)
        self._do(Act(ActKind.TICK))
        due = next_due(self.definition, self.status)
        assert due is None or due > self.now

    @rule(begin=st.booleans(), ends=st.booleans())
    def seal(self, begin: bool, ends: bool) -> None:
        """The pipeline begins a seal, or ends one, or fails."""
        if begin:
            for step in self.status.at(StepState.RELEASED):
                self.jobs += 1
                self._do(Act(ActKind.SEAL_BEGIN, step.name, job=f"job{self.jobs}"))
        for step in self.status.at(StepState.SEALING):
            if ends:
                sealed = f"v{self.jobs}"
                self._do(Act(ActKind.SEAL_END, step.name, job=step.job, sha256=sealed))
            else:
                self._do(Act(ActKind.SEAL_FAIL, step.name, job=step.job, code="pdf.encrypted"))

    @rule(data=st.data())
    def again(self, data: st.DataObject) -> None:
        """Something that was done before comes once more, late."""
        self._do(data.draw(st.sampled_from(self.acts)))

    @rule(kind=st.sampled_from([ActKind.EVIDENCE_BEGIN, ActKind.EVIDENCE_END, ActKind.CLOSE]))
    def put_away(self, kind: ActKind) -> None:
        """What follows the end is tried at any time."""
        self._do(Act(kind, job="evidence", sha256="ee"))

    @rule()
    def crash(self) -> None:
        """Everything but the log is forgotten."""
        self.status = replay(self.definition, self.events)

    @invariant()
    def replay_is_state(self) -> None:
        """The log leads to the state."""
        if hasattr(self, "events"):
            assert replay(self.definition, self.events) == self.status
            assert self.status.version == len(self.events)

    @invariant()
    def one_end_and_nothing_behind_it(self) -> None:
        """A flow ends once; behind its end nothing is sealed, opened or accepted."""
        if not hasattr(self, "events"):
            return
        ends = [index for index, event in enumerate(self.events) if event.kind in ENDS]
        assert len(ends) <= 1
        assert self.status.state.ended == bool(ends)
        if self.status.state is FlowState.COMPLETED:
            left = (StepState.OPEN, StepState.RELEASED, StepState.SEALING, StepState.PENDING)
            assert not self.status.at(*left)
        if ends:
            assert not any(event.kind.of_step for event in self.events[ends[0] :])

    @invariant()
    def one_seal_at_a_time(self) -> None:
        """No two jobs put a seal on one revision."""
        if hasattr(self, "status"):
            assert len(self.status.at(StepState.SEALING)) <= 1
            hashes = [one.sha256 for one in self.status.revisions]
            assert len(set(hashes)) == len(hashes)

    @invariant()
    def something_always_moves(self) -> None:
        """A flow that runs waits for a person or for the pipeline, never for nobody."""
        if hasattr(self, "events") and self.status.state is FlowState.RUNNING:
            assert self.status.at(StepState.OPEN, StepState.RELEASED, StepState.SEALING)

    @invariant()
    def no_seal_without_all_before_it(self) -> None:
        """Before a seal is begun, all stages before it have what they need; so has its step."""
        if not hasattr(self, "events"):
            return
        for index, event in enumerate(self.events):
            if event.kind is not K.SEAL_BEGUN:
                continue
            before = self.events[:index]
            step = self.definition.step(event.step)
            if step.kind is StepKind.APPROVE:
                released = [
                    one for one in before if (one.kind, one.step) == (K.RELEASED, step.name)
                ]
                assert released[0].actor != "sealgate"
            for stage in self.definition.stages[: self.definition.stage_of(step.name)]:
                assert self._satisfied(stage.quorum, [one.name for one in stage.steps], before)

    def _satisfied(self, quorum: int | None, names: list[str], before: list[FlowEvent]) -> bool:
        """Judge a stage by the story alone, in other words than the deciding code does."""
        done = {one.step for one in before if one.kind in (K.APPROVED, K.RETURNED, K.SEALED)}
        skipped = {one.step for one in before if one.kind is K.SKIPPED}
        if set(names) <= skipped:
            return True
        if quorum is not None:
            return len(done & set(names)) >= quorum
        for name in set(names) - done - skipped:
            step = self.definition.step(name)
            said_no = any((one.kind, one.step) == (K.STEP_REJECTED, name) for one in before)
            expired = any((one.kind, one.step) == (K.STEP_EXPIRED, name) for one in before)
            waived = (said_no and step.on_rejection is Otherwise.SKIP) or (
                expired and step.on_expiry is Otherwise.SKIP
            )
            if not waived:
                return False
        return True


FlowStory.TestCase.settings = settings(
    max_examples=200,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
TestFlowStory = FlowStory.TestCase
