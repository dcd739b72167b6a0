"""`sealgate seals list, show, grant, change, revoke, retire, restore`."""

from __future__ import annotations

import argparse
from datetime import UTC, date, datetime

from gateway.cli.output import Cell, complain, say, show, show_value
from gateway.cli.seal_facts import facts_of, millimetres
from gateway.cli.site import actor, opened
from gateway.core.errors import UsageFault
from gateway.core.registry import TO_PEOPLE, Grant, GrantKind, RegisteredSeal
from gateway.core.seal_use import day_of
from gateway.pipeline.seal_keeping import SealKeeping, Term, grant_of
from gateway.wiring import Site, seal_keeping

_COLUMNS = ("name", "standing", "version", "size", "service", "keeper", "valid", "grants", "today")
_NONE = "none"


def keeping(site: Site) -> SealKeeping:
    """Return what changes the seals of a site on behalf of who runs this command."""
    return seal_keeping(site, actor())


def grants_of(chosen: argparse.Namespace) -> tuple[Grant, ...]:
    """Return the grants that a command names."""
    grants = [Grant(GrantKind.ANY, "*")] if chosen.any else []
    for kind in (GrantKind.RULE, GrantKind.INBOX, GrantKind.STEP, *TO_PEOPLE):
        grants += [grant_of(kind, pattern) for pattern in getattr(chosen, kind.value)]
    return tuple(grants)


def terms_of(chosen: argparse.Namespace) -> dict[str, Term]:
    """Return the terms that a command names; `none` takes a bound away."""
    terms: dict[str, Term] = {}
    for name in ("service", "owner", "keeper"):
        if getattr(chosen, name) is not None:
            terms[name] = getattr(chosen, name)
    for name in ("valid_from", "valid_until"):
        if getattr(chosen, name) is not None:
            terms[name] = _day(getattr(chosen, name))
    for name in ("per_day", "per_month"):
        if getattr(chosen, name) is not None:
            terms[name] = _number(getattr(chosen, name))
    if chosen.approval is not None:
        terms["approval"] = chosen.approval
    if chosen.fixed_size is not None:
        terms["fixed_size"] = chosen.fixed_size
    return terms


def seals_list(chosen: argparse.Namespace) -> int:
    """List the registered seals."""
    with opened(chosen.site, with_rules=False) as site:
        equipment = site.equipment
        today = day_of(equipment.clock.now())
        rows = [
            _row(seal, equipment.seal_uses.counted(seal.name, today)[0])
            for seal in equipment.seals.all()
        ]
    show("Seals", _COLUMNS, rows, as_json=chosen.json)
    return 0


def seals_show(chosen: argparse.Namespace) -> int:
    """Show everything about one seal."""
    with opened(chosen.site, with_rules=False) as site:
        facts = facts_of(site.equipment, keeping(site).get(chosen.name))
    if chosen.json:
        show_value(facts)
        return 0
    for key, value in facts.items():
        if isinstance(value, list):
            for item in value:
                shown = item.items() if isinstance(item, dict) else (("", item),)
                words = (f"{name}={part}" if name else str(part) for name, part in shown)
                say(f"{key:12} {' '.join(words)}")
        else:
            say(f"{key:12} {'none' if value is None else value}")
    return 0


def seals_grant(chosen: argparse.Namespace) -> int:
    """Allow or, with --remove, no longer allow uses of a seal."""
    grants = grants_of(chosen)
    if not grants:
        options = ", ".join(f"--{kind}" for kind in GrantKind)
        raise UsageFault("usage.seal-option", f"say to whom: {options}")
    with opened(chosen.site, with_rules=False) as site:
        change = keeping(site).remove if chosen.remove else keeping(site).grant
        seal = change(chosen.name, grants)
        groups = {group.name for group in site.people.books.groups.all()}
    _tell_grants(seal)
    for name in sorted(set(chosen.group) - groups):
        if not set(name) & set("*?["):
            complain(f"there is no group {name}: sealgate users groups add {name}")
    return 0


def seals_change(chosen: argparse.Namespace) -> int:
    """Change a seal's terms."""
    terms = terms_of(chosen)
    if not terms:
        raise UsageFault("usage.seal-option", "say what is to change")
    with opened(chosen.site, with_rules=False) as site:
        seal = keeping(site).change(chosen.name, terms)
    say(f"{seal.name} changed: {', '.join(sorted(terms))}")
    return 0


def seals_revoke(chosen: argparse.Namespace) -> int:
    """End a seal for ever."""
    with opened(chosen.site, with_rules=False) as site:
        keeping(site).revoke(chosen.name, chosen.why)
    say(f"{chosen.name} is revoked, for ever")
    return 0


def seals_retire(chosen: argparse.Namespace) -> int:
    """Take a seal out of use."""
    with opened(chosen.site, with_rules=False) as site:
        keeping(site).retire(chosen.name, chosen.why)
    say(f"{chosen.name} is retired")
    return 0


def seals_restore(chosen: argparse.Namespace) -> int:
    """Bring a retired seal back."""
    with opened(chosen.site, with_rules=False) as site:
        keeping(site).restore(chosen.name, chosen.why)
    say(f"{chosen.name} is active again")
    return 0


def _tell_grants(seal: RegisteredSeal) -> None:
    if not any(grant.kind not in TO_PEOPLE for grant in seal.grants):
        say(f"{seal.name} is granted to no rule: nobody can use it")
    for grant in seal.grants:
        say(f"{seal.name} is granted to {grant.kind} {grant.pattern}")


def _row(seal: RegisteredSeal, today: int) -> tuple[Cell, ...]:
    newest = seal.newest
    limit = f" of {seal.per_day}" if seal.per_day is not None else ""
    return (
        seal.name,
        seal.standing.value,
        newest.number,
        f"{millimetres(newest.width):g} × {millimetres(newest.height):g} mm",
        seal.service,
        seal.keeper,
        f"{seal.valid_from or '…'} to {seal.valid_until or '…'}",
        ", ".join(f"{grant.kind} {grant.pattern}" for grant in seal.grants),
        f"{today}{limit}",
    )


def _day(text: str) -> date | None:
    if text == _NONE:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC).date()
    except ValueError:
        raise UsageFault("usage.wrong-time", text) from None


def _number(text: str) -> int | None:
    if text == _NONE:
        return None
    if not text.isdecimal():
        raise UsageFault("usage.wrong-number", text)
    return int(text)
