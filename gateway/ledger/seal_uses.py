"""Uses of registered seals: asked for, waited for, approved or rejected, counted."""

from __future__ import annotations

from datetime import date, datetime
from itertools import islice

from gateway.core.errors import SealgateError, UsageFault, WaitingFault
from gateway.core.job import Job
from gateway.core.names import display
from gateway.core.rules import Seal
from gateway.core.seal_use import Approval, Use
from gateway.core.states import Event
from gateway.ledger.connection import EVERY, Connection, marks
from gateway.ledger.jobs import moved
from gateway.ledger.log import append
from gateway.ledger.permission import WAITING, counted, hold_back, judge, wake
from gateway.ledger.rows import Row, written_time
from gateway.ledger.seal_rows import seals_from
from gateway.ledger.store import Face
from gateway.ports import SealUse

_NEVER = 1e12
"""Seconds since the epoch: a person has to act first."""

# An approval is of one document under one rule with one version of the seal; anything else is
# asked for anew. So is a rejected use whose document is tried again.
_ASK = """
INSERT INTO seal_uses (job, seal, document, place, version, inbox, rule, "user", wanted, asked)
VALUES (:job, :seal, :document, :place, :version, :inbox, :rule, :user, 1, :asked)
ON CONFLICT (job, seal, document) DO UPDATE SET
  approval = CASE WHEN seal_uses.approval = 'approved'
    AND seal_uses.version = excluded.version AND seal_uses.rule = excluded.rule
    AND seal_uses."user" = excluded."user" THEN seal_uses.approval ELSE '' END,
  place = excluded.place, version = excluded.version, inbox = excluded.inbox,
  rule = excluded.rule, "user" = excluded."user", wanted = 1
"""
_COLUMNS = (
    'seal_uses.seal, seal_uses.version, seal_uses.job, seal_uses.inbox, seal_uses.rule, "user",'
    " asked, approval, decided, decider, why, used"
)
_WAITED_FOR = f"""
SELECT {_COLUMNS} FROM seal_uses JOIN jobs ON jobs.id = seal_uses.job
WHERE wanted = 1 AND document = jobs.sha256 AND used = ''
  AND jobs.state IN ('planned', 'prepared') AND code IN ({marks(WAITING)})
ORDER BY asked, seal_uses.job, place
"""  # noqa: S608  # only our own names are put in
_OF_A_SEAL = f"""
SELECT {_COLUMNS} FROM seal_uses WHERE seal = ? AND used <> '' ORDER BY used DESC, job DESC LIMIT ?
"""  # noqa: S608


