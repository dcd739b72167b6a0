"""The ledger as the wiring knows it: many faces of one store, whatever is below."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gateway.ledger.batches import LedgerBatches
from gateway.ledger.connection import Store
from gateway.ledger.copying import Copied, copy_ledger
from gateway.ledger.credentials import LedgerCredentials, LedgerOneTimeLinks
from gateway.ledger.droppers import LedgerDroppers
from gateway.ledger.flow_lists import LedgerFlowLists
from gateway.ledger.flows import LedgerFlows
from gateway.ledger.holds import LedgerHolds
from gateway.ledger.jobs import LedgerJobs
from gateway.ledger.keeper_requests import LedgerKeeperRequests
from gateway.ledger.log import LedgerLog
from gateway.ledger.log_timestamps import LedgerLogTimestamps
from gateway.ledger.login_attempts import LedgerLoginAttempts
from gateway.ledger.looking import Place, SqliteFile
from gateway.ledger.memory import LedgerMemory
from gateway.ledger.notices import LedgerNotices
from gateway.ledger.people import LedgerGroups, LedgerPeople
from gateway.ledger.quota import LedgerQuotas
from gateway.ledger.renewals import LedgerRenewals
from gateway.ledger.retention import LedgerLegalHolds, LedgerPurges
from gateway.ledger.rule_changes import LedgerRuleChanges
from gateway.ledger.seal_uses import LedgerSealUses
from gateway.ledger.seals import LedgerSeals
from gateway.ledger.sessions import LedgerApiTokens, LedgerSessions
from gateway.ledger.sign_ons import LedgerSignOns
from gateway.ledger.store import SqliteStore
from gateway.ledger.tail import LedgerLogTail
from gateway.ports import Clock, Leases, Nodes


class Ledger(LedgerJobs, LedgerLog, LedgerHolds, LedgerMemory, LedgerQuotas, LedgerRenewals):
    """Everything the site has to remember; safe to use from several threads and processes.

    Each call is one short transaction. Every method may raise `SiteFault`: `ledger.busy`,
    `ledger.unreachable`, `ledger.unusable`, `site.disk-full`.
    """

    def __init__(self, store: Store, place: Place, clock: Clock) -> None:
        super().__init__(store, clock)
        self.leases: Leases | None = None
        """None where only processes of one machine reach the ledger."""
        self.nodes: Nodes | None = None
        """The same."""
        self.place = place
        """Where it is, for who only looks."""
        self.seals = LedgerSeals(self._store, clock)
        """The registry of seals; its methods share names with those of jobs and holds."""
        self.seal_uses = LedgerSealUses(self._store, clock)
        self.notices = LedgerNotices(self._store, clock)
        self.legal_holds = LedgerLegalHolds(self._store, clock)
        self.purges = LedgerPurges(self._store, clock)
        self.batches = LedgerBatches(self._store, clock)
        self.flows = LedgerFlows(self._store, clock)
        self.flow_lists = LedgerFlowLists(self._store, clock)
        self.tail = LedgerLogTail(self._store, clock)
        self.log_timestamps = LedgerLogTimestamps(self._store, clock)
        self.keeper_requests = LedgerKeeperRequests(self._store, clock)
        self.people = LedgerPeople(self._store, clock)
        self.droppers = LedgerDroppers(self._store, clock)
        self.groups = LedgerGroups(self._store, clock)
        self.credentials = LedgerCredentials(self._store, clock)
        self.sessions = LedgerSessions(self._store, clock)
        self.api_tokens = LedgerApiTokens(self._store, clock)
        self.one_time_links = LedgerOneTimeLinks(self._store, clock)
        self.sign_ons = LedgerSignOns(self._store, clock)
        self.login_attempts = LedgerLoginAttempts(self._store, clock)
        self.rule_changes = LedgerRuleChanges(self._store, clock)

    def copy_to(self, target: Path, meanwhile: Callable[[], None]) -> Copied:
        """Write a copy into a new file, as it is while `meanwhile` runs; see `copying`."""
        return copy_ledger(self._store, target, meanwhile)

    def check(self, *, meanwhile: bool = False) -> None:
        """Look through the whole ledger for damage, where its engine does not by itself.

        Where that can wait, it is done `meanwhile`. Raises `SiteFault` (`ledger.damaged`).
        """

    def close(self) -> None:
        """Close the store; what was committed stays, and nothing else was there to keep."""
        self._store.close()


class SqliteLedger(Ledger):
    """The ledger in one file. Several processes may have the same file open.

    Raises `UsageFault` (`ledger.network-file-system`, `ledger.newer`) and `SiteFault` when opened.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._file = SqliteStore(path)
        super().__init__(self._file, SqliteFile(path), clock)

    def check(self, *, meanwhile: bool = False) -> None:
        """Look through the whole file where that is needed; raises `ledger.damaged`."""
        self._file.check(meanwhile=meanwhile)
