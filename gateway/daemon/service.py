"""The daemon proper: supervision around the engine until it is told to stop."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from apscheduler.schedulers.background import BackgroundScheduler

from gateway.core.errors import SiteFault
from gateway.core.site import InboxSettings
from gateway.daemon.engine import Engine
from gateway.daemon.notification import notify, watchdog_interval
from gateway.daemon.signals import SignalSwitch
from gateway.folders.inbox import FolderInbox
from gateway.folders.watch import FolderWatch
from gateway.pipeline import foresight
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.live_rules import LiveRules

_RELOAD_SECONDS = 1.0
_STATUS_SECONDS = 5.0
_FORESIGHT_SECONDS = 3600.0
_AGAIN_SECONDS = 1.0
"""Pause after a round that could not be done."""
_FOR_GOOD = "ledger.damaged"
"""What does not pass by itself: the daemon ends with it."""
_ROUND_SECONDS = 120.0
"""A round that takes longer is taken for a hang, and the supervisor is not told of life."""


class Service:
    """Runs a site until a signal ends it."""

    def __init__(
        self,
        equipment: Equipment,
        engine: Engine,
        inboxes: tuple[tuple[InboxSettings, FolderInbox], ...],
        rules: LiveRules,
        say: Callable[[str], None],
        *,
        parties: Path,
        moved: Callable[[], None],
        signals: SignalSwitch,
        over: Callable[[], bool] = lambda: False,
    ) -> None:
        self._equipment = equipment
        self._engine = engine
        self._inboxes = inboxes
        self._rules = rules
        self._parties = parties
        self._signals = signals
        self._over = over
        """Tells whether this node is to coordinate no longer."""
        self._say = say
        self._watch = FolderWatch(engine.hint)
        self._flows = FolderWatch(lambda name: moved())
        self._stopping = threading.Event()
        self._told = ""
        """The fault of the last round, if it could not be done."""
        self._scheduler = BackgroundScheduler(timezone="UTC")

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; SIGHUP looks at rules and inboxes at once."""
        with self._signals.going_to(self._heed):
            self._run()

    def _run(self) -> None:
        self._start_watching()
        self._start_schedules()
        self._equipment.log.record("daemon.started", {})
        notify("READY=1", f"STATUS={self._status()}")
        self._say("ready")
        try:
            while not (self._stopping.is_set() or self._signals.ending.is_set() or self._over()):
                self._round()
        finally:
            self._stop()

    def _stop(self) -> None:
        notify("STOPPING=1")
        self._say("stopping: waiting for the documents under way")
        self._scheduler.shutdown(wait=False)
        self._watch.stop()
        self._flows.stop()
        self._engine.stop()
        try:
            self._equipment.log.record("daemon.stopped", {})
        except SiteFault as fault:
            self._say(f"not logged: {fault}")
        self._say("stopped")

    def _round(self) -> None:
        """Work for one round; what ledger or disk refuse costs a pause, not the daemon's life."""
        try:
            self._engine.round()
        except SiteFault as fault:
            if fault.code == _FOR_GOOD:
                raise
            if fault.code != self._told:
                self._say(f"trying again until it works: {fault}")
            self._told = fault.code
            self._stopping.wait(_AGAIN_SECONDS)
            return
        if self._told:
            self._say("it works again")
        self._told = ""

    def _heed(self, number: int) -> None:
        if number in (signal.SIGTERM, signal.SIGINT):
            self._stopping.set()
            self._engine.wake()
        else:
            for settings, _ in self._inboxes:
                self._engine.hint(settings.name)

    def _start_watching(self) -> None:
        self._flows.add("flows", self._parties, recursive=True, events=True)
        for settings, inbox in self._inboxes:
            self._watch.add(settings.name, settings.path, settings.recursive, inbox.uses_events)
            mode = self._watch.mode(settings.name)
            details = {"inbox": settings.name, "watching": mode, "settle": f"{inbox.quiet:g} s"}
            self._equipment.log.record("inbox.watched", details)
            self._say(f"inbox {settings.name}: {mode}, settles after {inbox.quiet:g} s")

    def _start_schedules(self) -> None:
        """Let the scheduler wake work; it holds no state of its own."""
        self._scheduler.add_job(self._look_after, "interval", seconds=_RELOAD_SECONDS)
        self._scheduler.add_job(self._tell_status, "interval", seconds=_STATUS_SECONDS)
        self._scheduler.add_job(
            self._look_ahead,
            "interval",
            seconds=_FORESIGHT_SECONDS,
            next_run_time=self._equipment.clock.now(),
        )
        interval = watchdog_interval()
        if interval is not None:
            self._scheduler.add_job(self._sign_of_life, "interval", seconds=interval)
        self._scheduler.start()

    def _look_after(self) -> None:
        """Take edited rules, and watch folders again that were deleted and made anew."""
        now = self._equipment.clock.now().timestamp()
        with suppress(SiteFault):  # of the ledger: the rounds tell of it
            self._rules.reload_if_changed(self._equipment.holds, now)
        self._watch.refresh()
        self._flows.refresh()

    def _look_ahead(self) -> None:
        with suppress(SiteFault):
            for one in foresight.tell(self._equipment, foresight.foresee(self._equipment)):
                self._say(f"{one.event} {one.service}: {one.what}")

    def _sign_of_life(self) -> None:
        if self._engine.since_round() < _ROUND_SECONDS:
            notify("WATCHDOG=1")

    def _tell_status(self) -> None:
        with suppress(SiteFault):
            notify(f"STATUS={self._status()}")

    def _status(self) -> str:
        holds = self._equipment.holds.all()
        held = "; ".join(f"{hold.subject} held: {hold.code}" for hold in holds)
        return held or f"{self._engine.waiting() + self._engine.resting()} files waiting"
