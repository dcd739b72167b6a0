"""May a job's seals be used now? Asked and counted inside the transactions of jobs and seals."""

from __future__ import annotations

from datetime import date, datetime

from gateway.core.delivery_codes import SOON
from gateway.core.droppers import Dropper
from gateway.core.error_codes import CODES, Scope
from gateway.core.errors import DocumentFault
from gateway.core.job import Job
from gateway.core.registry import RegisteredSeal
from gateway.core.seal_use import Approval, Record, Use, day_of, permit, restrain, use_of
from gateway.ledger.connection import Connection, marks
from gateway.ledger.droppers import dropper_of
from gateway.ledger.rows import written_time
from gateway.ledger.seal_rows import seals_from

WAITING = tuple(
    code for code, entry in CODES.items() if entry.scope is Scope.WAITING and code not in SOON
)
"""Codes of jobs that wait alone."""
_WANTED = """
SELECT seal, inbox, rule, approval, why, used FROM seal_uses
WHERE job = ? AND document = ? AND wanted = 1 ORDER BY place
"""


def judge(connection: Connection, now: datetime, job: Job) -> None:
    """Ask for every registered seal of the job's plan whether it may be used now.

    Raises `DocumentFault` and `WaitingFault`: see `core.seal_use`.
    """
    wanted = connection.execute(_WANTED, (job.id, job.sha256)).fetchall()
    dropper = dropper_of(connection, job) if wanted else Dropper()
    uses = [
        (name, use_of(inbox, rule, dropper, now), approval, why, used)
        for name, inbox, rule, approval, why, used in wanted
    ]
    found = {name: next(iter(seals_from(connection, name)), None) for name, *_ in uses}
    # What is forbidden comes before what is missing: nobody should approve in vain.
    for name, use, *_ in uses:
        seal = found[name]
        if seal is None:
            raise DocumentFault("seal.not-registered", name)
        permit(seal, use)
    for name, use, approval, why, used in uses:
        seal = found[name]
        if seal is not None:
            hold_back(connection, seal, use, Approval(approval), why, used=bool(used))


def hold_back(
    connection: Connection,
    seal: RegisteredSeal,
    use: Use,
    approval: Approval,
    why: str,
    *,
    used: bool,
) -> None:
    """Raise what keeps a use waiting, or rejects it: `core.seal_use.restrain` by the books."""
    today, this_month = counted(connection, seal.name, day_of(use.at))
    restrain(seal, use, Record(today, this_month, approval, why, used))


def count(connection: Connection, now: datetime, job: Job) -> None:
    """Judge once more, then count each use that is not counted yet, on this day."""
    judge(connection, now, job)
    connection.execute(
        "UPDATE seal_uses SET used = ?, day = ?"
        " WHERE job = ? AND document = ? AND wanted = 1 AND used = ''",
        (written_time(now), day_of(now).isoformat(), job.id, job.sha256),
    )


def counted(connection: Connection, seal: str, day: date) -> tuple[int, int]:
    """Return how often a seal was used on a day of UTC, and in its month."""
    row = connection.execute(
        "SELECT count(*) FILTER (WHERE day = :day), count(*) FROM seal_uses"
        " WHERE seal = :seal AND day >= :first AND day < :after",
        {
            "seal": seal,
            "day": day.isoformat(),
            "first": f"{day:%Y-%m}-",
            "after": f"{day:%Y-%m}-~",
        },
    ).fetchone()
    return int(row[0]), int(row[1])


def wake(connection: Connection, *, seal: str = "", job: str = "") -> None:
    """Let jobs look again at once that wait for a seal, or the one job."""
    connection.execute(
        f"UPDATE jobs SET not_before = 0 WHERE code IN ({marks(WAITING)}) AND (id = ? OR id IN"  # noqa: S608  # only marks
        " (SELECT job FROM seal_uses WHERE seal = ? AND wanted = 1))",
        (*WAITING, job, seal),
    )
