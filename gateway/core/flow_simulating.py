"""Playing a contract flow without document, people or clock: what would follow from which acts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gateway.core.errors import DocumentFault, SealgateError, UsageFault
from gateway.core.flow_acts import Act, ActKind, Actor
from gateway.core.flow_deciding import decide
from gateway.core.flow_definition import FlowDefinition, StepKind
from gateway.core.flow_events import FlowEvent, FlowState, StepState
from gateway.core.flow_progress import lacking_level
from gateway.core.flow_state import FlowStatus, StepStatus, evolve, initial, next_due

_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
"""Any moment will do: only what has passed since is told."""
_OWNER = Actor("user:owner", "owner")
_VERBS = {
    "approve": ActKind.APPROVE,
    "return": ActKind.RETURN,
    "reject": ActKind.REJECT,
    "delegate": ActKind.DELEGATE,
}


@dataclass(frozen=True)
class ChosenAct:
    """What somebody is to do in a played flow."""

    written: str
    kind: ActKind
    step: str = ""
    party: str = ""
    """By whom; empty for the party whose turn it is."""
    to: str = ""
    why: str = ""

    @classmethod
    def parse(cls, written: str) -> ChosenAct:
        """Read `STEP approve|return|reject|delegate [by PARTY] [to PARTY] [because WHY]`.

        `withdraw` stands alone. Raises `ValueError` with a sentence for the author.
        """
        said, _, why = written.partition(" because ")
        words = said.split()
        if words[:1] == ["withdraw"] and len(words) == 1:
            return cls(written, ActKind.WITHDRAW, why=why.strip())
        if len(words) < 2 or words[1] not in _VERBS or len(words) % 2:
            raise ValueError(
                f"write STEP and one of {', '.join(_VERBS)}, as in 'check approve by legal', "
                "or withdraw"
            )
        more = dict(zip(words[2::2], words[3::2], strict=True))
        if set(more) - {"by", "to"}:
            raise ValueError("behind the act there is only by PARTY, to PARTY and because WHY")
        return cls(
            written,
            _VERBS[words[1]],
            words[0],
            more.get("by", ""),
            more.get("to", ""),
            why.strip(),
        )


@dataclass(frozen=True)
class Wait:
    """Time that passes, in seconds."""

    seconds: float


@dataclass(frozen=True)
class Moment:
    """Something that happened in a played flow, or that was refused."""

    after: float
    """Seconds since the flow has begun."""
    event: FlowEvent | None = None
    act: str = ""
    """The act that was refused, as it was chosen."""
    fault: SealgateError | None = None


@dataclass(frozen=True)
class Played:
    """A flow that was played, as far as it came."""

    moments: tuple[Moment, ...]
    status: FlowStatus

    @property
    def refused(self) -> bool:
        """Tell whether one of the chosen acts could not be done."""
        return any(moment.fault is not None for moment in self.moments)


def play(
    definition: FlowDefinition,
    script: Iterable[ChosenAct | Wait],
    fields: tuple[tuple[str, str], ...] = (),
    *,
    finish: bool = False,
) -> Played:
    """Play a flow; with `finish`, everybody agrees after the last act.

    Seals are put on at once and succeed. Raises `DocumentFault` (`flow.ticket-field`).
    """
    game = _Game(definition)
    game.do(Act(ActKind.BEGIN, actor=_OWNER, sha256=_version(0), source="", fields=fields))
    for one in script:
        if isinstance(one, Wait):
            game.wait(one.seconds)
        else:
            game.choose(one)
    if finish:
        game.finish()
    return Played(tuple(game.moments), game.status)


class _Game:
    """A flow in memory, and its time."""

    def __init__(self, definition: FlowDefinition) -> None:
        self.definition = definition
        self.status = initial(definition)
        self.now = _BEGINNING
        self.moments: list[Moment] = []

    def do(self, act: Act) -> None:
        """Do an act, let the seals that it releases be put on, and at the end extend it."""
        self._decide(act)
        while self.status.state is FlowState.RUNNING and (
            released := self.status.at(StepState.RELEASED)
        ):
            name = released[0].name
            self._decide(Act(ActKind.SEAL_BEGIN, name, job=name))
            sha256 = _version(len(self.status.revisions))
            self._decide(Act(ActKind.SEAL_END, name, job=name, sha256=sha256))
        if (level := lacking_level(self.definition, self.status)) is not None:
            sha256 = _version(len(self.status.revisions))
            self._decide(Act(ActKind.EXTENSION_BEGIN, job=level.value))
            self._decide(Act(ActKind.EXTENSION_END, job=level.value, sha256=sha256))

    def _decide(self, act: Act) -> None:
        for event in decide(self.definition, self.status, act, self.now):
            self.status = evolve(self.status, event)
            self.moments.append(Moment(self._after, event))

    @property
    def _after(self) -> float:
        return (self.now - _BEGINNING).total_seconds()

    def choose(self, chosen: ChosenAct) -> None:
        """Do a chosen act, or note why it is refused."""
        try:
            self.do(self._act(chosen))
        except (UsageFault, DocumentFault) as fault:
            self.moments.append(Moment(self._after, act=chosen.written, fault=fault))

    def _act(self, chosen: ChosenAct) -> Act:
        if chosen.kind is ActKind.WITHDRAW:
            return Act(chosen.kind, actor=_OWNER, why=chosen.why)
        party = chosen.party
        if not party and chosen.step in {step.name for step in self.definition.steps}:
            standing = self.status.step(chosen.step)
            party = next(iter(standing.parties), self.definition.step(chosen.step).party)
        if party and party not in {one.name for one in self.definition.parties}:
            raise UsageFault("flow.not-your-step", f"there is no party {party}")
        brought = _version(len(self.status.revisions)) if chosen.kind is ActKind.RETURN else ""
        return Act(
            chosen.kind,
            chosen.step,
            self._person(chosen.step, party),
            chosen.why,
            brought,
            to=chosen.to,
        )

    def _person(self, step: str, party: str) -> Actor:
        """Return somebody of a party: of a group, one who has not acted beside the step yet."""
        name, grouped = f"party:{party}", bool(party and self.definition.party(party).group)
        if grouped and step in {one.name for one in self.definition.steps}:
            beside = self.definition.stages[self.definition.stage_of(step)].steps
            acted = {self.status.step(one.name).actor for one in beside if one.name != step}
            names = (name, *(f"{name}-{number}" for number in range(2, len(beside) + 2)))
            name = next(one for one in names if one not in acted)
        return Actor(name, party=party)

    def wait(self, seconds: float) -> None:
        """Let time pass, and everything happen that falls due meanwhile, each at its moment."""
        until = self.now + timedelta(seconds=seconds)
        while (due := next_due(self.definition, self.status)) is not None and due <= until:
            self.now = max(due, self.now)
            self.do(Act(ActKind.TICK))
        self.now = until

    def finish(self) -> None:
        """Let everybody agree whose turn it is, until nobody's is."""
        while self.status.state is FlowState.RUNNING and (
            waiting := self.status.at(StepState.OPEN)
        ):
            before = self.status
            self.choose(self._agreed(waiting[0]))
            if self.status == before:
                return

    def _agreed(self, standing: StepStatus) -> ChosenAct:
        outside = self.definition.step(standing.name).kind is StepKind.SIGN_OUTSIDE
        kind = ActKind.RETURN if outside else ActKind.APPROVE
        verb = next(word for word, one in _VERBS.items() if one is kind)
        return ChosenAct(f"{standing.name} {verb}", kind, standing.name)


def _version(number: int) -> str:
    """Return what stands for the hash of the document's version."""
    return hashlib.sha256(str(number).encode()).hexdigest()
