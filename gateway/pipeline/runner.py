"""The runner: takes jobs from stage to stage, and decides what an error stops.

A document fault fails the document; a waiting fault lets it wait, alone. A service fault holds
the service: its jobs wait, one of them probes from time to time, the first success releases
them all. A fault that may be one document's own (the service answers, but not to this) first
waits by itself; it is counted only while others are served, and only such counting can make a
document fail.
"""

from __future__ import annotations

import random
import threading
from datetime import datetime

from gateway.core.any_fault import fault_of
from gateway.core.backup_codes import RESULT_TAKEN
from gateway.core.batches import UNDER_WAY
from gateway.core.delivery_codes import SOON
from gateway.core.error_codes import CODES, Scope
from gateway.core.errors import (
    DocumentFault,
    InternalFault,
    SealgateError,
    ServiceFault,
    SiteFault,
    WaitingFault,
)
from gateway.core.job import Job
from gateway.core.states import Event, State
from gateway.core.ticket_codes import INBOX_REMOVED
from gateway.pipeline import (
    batches,
    delivering,
    extending,
    flowing,
    intake,
    long_term,
    restoring,
    signing,
)
from gateway.pipeline.equipment import Equipment, Stage
from gateway.pipeline.giving_up import give_up
from gateway.pipeline.metering import timed_stage
from gateway.pipeline.waiting import NEVER
from gateway.ports import Batches, SealUses

_STAGES: dict[State, Stage] = {
    State.CLAIMED: intake.accept,
    State.ACCEPTED: flowing.begin_or_plan,
    State.PLANNED: batches.collect_or_prepare,
    State.PREPARED: signing.send,
    State.SENT: signing.recover,
    State.SIGNED: signing.stamp_or_embed,
    State.TIMESTAMPED: signing.stamped,
    State.PROVEN: extending.extend,
    State.EXTENDED: long_term.stamp,
    State.SEALED: extending.verify,
    State.VERIFIED: flowing.deliver_or_put_back,
    State.DELIVERED: delivering.archive,
    State.FAILING: flowing.fail_or_stop,
}

_PERHAPS_THE_DOCUMENT = frozenset(
    {
        "service.no-answer",
        "service.failed",
        "service.refused",
        "service.protocol",
        "service.wrong-signature",
        "tsa.refused",
        "tsa.wrong-token",
    }
)
"""Faults that may concern one request only; the others stop a service at once."""

_DAY = 86400.0
_SHORT_WHILE = 10.0
_SITE = frozenset(code for code, entry in CODES.items() if entry.scope is Scope.SITE)
_NOT_BY_ITSELF = frozenset(
    {
        "service.authorization-refused",
        "service.login-refused",
        "service.repeat-limit",
        "service.wrong-cms",
        "service.wrong-certificate",
        "service.sm2-not-supported",
        "revocation.revoked",
    }
)
"""Faults that repetition makes worse (a credential locks, each answer costs): they wait for
`sealgate retry`."""


