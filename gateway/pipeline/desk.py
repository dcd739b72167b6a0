"""The desk of one digest service: jobs hand their digests in, and they go out together.

Theory of operation
-------------------
Each job has a thread of its own. A thread that comes to the desk lays its digest down and
waits. Whenever fewer calls than allowed are under way, one of the waiting threads takes what
lies there, up to what one call may carry, and makes the call for all of them: permission for
exactly these digests, SENT committed for each job with its charge, the paid call, and then
each thread takes its own outcome away and stores it. So a slow service gets large calls and
a fast one small ones, without anybody waiting for company.

A job that failed here before goes alone: whatever is wrong with it must not spoil others.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

from gateway.core.any_fault import fault_of
from gateway.core.errors import InternalFault, SealgateError, ServiceFault
from gateway.core.job import Job
from gateway.core.quota import Price
from gateway.core.services import Counted, ServiceSettings
from gateway.ports import Authorization, DigestService, Jobs, Outcome


def price_of(settings: ServiceSettings) -> Price:
    """Return what one attempt at a service costs; units of a call are those of its first job."""
    quota = settings.quota
    return Price(
        service=settings.name,
        units=1,
        repeats=None if settings.idempotent else settings.repeats,
        repeats_are_free=settings.idempotent,
        per_document=quota is not None and quota.counts is Counted.DOCUMENT,
        metered=quota is not None,
        alarm_at=quota.alarm_at if quota is not None else (),
    )


@dataclass(eq=False)
class _Visitor:
    """One job that waits at the desk; changed only by the thread that serves it."""

    job: Job
    outcome: Outcome | SealgateError | None = None
    served: bool = False

    @property
    def goes_alone(self) -> bool:
        return self.job.attempts > 0 or bool(self.job.code)


class Desk:
    """Signs for many threads at one service, several digests a call where it allows that."""

    def __init__(self, service: DigestService, settings: ServiceSettings, jobs: Jobs) -> None:
        self._service = service
        self._jobs = jobs
        self._calls = settings.calls
        self._price = price_of(settings)
        quota = settings.quota
        self._by_call = quota is not None and quota.counts is Counted.CALL
        self._waiting: list[_Visitor] = []
        self._under_way = 0
        self._changed = threading.Condition()

    def sign(self, job: Job) -> tuple[Job, Outcome]:
        """Have a prepared job's digest signed; return the job as it then is, and the outcome.

        Raises `ServiceFault` when nothing was sent: the job is still PREPARED.
        """
        visitor, most = _Visitor(job), self._largest_call()
        with self._changed:
            self._waiting.append(visitor)
        batch = self._next_turn(visitor, most)
        while batch:
            try:
                self._serve(batch)
            finally:
                with self._changed:
                    self._under_way -= 1
                    self._changed.notify_all()
            batch = self._next_turn(visitor, most)
        outcome, sent = visitor.outcome, visitor.job is not job
        if sent and isinstance(outcome, bytes | ServiceFault):
            return visitor.job, outcome
        if isinstance(outcome, SealgateError):
            raise outcome
        raise InternalFault(RuntimeError("a job left the desk without an outcome"))

    @property
    def metered(self) -> bool:
        """Tell whether the service has a quota."""
        return self._price.metered

    def waiting(self) -> int:
        """Return how many digests lie on the desk."""
        with self._changed:
            return len(self._waiting)

    def _next_turn(self, visitor: _Visitor, most: int) -> list[_Visitor]:
        """Wait until this job is served (nothing to do), or a call may be made; take its batch.

        Nothing in here may fail: a job whose thread has left would lose what was paid for it.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: visitor.served or (self._under_way < self._calls and self._waiting)
            )
            if visitor.served:
                return []
            first = self._waiting[0]
            batch = [first]
            if not first.goes_alone:
                batch += [other for other in self._waiting[1:] if not other.goes_alone][: most - 1]
            self._waiting = [other for other in self._waiting if other not in batch]
            self._under_way += 1
            return batch

    def _largest_call(self) -> int:
        try:
            return self._service.credential().batch
        except ServiceFault:
            return 1  # the call itself will say what is wrong

    def _serve(self, batch: list[_Visitor]) -> None:
        """Make one call for a batch; every visitor leaves with an outcome."""
        try:
            self._call(batch)
        except Exception as error:
            for visitor in batch:
                visitor.outcome = visitor.outcome or fault_of(error)
        finally:
            for visitor in batch:
                visitor.served = True

    def _call(self, batch: list[_Visitor]) -> None:
        digests = tuple(bytes.fromhex(visitor.job.digest) for visitor in batch)
        authorization = self._service.authorize(digests)
        sent = self._send(batch)
        if not sent:
            return
        digests = tuple(bytes.fromhex(visitor.job.digest) for visitor in sent)
        outcomes = self._service.sign(Authorization(digests, authorization.token))
        for visitor, outcome in zip(sent, outcomes, strict=True):
            visitor.outcome = outcome

    def _send(self, batch: list[_Visitor]) -> list[_Visitor]:
        """Commit SENT, with its charge, for every job that may still spend something."""
        sent: list[_Visitor] = []
        for visitor in batch:
            units = 0 if self._by_call and sent else self._price.units
            job = visitor.job
            details = {"service": self._service.name, "digest": job.digest}
            if len(batch) > 1:
                details["together"] = str(len(batch))
            try:
                visitor.job = self._jobs.send(job, details, replace(self._price, units=units))
            except SealgateError as fault:
                # One job's refusal, or the ledger's trouble with it, is no other job's affair.
                visitor.outcome = fault
                continue
            sent.append(visitor)
        return sent
