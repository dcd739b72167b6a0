"""Choose who runs the jobs of a site."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.distribution.threads import LocalThreads
from gateway.ports import Distribution, Nodes, Work

if TYPE_CHECKING:
    from gateway.distribution.worker import TaskWorker
    from gateway.ledger import Ledger


def local_threads(threads: int, work: Work) -> Distribution:
    """Return threads of this process that run jobs."""
    return LocalThreads(threads, work)


@dataclass(frozen=True)
class Shared:
    """What a node shares the work with."""

    nodes: Nodes
    queue: Distribution
    worker: TaskWorker


def shared_work(
    ledger: Ledger, node: str, work: Work, say: Callable[[str], None], *, threads: int, beat: float
) -> Shared | None:
    """Return what lets a node share the work of a site; None where only one may work on it.

    It runs `threads` jobs at a time and gives a sign of life each `beat` seconds.
    """
    if ledger.nodes is None:
        return None
    from gateway.distribution.queue import TaskQueue  # noqa: PLC0415  # where chosen
    from gateway.distribution.worker import TaskWorker  # noqa: PLC0415
    from gateway.ledger.postgresql.ledger import PostgresqlLedger  # noqa: PLC0415
    from gateway.ledger.postgresql.store import session_name  # noqa: PLC0415

    assert isinstance(ledger, PostgresqlLedger)  # noqa: S101  # which alone has nodes
    members, address = ledger.members, ledger.store.address.named(session_name(node))
    worker = TaskWorker(
        address.keywords(),
        threads,
        work,
        lambda number: members.work_as(node, number),
        say,
        heartbeat=beat,
    )
    return Shared(members, TaskQueue(ledger.store.session, threads), worker)
