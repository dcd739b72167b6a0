"""`sealgate users list, show, roles, add, change, disable, enable, groups`."""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from gateway.cli.output import Cell, say, show, show_value
from gateway.cli.site import actor, opened
from gateway.core.accounts import Account, Group
from gateway.core.people import PERMISSIONS, Role
from gateway.people.overview import UserFacts

_COLUMNS = ("login", "name", "standing", "roles", "groups", "second factor", "files of")
_TERMS = ("name", "mail", "language", "posix", "smb", "home", "subject")


def users_list(chosen: argparse.Namespace) -> int:
    """List the users."""
    with opened(chosen.site, with_rules=False) as site:
        rows = [_row(one) for one in site.people.everybody()]
    show("Users", _COLUMNS, rows, as_json=chosen.json)
    return 0


def users_show(chosen: argparse.Namespace) -> int:
    """Show everything about one user but secrets."""
    with opened(chosen.site, with_rules=False) as site:
        facts = _facts(site.people.facts(chosen.login))
        entries = site.equipment.log.entries(event="person.*", text=f"login={chosen.login}")
        facts["history"] = [
            {"at": entry.at, "event": entry.event, "actor": entry.actor} | dict(entry.details)
            for entry in entries
            # The search finds the login at the beginning of another's, too.
            if dict(entry.details).get("login") == chosen.login
        ]
    if chosen.json:
        show_value(facts)
        return 0
    for key, value in facts.items():
        for item in value if isinstance(value, list) else [value]:
            words = item.items() if isinstance(item, dict) else (("", item),)
            told = (f"{name}={part}" if name else str(part) for name, part in words)
            say(f"{key:16} {' '.join(told)}")
    return 0


def users_roles(chosen: argparse.Namespace) -> int:
    """List what each role may do."""
    rows = [(role.value, ", ".join(sorted(PERMISSIONS[role]))) for role in Role]
    show("Roles", ("role", "may"), rows, as_json=chosen.json)
    return 0


def users_add(chosen: argparse.Namespace) -> int:
    """Add a user, and print a link for setting the password."""
    terms = _terms(chosen) | {"name": chosen.name or chosen.login}
    with opened(chosen.site, with_rules=False) as site:
        account = Account(
            login=chosen.login,
            roles=frozenset(map(Role, chosen.role)),
            groups=frozenset(chosen.group),
            **terms,
        )
        site.people.keeping(actor()).add(account)
        say(f"{account.login} is added")
        if not chosen.no_link:
            link = site.people.access.make_link(account.login, actor())
            say(f"to set the password, once: {link}")
    return 0


def users_change(chosen: argparse.Namespace) -> int:
    """Change what is known of a user."""
    terms = _terms(chosen)
    with opened(chosen.site, with_rules=False) as site:
        keeping = site.people.keeping(actor())
        before = keeping.get(chosen.login)
        after = keeping.change(
            chosen.login,
            terms,
            add_roles=map(Role, chosen.add_role),
            remove_roles=map(Role, chosen.remove_role),
            add_groups=chosen.add_group,
            remove_groups=chosen.remove_group,
        )
    say(f"{chosen.login} {'is as before' if before == after else 'is changed'}")
    return 0


def users_disable(chosen: argparse.Namespace) -> int:
    """Let a user in no more."""
    with opened(chosen.site, with_rules=False) as site:
        site.people.keeping(actor()).disable(chosen.login, chosen.why)
    say(f"{chosen.login} is disabled; sessions and API tokens are ended")
    return 0


def users_enable(chosen: argparse.Namespace) -> int:
    """Let a user in again."""
    with opened(chosen.site, with_rules=False) as site:
        site.people.keeping(actor()).enable(chosen.login, chosen.why)
    say(f"{chosen.login} is enabled")
    return 0


def users_groups_list(chosen: argparse.Namespace) -> int:
    """List the groups."""
    with opened(chosen.site, with_rules=False) as site:
        groups = site.people.books.groups
        rows = [
            (one.name, one.about, _joined(one.roles), ", ".join(groups.members(one.name)))
            for one in groups.all()
        ]
    show("Groups", ("name", "about", "roles", "members"), rows, as_json=chosen.json)
    return 0


def users_groups_add(chosen: argparse.Namespace) -> int:
    """Add a group."""
    group = Group(chosen.name, chosen.about or "", frozenset(map(Role, chosen.role)))
    with opened(chosen.site, with_rules=False) as site:
        site.people.keeping(actor()).add_group(group)
    say(f"group {chosen.name} is added")
    return 0


def users_groups_change(chosen: argparse.Namespace) -> int:
    """Change what a group is about, or its roles."""
    with opened(chosen.site, with_rules=False) as site:
        site.people.keeping(actor()).change_group(
            chosen.name,
            about=chosen.about,
            grant=map(Role, chosen.add_role),
            remove=map(Role, chosen.remove_role),
        )
    say(f"group {chosen.name} is changed")
    return 0


def _terms(chosen: argparse.Namespace) -> dict[str, str]:
    terms = {name: getattr(chosen, name) for name in _TERMS}
    return {name: value for name, value in terms.items() if value is not None}


def _row(user: UserFacts) -> tuple[Cell, ...]:
    account = user.account
    return (
        account.login,
        account.name,
        user.standing.value,
        _joined(user.person.roles),
        _joined(account.groups),
        user.second_factor,
        ", ".join(filter(None, (account.posix, account.smb, account.home))),
    )


def _facts(user: UserFacts) -> dict[str, object]:
    account = user.account
    return {
        "login": account.login,
        "name": account.name,
        "standing": user.standing.value,
        "roles": _joined(account.roles),
        "roles_with_groups": _joined(user.person.roles),
        "groups": _joined(account.groups),
        "mail": account.mail,
        "language": account.language,
        "posix": account.posix,
        "smb": account.smb,
        "home": account.home,
        "subject": account.subject,
        "password_since": user.password_since,
        "second_factor": user.second_factor,
        "recovery_codes": user.recovery_codes,
        "sessions": len(user.sessions),
        "tokens": len(user.tokens),
    }


def _joined(words: Iterable[str]) -> str:
    return ", ".join(sorted(words))
