"""The command that works for ever: run, alone or as one of several nodes."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from gateway.cli.daemon_log import JsonLog, TextLog
from gateway.cli.log_timestamps import stamping_work
from gateway.cli.site import opened, turn_of
from gateway.cli.working import engine_of
from gateway.core.errors import SiteFault, UsageFault
from gateway.core.job import Job
from gateway.core.status_page import InboxStatus
from gateway.daemon.at_work import AtWork, at_work
from gateway.daemon.engine import Engine
from gateway.daemon.fetching import fetching
from gateway.daemon.flow_attending import FlowAttending
from gateway.daemon.log_stamping import stamping
from gateway.daemon.notification import notify
from gateway.daemon.purging import ScheduledPurge, purging
from gateway.daemon.pushing import pushing
from gateway.daemon.restored import wait_for_release
from gateway.daemon.service import Service
from gateway.daemon.signals import SignalSwitch
from gateway.daemon.status_pages import PageSettings, StatusPages, keeping_pages
from gateway.daemon.telling import telling
from gateway.wiring import Site, flow_clerk, monitored

_LOOK_SECONDS = 0.5
_AGAIN_SECONDS = 1.0
"""Pause after a node could not begin to coordinate."""


def run(chosen: argparse.Namespace) -> int:
    """Work as a daemon until told to stop."""
    log = JsonLog() if chosen.log == "json" else TextLog()
    signals = SignalSwitch()
    signals.start()
    with log.faults(), opened(chosen.site, serving=True) as site:
        turn = turn_of(site, chosen.node or "")
        if not wait_for_release(site.equipment.holds, log.say, signals.ending):
            return 0
        site.documents.start_early()
        site.ledger.check(meanwhile=True)
        site.rules.announce()
        with turn.here(), at_work(site, turn.node, log.say) as crew:
            standing = _StandingBy(crew, signals, log.say)
            while not signals.ending.is_set():
                if standing.over():
                    signals.ending.wait(_LOOK_SECONDS)
                    continue
                try:
                    with turn.coordinating(standing), crew.coordinating(), log.repeating(site):
                        _coordinate(site, crew, log, signals, standing.over)
                except UsageFault:
                    if not standing.over():
                        raise
                except SiteFault as fault:
                    # Its worker goes on meanwhile, and so it will when the ledger is back.
                    if crew.node is None or fault.code == "ledger.fenced":
                        raise
                    log.say(f"coordinates no longer: {fault}")
                    signals.ending.wait(_AGAIN_SECONDS)
    return 0


class _StandingBy:
    """What a node does while another one coordinates: it says so, and lets its worker work."""

    def __init__(self, crew: AtWork, signals: SignalSwitch, say: Callable[[str], None]) -> None:
        self._node = crew.node
        self._signals = signals
        self._say = say
        self._told: set[str] = set()

    def __call__(self, other: str) -> bool:
        """Say once, for each, which node coordinates; tell whether to go on waiting."""
        if other not in self._told:
            self._say(f"standing by: {other} coordinates, this node works")
            notify("READY=1", f"STATUS=working; {other} coordinates")
        self._told.add(other)
        return not self.over()

    def over(self) -> bool:
        """Tell whether this node is to coordinate no longer, or not at all."""
        draining = self._node is not None and self._node.draining.is_set()
        return draining or self._signals.ending.is_set()


def _coordinate(
    site: Site,
    crew: AtWork,
    log: JsonLog | TextLog,
    signals: SignalSwitch,
    over: Callable[[], bool],
) -> None:
    """Attend inboxes and do all that is done once for a site, until told to stop."""
    flows = FlowAttending(flow_clerk(site, log.say), log.say)

    def ended(job: Job) -> None:
        log.ended(job)
        flows.ended(job)

    engine = engine_of(site, site.inboxes, crew.distribution, ended)
    with (
        flows.attending(engine.wake),
        telling(site.notifying, log.say),
        fetching(site.equipment, site.fetchers, engine.hint, log.say),
        pushing(site.equipment, site.pushers, log.say),
        monitored(site, engine),
        keeping_pages(_pages(site, engine, log.say), log.say),
        purging(_purges(site), log.say),
        stamping(stamping_work(site), log.say),
    ):
        Service(
            site.equipment,
            engine,
            site.inboxes,
            site.rules,
            log.say,
            parties=site.loaded.settings.parties,
            moved=flows.moved,
            signals=signals,
            over=over,
        ).run()


def _purges(site: Site) -> ScheduledPurge | None:
    """Return what purges the archive by schedule, if the site has one."""
    settings = site.loaded.settings
    if settings.retention is None or not settings.purges:
        return None
    renewals = settings.state / "renewals"
    return ScheduledPurge(site.equipment, settings.retention, settings.purges, renewals)


def _pages(site: Site, engine: Engine, say: Callable[[str], None]) -> StatusPages | None:
    """Return the keeper of the site's status pages, if any inbox has one."""
    settings = site.loaded.settings
    shown = [(one, port) for one, port in site.inboxes if one.status_page]
    if not shown:
        return None
    blank = tuple(
        InboxStatus(settings.name, one.name, settings.language, running=True) for one, _ in shown
    )
    boards = PageSettings(blank, {one.name: port for one, port in shown})
    return StatusPages(site.equipment, boards, engine, say)
