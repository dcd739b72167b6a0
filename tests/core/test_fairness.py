"""Fairness: who is started next."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime

from gateway.core.fairness import LARGE, choose, room
from gateway.core.job import Job
from gateway.core.states import State

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def job(number: int, inbox: str, *, priority: int = 0, size: int = 1) -> Job:
    """Return a claimed job."""
    return Job(
        f"{number:06}",
        State.CLAIMED,
        1,
        inbox,
        "a.pdf",
        "/a",
        NOW,
        NOW,
        priority=priority,
        size=size,
    )


def test_a_full_inbox_does_not_starve_one_with_one_file() -> None:
    """With one thread, the single file of another inbox is the second one at the latest."""
    many = [job(number, "many") for number in range(10_000)]
    lone = job(99_999, "lone")
    first = choose([*many, lone], [], 1, {}, {"many": 1})
    assert first == (lone,)
    assert choose(many, [], 1, {}, {"many": 1, "lone": 2}) == (many[0],)


def test_a_higher_priority_goes_first_whatever_its_age() -> None:
    """An urgent job passes older ones of every inbox."""
    urgent = job(9, "b", priority=5)
    assert choose([job(1, "a"), job(2, "b"), urgent], [], 2, {}, {})[0] == urgent


def test_large_files_leave_half_of_the_threads_to_small_ones() -> None:
    """Large ones take half of the threads while small ones wait, and all when none does."""
    large = [job(number, "a", size=LARGE + 1) for number in range(10)]
    small = [job(number, "a") for number in range(10, 20)]
    sizes = Counter(item.size > LARGE for item in choose([*large, *small], [], 8, {}, {}))
    assert sizes == {True: 4, False: 4}
    assert len(choose(large, [], 8, {}, {})) == 8


def test_what_is_chosen_keeps_every_bound_and_wastes_no_thread() -> None:
    """For random sites: no limit is passed, none is chosen twice, no thread idles needlessly."""
    dice = random.Random(7)
    for _ in range(300):
        made = [
            job(
                number,
                dice.choice("abc"),
                priority=dice.choice((0, 0, 1)),
                size=dice.choice((1, LARGE + 1)),
            )
            for number in range(dice.randrange(30))
        ]
        threads = dice.randrange(1, 9)
        limits = {"a": dice.randrange(1, 4)}
        working = choose(made, [], dice.randrange(threads + 1), limits, {})
        ready = [item for item in made if item not in working]
        chosen = choose(ready, working, threads, limits, {})
        assert len(set(chosen)) == len(chosen)
        assert set(chosen) <= set(ready)
        busy = Counter(item.inbox for item in (*working, *chosen))
        assert busy["a"] <= limits["a"]
        assert len(working) + len(chosen) <= threads
        left = [item for item in ready if item not in chosen]
        if len(working) + len(chosen) < threads:
            assert all(item.inbox == "a" for item in left)
            assert not left or busy["a"] == limits["a"]


def test_inboxes_share_the_room_for_claims() -> None:
    """What one inbox has claimed takes nothing from another, and each may fill the threads."""
    assert room(8, 8, 1, 0) == 64
    assert room(8, 8, 2, 32) == 0
    assert room(8, 8, 2, 0) == 32
    assert room(8, 8, 100, 3) == 5
