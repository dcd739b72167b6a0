"""Keeping people: what an administrator does, each time with an entry in the signing log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeVar

from gateway.core.accounts import GROUP, LOGIN, Account, Group
from gateway.core.differences import differences
from gateway.core.errors import AccessFault, UsageFault
from gateway.core.people import Role
from gateway.core.people_settings import PeopleSettings
from gateway.core.visiting import actor_of
from gateway.ports import Groups, People

_LONGEST = 200
_TERMS = frozenset({"name", "language", "mail", "posix", "smb", "home", "subject"})
"""What may change about a user, besides roles, groups and whether it is disabled."""
_LANGUAGES = ("", "en", "zh")
_NOTHING: Mapping[str, str] = MappingProxyType({})
_Kept = TypeVar("_Kept", Account, Group)


@dataclass(frozen=True)
class PeopleKeeping:
    """Changes users and groups on behalf of one person.

    All methods return the user or group as it then is and raise `UsageFault`, as the ports
    `People` and `Groups` do: `usage.unknown-user`, `usage.unknown-group`, `usage.user-option`;
    and `AccessFault` (`access.own-roles`).
    """

    people: People
    groups: Groups
    actor: str
    rules: PeopleSettings = PeopleSettings()
    """With `homes` a user who is added has one; with four eyes nobody gives himself a role."""

    def get(self, login: str) -> Account:
        """Return a user, a disabled one, too."""
        account = self.people.find(login)
        if account is None:
            raise UsageFault("usage.unknown-user", login)
        return account

    def add(self, account: Account) -> Account:
        """Add a user, who cannot log in before there is a password; logged as `person.added`."""
        if self.rules.homes and not account.home:
            home = self.rules.homes.replace("{login}", account.login)
            account = replace(account, home=home)
        check_account(account)
        return self.people.save(account, "person.added", changed(None, account), self.actor)

    def change(
        self,
        login: str,
        terms: Mapping[str, str] = _NOTHING,
        *,
        add_roles: Iterable[Role] = (),
        remove_roles: Iterable[Role] = (),
        add_groups: Iterable[str] = (),
        remove_groups: Iterable[str] = (),
    ) -> Account:
        """Change terms by their names, roles and groups; logged as `person.changed`."""
        if terms.keys() - _TERMS:
            raise TypeError(f"no terms of a user: {sorted(terms.keys() - _TERMS)}")
        account = self.get(login)
        after = replace(account, **terms)  # type: ignore[arg-type]  # the names were looked at
        after = replace(
            after,
            roles=(after.roles | frozenset(add_roles)) - frozenset(remove_roles),
            groups=(after.groups | frozenset(add_groups)) - frozenset(remove_groups),
        )
        return self._save(account, after, "person.changed")

    def disable(self, login: str, why: str = "") -> Account:
        """Let a user in no more; sessions and tokens end; logged as `person.disabled`."""
        account = self.get(login)
        return self._save(account, replace(account, disabled=True), "person.disabled", why)

    def enable(self, login: str, why: str = "") -> Account:
        """Let a user in again; its API tokens stay withdrawn; logged as `person.enabled`."""
        account = self.get(login)
        return self._save(account, replace(account, disabled=False), "person.enabled", why)

    def get_group(self, name: str) -> Group:
        """Return a group."""
        group = self.groups.find(name)
        if group is None:
            raise UsageFault("usage.unknown-group", name)
        return group

    def add_group(self, group: Group) -> Group:
        """Add a group; logged as `group.added`."""
        if GROUP.fullmatch(group.name) is None:
            detail = f"{group.name!r} as name: use small letters, digits, ., - and _"
            raise UsageFault("usage.user-option", detail)
        _check_line("about", group.about)
        return self.groups.save(group, "group.added", changed(None, group), self.actor)

    def change_group(
        self,
        name: str,
        *,
        about: str | None = None,
        grant: Iterable[Role] = (),
        remove: Iterable[Role] = (),
    ) -> Group:
        """Change what a group is about, or its roles; logged as `group.changed`."""
        group = self.get_group(name)
        about = group.about if about is None else about
        _check_line("about", about)
        roles = (group.roles | set(grant)) - set(remove)
        after = replace(group, about=about, roles=frozenset(roles))
        if after == group:
            return group
        gained = after.roles - group.roles
        if gained and any(self._is_actor(login) for login in self.groups.members(name)):
            self._refuse_own(gained)
        return self.groups.save(after, "group.changed", changed(group, after), self.actor)

    def _is_actor(self, login: str) -> bool:
        return self.actor == actor_of(login)

    def _refuse_own(self, gained: frozenset[Role] | frozenset[str]) -> None:
        """Refuse that somebody gives himself a role, by himself, where two are asked for."""
        if gained and self.rules.four_eyes:
            raise AccessFault("access.own-roles", ", ".join(sorted(gained)))

    def _save(self, old: Account, new: Account, event: str, why: str = "") -> Account:
        """Save what changed; nothing is written where nothing did."""
        if old == new:
            return old
        check_account(new)
        _check_line("why", why)
        if self._is_actor(new.login):
            self._refuse_own((new.roles - old.roles) | (new.groups - old.groups))
        details = changed(old, new) | ({"why": why} if why else {})
        return self.people.save(new, event, details, self.actor)


def check_account(account: Account) -> None:
    """Refuse what cannot be said of a user; raises `UsageFault` (`usage.user-option`)."""
    if LOGIN.fullmatch(account.login) is None:
        detail = f"{account.login!r} as login: use small letters, digits, and . _ @ + -"
        raise UsageFault("usage.user-option", detail)
    for noun in ("name", "mail", "posix", "smb", "home", "subject"):
        _check_line(noun, getattr(account, noun))
    if account.language not in _LANGUAGES:
        raise UsageFault("usage.user-option", f"language {account.language!r}: write en or zh")
    if account.subject and not all(account.subject.partition(" ")):
        detail = f"subject {account.subject!r}: write issuer and subject, with a space in between"
        raise UsageFault("usage.user-option", detail)
    steps = account.home.split("/")
    if account.home and (not all(steps) or {".", ".."} & set(steps)):
        detail = f"home {account.home!r}: write INBOX or INBOX/FOLDER, no slash at the end"
        raise UsageFault("usage.user-option", detail)


def changed(old: _Kept | None, new: _Kept) -> dict[str, str]:
    """Return the changed facts by name, each as `old -> new`; all that are set of a new one."""
    if isinstance(new, Account):
        return {"login": new.login} | differences(old, new, ("login", "revision"))
    return {"group": new.name} | differences(old, new, ("name", "revision"))


def _check_line(noun: str, text: str) -> None:
    if len(text) > _LONGEST or not text.isprintable():
        raise UsageFault("usage.user-option", f"{noun} is one short line of text")
