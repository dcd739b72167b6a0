"""Log-ins at the OpenID provider that are under way."""

from __future__ import annotations

from datetime import datetime

from gateway.core.errors import AccessFault
from gateway.ledger.rows import written_time
from gateway.ledger.store import Face
from gateway.ports import SignOnKept

_MOST = 10_000
"""Log-ins under way: anybody can begin one, so there is an end to it."""


class LedgerSignOns(Face):
    """The port `SignOns`."""

    def begin(
        self, state: str, nonce: str, verifier: bytes, target: str, expires: datetime
    ) -> None:
        """Keep what a log-in needs when its browser comes back; raises as the port says."""
        now = written_time(self._clock.now())
        with self._store.transaction() as connection:
            connection.execute("DELETE FROM sign_ons WHERE expires < ?", (now,))
            (count,) = connection.execute("SELECT count(*) FROM sign_ons").fetchone()
            if count >= _MOST:
                raise AccessFault("access.busy")
            connection.execute(
                "INSERT INTO sign_ons (state, nonce, verifier, target, expires)"
                " VALUES (?, ?, ?, ?, ?)",
                (state, nonce, verifier, target, written_time(expires)),
            )

    def take(self, state: str) -> SignOnKept | None:
        """Return what was kept, once; None when there is nothing, or too long after."""
        now = written_time(self._clock.now())
        with self._store.transaction() as connection:
            row = connection.execute(
                "DELETE FROM sign_ons WHERE state = ? RETURNING nonce, verifier, target, expires",
                (state,),
            ).fetchone()
        return SignOnKept(*row[:3]) if row is not None and row[3] > now else None
