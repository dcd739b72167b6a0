"""Where one can go, by what one may do."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.console.words import noted
from gateway.core.people import Permission
from gateway.core.visiting import Visitor


@dataclass(frozen=True)
class Destination:
    """One entry of the main menu."""

    path: str
    label: str
    needs: tuple[Permission, ...]
    """Any one of them will do."""


_CONTRACTS = (Permission.SEE_DOCUMENTS, Permission.OWN_FLOWS, Permission.SUBMIT)
MENU = (
    Destination("/work", noted("Work"), (Permission.SEE_DOCUMENTS, Permission.SUBMIT)),
    Destination(
        "/flows",
        noted("Contracts"),
        _CONTRACTS,
    ),
    Destination("/approvals", noted("Approvals"), (Permission.DECIDE_USES, *_CONTRACTS)),
    Destination("/calendar", noted("Calendar"), (Permission.SEE_DOCUMENTS,)),
    Destination("/positioning", noted("Where seals go"), (Permission.SEE_RULES,)),
    Destination("/seals", noted("Seals"), (Permission.SEE_SEALS,)),
    Destination("/services", noted("Services"), (Permission.SEE_SERVICES,)),
    Destination("/log", noted("Signing log"), (Permission.SEE_LOG,)),
    Destination("/verify", noted("Verify a PDF"), (Permission.VERIFY,)),
    Destination("/people", noted("People"), (Permission.MANAGE_PEOPLE,)),
)


def menu_of(visitor: Visitor | None) -> tuple[Destination, ...]:
    """Return the menu of a visitor."""
    if visitor is None:
        return ()
    return tuple(one for one in MENU if any(visitor.may(need) for need in one.needs))


def home_of(visitor: Visitor) -> str:
    """Return the page somebody sees first."""
    menu = menu_of(visitor)
    return menu[0].path if menu else "/profile"
