"""May this use of a registered seal be made now? Standing, validity, grants, approval, limits.

What is forbidden fails the document; what is only missing yet, an approval or the next day,
lets it wait. The same questions are asked before anything is prepared and once more in the
transaction in which the digest is committed as sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase

from gateway.core.droppers import Dropper
from gateway.core.errors import DocumentFault, WaitingFault
from gateway.core.flow_definition import flow_of
from gateway.core.people import Role
from gateway.core.registry import TO_PEOPLE, Grant, GrantKind, RegisteredSeal, Standing


@dataclass(frozen=True)
class Use:
    """Who or what wants to use a seal, and when."""

    inbox: str
    rule: str
    user: str
    """Login of who dropped the file, or the file's owner; empty when nobody knows."""
    at: datetime
    groups: frozenset[str] = frozenset()
    roles: frozenset[Role] = frozenset()


def use_of(inbox: str, rule: str, dropper: Dropper, at: datetime) -> Use:
    """Return the use of a seal by a rule for what somebody has dropped."""
    person = dropper.person
    groups, roles = (person.groups, person.roles) if person else (frozenset(), frozenset())
    return Use(inbox, rule, dropper.name, at, groups, roles)


class Approval(StrEnum):
    """What a person has said of one use."""

    NONE = ""
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Record:
    """What the ledger knows of one document's use of a seal, and of the seal's other uses."""

    today: int = 0
    """Uses counted on this day of UTC."""
    this_month: int = 0
    approval: Approval = Approval.NONE
    why: str = ""
    """What the person said who rejected it."""
    counted: bool = False
    """This very use is counted already: its digest was sent before."""


def permit(seal: RegisteredSeal, use: Use) -> None:
    """Refuse a use that the seal's keeper has not allowed.

    Raises `DocumentFault`, the first of: `seal.revoked`, `seal.retired`, `seal.not-yet-valid`,
    `seal.expired`, `seal.not-granted`.
    """
    _check_standing(seal, day_of(use.at))
    _check_place(seal, use.inbox, use.rule)
    to_people = [grant for grant in seal.grants if grant.kind in TO_PEOPLE]
    if to_people and not any(_names(grant, use) for grant in to_people):
        raise DocumentFault("seal.not-granted", f"{seal.name} to user {use.user or 'unknown'}")


def restrain(seal: RegisteredSeal, use: Use, record: Record) -> None:
    """Let a permitted use wait for its approval and its turn.

    Raises `DocumentFault` (`seal.use-rejected`) and `WaitingFault` (`seal.awaiting-approval`,
    `seal.limit-reached`; days and months are those of UTC).
    """
    if record.approval is Approval.REJECTED:
        raise DocumentFault("seal.use-rejected", f"{seal.name}: {record.why}")
    if seal.approval and record.approval is not Approval.APPROVED:
        keeper = f", whose keeper is {seal.keeper}" if seal.keeper else ""
        raise WaitingFault("seal.awaiting-approval", f"{seal.name}{keeper}")
    if record.counted:
        return
    today = day_of(use.at)
    if seal.per_month is not None and record.this_month >= seal.per_month:
        detail = f"{seal.name}: {record.this_month} of {seal.per_month} uses this month"
        raise WaitingFault("seal.limit-reached", detail, until=_midnight(_next_month(today)))
    if seal.per_day is not None and record.today >= seal.per_day:
        detail = f"{seal.name}: {record.today} of {seal.per_day} uses today"
        until = _midnight(today + timedelta(days=1))
        raise WaitingFault("seal.limit-reached", detail, until=until)


def forewarn(seal: RegisteredSeal, inbox: str, rule: str, today: date) -> DocumentFault | None:
    """Return why a rule could not use its seal today, whoever drops a document, or None."""
    try:
        _check_standing(seal, today)
        _check_place(seal, inbox, rule)
    except DocumentFault as fault:
        return fault
    return None


def day_of(moment: datetime) -> date:
    """Return the day, of UTC, on which a use counts."""
    return moment.astimezone(UTC).date()


def _check_standing(seal: RegisteredSeal, today: date) -> None:
    if seal.standing is Standing.REVOKED:
        raise DocumentFault("seal.revoked", seal.name)
    if seal.standing is Standing.RETIRED:
        raise DocumentFault("seal.retired", seal.name)
    if seal.valid_from is not None and today < seal.valid_from:
        raise DocumentFault("seal.not-yet-valid", f"{seal.name} from {seal.valid_from}")
    if seal.valid_until is not None and today > seal.valid_until:
        raise DocumentFault("seal.expired", f"{seal.name} on {seal.valid_until}")


def _check_place(seal: RegisteredSeal, inbox: str, rule: str) -> None:
    if not any(_fits(grant, inbox, rule) for grant in seal.grants):
        flow = flow_of(inbox)
        what = f"step {flow}/{rule}" if flow else f"rule {inbox}/{rule}"
        raise DocumentFault("seal.not-granted", f"{seal.name} to {what}")


def _fits(grant: Grant, inbox: str, rule: str) -> bool:
    """Tell whether a grant covers a rule of an inbox, or a step of a flow; case counts."""
    if grant.kind is GrantKind.ANY:
        return True
    flow = flow_of(inbox)
    if (grant.kind is GrantKind.STEP) != bool(flow):
        return False
    inbox = flow or inbox
    if grant.kind is GrantKind.INBOX:
        return fnmatchcase(inbox, grant.pattern)
    if grant.kind in (GrantKind.RULE, GrantKind.STEP):
        # Split first, so that no star of the inbox's part reaches into the rule's.
        of_inbox, _, of_rule = grant.pattern.partition("/")
        return fnmatchcase(inbox, of_inbox) and fnmatchcase(rule, of_rule)
    return False


def _names(grant: Grant, use: Use) -> bool:
    """Tell whether a grant to people covers who dropped the file."""
    theirs: Mapping[GrantKind, Iterable[str]] = {
        GrantKind.USER: (use.user,) if use.user else (),
        GrantKind.GROUP: use.groups,
        GrantKind.ROLE: use.roles,
    }
    return any(fnmatchcase(name, grant.pattern) for name in theirs[grant.kind])


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
