"""The ledger in a PostgreSQL database; imported only where one is configured."""

from __future__ import annotations

from gateway.ledger.ledger import Ledger
from gateway.ledger.postgresql.address import PostgresqlAddress
from gateway.ledger.postgresql.leases import PostgresqlLeases
from gateway.ledger.postgresql.looking import PostgresqlPlace
from gateway.ledger.postgresql.nodes import PostgresqlNodes
from gateway.ledger.postgresql.store import PostgresqlStore
from gateway.ports import Clock


class PostgresqlLedger(Ledger):
    """The ledger in a database. Several processes and machines may use the same one.

    Raises `UsageFault` (`ledger.newer`) and `SiteFault` when opened.
    """

    def __init__(self, address: PostgresqlAddress, clock: Clock) -> None:
        store = PostgresqlStore(address)
        super().__init__(store, PostgresqlPlace(address), clock)
        self.leases = PostgresqlLeases(store)
        self.nodes = self.members = PostgresqlNodes(store, clock)
        self.store = store
