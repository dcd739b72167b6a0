"""The registry of seals: each change and its entry in the signing log are one transaction."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.core.errors import UsageFault
from gateway.core.names import display
from gateway.core.registry import RegisteredSeal, Standing
from gateway.ledger.connection import Connection
from gateway.ledger.keeper_requests import close_request
from gateway.ledger.log import append
from gateway.ledger.looking import Place
from gateway.ledger.permission import wake
from gateway.ledger.seal_rows import seal_parameters, seals_from, version_parameters
from gateway.ledger.store import Face

_INSERT = """
INSERT INTO seals (name, service, owner, keeper, valid_from, valid_until, per_day, per_month,
  approval, standing, revision, fixed_size)
VALUES (:name, :service, :owner, :keeper, :valid_from, :valid_until, :per_day, :per_month,
  :approval, :standing, 1, :fixed_size)
"""
_UPDATE = """
UPDATE seals SET service = :service, owner = :owner, keeper = :keeper, valid_from = :valid_from,
  valid_until = :valid_until, per_day = :per_day, per_month = :per_month, approval = :approval,
  standing = :standing, fixed_size = :fixed_size, revision = revision + 1
WHERE name = :name
"""
_VERSION = """
INSERT INTO seal_versions (seal, number, artwork, kind, width, height, made, actor, source, design)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


class LedgerSeals(Face):
    """The port `SealRegistry`."""

    def all(self) -> tuple[RegisteredSeal, ...]:
        """Return every seal ever registered, by name."""
        with self._store.snapshot() as connection:
            return seals_from(connection)

    def find(self, name: str) -> RegisteredSeal | None:
        """Return a seal, or None."""
        with self._store.snapshot() as connection:
            return next(iter(seals_from(connection, name)), None) if name else None

    def save(
        self,
        seal: RegisteredSeal,
        event: str,
        details: Mapping[str, str],
        actor: str,
        *,
        confirmed: tuple[int, str] | None = None,
    ) -> None:
        """Insert or replace a seal; raises as the port says."""
        now = self._clock.now()
        with self._store.transaction() as connection:
            if confirmed is not None:
                number, decider = confirmed
                close_request(connection, now, number, decider, confirmed=True)
            stored = next(iter(seals_from(connection, seal.name)), None)
            _check(stored, seal)
            connection.execute(_UPDATE if stored else _INSERT, seal_parameters(seal))
            known = len(stored.versions) if stored else 0
            for version in seal.versions[known:]:
                connection.execute(_VERSION, version_parameters(seal, version))
            _grant(connection, seal)
            wake(connection, seal=seal.name)
            append(connection, now, event, details, actor=actor)

    def serial(self, seal: str, job: str) -> int:
        """Return the job's number in the seal's series, from 1; the same job, the same number."""
        with self._store.transaction() as connection:
            connection.execute(
                "INSERT INTO seal_serials (seal, job, number)"
                " SELECT :seal, :job, coalesce(max(number), 0) + 1 FROM seal_serials"
                " WHERE seal = :seal ON CONFLICT (seal, job) DO NOTHING",
                {"seal": seal, "job": job},
            )
            row = connection.execute(
                "SELECT number FROM seal_serials WHERE seal = ? AND job = ?", (seal, job)
            ).fetchone()
        return int(row[0])

    def revisions(self) -> int:
        """Count the changes ever made to any seal; it grows with each."""
        with self._store.reading() as connection:
            row = connection.execute("SELECT coalesce(sum(revision), 0) FROM seals").fetchone()
        return int(row[0])


def registered_seals(ledger: Place) -> tuple[RegisteredSeal, ...]:
    """Read the registry of a ledger that need not be there, and is not written to.

    Raises `SiteFault` when it is there and cannot be read.
    """
    return ledger.look("seals", _then_or_now) or ()


def _then_or_now(connection: Connection) -> tuple[RegisteredSeal, ...]:
    """Read seals as this version writes them, or an earlier one: it is brought forward later."""
    columns = connection.execute("SELECT * FROM seals LIMIT 0").description
    return seals_from(connection, former="fixed_size" not in [column[0] for column in columns])


def _check(stored: RegisteredSeal | None, seal: RegisteredSeal) -> None:
    """Refuse what would lose somebody else's change, or what a seal's past does not allow."""
    if stored is None and seal.revision == 0:
        return
    if stored is None or stored.revision != seal.revision:
        taken = stored is not None and seal.revision == 0
        raise UsageFault("usage.seal-exists" if taken else "usage.seal-changed", seal.name)
    if stored.standing is Standing.REVOKED:
        raise UsageFault("usage.seal-revoked", seal.name)
    if seal.versions[: len(stored.versions)] != stored.versions:
        raise UsageFault("usage.seal-changed", f"{seal.name}: versions are only added")


def _grant(connection: Connection, seal: RegisteredSeal) -> None:
    connection.execute("DELETE FROM seal_grants WHERE seal = ?", (seal.name,))
    connection.executemany(
        "INSERT INTO seal_grants (seal, kind, pattern) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        ((seal.name, grant.kind.value, display(grant.pattern)) for grant in seal.grants),
    )
