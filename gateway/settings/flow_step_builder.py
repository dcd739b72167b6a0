"""From the parsed steps of a flow to its stages, checking parties, times and votes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from gateway.core.flow_definition import (
    EVIDENCE,
    Condition,
    Escalation,
    FieldRoom,
    Otherwise,
    OutsideSigner,
    Stage,
    Step,
    StepKind,
    rules_of,
)
from gateway.core.rules import Rule
from gateway.settings.certificates import authority_pem
from gateway.settings.flow_models import (
    ActPart,
    ApproveStepPart,
    Conditions,
    FieldPart,
    FlowFile,
    OutsideStepPart,
    ReviewStepPart,
    SealStepPart,
    SignerPart,
    TogetherPart,
)
from gateway.settings.parsing import Notes
from gateway.settings.problems import Objection, did_you_mean
from gateway.settings.rule_builder import RuleBuilder
from gateway.settings.rule_models import SealingPart
from gateway.settings.yaml_file import Location

OneStep = SealStepPart | ApproveStepPart | OutsideStepPart | ReviewStepPart

_NOT_OF_FIELDS = ("seal", "straddle", "field", "table", "width", "rotation")
"""Name of what is sealed last, for grants; no step can be called so."""


class FlowStepBuilder:
    """Builds the stages of one flow."""

    def __init__(
        self, notes: Notes, parsed: FlowFile, rules: RuleBuilder, path: Callable[[str], Path]
    ) -> None:
        self._notes = notes
        self._parsed = parsed
        self._rules = rules
        self._path = path
        self.places: dict[str, Location] = {}
        """Where in the file each step stands."""

    def build(self) -> tuple[Stage, ...]:
        """Return the stages; look at the notes before using them."""
        return tuple(
            self._together(("steps", index), part)
            if isinstance(part, TogetherPart)
            else Stage((self._step(("steps", index), part),))
            for index, part in enumerate(self._parsed.steps)
        )

    def _together(self, here: Location, part: TogetherPart) -> Stage:
        shared = _conditions(part.when)
        places: list[Location] = [(*here, "steps", index) for index in range(len(part.steps))]
        steps = tuple(map(self._step, places, part.steps))
        if len(steps) < 2:
            what, remedy = "One step alone is not together with any.", "Write it without together."
            self._notes.add((*here, "steps"), "settings.wrong-value", what, remedy)
        if part.enough is not None and part.enough > len(steps):
            what = f"{part.enough} of {len(steps)} can never be enough."
            remedy = f"Write a number from 1 to {len(steps)}."
            self._notes.add((*here, "enough"), "settings.wrong-value", what, remedy)
        alone: set[str] = set()
        for place, one in zip(places, part.steps, strict=True):
            self._check_beside(place, one, vote=part.enough is not None)
            self._check_alone(place, one, alone)
        whole = tuple(replace(step, when=(*shared, *step.when)) for step in steps)
        return Stage(whole, part.enough, part.name)

    def _check_beside(self, here: Location, part: OneStep, *, vote: bool) -> None:
        """Note what a step cannot be beside others."""
        if isinstance(part, OutsideStepPart):
            what = "Two parties cannot sign outside at once: each needs what the other has signed."
            remedy = "Let it be a step of its own, before or after the others."
            self._notes.add((*here, "type"), "settings.wrong-value", what, remedy)
        if vote and isinstance(part, SealStepPart):
            what = "Nobody decides about a seal that is put on by itself."
            remedy = "Use type approve with this seal, or put the step behind the others."
            self._notes.add((*here, "type"), "settings.wrong-value", what, remedy)
        if vote and part.when:
            what = "Which steps there are must not depend on the document where some are enough."
            remedy = "Write when: beside enough:, for all of them."
            self._notes.add((*here, "when"), "settings.wrong-value", what, remedy, key=True)

    def _check_alone(self, here: Location, part: OneStep, alone: set[str]) -> None:
        """Note a party that is one person, or one folder, and should act for two steps at once."""
        party = self._parsed.parties.get(part.party)
        if isinstance(part, SealStepPart) or (party is not None and party.group):
            return
        if part.party in alone:
            what = f"{part.party} cannot act for two of these steps: it would count twice."
            remedy = "Name another party, or give this one a group of users."
            self._notes.add((*here, "party"), "settings.wrong-value", what, remedy)
        alone.add(part.party)

    def _step(self, here: Location, part: OneStep) -> Step:
        self._check_name(here, part.name)
        self._check_party((*here, "party"), part.party)
        step = Step(
            name=part.name,
            kind=StepKind(part.type),
            party=part.party,
            when=_conditions(part.when),
            sealing=self._sealing(here, part),
        )
        if isinstance(part, SealStepPart):
            return step
        step = self._timed(here, part, step)
        return self._outside(here, part, step) if isinstance(part, OutsideStepPart) else step

    def _check_name(self, here: Location, name: str) -> None:
        if name in self.places:
            line, _ = self._notes.file.position((*self.places[name], "name"))
            what = f"There is another step {name} (line {line})."
            self._notes.add((*here, "name"), "settings.duplicate-name", what, "Rename one.")
        if name == EVIDENCE:
            what = f"{EVIDENCE} means the flow's certificate of completion."
            self._notes.add((*here, "name"), "settings.duplicate-name", what, "Rename the step.")
        self.places.setdefault(name, here)

    def _check_party(self, here: Location, name: str) -> None:
        if name not in self._parsed.parties and not self._notes.doubts(("parties",)):
            near = did_you_mean(name, self._parsed.parties)
            remedy = f"Add it to the flow's parties.{near}"
            self._notes.add(here, "settings.unknown-name", f"There is no party {name}.", remedy)

    def _sealing(self, here: Location, part: OneStep) -> Rule | None:
        if isinstance(part, SealStepPart):
            sealing: SealingPart = part
        elif isinstance(part, ApproveStepPart) and part.seal and part.place:
            keys = SealingPart.model_fields
            sealing = SealingPart.model_construct(**{key: getattr(part, key) for key in keys})
        else:
            if isinstance(part, ApproveStepPart) and (part.seal or part.place):
                missing = "place" if part.seal else "seal"
                what = f"A step that releases a seal needs {missing}, too."
                self._notes.add(here, "settings.missing-key", what, "Add it, or leave both out.")
            return None
        inbox = rules_of(self._parsed.name)
        return self._rules.sealing(self._notes, here, sealing, inbox=inbox, name=part.name)

    def _timed(self, here: Location, part: ActPart, step: Step) -> Step:
        """Return a step with its times and those who may stand in."""
        self._check_times(here, part)
        for index, name in enumerate(part.delegates):
            self._check_other((*here, "delegates", index), part.party, name)
        escalation = None
        if part.escalate is not None:
            self._check_other((*here, "escalate", "to"), part.party, part.escalate.to)
            escalation = Escalation(part.escalate.after, part.escalate.to)
        return replace(
            step,
            deadline=part.deadline,
            reminders=tuple(sorted(set(part.reminders), reverse=True)),
            delegates=part.delegates,
            escalation=escalation,
            on_rejection=Otherwise(part.on_rejection),
            on_expiry=Otherwise(part.on_expiry),
            text=part.text,
        )

    def _check_other(self, here: Location, own: str, name: str) -> None:
        self._check_party(here, name)
        if name == own:
            what = f"{name} has the step already."
            self._notes.add(here, "settings.wrong-value", what, "Name another party.")

    def _check_times(self, here: Location, part: ActPart) -> None:
        """Note times that never come, or come too late."""
        add = partial(self._notes.add, code="settings.wrong-value")
        whole = self._parsed.deadline
        if part.deadline is not None and whole is not None and part.deadline > whole:
            what = "The whole flow has expired before this step does."
            add((*here, "deadline"), what=what, remedy="Let the flow's own deadline be longer.")
        for index, before in enumerate(part.reminders):
            where = (*here, "reminders", index)
            if part.deadline is None and self._notes.doubts((*here, "deadline")):
                break
            if part.deadline is None:
                what = "Reminders come so long before a deadline, and this step has none."
                add(where, what=what, remedy="Add deadline to the step.")
                break
            if before >= part.deadline:
                what = "This reminder would come before the step is open."
                add(where, what=what, remedy="Write a time shorter than the deadline.")
        if part.escalate is not None and part.deadline is not None:
            where = (*here, "escalate", "after")
            if part.escalate.after >= part.deadline:
                what = "The step has expired before it is escalated."
                add(where, what=what, remedy="Write a time shorter than the deadline.")

    def _outside(self, here: Location, part: OutsideStepPart, step: Step) -> Step:
        """Return a step with what an outside signature must be like."""
        signer = self._signer((*here, "signer"), part.signer)
        if part.field is None:
            return replace(step, signer=signer)
        room = self._room((*here, "field"), part.field)
        return replace(step, signer=signer, field=part.field.name, room=room)

    def _room(self, here: Location, part: FieldPart) -> FieldRoom | None:
        if part.place is None:
            return None
        for index, place in enumerate(part.place):
            if any(getattr(place, key) for key in _NOT_OF_FIELDS):
                what = "A field is made at one plain place, upright and of its own size."
                remedy = "Write a corner, edge, point or anchor: docs/placement.md."
                self._notes.add((*here, "place", index), "settings.wrong-value", what, remedy)
        built = self._rules.places(self._notes, "").build((*here, "place"), part.place)
        return FieldRoom(built, part.width.points(0.0), part.height.points(0.0))

    def _signer(self, here: Location, part: SignerPart) -> OutsideSigner | None:
        anchors = []
        for index, written in enumerate(part.authorities):
            try:
                anchors.append(authority_pem(self._path(written)))
            except Objection as objection:
                where = (*here, "authorities", index)
                self._notes.add(where, objection.code, objection.what, objection.remedy)
        signer = OutsideSigner(part.subject, part.fingerprint or "", tuple(anchors))
        return signer if signer != OutsideSigner() else None


def _conditions(when: Conditions) -> tuple[Condition, ...]:
    return tuple(replace(condition, field=field) for field, condition in when.items())
