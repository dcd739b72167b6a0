"""Telling what happened: from the signing log into a queue, from the queue to its targets.

Theory of operation: the log is the source. What it has said since the last look becomes rows of
the queue in the transaction that moves the look forward, so that a kill loses no notice and
queues none twice. A row leaves the queue after its target has taken it; a kill in between tells
it again, with the same id. Documents never wait for any of this.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gateway.core.chain import LogEntry
from gateway.core.errors import NoticeFault
from gateway.core.notice_settings import NoticeKind, Subscription
from gateway.core.notice_texts import Message, compose
from gateway.core.notices import Notice, job_of, notice_of, wants
from gateway.pipeline.flow_telling import FlowTelling
from gateway.ports import Clock, Jobs, NoticeQueue, NoticeState, Notifier, QueuedNotice

_PAGE = 500
"""Entries looked at in one transaction."""
_LONGEST_PAUSE = 60.0
"""Seconds."""
_MOST = 500
"""Notices in one digest."""


@dataclass(frozen=True)
class Attempt:
    """What came of one attempt to tell something."""

    pause: float
    """Seconds for which this target is to be left alone."""
    dead: int = 0
    """Notices that were laid aside."""
    code: str = ""
    detail: str = ""


class Notifying:
    """All notices of a site. `deliver` may run on several threads, one for each subscription."""

    def __init__(
        self,
        site: str,
        *,
        subscriptions: tuple[Subscription, ...],
        notifiers: Mapping[str, Notifier],
        queue: NoticeQueue,
        jobs: Jobs,
        clock: Clock,
        telling: FlowTelling | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._site = site
        self.subscriptions = subscriptions
        self._notifiers = notifiers
        self._queue = queue
        self._jobs = jobs
        self._clock = clock
        self._telling = telling
        self._chance = chance

    def begin(self) -> None:
        """Begin with what happens from now on, unless an earlier run has begun already."""
        self._queue.begin(wanted=bool(self.subscriptions))

    def gather(self) -> bool:
        """Queue what the log has said since the last look; return whether there was anything."""
        entries = self._queue.fresh(_PAGE)
        if not entries:
            return False
        now = self._clock.now().timestamp()
        self._queue.queue(
            entries[-1].sequence, [row for entry in entries for row in self._rows(entry, now)]
        )
        return True

    def _rows(self, entry: LogEntry, now: float) -> list[QueuedNotice]:
        job_id = job_of(entry)
        job = self._jobs.get(job_id) if job_id else None
        notice = notice_of(entry, job, self._site)
        if notice is None:
            return []
        if self._telling is not None:
            notice = self._telling.completed(entry, notice)
        return [
            QueuedNotice(one.name, entry.sequence, notice, now + one.digest)
            for one in self.subscriptions
            if wants(one, notice)
        ]

    def deliver(self, subscription: Subscription, failures: int = 0) -> Attempt | None:
        """Tell a subscription what is due first; None when nothing is.

        `failures` counts the attempts before this one at the same target that failed in a row.
        """
        most = _MOST if subscription.digest else 1
        rows = self._queue.take(subscription.name, self._clock.now().timestamp(), most)
        if not rows:
            return None
        try:
            message = compose(subscription, tuple(row.notice for row in rows))
            self._notifiers[subscription.name].send(message)
        except NoticeFault as fault:
            return self._failed(subscription, rows, fault, failures + 1)
        except Exception as error:
            # As with documents: it must neither end the thread nor be forgotten.
            what = f"{type(error).__name__}: {error}"[:500]
            unforeseen = NoticeFault("notice.unexpected", what)
            return self._failed(subscription, rows, unforeseen, failures + 1)
        self._queue.settle(rows, NoticeState.SENT)
        return Attempt(0.0)

    def _failed(
        self,
        subscription: Subscription,
        rows: tuple[QueuedNotice, ...],
        fault: NoticeFault,
        failures: int,
    ) -> Attempt:
        attempts = max(row.attempts for row in rows) + 1
        if not fault.retryable or attempts >= subscription.attempts:
            self._queue.settle(rows, NoticeState.DEAD, code=fault.code, detail=fault.detail)
            # What is refused for good says nothing about the next one.
            pause = self._pause(subscription, failures, fault) if fault.retryable else 0.0
            return Attempt(pause, len(rows), fault.code, fault.detail)
        due = self._clock.now().timestamp() + self._delay(subscription, attempts, fault)
        self._queue.settle(rows, NoticeState.QUEUED, code=fault.code, detail=fault.detail, due=due)
        pause = self._pause(subscription, failures, fault)
        return Attempt(pause, code=fault.code, detail=fault.detail)

    def _pause(self, subscription: Subscription, failures: int, fault: NoticeFault) -> float:
        """Return for how long nothing is sent: not long, since a person may ask for it again."""
        delay = self._delay(subscription, failures, fault)
        return delay if fault.retry_after else min(delay, _LONGEST_PAUSE)

    def _delay(self, subscription: Subscription, failures: int, fault: NoticeFault) -> float:
        return subscription.retry.delay(failures, self._chance(), fault.retry_after)

    def flush(self) -> tuple[tuple[str, Attempt], ...]:
        """Queue everything, and tell each subscription what is due until one attempt fails.

        Returns the failed attempts by the names of their subscriptions.
        """
        while self.gather():
            pass
        failed: list[tuple[str, Attempt]] = []
        for one in self.subscriptions:
            while (attempt := self.deliver(one)) is not None:
                if attempt.code:
                    failed.append((one.name, attempt))
                if attempt.pause:
                    break
        return tuple(failed)

    def test(self, subscription: Subscription, name: str) -> Message:
        """Send a notice of no importance at once, past the queue; raises `NoticeFault`."""
        at = self._clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        kind = NoticeKind.TEST.value
        notice = Notice(name, kind, at, self._site, sentence="sealgate notices test")
        message = compose(subscription, (notice,))
        self._notifiers[subscription.name].send(message)
        return message
