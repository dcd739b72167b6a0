"""Random acts at random flows: duplicates, late ones, ones out of order, and crashes in between."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from gateway.core.errors import DocumentFault, UsageFault
from gateway.core.flow_acts import Act, ActKind, Actor
from gateway.core.flow_deciding import decide
from gateway.core.flow_definition import FlowDefinition, StepKind
from gateway.core.flow_events import FlowEvent, FlowState, StepState
from gateway.core.flow_progress import lacking_level
from gateway.core.flow_state import StepStatus, evolve, initial, next_due, replay
from tests.core.flow_definitions import NAMES, definitions
from tests.core.flow_judging import ENDS, judge, judge_rest

START = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
ACTORS = (
    Actor("user:anna", "anna", frozenset({"board"})),
    Actor("user:bert", "bert", frozenset({"board"})),
    Actor("user:boss", "boss"),
    Actor("user:mallory", "mallory"),
    Actor("user:owner", "owner"),
    *(Actor(f"party:{name}", party=name) for name in NAMES),
    Actor("user:root", "root", party="acme", operator=True),
)
HUMAN = (ActKind.APPROVE, ActKind.RETURN, ActKind.REJECT, ActKind.DELEGATE, ActKind.WITHDRAW)
STRAY = (ActKind.SEAL_END, ActKind.SEAL_FAIL, ActKind.EXTENSION_END, ActKind.EXTENSION_FAIL)
AFTERWARDS = (ActKind.HAND_OUT, ActKind.EVIDENCE_BEGIN, ActKind.EVIDENCE_END, ActKind.CLOSE)


class Story:
    """One flow, at which anything is thrown by anybody in any order."""

    def __init__(self, definition: FlowDefinition, amount: str, random: Random) -> None:
        self.definition = FlowDefinition.from_json(definition.to_json())
        assert self.definition.sha256 == definition.sha256
        self.random = random
        self.now = START
        self.status = initial(self.definition)
        self.events: list[FlowEvent] = []
        self.acts: list[Act] = []
        self.number = 0
        fields = (("amount", amount),)
        self.do(Act(ActKind.BEGIN, actor=ACTORS[4], sha256="00", source="a.pdf", fields=fields))
        assert self.status.state is not FlowState.NEW

    def live(self, length: int) -> None:
        """Let so many things happen."""
        happenings = (
            *(self.sensible,) * 6,
            *(self.seal,) * 4,
            *(self.time_passes,) * 3,
            *(self.anything,) * 2,
            self.oddity,
        )
        for _ in range(length):
            self.random.choice(happenings)()
            self.look()

    def do(self, act: Act) -> bool:
        """Do an act, and once more: that must change nothing. Tell whether it was accepted."""
        self.acts.append(act)
        try:
            events = decide(self.definition, self.status, act, self.now)
        except (UsageFault, DocumentFault):
            return False
        if events:
            note(f"{act.kind} {act.step} by {act.actor.name} at {self.now - START}")
        for event in events:
            judge(self.definition, self.events, event)
            self.status = evolve(self.status, event)
            self.events.append(event)
        judge_rest(self.definition, self.events)
        assert decide(self.definition, self.status, act, self.now) == ()
        return True

    def sensible(self) -> None:
        """Somebody whose turn it is does what is asked, mostly; so that flows go on."""
        waiting = self.status.at(StepState.OPEN)
        if not waiting or self.status.state is not FlowState.RUNNING:
            return
        standing = self.random.choice(waiting)
        step = self.definition.step(standing.name)
        agreed = ActKind.RETURN if step.kind is StepKind.SIGN_OUTSIDE else ActKind.APPROVE
        kinds = (*(agreed,) * 6, ActKind.REJECT, ActKind.DELEGATE)
        kind = self.random.choice(kinds)
        party = self.random.choice(standing.parties)
        to = self.random.choice(step.delegates) if step.delegates else ""
        actor = Actor(f"party:{party}", party=party)
        done = self.do(Act(kind, step.name, actor, "because", self._brought(kind), to=to))
        assert done or kind is ActKind.DELEGATE or self._excused(standing), "nobody can act"

    def _excused(self, standing: StepStatus) -> bool:
        """Tell whether somebody whose turn it is may be refused: too late, or not twice."""
        due = next_due(self.definition, self.status)
        stage = self.definition.stages[self.definition.stage_of(standing.name)]
        return len(stage.steps) > 1 or (due is not None and due <= self.now)

    def anything(self) -> None:
        """Anybody does anything."""
        kind, actor = self.random.choice(HUMAN), self.random.choice(ACTORS)
        step = self.random.choice([*self.definition.steps]).name
        sha256 = self._brought(kind) or self.random.choice(["", "00", "bad"])
        self.do(Act(kind, step, actor, "because", sha256, to=self.random.choice(NAMES)))

    def _brought(self, kind: ActKind) -> str:
        self.number += 1
        return f"r{self.number}" if kind is ActKind.RETURN else ""

    def time_passes(self) -> None:
        """The clock goes on, or is set back; sometimes nobody looks at it."""
        self.now += timedelta(seconds=self.random.choice((1, 7, 20, 60, 400, -300)))
        if self.random.random() < 0.6:
            self.do(Act(ActKind.TICK))
            due = next_due(self.definition, self.status)
            assert due is None or due > self.now

    def seal(self) -> None:
        """The pipeline begins each seal that is released, and ends one, or fails."""
        for step in self.status.at(StepState.RELEASED):
            self.number += 1
            self.do(Act(ActKind.SEAL_BEGIN, step.name, job=f"job{self.number}"))
        if lacking_level(self.definition, self.status) is not None:
            self.extend()
        for step in self.status.at(StepState.SEALING):
            if self.random.random() < 0.7:
                self.number += 1  # an act that is sent again may have begun this one
                sealed = f"v{self.number}"
                self.do(Act(ActKind.SEAL_END, step.name, job=step.job, sha256=sealed))
            else:
                self.do(Act(ActKind.SEAL_FAIL, step.name, job=step.job, code="pdf.encrypted"))

    def extend(self) -> None:
        """The pipeline begins to extend the document, then does it, or fails."""
        self.number += 1
        self.do(Act(ActKind.EXTENSION_BEGIN, job=f"job{self.number}"))
        job, outcome = self.status.extension_job, self.random.random()
        if outcome < 0.4:
            self.do(Act(ActKind.EXTENSION_END, job=job, sha256=f"v{self.number}"))
        elif outcome < 0.6:
            self.do(Act(ActKind.EXTENSION_FAIL, job=job, code="pdf.cannot-extend"))

    def oddity(self) -> None:
        """Something comes once more, late or too early, or of a stray job; or all is forgotten."""
        match self.random.randrange(5):
            case 0:
                self.do(self.random.choice(self.acts))
            case 1:
                self.status = replay(self.definition, self.events)
            case 2:
                kind = self.random.choice(AFTERWARDS)
                self.do(Act(kind, job="evidence", sha256="ee"))
            case 3:
                self.do(Act(ActKind.WITHDRAW, actor=self.random.choice(ACTORS), why="no need"))
            case _:
                kind = self.random.choice(STRAY)
                sealing = [one.name for one in self.status.at(StepState.SEALING)]
                step = (sealing or [self.definition.steps[0].name])[0]
                stray = Act(kind, step, job="stray", sha256="stray", code="pdf.encrypted")
                assert decide(self.definition, self.status, stray, self.now) == ()

    def look(self) -> None:
        """Hold the state against what must always be true."""
        status = self.status
        assert status.version == len(self.events)
        assert sum(event.kind in ENDS for event in self.events) == status.state.ended
        assert len(status.at(StepState.SEALING)) <= 1
        busy = (StepState.OPEN, StepState.RELEASED, StepState.SEALING)
        if status.state is FlowState.RUNNING:
            extends = lacking_level(self.definition, status) is not None
            assert extends or status.at(*busy), "it waits for nobody"
        if status.state is FlowState.COMPLETED:
            assert not status.at(*busy, StepState.PENDING)


@settings(
    max_examples=400,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(
    definition=definitions(),
    amount=st.sampled_from(["1", "100"]),
    random=st.randoms(use_true_random=False),
)
def test_no_story_breaks_a_promise(definition: FlowDefinition, amount: str, random: Random) -> None:
    """Whatever is done to a flow, each event is one that may follow, and its log is its state."""
    story = Story(definition, amount, random)
    story.live(30)
    assert replay(story.definition, story.events) == story.status
