"""The quota ledger's own doors: charges that belong to no job's event, packages, listings."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.core.names import display
from gateway.core.quota import Charge, ChargeState, Package, Price, Spending
from gateway.ledger import charges
from gateway.ledger.connection import Connection, marks
from gateway.ledger.log import append
from gateway.ledger.rows import Row, read_time
from gateway.ledger.store import Face

_COLUMNS = "number, service, job, digest, units, state, sent, code"


class LedgerQuotas(Face):
    """The port `Quotas`."""

    def begin(self, price: Price, job: str, digest: str) -> int:
        """Commit that a call is about to leave; return the charge's number.

        Raises `ServiceFault`: `service.repeat-limit`, `service.out-of-quota`.
        """
        now = self._clock.now()

        def step(connection: Connection) -> int:
            (number,) = charges.Attempt(connection, price, job, digest).begin(now).fetchone()
            return int(number)

        return self._store.together(step)

    def end(self, number: int, state: ChargeState, code: str = "") -> None:
        """Say how the attempt ended."""
        self._store.together(lambda connection: charges.settle(connection, number, state, code))

    def buy(self, package: Package, actor: str) -> None:
        """Add a package; logged as `quota.bought`."""
        now = self._clock.now()
        end = package.valid_until.isoformat() if package.valid_until else ""
        first = package.valid_from.isoformat()
        details = {
            "service": package.service,
            "units": str(package.units),
            "from": first,
            "until": end,
            "note": package.note,
        }
        with self._store.transaction() as connection:
            connection.execute(
                "INSERT INTO packages (service, units, valid_from, valid_until, note)"
                " VALUES (?, ?, ?, ?, ?)",
                (package.service, package.units, first, end, display(package.note)),
            )
            append(connection, now, "quota.bought", details, actor=actor)

    def account(self, service: str) -> tuple[tuple[Package, ...], tuple[Spending, ...]]:
        """Return what was bought of a service, and what was spent, by day."""
        with self._store.reading() as connection:
            return (
                charges.packages_of(connection, service),
                charges.spending_of(connection, service),
            )

    def charges(
        self, service: str, states: Iterable[ChargeState], since: str = ""
    ) -> tuple[Charge, ...]:
        """Return the attempts at a service in any of `states`, oldest first."""
        wanted = tuple(state.value for state in states)
        with self._store.reading() as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM charges"  # noqa: S608  # only marks are put in
                f" WHERE service = ? AND state IN ({marks(wanted)}) AND sent >= ? ORDER BY number",
                (service, *wanted, since),
            ).fetchall()
        return tuple(map(_charge, rows))

    def unanswered(self, job: str, digest: str) -> int:
        """Count the attempts to have a digest signed of which nobody knows what they cost."""
        with self._store.reading() as connection:
            row = connection.execute(
                "SELECT count(*) FROM charges WHERE job = ? AND digest = ?"
                " AND state IN ('sent', 'unknown')",
                (job, digest),
            ).fetchone()
        return int(row[0])

    def acknowledge(self, actor: str, job: str = "") -> int:
        """Let digests be sent once more that went unanswered; of one job, or of all."""
        now = self._clock.now()
        with self._store.transaction() as connection:
            changed = connection.execute(
                "UPDATE charges SET acknowledged = 1 WHERE state = 'unknown'"
                " AND acknowledged = 0 AND (? = '' OR job = ?)",
                (job, job),
            ).rowcount
            if changed:
                details = {"charges": str(changed), "job": job or "all"}
                append(connection, now, "quota.acknowledged", details, actor=actor)
        return changed

    def reconcile(
        self, outcomes: Iterable[tuple[int, ChargeState]], source: str, actor: str
    ) -> None:
        """Settle charges by what the provider's own list says; logged as `quota.reconciled`."""
        now = self._clock.now()
        with self._store.transaction() as connection:
            for number, state in outcomes:
                charges.settle(connection, number, state, "reconciled")
                details = {"charge": str(number), "state": state.value, "source": source}
                append(connection, now, "quota.reconciled", details, actor=actor)

    def abandon(self) -> int:
        """Take charges left under way by a process that ended for unanswered ones.

        Those of jobs are settled by the jobs themselves; this is for tests and time-stamps.
        """
        with self._store.transaction() as connection:
            return _abandon(connection)


def _abandon(connection: Connection) -> int:
    return connection.execute(
        "UPDATE charges SET state = 'unknown', code = 'interrupted' WHERE state = 'sent'"
        " AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.id = charges.job AND jobs.state = 'sent')"
    ).rowcount


def _charge(row: Row) -> Charge:
    number, service, job, digest, units, state, sent, code = row
    return Charge(number, service, job, digest, units, ChargeState(state), read_time(sent), code)
