"""One node works on a site; who has lost its lease commits nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from gateway.core.errors import SiteFault
from gateway.core.quota import Price
from gateway.core.states import Event
from gateway.ledger.postgresql.ledger import PostgresqlLedger
from tests.e2e.site import wait_for
from tests.ledger.making import StandingClock, travelled
from tests.postgresql import LedgerDatabase

_PRICE = Price("csc", 1, repeats=None, repeats_are_free=False, per_document=False, metered=False)


@pytest.fixture
def nodes(ledger_database: LedgerDatabase) -> Iterator[tuple[PostgresqlLedger, PostgresqlLedger]]:
    """Yield the ledger as two nodes have it."""
    ledger_database.empty()
    address, clock = ledger_database.address, StandingClock()
    with (
        closing(PostgresqlLedger(address, clock)) as one,
        closing(PostgresqlLedger(address, clock)) as other,
    ):
        yield one, other


def fenced(call: Callable[[], object]) -> None:
    """Let a call be refused because another node has taken over."""
    with pytest.raises(SiteFault) as fault:
        call()
    assert fault.value.code == "ledger.fenced"


def test_one_at_a_time(nodes: tuple[PostgresqlLedger, PostgresqlLedger]) -> None:
    """While one has the lease nobody else gets it; given back, it is there for the next."""
    one, other = nodes
    assert one.leases.current() is None
    lease = one.leases.take("one", 60)
    assert lease is not None
    assert other.leases.take("other", 60) is None
    current = other.leases.current()
    assert current is not None
    assert (current.holder, current.term, current.expired) == ("one", lease.term, False)
    travelled(one, "job")
    one.leases.renew(lease, 60)
    one.leases.release(lease)
    assert other.leases.current() is None
    assert other.leases.take("other", 60) is not None
    assert one.leases.take("one", 60) is None


def test_node_that_starts_again(nodes: tuple[PostgresqlLedger, PostgresqlLedger]) -> None:
    """A node need not wait for its own lease; what is left of its former process is fenced."""
    former, again = nodes
    assert former.leases.take("one", 60)
    assert again.leases.take("one", 60)
    fenced(lambda: former.record("a.thing", {}))
    travelled(again, "job")


def test_who_was_away_too_long_spends_and_delivers_nothing(
    nodes: tuple[PostgresqlLedger, PostgresqlLedger],
) -> None:
    """Every commit of a node that has lost its lease is refused, and changes nothing."""
    zombie, next_one = nodes
    lease = zombie.leases.take("zombie", 0.05)
    assert lease is not None
    way = (Event.ACCEPTED, Event.PLANNED, Event.PREPARED)
    job = travelled(zombie, "about to be paid", way)
    way = (*way, Event.SENT, Event.ANSWERED, Event.EMBEDDED, Event.VERIFIED)
    done = travelled(zombie, "about to be delivered", way)
    wait_for("taken over", lambda: next_one.leases.take("next", 60) is not None)
    before = list(next_one.entries())
    fenced(lambda: zombie.send(job, {}, _PRICE))
    fenced(lambda: zombie.advance(done, Event.DELIVERED, {}))
    fenced(lambda: zombie.begin(_PRICE, "", "ab"))
    fenced(lambda: zombie.remember("heartbeat", "1"))
    fenced(lambda: zombie.leases.renew(lease, 60))
    zombie.leases.release(lease)
    assert list(next_one.entries()) == before
    assert next_one.send(job, {}, _PRICE).version == job.version + 1
    assert next_one.verify() == ()


def test_lease_that_nobody_wanted(nodes: tuple[PostgresqlLedger, PostgresqlLedger]) -> None:
    """A node whose lease has expired goes on when nobody has taken it meanwhile."""
    one, other = nodes
    lease = one.leases.take("one", 0.01)
    assert lease is not None

    def expired() -> bool:
        current = other.leases.current()
        return current is not None and current.expired

    wait_for("it expires", expired)
    travelled(one, "job")
    one.leases.renew(lease, 60)
    assert other.leases.take("other", 60) is None
