"""The clerk: looks when something has been moved, when a time has come, when a flow has changed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

from gateway.core.any_fault import fault_of
from gateway.core.errors import SealgateError, SiteFault
from gateway.core.flow_acts import Act, ActKind
from gateway.flows.bringing import take
from gateway.flows.room import FlowRoom
from gateway.flows.settling import settle
from gateway.flows.steadiness import Steadiness

HOLD = "flows"
"""Subject of the hold that shows that folders of parties cannot be used."""
_SCAN_EVERY = 20.0
_CLOSEST = 0.2
"""Seconds between two scans, whatever the events say."""
_DOUBTFUL = 1.0
"""Seconds until a clock that cannot be believed is looked at again."""
_AT_ONCE = 50
"""Flows looked after in one go, so that documents need not wait for them."""
_PAUSE = 5.0
"""Seconds for which a flow is left alone that could not be settled."""


class Clerk:
    """Attends to the flows of a site. `hint` may be called from any thread, the rest from one."""

    def __init__(
        self,
        room: FlowRoom,
        say: Callable[[str], None] = lambda text: None,
        scan_every: float = _SCAN_EVERY,
    ) -> None:
        self._room = room
        self._say = say
        self._scan_every = scan_every
        self._steadiness = Steadiness(room.clock)
        self._hinted = threading.Event()
        self._hinted.set()
        self._due = 0.0
        self._earliest = 0.0
        self._paused: dict[str, float] = {}
        self._held = True
        """There may be a hold of ours, from before us or from an earlier look."""
        self._busy = True
        self._settling = False
        """Something was moved, and has yet to settle."""
        self._prepared: set[str] = set()

    def hint(self) -> None:
        """Note that something may have been moved."""
        self._hinted.set()

    def attend(self) -> None:
        """Do what is to be done now; nothing while the clock is in doubt."""
        now = self._room.clock.monotonic()
        if not self._steadiness.steady():
            self._earliest = self._due = now + _DOUBTFUL
            self._busy = False
            return
        if (self._hinted.is_set() and now >= self._earliest) or now >= self._due:
            self._hinted.clear()
            self._guarded("", self._scan)
        for flow in self._room.agenda.due(_AT_ONCE):
            self._guarded(flow, partial(self._tick, flow))
        changed = self._room.agenda.unsettled(_AT_ONCE + len(self._paused))
        for flow, changes in changed:
            self._guarded(flow, partial(self._settle, flow, changes))
        self._busy = any(flow not in self._paused for flow, _ in changed)

    def next_due(self) -> float:
        """Return the seconds until the next look is due."""
        now = self._room.clock.monotonic()
        due = self._earliest if self._hinted.is_set() else self._due
        return 0.0 if self._busy else max(0.0, due - now)

    def working(self) -> bool:
        """Tell whether flows have changed, so that there may be jobs to be done."""
        return self._busy

    def busy(self) -> bool:
        """Tell whether something is to be done that needs nobody outside."""
        # Asked anew: the end of a job may have changed its flow since the last look.
        changed = self._room.agenda.unsettled(1 + len(self._paused))
        left = any(flow not in self._paused for flow, _ in changed)
        return left or self._settling or self._hinted.is_set()

    def _scan(self) -> None:
        for party in self._room.parties():
            if party not in self._prepared:
                self._room.folders.prepare(party)
                self._prepared.add(party)
        began = self._room.clock.monotonic()
        gathered = self._room.trays.examine()
        ended = self._room.clock.monotonic()
        for brought in gathered.brought:
            take(self._room, brought)
        if gathered.faults:
            raise gathered.faults[0]
        self._earliest = ended + max(_CLOSEST, 10 * (ended - began))
        soon = self._room.trays.next_due()
        self._settling = soon is not None
        pause = self._scan_every if soon is None else min(self._scan_every, soon)
        self._due = max(self._earliest, ended + pause)

    def _tick(self, flow: str) -> None:
        self._room.office.act(flow, Act(ActKind.TICK))

    def _settle(self, flow: str, changes: int) -> None:
        settle(self._room, flow)
        self._room.agenda.settled(flow, changes)

    def _guarded(self, flow: str, work: Callable[[], None]) -> None:
        """Keep a fault of one flow, or of one folder, from stopping the others."""
        now = self._room.clock.monotonic()
        if self._paused.get(flow, 0.0) > now:
            return
        self._paused.pop(flow, None)
        try:
            work()
        except Exception as error:
            # As with documents: an unforeseen fault of one must not end the others' work.
            fault = fault_of(error)
            self._paused[flow] = now + _PAUSE
            self._hold(flow, fault)
        else:
            if self._held and not self._paused:
                self._room.holds.release(HOLD)
                self._held = False

    def _hold(self, flow: str, fault: SealgateError) -> None:
        """Say once what keeps flows from going on."""
        self._held = True
        if not isinstance(fault, SiteFault):
            self._say(f"flow {flow}: {fault}")
        if all(hold.subject != HOLD for hold in self._room.holds.all()):
            at = self._room.clock.now().timestamp()
            self._room.holds.hold(HOLD, fault.code, fault.detail, at)
