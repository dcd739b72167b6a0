"""Evidence of a flow, held against the site's signing log and against the contract."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gateway.core.chain import LogEntry, digest_of
from gateway.core.errors import UsageFault
from gateway.core.flow_definition import FlowDefinition
from gateway.core.flow_events import FlowEventKind
from gateway.core.flow_evidence import EvidenceEntry, FlowEvidence
from gateway.core.flow_evidence_gathering import gathered, replayed
from gateway.ports import SigningLog

_MOST = 5
"""Entries that are named when many differ."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at, and what is wrong with it; nothing when that is empty."""

    what: str
    flaw: str = ""


def judged(evidence: FlowEvidence, log: SigningLog, contract: str = "") -> Iterator[Finding]:
    """Yield what was found; `contract` is the SHA-256 of a file that is said to be the contract.

    Every entry is hashed anew and looked up in the log, the acts are replayed, and the evidence
    is made anew from the log; the whole chain is checked last.
    """
    yield Finding("definition", _definition(evidence))
    yield Finding("hashes of entries", _named(_altered(evidence)))
    yield Finding("entries in the log", _named(_unknown(evidence, log)))
    yield Finding("acts lead to the outcome", _outcome(evidence))
    yield Finding("evidence made anew", _made_anew(evidence, log))
    if contract:
        same = contract == evidence.contract
        yield Finding("contract", "" if same else f"its SHA-256 is {contract}")
    broken = log.verify()
    first = f"entry {broken[0].sequence}: {broken[0].what}" if broken else ""
    yield Finding("chain of the log", first)


def _entries(evidence: FlowEvidence) -> Iterator[EvidenceEntry]:
    for act in evidence.acts:
        yield act.logged
    for seal in evidence.seals:
        yield from seal.logged


def _altered(evidence: FlowEvidence) -> Iterator[int]:
    for one in _entries(evidence):
        if digest_of(one.as_logged()) != one.hash:
            yield one.entry


def _unknown(evidence: FlowEvidence, log: SigningLog) -> Iterator[int]:
    jobs = {one.job for one in _entries(evidence)}
    known: set[LogEntry] = {entry for job in jobs for entry in log.entries(job=job)}
    for one in _entries(evidence):
        if one.as_logged() not in known:
            yield one.entry


def _named(entries: Iterable[int]) -> str:
    found = sorted(set(entries))
    if not found:
        return ""
    more = f" and {len(found) - _MOST} more" if len(found) > _MOST else ""
    return f"entries {', '.join(map(str, found[:_MOST]))}{more} differ"


def _definition(evidence: FlowEvidence) -> str:
    if hashlib.sha256(evidence.definition_text.encode()).hexdigest() != evidence.definition:
        return "its text has another hash"
    begun = (a.logged.details for a in evidence.acts if a.event == FlowEventKind.BEGUN)
    if next(begun, {}).get("definition") != evidence.definition:
        return "the flow was begun with another one"
    try:
        FlowDefinition.from_json(evidence.definition_text.encode())
    except ValueError:
        return "it cannot be read"
    return ""


def _outcome(evidence: FlowEvidence) -> str:
    try:
        definition = FlowDefinition.from_json(evidence.definition_text.encode())
        status = replayed(definition, evidence)
    except (UsageFault, ValueError, KeyError) as error:
        return f"they do not follow each other: {error}"[:200]
    found = (status.state.value, status.current)
    return "" if found == (evidence.state, evidence.contract) else f"they lead to {status.state}"


def _made_anew(evidence: FlowEvidence, log: SigningLog) -> str:
    """Compare with what the log says now; the definition's text is judged by its hash."""
    try:
        definition = FlowDefinition.from_json(evidence.definition_text.encode())
        anew = gathered(evidence.site, evidence.job, definition, lambda job: log.entries(job=job))
    except (UsageFault, ValueError, KeyError) as error:
        return f"the log tells of no such flow: {error}"[:200]
    names = FlowEvidence.model_fields
    parts = [
        name
        for name in names
        if not name.startswith("definition") and getattr(anew, name) != getattr(evidence, name)
    ]
    return f"these differ: {', '.join(parts)}" if parts else ""
