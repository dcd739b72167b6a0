"""Charges: what attempts may have cost, written in the transactions that they belong to.

Units are added to the day's spending when a call is about to leave, and taken off again only
when it was definitely refused; so whatever happens in between is counted as spent.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from gateway.core.errors import ServiceFault
from gateway.core.quota import ChargeState, Package, Price, Spending, alarm, balance
from gateway.core.states import Event
from gateway.ledger.connection import Connection, Rows
from gateway.ledger.flow_stop import refuse_stopped, stopped
from gateway.ledger.log import append
from gateway.ledger.rows import written_time

_SETTLED = {
    Event.ANSWERED: ChargeState.CONFIRMED,
    Event.FOUND: ChargeState.CONFIRMED,
    Event.REFUSED: ChargeState.RELEASED,
    Event.UNANSWERED: ChargeState.UNKNOWN,
    Event.UNUSABLE: ChargeState.UNKNOWN,
    Event.GAVE_UP: ChargeState.UNKNOWN,
}
"""What a job's event says of the attempt that is under way."""
_PACKAGES = """
SELECT service, units, valid_from, valid_until, note FROM packages WHERE service = ? ORDER BY number
"""
_SPENDING = "SELECT day, units FROM spending WHERE service = ? ORDER BY day"
_UNANSWERED = """
SELECT code FROM charges WHERE job = ? AND digest = ? AND service = ?
  AND state = 'unknown' AND acknowledged = 0 ORDER BY number
"""
_COUNTED = """
SELECT 1 FROM charges WHERE job = ? AND service = ? AND units > 0
  AND state IN ('sent', 'unknown', 'confirmed') AND (? OR digest = ?)
"""
_SETTLE = "UPDATE charges SET state = ?, code = ? WHERE job = ? AND state = 'sent'"
# The answer to a free repeat: the attempt that carries the price is answered with it.
_CONFIRM_REPEATED = """
UPDATE charges SET state = 'confirmed' WHERE job = ? AND state = 'unknown' AND EXISTS (
  SELECT 1 FROM charges AS answered
  WHERE answered.job = charges.job AND answered.digest = charges.digest
    AND answered.service = charges.service AND answered.state = 'sent' AND answered.units = 0
)
"""


class Attempt:
    """A call that is about to leave.

    All that may be in its way is asked for when this is made, and looked at when the call begins:
    each answer of a server that is waited for alone keeps all writers waiting.
    """

    def __init__(self, connection: Connection, price: Price, job: str, digest: str) -> None:
        self._connection = connection
        self._price = price
        self._job = job
        self._digest = digest
        service = price.service
        self._stopped = stopped(connection, job) if job else None
        self._unanswered = self._counted = self._packages = self._spending = None
        if job and price.repeats is not None:
            self._unanswered = connection.execute(_UNANSWERED, (job, digest, service))
        if job and (price.repeats_are_free or price.per_document):
            earlier = (job, service, price.per_document, digest)
            self._counted = connection.execute(_COUNTED, earlier)
        if price.metered:
            self._packages = connection.execute(_PACKAGES, (service,))
            self._spending = connection.execute(_SPENDING, (service,))

    def begin(self, now: datetime) -> Rows:
        """Note that the call leaves; the row returned has the charge's number.

        Raises `ServiceFault`: `service.repeat-limit`, `service.out-of-quota`; `DocumentFault`
        (`flow.stopped`).
        """
        if self._stopped is not None:
            refuse_stopped(self._stopped)
        self._refuse_repeats()
        # What the service has counted before, this digest or this document, is free.
        free = self._counted is not None and self._counted.fetchall()
        units = 0 if free else self._price.units
        self._draw(now, units)
        service, sent = self._price.service, ChargeState.SENT.value
        number = self._connection.execute(
            "INSERT INTO charges (service, job, digest, units, state, sent)"
            " VALUES (?, ?, ?, ?, ?, ?) RETURNING number",
            (service, self._job, self._digest, units, sent, written_time(now)),
        )
        _spend(self._connection, service, now.astimezone(UTC).date(), units)
        return number

    def _refuse_repeats(self) -> None:
        unanswered = self._unanswered.fetchall() if self._unanswered is not None else []
        if len(unanswered) > (self._price.repeats or 0):
            last = unanswered[-1][0]
            times = f"{len(unanswered)} times" + (f", at last {last}" if last else "")
            raise ServiceFault("service.repeat-limit", f"job {self._job}: {times}")

    def _draw(self, now: datetime, units: int) -> None:
        """Refuse what the quota does not hold any more; warn once when a threshold is passed."""
        if self._packages is None or self._spending is None:
            return
        price = self._price
        bought, spent = _read_packages(self._packages), _read_spending(self._spending)
        before = balance(bought, spent, now.astimezone(UTC).date())
        if before.left < units:
            what = f"{before.left} of {before.bought} left at {price.service}"
            raise ServiceFault("service.out-of-quota", what)
        share = alarm(before.left, before.left - units, before.bought, price.alarm_at)
        if share is not None:
            details = {
                "service": price.service,
                "left": str(before.left - units),
                "bought": str(before.bought),
                "below": f"{share:.0%}",
            }
            append(self._connection, now, "quota.low", details)


