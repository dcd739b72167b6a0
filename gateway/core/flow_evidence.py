"""The evidence of a contract flow: who did what, when, to which bytes, and where the log has it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from gateway.core.chain import LogEntry
from gateway.core.errors import UsageFault
from gateway.core.flow_definition import FlowDefinition
from gateway.core.flow_events import FlowEvent, FlowEventKind
from gateway.core.flow_state import FlowStatus, StepStatus, replay

_KINDS = frozenset(FlowEventKind)
_STEP = "step"
_AFTERWARDS = frozenset(
    {FlowEventKind.EVIDENCE_BEGUN, FlowEventKind.EVIDENCE_MADE, FlowEventKind.CLOSED}
)
"""What happens when the evidence has been made; it is not part of it."""


@dataclass(frozen=True)
class EvidenceParty:
    """One side, and how it is known."""

    name: str
    title: str
    user: str
    group: str
    mail: str


@dataclass(frozen=True)
class EvidenceStep:
    """One step, and what became of it. Moments are ISO 8601, empty where there is none."""

    name: str
    kind: str
    party: str
    state: str
    actor: str
    at: str
    why: str
    signer: str
    """Who signed outside, as the certificate says."""
    seal: str
    """Its seal and the version of it; empty for a step without one."""
    service: str
    """Digest service that signed."""
    job: str


@dataclass(frozen=True)
class EvidenceRevision:
    """One version of the document."""

    sha256: str
    step: str
    """What made it; empty for the first one."""
    at: str


@dataclass(frozen=True)
class EvidenceAct:
    """One entry of the signing log."""

    sequence: int
    hash: str
    at: str
    event: str
    step: str
    actor: str
    details: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class EvidenceSignature:
    """One signature of the contract, as it was validated when the evidence was made."""

    signer: str
    fingerprint: str
    """SHA-256 of the certificate, in hex."""
    signed_at: str
    timestamped: bool
    good: bool


@dataclass(frozen=True)
class FlowEvidence:
    """Everything that can be told of one flow that has ended."""

    evidence: Literal[1]
    """Version of this form."""
    site: str
    job: str
    """The flow's id: that of the job of its document."""
    name: str
    title: str
    definition: str
    """SHA-256 of the definition to which the flow was pinned."""
    content: str
    """The definition itself, as JSON."""
    document: str
    original: str
    """SHA-256 of the document as it was dropped."""
    contract: str
    """SHA-256 of the last revision."""
    state: str
    why: str
    begun: str
    ended: str
    fields: tuple[tuple[str, str], ...]
    parties: tuple[EvidenceParty, ...]
    steps: tuple[EvidenceStep, ...]
    revisions: tuple[EvidenceRevision, ...]
    signatures: tuple[EvidenceSignature, ...]
    acts: tuple[EvidenceAct, ...]

    def to_json(self) -> bytes:
        """Write it as UTF-8 JSON with a final newline."""
        return _adapter().dump_json(self, indent=2) + b"\n"

    @classmethod
    def from_json(cls, text: bytes) -> FlowEvidence:
        """Read what `to_json` wrote; raises `UsageFault` (`usage.no-file`)."""
        try:
            return _adapter().validate_json(text)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise UsageFault("usage.no-file", f"no evidence: {where}: {first['msg']}") from None


@cache
def _adapter() -> TypeAdapter[FlowEvidence]:
    return TypeAdapter(FlowEvidence)


def schema() -> str:
    """Return its JSON Schema, indented, with a final newline."""
    value = _adapter().json_schema(mode="serialization")
    value["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    value["title"] = "Evidence of a contract flow"
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def acts_of(entries: Iterable[LogEntry]) -> tuple[EvidenceAct, ...]:
    """Return the entries of a flow's story, up to its end."""
    found = []
    for entry in entries:
        if entry.event in _KINDS and FlowEventKind(entry.event) not in _AFTERWARDS:
            details = dict(entry.details)
            step = details.pop(_STEP, "")
            told = tuple(details.items())
            act = (entry.sequence, entry.hash, entry.at, entry.event, step, entry.actor, told)
            found.append(EvidenceAct(*act))
    return tuple(found)


def steps_of(
    definition: FlowDefinition, status: FlowStatus, services: dict[str, str]
) -> tuple[EvidenceStep, ...]:
    """Return the steps; `services` has the service of each job that sealed."""
    versions = {seal.name: seal.version for seal in definition.seals}

    def one(standing: StepStatus) -> EvidenceStep:
        step = definition.step(standing.name)
        seal = step.sealing.seal if step.sealing is not None else ""
        version = versions.get(seal, 0)
        return EvidenceStep(
            name=step.name,
            kind=step.kind.value,
            party=step.party,
            state=standing.state.value,
            actor=standing.actor,
            at=moment(standing.at),
            why=standing.why,
            signer=standing.signer,
            seal=f"{seal}, version {version}" if version else seal,
            service=services.get(standing.job, ""),
            job=standing.job,
        )

    return tuple(one(standing) for standing in status.steps)


def moment(value: datetime | None) -> str:
    """Write a moment, or nothing."""
    return "" if value is None else value.isoformat(timespec="seconds").replace("+00:00", "Z")


def flaws(evidence: FlowEvidence, entries: Iterable[LogEntry], contract: str = "") -> list[str]:
    """Tell what in a piece of evidence is not as the signing log has it, one sentence each.

    `contract` is the SHA-256 of a document that is said to be the contract.
    """
    found: list[str] = []
    logged = acts_of(entries)
    if logged != evidence.acts:
        found.append(_difference(evidence.acts, logged))
    definition = FlowDefinition.from_json(evidence.content.encode())
    if definition.sha256 != evidence.definition:
        found.append("the definition is not the one whose hash is named")
    found += _against_replay(evidence, definition)
    if contract and contract != evidence.contract:
        found.append("the document is not the contract: its SHA-256 differs")
    return found


def _difference(told: tuple[EvidenceAct, ...], logged: tuple[EvidenceAct, ...]) -> str:
    if not logged:
        return "the signing log knows no such flow"
    for one, other in zip(told, logged, strict=False):
        if one != other:
            return f"entry {one.sequence} is not as the signing log has it"
    return f"it has {len(told)} entries, the signing log {len(logged)}"


def _against_replay(evidence: FlowEvidence, definition: FlowDefinition) -> list[str]:
    """Let the story lead to its state once more, and compare."""
    events = (
        FlowEvent(
            FlowEventKind(act.event),
            datetime.fromisoformat(act.at),
            act.step,
            act.actor,
            act.details,
        )
        for act in evidence.acts
    )
    try:
        status = replay(definition, events)
    except (UsageFault, KeyError, ValueError) as error:
        return [f"its acts contradict each other: {error}"]
    found = []
    if (status.state.value, status.current) != (evidence.state, evidence.contract):
        found.append("its acts lead to another end, or to another document")
    told = [(one.name, one.state, one.actor) for one in evidence.steps]
    if [(one.name, one.state.value, one.actor) for one in status.steps] != told:
        found.append("its steps are not as its acts left them")
    return found


if __name__ == "__main__":
    import sys

    sys.stdout.write(schema())