class Runner:
    """Runs jobs; safe to use from several threads, each with jobs of its own."""

    def __init__(self, equipment: Equipment) -> None:
        self._equipment = equipment
        self._restored = restoring.moment(equipment)
        self._served: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def run(self, job: Job, *, probing: str = "") -> Job:
        """Take a job as far as it goes now: to its end, or to where it must wait.

        One that is `probing` a held service, such as `service:NAME`, tries that one.
        """
        job = self._to_probed(job, probing) if probing else self._elsewhere(job, "held") or job
        while job.state in _STAGES:
            try:
                flowing.check_awaited(self._equipment, job)
                with timed_stage(self._equipment.meter, job.state):
                    advanced = self._resumed(job) or _STAGES[job.state](self._equipment, job)
            except Exception as error:
                job, waits = self._after(job, fault_of(error))
                if waits:
                    return job
                continue
            self._note_success(job, advanced)
            job = advanced
        return job

    def _resumed(self, job: Job) -> Job | None:
        """Let a job from before a restore go on from what was delivered since."""
        if self._restored is None or job.created >= self._restored:
            return None
        return restoring.resumed(self._equipment, job, self._restored)

    def _note_success(self, before: Job, after: Job) -> None:
        """Release what held the stage that has just succeeded."""
        if after.state is State.SIGNED and before.state is State.PREPARED:
            self._succeeded(f"service:{after.service}")
        elif after.state is State.TIMESTAMPED or before.state is State.EXTENDED:
            self._succeeded("service:tsa")
        elif after.state is State.PROVEN:
            self._succeeded("service:revocation")
        if before.code.startswith("revocation."):
            self._succeeded("service:revocation")
        self._release_site(before)

    def _succeeded(self, subject: str) -> None:
        with self._lock:
            self._served[subject] = self._equipment.clock.now()
        if any(hold.subject == subject for hold in self._equipment.holds.all()):
            self._equipment.holds.release(subject)

    def _release_site(self, before: Job) -> None:
        waited = before.code in _SITE or before.state is State.FAILING
        if waited and any(hold.subject == "site" for hold in self._equipment.holds.all()):
            self._equipment.holds.release("site")

    def _after(self, job: Job, error: SealgateError) -> tuple[Job, bool]:
        """Deal with an error; return the job as it now is and whether it has to wait."""
        began = job.updated
        # The stage may have committed transitions of its own before it raised.
        job = self._equipment.jobs.get(job.id) or job
        if isinstance(error, ServiceFault):
            return self._service_failed(job, error, began)
        if error.code in SOON:
            delay = self._delay(job.attempts + 1, error)
            return self._wait(job, error, delay, attempts=job.attempts + 1), True
        if isinstance(error, WaitingFault):
            rested = self._rest(job, error)
            return rested, rested is not job
        if isinstance(error, SiteFault):
            self._hold("site", error)
            return self._wait(job, error), True
        settled = job.state in (State.DELIVERED, State.FAILING)
        if settled:
            delay = self._delay(job.attempts + 1, error)
            return self._wait(job, error, delay, attempts=job.attempts + 1), True
        if not isinstance(error, DocumentFault | InternalFault):
            error = InternalFault(error)
        return give_up(self._equipment, job, error.code, error.detail), False

    def _rest(self, job: Job, error: WaitingFault) -> Job:
        """Let a job wait alone; it is returned as it is when what it waits for is there now."""
        if error.code == INBOX_REMOVED:
            return self._wait(job, error, _DAY)
        if error.code == RESULT_TAKEN:
            return self._wait(job, error, _SHORT_WHILE)
        books: Batches | SealUses = self._equipment.seal_uses
        if error.code == UNDER_WAY:
            books = self._equipment.batches
        return books.rest(job)

    def _service_failed(self, job: Job, error: ServiceFault, began: datetime) -> tuple[Job, bool]:
        family = error.code.partition(".")[0]
        subject = f"service:{job.service if family == 'service' else family}"
        served = self._served.get(subject)
        others_served = served is not None and served >= began
        if error.code == "service.repeat-limit" and others_served:
            return self._give_up_signing(job, error), False
        if error.code in _PERHAPS_THE_DOCUMENT and others_served:
            attempts = job.attempts + 1
            if self._equipment.retry.gives_up(attempts, served_others=True):
                return self._give_up_signing(job, error), False
            delay = self._delay(attempts, error)
            return self._wait(job, error, delay, attempts=attempts), True
        self._hold(subject, error)
        elsewhere = self._elsewhere(job, error.code) if family == "service" else None
        if elsewhere is not None:
            return elsewhere, False
        return self._wait(job, error), True

    def _to_probed(self, job: Job, subject: str) -> Job:
        """Let the service that is to be probed be the job's, if the job may go there."""
        name = subject.removeprefix("service:")
        if name == job.service or name not in job.alternatives:
            return job
        if not signing.may_reroute(self._equipment, job):
            return job
        return signing.reroute(self._equipment, job, name, "all are held")

    def _elsewhere(self, job: Job, because: str) -> Job | None:
        """Let another service of the rule sign when the job's own is held and nothing was sent."""
        if not job.alternatives or job.state not in (State.PLANNED, State.PREPARED):
            return None
        held = {hold.subject for hold in self._equipment.holds.all()}
        free = [name for name in job.alternatives if f"service:{name}" not in held]
        if job.service in free or not free or not signing.may_reroute(self._equipment, job):
            return None
        return signing.reroute(self._equipment, job, free[0], because)

    def _give_up_signing(self, job: Job, error: ServiceFault) -> Job:
        detail = f"{error.code}: {error.detail}"
        return give_up(self._equipment, job, "sign.given-up", detail)

    def _hold(self, subject: str, error: SealgateError) -> None:
        """Open or prolong a hold; its jobs wait for it, not for times of their own."""
        holds = self._equipment.holds
        failures = next((h.failures for h in holds.all() if h.subject == subject), 0) + 1
        delay = self._delay(failures, error)
        now = self._equipment.clock.now().timestamp()
        probe_at = NEVER if error.code in _NOT_BY_ITSELF else now + delay
        holds.hold(subject, error.code, error.detail, probe_at)

    def _delay(self, failures: int, error: SealgateError) -> float:
        asked = error.retry_after if isinstance(error, ServiceFault) else None
        return self._equipment.retry.delay(failures, random.random(), asked)  # noqa: S311  # jitter

    def _wait(
        self, job: Job, error: SealgateError, delay: float = 0.0, attempts: int | None = None
    ) -> Job:
        # Why a document fails is told to people, whatever keeps it from being laid in failed/.
        told: SealgateError | Job = job if job.state is State.FAILING else error
        return self._equipment.jobs.advance(
            job,
            Event.HELD,
            {"code": error.code, "detail": error.detail, "in": job.state.value},
            code=told.code,
            detail=told.detail,
            attempts=job.attempts if attempts is None else attempts,
            not_before=self._equipment.clock.now().timestamp() + delay if delay else 0.0,
        )
