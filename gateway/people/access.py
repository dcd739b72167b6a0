"""How a user gets in: passwords, one-time links, API tokens, and the end of sessions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from gateway.core.accounts import Account
from gateway.core.errors import AccessFault, UsageFault
from gateway.core.people import Permission, Role
from gateway.core.people_settings import PeopleSettings
from gateway.core.visiting import Way, actor_of, permissions_of
from gateway.people.entrance import Entrance, LoggedIn
from gateway.people.keeping import changed, check_account
from gateway.people.passwords import Passwords, check_password
from gateway.people.tokens import API_PREFIX, hash_of, new_id, new_token
from gateway.ports import (
    ApiToken,
    ApiTokens,
    Clock,
    Credentials,
    LoginSecrets,
    OneTimeLink,
    OneTimeLinks,
    People,
)

_LONGEST_NAME = 100
_MOST_DAYS = 3660


@dataclass(frozen=True)
class MadeToken:
    """An API token that was just made."""

    secret: str = field(repr=False)
    """Shown once; known to nobody else from here on."""
    token: ApiToken


@dataclass(frozen=True)
class Access:
    """Sets passwords and makes links and tokens."""

    people: People
    credentials: Credentials
    links: OneTimeLinks
    api_tokens: ApiTokens
    passwords: Passwords
    entrance: Entrance
    clock: Clock
    rules: PeopleSettings
    url: str
    """How browsers reach the console; without a slash at the end."""

    def set_password(self, login: str, password: str, actor: str, *, session: str = "") -> None:
        """Give a user a password; its sessions end, but the one given.

        Logged as `person.password-set`. Raises `UsageFault`: `usage.unknown-user`,
        `usage.weak-password`.
        """
        secrets = self._with_password(self._known(login), password)
        details = {"login": login}
        self.credentials.save(login, secrets, "person.password-set", details, actor, stays=session)

    def change_password(
        self, login: str, former: str, password: str, *, session: str, address: str = ""
    ) -> None:
        """Let a user change its password, who has to know the former one.

        Raises as `set_password` does, and `AccessFault`: `access.refused`, `access.paused`.
        """
        self.entrance.confirm_password(login, former, address=address)
        self.set_password(login, password, actor_of(login), session=session)

    def make_link(self, login: str, actor: str) -> str:
        """Return the address at which a user sets a password, once; former ones end.

        Without a login it is for the first administrator, who chooses one. Logged as
        `person.link-made`. Raises `UsageFault`: `usage.unknown-user`, `usage.user-option` (the
        user is disabled), `usage.has-administrator`.
        """
        if login and self._known(login).disabled:
            raise UsageFault("usage.user-option", f"{login} is disabled")
        now, token = self.clock.now(), new_token()
        link = OneTimeLink(login, now, now + timedelta(hours=self.rules.link_hours))
        self.links.add(link, hash_of(token), actor)
        return f"{self.url}/welcome/{token}"

    def find_link(self, token: str) -> OneTimeLink:
        """Return what a link is for, without using it up; raises `AccessFault` (`access.link`)."""
        link = self.links.find(hash_of(token)) if token else None
        if link is None or self.clock.now() >= link.expires:
            raise AccessFault("access.link")
        return link

    def redeem_link(
        self,
        token: str,
        password: str,
        *,
        login: str = "",
        name: str = "",
        address: str = "",
        browser: str = "",
    ) -> LoggedIn | None:
        """Use a link up: set the password, and begin a session unless a code has to be asked for.

        Of the first administrator `login` and `name` count; of others they are known. Logged as
        `person.password-set` or `person.added`. None means: log in with password and code.
        Raises `AccessFault` (`access.link`), `UsageFault` (`usage.weak-password`,
        `usage.user-option`, `usage.user-exists`); the link is used up only when all is well.
        """
        link = self.find_link(token)
        if link.login:
            account = self._known(link.login)
            secrets = self._with_password(account, password)
            details = {"login": account.login, "by": "link"}
            self.credentials.save(
                account.login,
                secrets,
                "person.password-set",
                details,
                actor_of(account.login),
                link=hash_of(token),
            )
        else:
            account = self._first_administrator(login.strip().lower(), name, password, token)
        person = self.people.person(account.login)
        if person is None or self.credentials.find(account.login).totp:
            return None
        return self.entrance.begin(person, Way.LINK, address=address, browser=browser)

    def make_token(
        self, login: str, name: str, scopes: Iterable[Permission], days: int, actor: str
    ) -> MadeToken:
        """Make an API token; logged as `person.token-made`.

        Raises `UsageFault`: `usage.unknown-user`, `usage.user-option` when it would last too
        long, or its owner may not do what it is to do.
        """
        person = self.people.person(login)
        if person is None:
            self._known(login)
            raise UsageFault("usage.user-option", f"{login} is disabled")
        wanted = frozenset(scopes)
        if not wanted:
            raise UsageFault("usage.user-option", "say what the token may do")
        if excess := sorted(wanted - permissions_of(person)):
            raise UsageFault("usage.user-option", f"{login} may not do {', '.join(excess)}")
        if not 1 <= days <= _MOST_DAYS:
            raise UsageFault("usage.user-option", f"{days} days: 1 to {_MOST_DAYS} are possible")
        if not name or len(name) > _LONGEST_NAME or not name.isprintable():
            raise UsageFault("usage.user-option", "the token's name is one short line of text")
        now, secret = self.clock.now(), new_token(API_PREFIX)
        token = ApiToken(new_id(), login, name, wanted, now, now + timedelta(days=days))
        self.api_tokens.add(token, hash_of(secret), actor)
        return MadeToken(secret, token)

    def _first_administrator(self, login: str, name: str, password: str, token: str) -> Account:
        account = Account(login, name or login, frozenset({Role.ADMINISTRATOR}))
        check_account(account)
        secrets = self._with_password(account, password)
        return self.people.save(
            account,
            "person.added",
            changed(None, account) | {"by": "link"},
            actor_of(login),
            secrets=secrets,
            link=hash_of(token),
        )

    def _with_password(self, account: Account, password: str) -> LoginSecrets:
        check_password(
            password, self.rules.password_length, account.login, account.name, account.mail
        )
        now = self.clock.now().isoformat(timespec="seconds").replace("+00:00", "Z")
        found = self.credentials.find(account.login)
        return replace(found, password=self.passwords.hash(password), password_since=now)

    def _known(self, login: str) -> Account:
        account = self.people.find(login)
        if account is None:
            raise UsageFault("usage.unknown-user", login)
        return account
