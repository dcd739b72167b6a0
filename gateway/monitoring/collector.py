"""What is read when somebody asks for metrics: the ledger's and the engine's present state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from gateway import __version__
from gateway.core.errors import SealgateError
from gateway.core.job import Job
from gateway.core.quota import balance
from gateway.core.states import ACTIVE
from gateway.ports import Clock, Hold, Holds, Jobs, Quotas, Watched

_DAY = 86400.0


@dataclass(frozen=True)
class Sources:
    """Where the state of a site is read."""

    jobs: Jobs
    holds: Holds
    quotas: Quotas
    metered: tuple[str, ...]
    """Services that have a quota."""
    inboxes: tuple[str, ...]
    clock: Clock
    ends: Callable[[], Mapping[str, datetime]]
    """When certificates end, by service."""


@dataclass(frozen=True)
class _Books:
    """What the ledger says."""

    jobs: tuple[Job, ...] = ()
    holds: tuple[Hold, ...] = ()
    left: tuple[tuple[str, int], ...] = ()
    usable: bool = True


class SiteCollector(Collector):
    """Gauges of one site; a ledger that cannot be read is a gauge, too."""

    def __init__(self, sources: Sources, watched: Watched) -> None:
        self._sources = sources
        self._watched = watched

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Describe nothing beforehand: the ledger is not to be asked before anybody scrapes."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Read everything once and yield it."""
        books = self._books()
        build = GaugeMetricFamily(
            "sealgate_build_info", "Always 1; tells the version.", labels=["version"]
        )
        build.add_metric([__version__], 1)
        yield build
        usable = "Whether the ledger can be read."
        yield GaugeMetricFamily("sealgate_ledger_usable", usable, int(books.usable))
        rounds = "Seconds since the last round of work."
        yield GaugeMetricFamily("sealgate_seconds_since_round", rounds, self._watched.since_round())
        yield from self._queues(books)
        if books.usable:
            yield from self._ledger(books)
        yield self._certificates()

    def _books(self) -> _Books:
        sources = self._sources
        try:
            today = sources.clock.now().date()
            return _Books(
                sources.jobs.find(ACTIVE),
                sources.holds.all(),
                tuple(
                    (name, balance(*sources.quotas.account(name), today).left)
                    for name in sources.metered
                ),
            )
        except SealgateError:
            return _Books(usable=False)

    def _queues(self, books: _Books) -> Iterator[GaugeMetricFamily]:
        now = self._sources.clock.now()
        waiting = GaugeMetricFamily(
            "sealgate_waiting_files", "Files in an inbox, not yet claimed.", labels=["inbox"]
        )
        oldest = GaugeMetricFamily(
            "sealgate_oldest_waiting_seconds",
            "Age of the document of an inbox that has waited longest for its end; 0 without one.",
            labels=["inbox"],
        )
        for name, queue in self._watched.queues().items():
            waiting.add_metric([name], queue.count)
            times = [one.since for one in queue.first]
            times += [job.created for job in books.jobs if job.inbox == name]
            age = (now - min(times)).total_seconds() if times else 0.0
            oldest.add_metric([name], max(0.0, age))
        yield waiting
        yield oldest

    def _ledger(self, books: _Books) -> Iterator[GaugeMetricFamily]:
        counted = Counter((job.inbox, job.state) for job in books.jobs)
        jobs = GaugeMetricFamily(
            "sealgate_jobs", "Documents under way, by state.", labels=["inbox", "state"]
        )
        inboxes = sorted({*self._sources.inboxes, *(job.inbox for job in books.jobs)})
        for inbox in inboxes:
            for state in ACTIVE:
                jobs.add_metric([inbox, state.value], counted[inbox, state])
        yield jobs
        held = GaugeMetricFamily(
            "sealgate_held", "1 for what is held now, and why.", labels=["subject", "code"]
        )
        for hold in books.holds:
            held.add_metric([hold.subject, hold.code], 1)
        yield held
        quota = GaugeMetricFamily(
            "sealgate_quota_left", "Units left of a prepaid quota.", labels=["service"]
        )
        for name, left in books.left:
            quota.add_metric([name], left)
        yield quota

    def _certificates(self) -> GaugeMetricFamily:
        now = self._sources.clock.now()
        days = GaugeMetricFamily(
            "sealgate_certificate_days_left",
            "Days until the first certificate of a service's chain ends; looked at every hour.",
            labels=["service"],
        )
        for service, ends in self._sources.ends().items():
            days.add_metric([service], (ends - now).total_seconds() / _DAY)
        return days
