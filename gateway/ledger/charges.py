"""Charges: what attempts may have cost, written in the transactions that they belong to.

Units are added to the day's spending when a call is about to leave, and taken off again only
when it was definitely refused; so whatever happens in between is counted as spent.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from gateway.core.errors import ServiceFault
from gateway.core.quota import Balance, ChargeState, Package, Price, Spending, alarm, balance
from gateway.core.states import Event
from gateway.ledger.connection import Connection
from gateway.ledger.flow_stop import refuse_stopped
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


def begin(connection: Connection, now: datetime, price: Price, job: str, digest: str) -> int:
    """Note that a call is about to leave; return the charge's number.

    Raises `ServiceFault`: `service.repeat-limit`, `service.out-of-quota`; `DocumentFault`
    (`flow.stopped`).
    """
    refuse_stopped(connection, job)
    _refuse_repeats(connection, price, job, digest)
    units = 0 if _is_free(connection, price, job, digest) else price.units
    if price.metered:
        _draw(connection, now, price, units)
    (number,) = connection.execute(
        "INSERT INTO charges (service, job, digest, units, state, sent) VALUES (?, ?, ?, ?, ?, ?)"
        " RETURNING number",
        (price.service, job, digest, units, ChargeState.SENT.value, written_time(now)),
    ).fetchone()
    _spend(connection, price.service, now.astimezone(UTC).date(), units)
    return int(number)


def settle_job(connection: Connection, job: str, event: Event, code: str) -> None:
    """Settle the attempt of a job that is under way, if the event says how it ended."""
    state = _SETTLED.get(event)
    if state is None:
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
    rows = connection.execute(
        "SELECT service, units, valid_from, valid_until, note FROM packages WHERE service = ?"
        " ORDER BY number",
        (service,),
    ).fetchall()
    return tuple(
        Package(
            name, units, date.fromisoformat(first), date.fromisoformat(end) if end else None, note
        )
        for name, units, first, end, note in rows
    )


def spending_of(connection: Connection, service: str) -> tuple[Spending, ...]:
    """Return the units spent at a service, by day."""
    rows = connection.execute(
        "SELECT day, units FROM spending WHERE service = ? ORDER BY day", (service,)
    ).fetchall()
    return tuple(Spending(date.fromisoformat(day), units) for day, units in rows)


def balance_of(connection: Connection, service: str, today: date) -> Balance:
    """Return what is left of a service's quota."""
    return balance(packages_of(connection, service), spending_of(connection, service), today)


def _refuse_repeats(connection: Connection, price: Price, job: str, digest: str) -> None:
    if price.repeats is None or not job:
        return
    unanswered = connection.execute(
        "SELECT code FROM charges WHERE job = ? AND digest = ? AND service = ?"
        " AND state = 'unknown' AND acknowledged = 0 ORDER BY number",
        (job, digest, price.service),
    ).fetchall()
    if len(unanswered) > price.repeats:
        last = unanswered[-1][0]
        what = f"job {job}: {len(unanswered)} times" + (f", at last {last}" if last else "")
        raise ServiceFault("service.repeat-limit", what)


def _is_free(connection: Connection, price: Price, job: str, digest: str) -> bool:
    """Tell whether the service has counted this digest, or this document, before."""
    if not job or not (price.repeats_are_free or price.per_document):
        return False
    row = connection.execute(
        "SELECT 1 FROM charges WHERE job = ? AND service = ? AND units > 0"
        " AND state IN ('sent', 'unknown', 'confirmed') AND (? OR digest = ?)",
        (job, price.service, price.per_document, digest),
    ).fetchone()
    return row is not None


def _draw(connection: Connection, now: datetime, price: Price, units: int) -> None:
    """Refuse what the quota does not hold any more; warn once when a threshold is passed."""
    before = balance_of(connection, price.service, now.astimezone(UTC).date())
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
        append(connection, now, "quota.low", details)


def _spend(connection: Connection, service: str, day: date, units: int) -> None:
    if units:
        connection.execute(
            "INSERT INTO spending (service, day, units) VALUES (?, ?, ?)"
            " ON CONFLICT (service, day) DO UPDATE SET units = spending.units + excluded.units",
            (service, day.isoformat(), units),
        )
