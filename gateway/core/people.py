"""Who people are to a site, and what each role may do: one table, and nothing besides it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Permission(StrEnum):
    """One thing that a person may be allowed to do in the console, by the API or with `users`."""

    SUBMIT = "documents.submit"
    """Drop documents, and see what became of one's own."""
    SEE_DOCUMENTS = "documents.see"
    """See everybody's documents, their pages and receipts."""
    WORK_DOCUMENTS = "documents.work"
    """Retry what failed, end holds, keep files from being removed."""
    DECIDE_USES = "uses.decide"
    """Approve or reject a document's use of a seal."""
    SEE_SEALS = "seals.see"
    KEEP_SEALS = "seals.keep"
    """Import, draw, grant, change, revoke seals."""
    SEE_RULES = "rules.see"
    EDIT_RULES = "rules.edit"
    """Change where seals go, and which documents get them."""
    SEE_SERVICES = "services.see"
    WORK_SERVICES = "services.work"
    """Test a service, tell what was bought, acknowledge unanswered calls."""
    SEE_LOG = "log.see"
    """Search, export and verify the signing log."""
    OWN_FLOWS = "flows.own"
    """Begin and withdraw contract flows."""
    MANAGE_PEOPLE = "people.manage"
    VERIFY = "files.verify"
    """Have the signatures of any PDF validated."""


class Role(StrEnum):
    """What somebody is at a site; a person may have several."""

    ADMINISTRATOR = "administrator"
    SEAL_KEEPER = "seal-keeper"
    CONTRACT_OWNER = "contract-owner"
    APPROVER = "approver"
    OPERATOR = "operator"
    AUDITOR = "auditor"
    SUBMITTER = "submitter"


_P = Permission
PERMISSIONS: dict[Role, frozenset[Permission]] = {
    # Not a seal keeper: who decides about people shall not seal by himself, unnoticed.
    Role.ADMINISTRATOR: frozenset(
        {_P.MANAGE_PEOPLE, _P.SEE_DOCUMENTS, _P.SEE_SEALS, _P.SEE_RULES, _P.SEE_SERVICES}
        | {_P.WORK_SERVICES, _P.SEE_LOG, _P.VERIFY}
    ),
    Role.SEAL_KEEPER: frozenset(
        {_P.KEEP_SEALS, _P.SEE_SEALS, _P.EDIT_RULES, _P.SEE_RULES, _P.DECIDE_USES}
        | {_P.SEE_DOCUMENTS, _P.SEE_LOG, _P.VERIFY}
    ),
    Role.CONTRACT_OWNER: frozenset({_P.SUBMIT, _P.OWN_FLOWS, _P.SEE_SEALS, _P.VERIFY}),
    Role.APPROVER: frozenset({_P.DECIDE_USES, _P.SEE_DOCUMENTS, _P.SEE_SEALS, _P.VERIFY}),
    Role.OPERATOR: frozenset(
        {_P.SEE_DOCUMENTS, _P.WORK_DOCUMENTS, _P.SUBMIT, _P.SEE_SERVICES, _P.WORK_SERVICES}
        | {_P.SEE_RULES, _P.SEE_SEALS, _P.SEE_LOG, _P.VERIFY}
    ),
    Role.AUDITOR: frozenset(
        {_P.SEE_DOCUMENTS, _P.SEE_LOG, _P.SEE_SEALS, _P.SEE_RULES, _P.SEE_SERVICES, _P.VERIFY}
    ),
    Role.SUBMITTER: frozenset({_P.SUBMIT, _P.VERIFY}),
}


@dataclass(frozen=True)
class Person:
    """Somebody whom the site knows: a short login name, and how they are called."""

    login: str
    name: str
    roles: frozenset[Role] = frozenset()
    """Their own roles and those of their groups."""
    groups: frozenset[str] = frozenset()
    language: str = ""
    """`en` or `zh`; empty for the site's."""


def may(person: Person, permission: Permission) -> bool:
    """Tell whether one of a person's roles has a permission; what no role has is forbidden."""
    return any(permission in PERMISSIONS[role] for role in person.roles)