def settle_job(connection: Connection, job: str, event: Event, code: str) -> None:
    """Settle the attempt of a job that is under way, if the event says how it ended."""
    state = _SETTLED.get(event)
    if state is None:
        return
    if state is not ChargeState.RELEASED:  # nothing is given back, so nothing has to be known
        if state is ChargeState.CONFIRMED:
            connection.execute(_CONFIRM_REPEATED, (job,))
        connection.execute(_SETTLE, (state.value, code, job))
        return
    open_ones = connection.execute(
        "SELECT number FROM charges WHERE job = ? AND state = 'sent'", (job,)
    ).fetchall()
    for (number,) in open_ones:
        settle(connection, number, state, code)


def settle(connection: Connection, number: int, state: ChargeState, code: str) -> None:
    """Say how one attempt ended; what was not charged is given back to its day."""
    row = connection.execute(
        "SELECT service, job, digest, units, state, sent FROM charges WHERE number = ?", (number,)
    ).fetchone()
    service, job, digest, units, former, sent = row
    connection.execute(
        "UPDATE charges SET state = ?, code = ? WHERE number = ?", (state.value, code, number)
    )
    change = (state is not ChargeState.RELEASED) - (former != ChargeState.RELEASED)
    _spend(connection, service, datetime.fromisoformat(sent).date(), change * units)
    if state is ChargeState.CONFIRMED and units == 0 and job:
        # The answer to a free repeat: the attempt that carries the price is answered with it.
        connection.execute(
            "UPDATE charges SET state = 'confirmed'"
            " WHERE job = ? AND digest = ? AND service = ? AND state = 'unknown'",
            (job, digest, service),
        )


def packages_of(connection: Connection, service: str) -> tuple[Package, ...]:
    """Return what was bought of a service, oldest first."""
    return _read_packages(connection.execute(_PACKAGES, (service,)))


def spending_of(connection: Connection, service: str) -> tuple[Spending, ...]:
    """Return the units spent at a service, by day."""
    return _read_spending(connection.execute(_SPENDING, (service,)))


def _read_packages(rows: Rows) -> tuple[Package, ...]:
    return tuple(
        Package(
            name, units, date.fromisoformat(first), date.fromisoformat(end) if end else None, note
        )
        for name, units, first, end, note in rows.fetchall()
    )


def _read_spending(rows: Rows) -> tuple[Spending, ...]:
    return tuple(Spending(date.fromisoformat(day), units) for day, units in rows.fetchall())


def _spend(connection: Connection, service: str, day: date, units: int) -> None:
    if units:
        connection.execute(
            "INSERT INTO spending (service, day, units) VALUES (?, ?, ?)"
            " ON CONFLICT (service, day) DO UPDATE SET units = spending.units + excluded.units",
            (service, day.isoformat(), units),
        )
