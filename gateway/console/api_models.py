"""What the HTTP API answers with; the OpenAPI document is made of these."""

from __future__ import annotations

from pydantic import BaseModel, Field

from gateway.core.chain import LogEntry
from gateway.core.errors import SealgateError
from gateway.core.job import Job
from gateway.core.names import display
from gateway.pipeline.explaining import Explained


class Fault(BaseModel):
    """Why something was not done."""

    code: str = Field(description="stable; docs/errors.md has them all")
    sentence: str
    remedy: str

    @classmethod
    def of(cls, fault: SealgateError) -> Fault:
        """Return an error as the API tells it."""
        return cls(code=fault.code, sentence=display(fault.sentence), remedy=fault.remedy)


class Submitted(BaseModel):
    """A document that lies in its inbox; ask for its job by the hash."""

    inbox: str
    source: str = Field(description="path below the inbox")
    sha256: str


class JobStatus(BaseModel):
    """Where a document stands."""

    job: str
    inbox: str
    source: str
    state: str = Field(description="`archived` and `failed` are ends")
    sha256: str
    rule: str
    seal: str
    created: str
    updated: str
    code: str = Field(description="of the last error; empty when there is none")
    detail: str
    result: str = Field(description="path of the result in the outbox; empty before there is one")

    @classmethod
    def of(cls, job: Job) -> JobStatus:
        """Return a job as the API tells it."""
        return cls(
            job=job.id,
            inbox=job.inbox,
            source=display(job.source),
            state=job.state.value,
            sha256=job.sha256,
            rule=job.rule,
            seal=job.seal,
            created=job.created.isoformat(),
            updated=job.updated.isoformat(),
            code=job.code,
            detail=display(job.detail),
            result=display(job.delivered),
        )


class Entry(BaseModel):
    """One entry of the signing log."""

    sequence: int
    at: str
    event: str
    job: str
    actor: str
    details: dict[str, str]
    previous: str
    hash: str

    @classmethod
    def of(cls, entry: LogEntry) -> Entry:
        """Return an entry as the API tells it."""
        return cls(
            sequence=entry.sequence,
            at=entry.at,
            event=entry.event,
            job=entry.job,
            actor=display(entry.actor),
            details={key: display(value) for key, value in entry.details},
            previous=entry.previous,
            hash=entry.hash,
        )


class Look(BaseModel):
    """One rule that was looked at."""

    rule: str
    matched: bool
    because: str


class Found(BaseModel):
    """Something that was found in a document; docs/examination.md says what it means."""

    name: str
    severity: str = Field(description="`note`, `caution`, `danger` or `broken`")
    detail: str = ""


class Explanation(BaseModel):
    """What would be done with a document."""

    trace: list[Look]
    rule: str = ""
    seal: str = ""
    service: str = ""
    level: str = ""
    pages: list[int] = Field(default=[], description="pages that get a seal, from 1")
    fault: Fault | None = Field(default=None, description="why it would fail")
    findings: list[Found] = Field(default=[], description="what is in the document")
    repaired: bool = Field(default=False, description="its structure would be mended first")

    @classmethod
    def of(cls, found: Explained) -> Explanation:
        """Return an explanation as the API tells it."""
        trace = [
            Look(rule=one.rule, matched=one.matched, because=display(one.because))
            for one in (found.decision.trace if found.decision else ())
        ]
        findings = [
            Found(name=one.name, severity=one.kind.severity.value, detail=display(one.detail))
            for one in (found.facts.findings if found.facts is not None else ())
        ]
        if found.plan is None:
            fault = Fault.of(found.fault) if found.fault else None
            return cls(trace=trace, fault=fault, findings=findings)
        return cls(
            trace=trace,
            findings=findings,
            repaired=found.plan.repaired is not None,
            rule=found.plan.rule,
            seal=found.plan.seal.name,
            service=found.plan.seal.service,
            level=found.plan.profile.level.value,
            pages=sorted({mark.page + 1 for mark in found.plan.marks if mark.box.width}),
        )
