"""Gathering the evidence of a contract flow out of its entries in the signing log."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator

from gateway.core.chain import LogEntry
from gateway.core.flow_definition import FlowDefinition
from gateway.core.flow_events import STEP, FlowEventKind, event_of
from gateway.core.flow_evidence import (
    EvidenceAct,
    EvidenceEntry,
    EvidenceParty,
    EvidenceRevision,
    EvidenceSeal,
    EvidenceSignature,
    FlowEvidence,
)
from gateway.core.flow_state import FlowStatus, replay

_K = FlowEventKind
_KINDS = frozenset(FlowEventKind)
_ENDS = frozenset({_K.COMPLETED, _K.REJECTED, _K.EXPIRED, _K.WITHDRAWN})


def gathered(
    site: str,
    flow: str,
    definition: FlowDefinition,
    logged: Callable[[str], Iterable[LogEntry]],
) -> FlowEvidence:
    """Return the evidence of a flow that has ended; the same whenever it is asked for.

    `logged` returns the entries of a job, in order. What came after the flow's end is left out.
    Raises `UsageFault` (`usage.illegal-transition`) when its events do not follow each other.
    """
    own = tuple(_until_end(logged(flow)))
    story = tuple(entry for entry in own if entry.event in _KINDS)
    status = replay(definition, map(event_of, story))
    last = story[-1].sequence
    accepted = [dict(one.details) for one in own if one.event == "job.accepted"]
    return FlowEvidence(
        site=site,
        job=flow,
        name=definition.name,
        title=definition.title,
        state=status.state.value,
        document=status.source,
        owner=status.owner,
        begun=story[0].at,
        ended=story[-1].at,
        ended_by=status.ended_by,
        why=status.why,
        fields=dict(status.fields),
        original=accepted[-1].get("sha256", "") if accepted else "",
        contract=status.current,
        parties=_parties(definition),
        acts=tuple(_act(definition, entry) for entry in story),
        revisions=tuple(_revisions(story)),
        seals=tuple(_seals(story, logged, last)),
        signatures=tuple(_signatures(story)),
        definition=definition.sha256,
        definition_text=definition.to_json().decode(),
    )


def _until_end(entries: Iterable[LogEntry]) -> Iterator[LogEntry]:
    for entry in entries:
        yield entry
        if entry.event in _ENDS:
            return


def replayed(definition: FlowDefinition, evidence: FlowEvidence) -> FlowStatus:
    """Return where the acts of some evidence lead; raises `UsageFault`, `ValueError`."""
    return replay(definition, (event_of(act.logged.as_logged()) for act in evidence.acts))


def _parties(definition: FlowDefinition) -> tuple[EvidenceParty, ...]:
    return tuple(
        EvidenceParty(name=one.name, title=one.title, user=one.user, group=one.group, mail=one.mail)
        for one in definition.parties
    )


def _act(definition: FlowDefinition, entry: LogEntry) -> EvidenceAct:
    details = dict(entry.details)
    step = details.get(STEP, "")
    return EvidenceAct(
        at=entry.at,
        event=entry.event,
        step=step,
        party=definition.step(step).party if step else "",
        actor=entry.actor,
        why=details.get("why", ""),
        sha256=details.get("sha256", ""),
        logged=EvidenceEntry.of(entry),
    )


def _revisions(story: Iterable[LogEntry]) -> Iterator[EvidenceRevision]:
    for entry in story:
        if entry.event in (_K.BEGUN, _K.SEALED, _K.RETURNED, _K.EXTENDED):
            details = dict(entry.details)
            yield EvidenceRevision(
                sha256=details.get("sha256", ""),
                step=details.get(STEP, details.get("level", "")),
                at=entry.at,
                entry=entry.sequence,
            )


def _signatures(story: Iterable[LogEntry]) -> Iterator[EvidenceSignature]:
    for entry in story:
        if entry.event == _K.RETURNED:
            details = dict(entry.details)
            yield EvidenceSignature(
                step=details.get(STEP, ""),
                signer=details.get("signer", ""),
                fingerprint=details.get("fingerprint", ""),
                at=entry.at,
                sha256=details.get("sha256", ""),
                entry=entry.sequence,
            )


def _seals(
    story: Iterable[LogEntry], logged: Callable[[str], Iterable[LogEntry]], last: int
) -> Iterator[EvidenceSeal]:
    for entry in story:
        if entry.event != _K.SEALED:
            continue
        details = dict(entry.details)
        job = details.get("job", "")
        entries = tuple(itertools.takewhile(lambda one: one.sequence <= last, logged(job)))
        told = {key: value for one in entries for key, value in one.details}
        yield EvidenceSeal(
            step=details.get(STEP, ""),
            job=job,
            seal=told.get("seal", ""),
            look=told.get("shown", ""),
            service=told.get("service", ""),
            credential=told.get("credential", ""),
            digest=_answered(entries),
            signer=told.get("signer", ""),
            serial=told.get("serial", ""),
            fingerprint=told.get("fingerprint", ""),
            logged=tuple(EvidenceEntry.of(one) for one in entries),
        )


def _answered(entries: Iterable[LogEntry]) -> str:
    """Return the digest to which the service answered."""
    found = (dict(one.details).get("digest", "") for one in entries if one.event == "sign.answered")
    return next(found, "")
