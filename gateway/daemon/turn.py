"""Whose turn it is to work on a site: one process's, on one machine or on several.

On one machine a lock on a file tells (`lock`). Where several reach the ledger, a lease in it does:
a node that dies, or is cut off, loses it after some seconds to the next that stands by, and
commits nothing afterwards (`Leases`).
"""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gateway.core.errors import SealgateError, SiteFault, UsageFault
from gateway.daemon.lock import SiteLock, holder
from gateway.ports import Lease, Leases

_MACHINE = Path("/etc/machine-id")
_FENCED = "ledger.fenced"
_LOOK_SECONDS = 0.5
_RENEWALS = 3.0
"""Renewals in the time for which a lease is taken."""


class Turn:
    """The right to work on one site."""

    def __init__(self, state: Path, leases: Leases | None, seconds: float, node: str = "") -> None:
        """Take leases for `seconds` under the name `node`; without one, under the machine's."""
        self._state = state
        self._leases = leases
        self._seconds = seconds
        self.node = node or _node(state)

    @contextmanager
    def taken(self, stand_by: Callable[[str], bool] | None = None) -> Iterator[None]:
        """Have the turn while the block runs; raises `UsageFault` (`usage.already-running`).

        While another node has it, `stand_by` is told its name again and again, and says whether
        to go on waiting.
        """
        with self.here(), self.coordinating(stand_by):
            yield

    @contextmanager
    def here(self) -> Iterator[None]:
        """Be the only process of this node; raises `UsageFault` (`usage.already-running`)."""
        if self._leases is None:
            yield
            return
        folder = self._state / "nodes" / self.node
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with SiteLock(folder):
            yield

    @contextmanager
    def coordinating(self, stand_by: Callable[[str], bool] | None = None) -> Iterator[None]:
        """Have the turn, as `taken`, of a node that is `here`."""
        if self._leases is None:
            with SiteLock(self._state):
                yield
            return
        lease = self._take(self._leases, stand_by)
        with _renewing(self._leases, lease, self._seconds):
            yield

    def worker(self) -> int | None:
        """Return the process that works on the site, or None; 0 when it is not known which."""
        if self._leases is None:
            return holder(self._state)
        lease = self._leases.current()
        if lease is None or lease.expired:
            return None
        return holder(self._state / "nodes" / lease.holder) or 0

    def _take(self, leases: Leases, stand_by: Callable[[str], bool] | None) -> Lease:
        waiting = threading.Event()
        while True:
            try:
                lease = leases.take(self.node, self._seconds)
                if lease is not None:
                    return lease
                current = leases.current()
                other = f"node {current.holder}" if current is not None else "another node"
            except SiteFault as fault:  # a node that was stopped may hold up the ledger, too
                if stand_by is None:
                    raise
                other = f"somebody ({fault.code})"
            if stand_by is None or not stand_by(other):
                raise UsageFault("usage.already-running", other)
            waiting.wait(_LOOK_SECONDS)


@contextmanager
def _renewing(leases: Leases, lease: Lease, seconds: float) -> Iterator[None]:
    """Keep a lease while the block runs, and give it back; one that is lost ends the process.

    It ends as by SIGTERM, then with `SiteFault` (`ledger.fenced`).
    """
    stopping, lost = threading.Event(), threading.Event()

    def renew() -> None:
        while not stopping.wait(seconds / _RENEWALS):
            try:
                leases.renew(lease, seconds)
            except SealgateError as fault:
                # A ledger that is away is waited for by the work itself.
                if fault.code == _FENCED:
                    lost.set()
                    os.kill(os.getpid(), signal.SIGTERM)
                    return

    thread = threading.Thread(target=renew, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()
        with suppress(SealgateError):  # it expires by itself
            leases.release(lease)
    if lost.is_set():
        raise SiteFault(_FENCED, f"node {lease.holder}")


def _node(state: Path) -> str:
    """Return a name that no other node of the site has: another machine, or another folder."""
    machine = _MACHINE.read_text() if _MACHINE.exists() else ""
    whole = hashlib.sha256(f"{machine.strip()}:{state}".encode()).hexdigest()
    return f"{socket.gethostname()[:40]}-{whole[:8]}"
