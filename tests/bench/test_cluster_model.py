"""The model of a cluster: its rules, and that it counts what it says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench import cluster_model
from bench.cluster_constants import Constants, read
from bench.cluster_model import Assumed, Lock, lock_of, lock_wall, simulate, walls

_LOCK = Lock(round_trip=0.001, group=0.0005, step=0.0005, waits_per_step=0.1)
_SITE = {"steps": 10, "nodes": 5, "seconds": 6.0, "seed": 7}


def _wall(lock: Lock) -> float:
    return lock_wall(lock, Assumed(), **_SITE)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def wall() -> float:
    """Return the wall of the lock that the others are compared with."""
    return _wall(_LOCK)


def _walls(constants: Constants, assumed: Assumed | None = None) -> dict[str, float]:
    found = walls(constants, assumed or Assumed(), processor=0.05, nodes=100)
    return {one.what: one.documents for one in found}


def test_twice_the_time_under_the_lock_halves_the_wall(wall: float) -> None:
    """What every group holds it for is what counts."""
    twice = Lock(*(2 * each for each in (_LOCK.round_trip, _LOCK.group, _LOCK.step)), 0.1)
    assert _wall(twice) == pytest.approx(wall / 2, rel=0.15)


def test_the_wall_is_where_full_groups_are(wall: float) -> None:
    """Where work begins to pile up before the lock, all groups are full: simulated and computed."""
    assert wall == pytest.approx(_LOCK.wall() / _SITE["steps"], rel=0.25)


def test_waits_under_the_lock_cost_ways_to_the_server(wall: float) -> None:
    """A step that waits for an answer moves the wall nearer, the more so the farther the server."""
    assert _wall(replace(_LOCK, waits_per_step=1)) < 0.5 * wall
    assert _wall(replace(_LOCK, round_trip=0.004)) < 0.8 * wall


def test_all_documents_end_where_the_lock_is_free() -> None:
    """Far below the wall each step waits for its own way alone, and nearly all documents end."""
    seen = simulate(_LOCK, 5, Assumed(), **_SITE)  # type: ignore[arg-type]
    assert seen.keeps_up
    assert seen.finished > 0.7 * seen.offered > 0
    alone = _LOCK.round_trip + _LOCK.held(1) + Assumed().disk_wait
    assert sorted(seen.waits)[len(seen.waits) // 2] == pytest.approx(alone, rel=0.1)


def test_work_piles_up_beyond_the_wall(wall: float) -> None:
    """There nobody keeps up, however long it goes on."""
    beyond = simulate(_LOCK, 1.5 * wall, Assumed(), **_SITE)  # type: ignore[arg-type]
    assert not beyond.keeps_up


def test_the_same_again() -> None:
    """The same seed gives the same events, another one others."""
    first, again = (simulate(_LOCK, 20, Assumed(), **_SITE) for _ in range(2))  # type: ignore[arg-type]
    other = simulate(_LOCK, 20, Assumed(), **(_SITE | {"seed": 8}))  # type: ignore[arg-type]
    assert first == again
    assert first != other


def test_each_wall_follows_its_resource() -> None:
    """Half of a resource is half of its wall, and of no other one."""
    constants, assumed = read(), Assumed()
    whole = _walls(constants)
    half = _walls(constants, replace(assumed, syncs=assumed.syncs / 2, vacuum=assumed.vacuum / 2))
    changed = {"fsync on the shared folder", "vacuum"}
    assert half == {
        name: pytest.approx(each / 2 if name in changed else each) for name, each in whole.items()
    }
    assert all(each > 0 for each in whole.values())


def test_it_tells_of_the_first_wall(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The walls are printed in the order in which they are met, for each distance."""
    monkeypatch.setattr("sys.argv", ["model", "--seconds", "1.5", "--nodes", "20"])
    cluster_model.main()
    printed = capsys.readouterr().out
    rows = [line for line in printed.splitlines() if "documents/s" not in line and "| " in line]
    assert sum("the ledger's lock" in row for row in rows) == 3
    assert "2 ms, peak hour" in printed
    assert "a year, GiB" in printed
    assert lock_of(read(), 0.002).held(1) > lock_of(read(), 0.0001).held(1)
