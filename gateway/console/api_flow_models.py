"""Contract flows as the HTTP API tells of them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from gateway.console.contracts import Turn
from gateway.core.flow_definition import FlowDefinition
from gateway.core.flow_events import FlowEvent, FlowState
from gateway.core.names import display
from gateway.ports import Flow


class StepFacts(BaseModel):
    """Where one step stands."""

    name: str
    kind: str
    state: str
    parties: list[str]
    """Who may act now."""
    actor: str
    at: datetime | None
    due: datetime | None
    why: str
    yours: bool
    """It waits for whoever asks."""


class RevisionFacts(BaseModel):
    """One version of the document."""

    sha256: str
    step: str
    at: datetime


class FlowFacts(BaseModel):
    """Where a contract flow stands."""

    flow: str
    name: str
    title: str
    document: str
    state: FlowState
    owner: str
    why: str
    begun: datetime | None
    due: datetime | None
    ended: datetime | None
    steps: list[StepFacts]
    revisions: list[RevisionFacts]

    @classmethod
    def of(cls, flow: Flow, turns: tuple[Turn, ...]) -> FlowFacts:
        """Return a flow as the API tells of it."""
        status, definition = flow.status, flow.definition
        yours = {turn.step.name for turn in turns}
        return cls(
            flow=flow.id,
            name=definition.name,
            title=display(definition.title),
            document=display(status.source),
            state=status.state,
            owner=status.owner,
            why=display(status.why),
            begun=status.begun,
            due=status.due,
            ended=status.ended,
            steps=[
                StepFacts(
                    name=one.name,
                    kind=definition.step(one.name).kind.value,
                    state=one.state.value,
                    parties=list(one.parties),
                    actor=display(one.actor),
                    at=one.at,
                    due=one.due,
                    why=display(one.why),
                    yours=one.name in yours,
                )
                for one in status.steps
            ],
            revisions=[
                RevisionFacts(sha256=one.sha256, step=one.step, at=one.at)
                for one in status.revisions
            ],
        )


class EventFacts(BaseModel):
    """Something that happened in a flow."""

    at: datetime
    event: str
    step: str
    actor: str
    details: dict[str, str]

    @classmethod
    def of(cls, event: FlowEvent) -> EventFacts:
        """Return an event as the API tells of it."""
        return cls(
            at=event.at,
            event=event.kind.value,
            step=event.step,
            actor=display(event.actor),
            details={display(key): display(value) for key, value in event.details},
        )


class FlowStory(FlowFacts):
    """Where a contract flow stands, and how it came there."""

    fields: dict[str, str]
    """Of its ticket."""
    story: list[EventFacts]
    """All that happened, the oldest first."""

    @classmethod
    def told(cls, flow: Flow, turns: tuple[Turn, ...], story: tuple[FlowEvent, ...]) -> FlowStory:
        """Return a flow with its story."""
        return cls(
            **FlowFacts.of(flow, turns).model_dump(),
            fields={display(key): display(value) for key, value in flow.status.fields},
            story=[EventFacts.of(event) for event in story],
        )


class PartyFacts(BaseModel):
    """One side of a flow."""

    name: str
    title: str


class PlannedStep(BaseModel):
    """One step of a definition."""

    name: str
    kind: str
    party: str
    text: str


class DefinitionFacts(BaseModel):
    """A definition by which contract flows may begin now."""

    name: str
    title: str
    inbox: str
    """A document that is laid there begins the flow."""
    fields: list[str]
    """What its ticket has to say."""
    parties: list[PartyFacts]
    steps: list[PlannedStep]

    @classmethod
    def of(cls, definition: FlowDefinition) -> DefinitionFacts:
        """Return a definition as the API tells of it."""
        return cls(
            name=definition.name,
            title=display(definition.title),
            inbox=definition.inbox,
            fields=[display(one) for one in definition.wanted],
            parties=[
                PartyFacts(name=one.name, title=display(one.label)) for one in definition.parties
            ],
            steps=[
                PlannedStep(
                    name=one.name, kind=one.kind.value, party=one.party, text=display(one.text)
                )
                for one in definition.steps
            ],
        )


class ActWanted(BaseModel):
    """What is to be done to a flow."""

    act: Annotated[str, Field(pattern="^(approve|reject|delegate|withdraw)$")]
    step: Annotated[str, Field(max_length=200)] = ""
    """Where several steps wait for whoever asks."""
    why: Annotated[str, Field(max_length=500)] = ""
    """A rejection needs one."""
    to: Annotated[str, Field(max_length=200)] = ""
    """Party that is handed the step."""
    sha256: Annotated[str, Field(pattern="^([0-9a-f]{64})?$")] = ""
    """Of the document that was looked at before it was approved."""
