"""Several nodes at work on one site: each document is sealed, paid and delivered once."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.mounted import UNCACHED, Mounted
from tests.e2e.nodes import cluster_of
from tests.e2e.pages import write_pdf
from tests.e2e.site import TestSite, wait_for
from tests.postgresql import PostgresqlServer, lasting_server


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresqlServer]:
    """Yield a server that keeps what it has committed, whatever happens to it."""
    with lasting_server() as server:
        yield server


def drop(site: TestSite, folder: Path, count: int, *, since: int = 0) -> None:
    """Drop some documents, each another, so that there were so many."""
    for number in range(since, count):
        site.drop(write_pdf(folder / f"{number}.pdf", (f"page of {number}",)))


def archived(site: TestSite) -> int:
    """Return how many documents have come to their end."""
    return len(list(site.archive.rglob("*-sealed.pdf")))


def done_once(site: TestSite, count: int, charged: int) -> None:
    """Check that each document was delivered once, and what was bought is accounted for."""
    assert len(site.delivered()) == len(site.events("result.delivered")) == count
    assert site.failures() == {}
    assert charged <= count + len(site.events("sign.unanswered"))
    assert site.call("log", "verify").returncode == 0


def test_nodes_share_the_work(site: TestSite, server: PostgresqlServer, tmp_path: Path) -> None:
    """Three nodes seal what was dropped, each document once; one that drains takes no more."""
    with cluster_of(site, server, "shared") as cluster:
        cluster.start("one", "two", "three")
        drop(site, tmp_path, 30)
        seen: set[str] = set()

        def all_are_archived() -> bool:
            seen.update(n["name"] for n in cluster.nodes() if n["in_flight"])
            return archived(site) == 30

        wait_for("all are archived", all_are_archived, 180)
        assert seen == {"one", "two", "three"}
        (coordinator,) = (n["name"] for n in cluster.nodes() if n["coordinating"])
        drained = site.call("nodes", "drain", coordinator, "--wait")
        assert drained.returncode == 0, drained.stderr
        wait_for("another one", lambda: cluster.coordinator() not in ("", coordinator))
        drop(site, tmp_path, 40, since=30)
        wait_for("all are archived", lambda: archived(site) == 40, 180)
        (state,) = (n for n in cluster.nodes() if n["name"] == coordinator)
        assert (state["state"], state["in_flight"]) == ("drained", 0)
        assert site.call("nodes", "resume", coordinator).returncode == 0
        wait_for("it works", lambda: "works again" in cluster.says(coordinator))
        assert site.call("nodes", "drain", "nobody").returncode == 2
        checked = {row["what"]: row["result"] for row in site.json("doctor")}
        assert {checked[f"node {name}"] for name in cluster.running if name != coordinator} == {
            "ok"
        }
        charged = site.usage()["charged"]
    done_once(site, 40, charged)
    assert charged == 40
    assert len(site.events("node.draining")) == len(site.events("node.resumed")) == 1


def test_nodes_that_die(site: TestSite, server: PostgresqlServer, tmp_path: Path) -> None:
    """A worker, then the coordinator is killed, the database crashes: each document comes once."""
    with cluster_of(site, server, "dying") as cluster:
        cluster.start("one", "two", "three")
        drop(site, tmp_path, 40)
        wait_for("some are archived", lambda: archived(site) >= 4)
        coordinator = cluster.coordinator()
        worker = next(name for name in cluster.running if name != coordinator)
        cluster.kill(worker)
        wait_for("more are archived", lambda: archived(site) >= 12)
        cluster.kill(cluster.coordinator())
        wait_for("it is replaced", lambda: cluster.coordinator() not in ("", coordinator))
        wait_for("more are archived", lambda: archived(site) >= 24)
        server.stop(signal.SIGQUIT)
        server.start()
        wait_for("all are archived", lambda: archived(site) == 40, 180)
        charged = site.usage()["charged"]
    done_once(site, 40, charged)
    assert len(site.events("node.taken-over")) >= 1


def test_nodes_that_come_back(site: TestSite, server: PostgresqlServer, tmp_path: Path) -> None:
    """Nodes are stopped for too long: others finish their work, and they can do nothing more."""
    with cluster_of(site, server, "stopping") as cluster:
        cluster.start("one", "two", "three")
        drop(site, tmp_path, 40)
        wait_for("some are archived", lambda: archived(site) >= 4)
        coordinator = cluster.coordinator()
        worker = next(name for name in cluster.running if name != coordinator)
        for name in (coordinator, worker):
            cluster.running[name].send_signal(signal.SIGSTOP)
        wait_for("all are archived", lambda: archived(site) == 40, 180)
        bought = site.usage()["charged"]
        for name in (coordinator, worker):
            cluster.running[name].send_signal(signal.SIGCONT)
            assert cluster.running[name].wait(60) == 2, cluster.says(name)
            assert "ledger.fenced" in cluster.says(name)
        charged = site.usage()["charged"]
    done_once(site, 40, charged)
    assert charged - bought <= len(site.events("sign.unanswered"))


def test_nodes_with_mounts_of_their_own(
    site: TestSite, server: PostgresqlServer, tmp_path: Path
) -> None:
    """Each node sees the site through its own sshfs, one is killed: each document comes once."""
    mounted = Mounted(tmp_path / "sshd", *UNCACHED)
    try:
        # The service of the tests tells its users by locks, which nodes on sshfs do not share.
        around = mounted.around(site.root, site.root, but="state/sandbox")
        with cluster_of(site, server, "mounted", takeover="6s", around=around) as cluster:
            cluster.start("one", "two")
            drop(site, tmp_path, 16)
            wait_for("some are archived", lambda: archived(site) >= 4)
            cluster.kill(cluster.coordinator())
            wait_for("all are archived", lambda: archived(site) == 16, 180)
            charged = site.usage()["charged"]
        done_once(site, 16, charged)
    finally:
        mounted.end()
