"""Choose who runs the jobs of a site."""

from __future__ import annotations

from gateway.distribution.threads import LocalThreads
from gateway.ports import Distribution, Work


def local_threads(threads: int, work: Work) -> Distribution:
    """Return threads of this process that run jobs."""
    return LocalThreads(threads, work)
