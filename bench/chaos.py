"""What happens to the nodes of a site, one thing after another, drawn from a seed."""

from __future__ import annotations

import random
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bench.measuring import beside
from tests.e2e.nodes import Cluster
from tests.postgresql import PostgresqlServer

_KILLED = "nodes killed"
_STOPPED = "nodes stopped for longer than the take-over, and continued"
_CRASHED = "crashes of PostgreSQL"


class Chaos:
    """Kills, stops and crashes; nodes that have ended are started again, as by a supervisor."""

    def __init__(
        self,
        cluster: Cluster,
        server: PostgresqlServer,
        seed: int,
        *,
        takeover: float,
        note: Callable[[str], None],
        pace: float,
    ) -> None:
        """`takeover` is in seconds, as is the `pace` at which something happens, on average.

        `note` is told of it as it does.
        """
        self._pace = pace
        self._note = note
        self._cluster = cluster
        self._server = server
        self._chance = random.Random(seed)  # noqa: S311  # it has to be the same every time
        self._takeover = takeover
        self._stopping = threading.Event()
        self.done: Counter[str] = Counter({_KILLED: 0, _STOPPED: 0, _CRASHED: 0})

    def told(self) -> str:
        """Return what has happened so far."""
        return ", ".join(f"{number} {what}" for what, number in sorted(self.done.items()))

    @contextmanager
    def raging(self) -> Iterator[None]:
        """Let it happen while the block runs; afterwards all nodes work."""
        try:
            with beside(self._rage, self._stopping):
                yield
        finally:
            self._cluster.revive()

    def _rage(self) -> None:
        kinds = (self._kill, self._kill, self._stop, self._stop, self._crash)
        while not self._stopping.wait(self._chance.uniform(0.5, 1.5) * self._pace):
            self._chance.choice(kinds)()
            self._stopping.wait(self._chance.uniform(1, 4))
            self._cluster.revive()

    def _kill(self) -> None:
        name = self._chance.choice(sorted(self._cluster.running))
        self._note(f"KILL {name}")
        self._cluster.kill(name)
        self.done[_KILLED] += 1

    def _stop(self) -> None:
        name = self._chance.choice(sorted(self._cluster.running))
        process = self._cluster.running[name]
        self._note(f"STOP {name}")
        process.send_signal(signal.SIGSTOP)
        self._stopping.wait(self._takeover + self._chance.uniform(2, 6))
        self._note(f"CONTINUE {name}")
        process.send_signal(signal.SIGCONT)
        self.done[_STOPPED] += 1

    def _crash(self) -> None:
        self._note("CRASH of PostgreSQL")
        self._server.stop(signal.SIGQUIT)
        self._stopping.wait(self._chance.uniform(0, 3))
        self._server.start()
        self._note("PostgreSQL is back")
        self.done[_CRASHED] += 1
