"""Fairness: which of the ready jobs are started next, so that none starves another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from gateway.core.job import Job

LARGE = 20 * 1000 * 1000
"""Bytes above which a file counts as large."""


def choose(
    ready: Sequence[Job],
    working: Sequence[Job],
    threads: int,
    limits: Mapping[str, int],
    turns: Mapping[str, int],
) -> tuple[Job, ...]:
    """Return the jobs to start now, in order; `ready` lists the oldest first.

    A higher priority goes first; among equals the inbox with the fewest jobs under way, then
    the one whose last turn is longest ago (`turns`: inbox → a number that grows), then age.
    `limits` bounds the jobs under way of an inbox. Large files get at most half of the threads
    while smaller ones could go.
    """
    busy = Counter(job.inbox for job in working)
    large = sum(job.size > LARGE for job in working)
    latest = dict(turns)
    left = list(ready)
    chosen: list[Job] = []
    while len(working) + len(chosen) < threads:
        open_now = [job for job in left if busy[job.inbox] < limits.get(job.inbox, threads)]
        small = [job for job in open_now if job.size <= LARGE]
        if small and large >= max(1, threads // 2):
            open_now = small
        if not open_now:
            break
        job = min(
            open_now, key=lambda job: (-job.priority, busy[job.inbox], latest.get(job.inbox, -1))
        )
        left.remove(job)
        chosen.append(job)
        busy[job.inbox] += 1
        large += job.size > LARGE
        latest[job.inbox] = max(latest.values(), default=0) + 1
    return tuple(chosen)


def room(threads: int, ahead: int, inboxes: int, claimed: int) -> int:
    """Return how many files of one inbox may be claimed, where `claimed` of it are under way.

    All inboxes share `ahead` claims a thread evenly, but each may fill every thread.
    """
    share = max(threads, threads * ahead // max(1, inboxes))
    return max(0, share - claimed)
