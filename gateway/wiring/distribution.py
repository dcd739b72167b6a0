"""Choose who runs the jobs of a site."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.core.site import SiteSettings
from gateway.distribution.threads import LocalThreads
from gateway.folders.faults import as_site_fault
from gateway.folders.passages import close_passages, forget_passages, open_passages
from gateway.ports import Distribution, Forget, Nodes, Work

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


@contextmanager
def passages(settings: SiteSettings, number: int) -> Iterator[Forget]:
    """Give files their names by passages of this process while the block runs.

    Yields what lets processes that are gone give none any more. Raises `SiteFault`.
    """
    roots = [settings.state, settings.outbox, settings.archive, settings.failed]

    def forget(gone: Callable[[int], bool]) -> None:
        with as_site_fault(settings.state):
            forget_passages(roots, gone, settings.state / "spool")

    with as_site_fault(settings.state):
        open_passages(roots, number)
    try:
        yield forget
    finally:
        with as_site_fault(settings.state):
            close_passages()