class LedgerSealUses(Face):
    """The port `SealUses`."""

    def ask(self, job: Job, seals: tuple[Seal, ...]) -> None:
        """Note which seals the plan of a job shows; those that are not registered are left out."""
        if not any(seal.version for seal in seals) and not self._asked(job):
            return
        now = written_time(self._clock.now())
        self._store.together(lambda connection: _ask(connection, now, job, seals))

    def permit(self, job: Job) -> None:
        """Refuse a job whose seals may not be used now, as `Jobs.send` would.

        Raises `DocumentFault` and `WaitingFault` as `core.seal_use` does, and `DocumentFault`
        (`seal.not-registered`).
        """
        now = self._clock.now()
        with self._store.reading() as connection:
            judge(connection, now, job)

    def rest(self, job: Job) -> Job:
        """Follow HELD, and let the job wait for what it lacks, unless that has come meanwhile.

        Then the job is returned as it is. All in one transaction, so no approval is missed.
        """
        now = self._clock.now()
        with self._store.transaction() as connection:
            try:
                judge(connection, now, job)
            except WaitingFault as fault:
                until = _NEVER if fault.until is None else fault.until.timestamp()
                details = {"code": fault.code, "detail": fault.detail, "in": job.state.value}
                if fault.until is not None:
                    details["until"] = f"{fault.until:%Y-%m-%dT%H:%M:%SZ}"
                wait = {"code": fault.code, "detail": fault.detail, "not_before": until}
                return moved(connection, now, job, Event.HELD, details=details, changes=wait)
        return job

    def decide(self, job: str, approval: Approval, why: str, actor: str) -> tuple[SealUse, ...]:
        """Approve or reject what a job waits for; logged as `seal.use-…`; return those uses.

        Raises `UsageFault` (`usage.not-waiting`).
        """
        now = self._clock.now()
        with self._store.transaction() as connection:
            rows = connection.execute(_WAITED_FOR, WAITING).fetchall()
            found = [use for use in map(_use, rows) if use.job == job]
            if approval is Approval.APPROVED:
                found = [use for use in found if _awaits_approval(connection, use)]
            if not found:
                raise UsageFault("usage.not-waiting", job)
            for use in found:
                _decide(connection, use, approval, why, now=now, actor=actor)
            wake(connection, job=job)
        return tuple(found)

    def uses(self, *, seal: str = "", limit: int = 0) -> tuple[SealUse, ...]:
        """Return the uses of a seal, newest first; without one, those for which jobs wait."""
        with self._store.reading() as connection:
            if seal:
                rows = connection.execute(_OF_A_SEAL, (seal, limit or EVERY)).fetchall()
            else:
                now = self._clock.now()
                found = map(_use, connection.execute(_WAITED_FOR, WAITING).fetchall())
                waited = (use for use in found if _holds_up(connection, now, use))
                return tuple(islice(waited, limit or None))
        return tuple(map(_use, rows))

    def counted(self, seal: str, day: date) -> tuple[int, int]:
        """Return how often a seal was used on a day of UTC, and in its month."""
        with self._store.reading() as connection:
            return counted(connection, seal, day)

    def _asked(self, job: Job) -> bool:
        with self._store.reading() as connection:
            known = "SELECT 1 FROM seal_uses WHERE job = ? LIMIT 1"
            return connection.execute(known, (job.id,)).fetchone() is not None


def _ask(connection: Connection, now: str, job: Job, seals: tuple[Seal, ...]) -> None:
    connection.execute("UPDATE seal_uses SET wanted = 0 WHERE job = ?", (job.id,))
    for place, seal in enumerate(seals):
        if seal.version:
            wish = {"seal": seal.name, "place": place, "version": seal.version}
            user = job.person or job.dropper
            about = {"inbox": job.inbox, "rule": job.rule, "user": user}
            which = {"job": job.id, "document": job.sha256, "asked": now}
            connection.execute(_ASK, wish | about | which)


def _holds_up(connection: Connection, now: datetime, use: SealUse) -> bool:
    """Tell whether this seal is what its job waits for, of all the job's seals."""
    seal = next(iter(seals_from(connection, use.seal)), None)
    if seal is None:
        return True
    wanted = Use(use.inbox, use.rule, use.user, now)
    try:
        hold_back(connection, seal, wanted, use.approval, use.why, used=bool(use.used))
    except SealgateError:
        return True
    return False


def _awaits_approval(connection: Connection, use: SealUse) -> bool:
    """Tell whether an approval would change anything: a limit is not lifted by one."""
    if use.approval is Approval.APPROVED:
        return False
    return any(seal.approval for seal in seals_from(connection, use.seal))


def _decide(
    connection: Connection,
    use: SealUse,
    approval: Approval,
    why: str,
    *,
    now: datetime,
    actor: str,
) -> None:
    connection.execute(
        "UPDATE seal_uses SET approval = ?, decided = ?, decider = ?, why = ?"
        " WHERE job = ? AND seal = ? AND wanted = 1",
        (approval.value, written_time(now), display(actor), display(why), use.job, use.seal),
    )
    about = {"seal": use.seal, "version": str(use.version), "job": use.job}
    about |= {"inbox": use.inbox, "rule": use.rule, "user": use.user, "why": why}
    details = {key: value for key, value in about.items() if value}
    append(connection, now, f"seal.use-{approval}", details, actor=actor)


def _use(row: Row) -> SealUse:
    seal, version, job, inbox, rule, user, asked, approval, *rest = row
    return SealUse(seal, version, job, inbox, rule, user, asked, Approval(approval), *rest)
