"""A process at work on a site: its threads alone, or as one of several nodes."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress

from gateway import __version__
from gateway.core.errors import SealgateError, SiteFault
from gateway.core.job import Job
from gateway.daemon.work import JobWork
from gateway.ports import Distribution, Errand, Forget, NodeFacts
from gateway.wiring import Shared, Site, local_threads, passages, shared_work

_FENCED = "ledger.fenced"
_BEATS = 3.0
"""Signs of life in the time after which others take over."""


class AtWork:
    """What runs the jobs of a site in this process."""

    def __init__(self, distribution: Distribution, node: Node | None) -> None:
        self.distribution = distribution
        self.node = node
        """None where no others share the work."""

    def coordinating(self) -> AbstractContextManager[None]:
        """Let this process coordinate the others while the block runs, if there are any."""
        return nullcontext() if self.node is None else self.node.coordinating()


class Node:
    """This process among the nodes of a site."""

    def __init__(
        self,
        name: str,
        shared: Shared,
        seconds: float,
        say: Callable[[str], None],
        forget: Forget,
    ) -> None:
        self.name = name
        self._shared = shared
        self._seconds = seconds
        self._say = say
        self._forget = forget
        self._stopping = threading.Event()
        self.draining = threading.Event()
        """Somebody has told it to take nothing more."""
        self.fenced = threading.Event()
        """Others have taken over from it."""
        self._coordinates = threading.Event()
        self._thread = threading.Thread(target=self._live, name="node", daemon=True)

    def start(self, *, draining: bool) -> None:
        """Begin to work, or to wait until somebody lets it work."""
        self._shared.worker.start(resting=draining)
        if draining:
            self.draining.set()
            self._say(f"draining: takes nothing; sealgate nodes resume {self.name} lets it work")
        self._thread.start()

    def stop(self) -> None:
        """Take nothing more; return when what is under way has ended."""
        self._shared.worker.stop()
        self._stopping.set()
        self._thread.join()

    def end(self) -> None:
        """Let the process end: others have taken over."""
        if not self.fenced.is_set():
            self.fenced.set()
            os.kill(os.getpid(), signal.SIGTERM)

    def _live(self) -> None:
        steady, missed = 0, -1
        while not self._stopping.wait(self._seconds / _BEATS):
            number = self._shared.worker.number
            try:
                self._heed(self._shared.nodes.sign_of_life(self.name, number))
                # Not at once when the server was away: nobody could give a sign of life then.
                steady += 1
                if self._coordinates.is_set() and steady > _BEATS:
                    for name in self._shared.nodes.take_over(self._seconds, self._forget):
                        self._say(f"took over from node {name}")
            except SealgateError as fault:
                steady = 0
                # A worker that ends in good order has no row any more for a moment, either.
                if fault.code == _FENCED and number == missed:
                    self.end()
                    return
                missed = number if fault.code == _FENCED and number is not None else -1

    @contextmanager
    def coordinating(self) -> Iterator[None]:
        """Look for nodes that are silent while the block runs; at first, for what they left."""
        self._shared.nodes.take_over(self._seconds, self._forget, always=True)
        self._coordinates.set()
        try:
            yield
        finally:
            self._coordinates.clear()

    def _heed(self, draining: bool) -> None:
        if draining and not self.draining.is_set():
            self._say("draining: finishes what it has, takes nothing new")
            self.draining.set()
            self._shared.worker.rest()
        elif not draining and self.draining.is_set():
            self._say("works again")
            self.draining.clear()
            self._shared.worker.work_again()


@contextmanager
def at_work(site: Site, name: str, say: Callable[[str], None]) -> Iterator[AtWork]:
    """Let this process run jobs of a site in the block, as the node `name` where there are several.

    Raises `SiteFault` (`ledger.fenced`) at the end when others have taken over.
    """
    settings = site.loaded.settings
    work = JobWork(site.equipment, say)
    threads = settings.limits.in_flight
    seconds = settings.ledger.takeover if settings.ledger is not None else 0.0
    node: Node | None = None

    def fenced_work(errand: Errand) -> Job | None:
        job = work(errand)
        if work.fenced and node is not None:
            node.end()
        return job

    shared = shared_work(
        site.ledger, name, fenced_work, say, threads=threads, beat=seconds / _BEATS
    )
    if shared is None:
        yield AtWork(local_threads(threads, work), None)
        return
    joined = shared.nodes.join(_facts(site, name))
    with passages(settings, joined.number) as forget:
        node = Node(name, shared, seconds, say, forget)
        node.start(draining=joined.draining)
        try:
            yield AtWork(shared.queue, node)
        finally:
            with suppress(SealgateError):
                node.stop()
    if node.fenced.is_set():
        raise SiteFault(_FENCED, f"node {name}")


def _facts(site: Site, name: str) -> NodeFacts:
    settings = site.loaded.settings
    text = (settings.root / "gateway.yaml").read_bytes()
    whole = hashlib.sha256(text).hexdigest()[:16]
    return NodeFacts(name, socket.gethostname(), __version__, whole)
