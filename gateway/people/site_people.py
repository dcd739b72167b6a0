"""Everything of a site that has to do with its people, put together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from argon2 import PasswordHasher

from gateway.core.accounts import Account
from gateway.core.errors import UsageFault
from gateway.core.people_settings import ConsoleSettings, PeopleSettings
from gateway.core.site import SiteSettings
from gateway.core.visiting import Visitor
from gateway.people.access import Access
from gateway.people.entrance import Entrance, LoggedIn
from gateway.people.keeping import PeopleKeeping
from gateway.people.overview import UserFacts, facts_of
from gateway.people.passwords import Passwords
from gateway.people.sealing import KeyFile
from gateway.people.second_factor import SecondFactor
from gateway.people.sign_on import SIGN_ON, SignOn
from gateway.ports import (
    ApiTokens,
    Clock,
    Credentials,
    Groups,
    IdentityProvider,
    LoginAttempts,
    OneTimeLinks,
    People,
    Sessions,
    SignOns,
)


class PeopleBooks(Protocol):
    """The ports that keep people, as a ledger has them."""

    @property
    def people(self) -> People:
        """Return the users."""

    @property
    def groups(self) -> Groups:
        """Return the groups."""

    @property
    def credentials(self) -> Credentials:
        """Return how users prove who they are."""

    @property
    def sessions(self) -> Sessions:
        """Return who is logged in."""

    @property
    def api_tokens(self) -> ApiTokens:
        """Return the tokens of programs."""

    @property
    def one_time_links(self) -> OneTimeLinks:
        """Return the links that are used once."""

    @property
    def sign_ons(self) -> SignOns:
        """Return the log-ins at the OpenID provider that are under way."""

    @property
    def login_attempts(self) -> LoginAttempts:
        """Return the failed attempts to log in."""


@dataclass(frozen=True)
class SitePeople:
    """The people of one site, as console and command line meet them."""

    books: PeopleBooks
    entrance: Entrance
    second_factor: SecondFactor
    access: Access
    """Passwords, one-time links, API tokens."""
    sign_on: SignOn | None
    """By the OpenID provider; None where there is none."""

    def keeping(self, actor: str) -> PeopleKeeping:
        """Return what changes users and groups on behalf of one person."""
        rules = self.entrance.rules
        return PeopleKeeping(self.books.people, self.books.groups, actor, rules)

    def facts(self, login: str) -> UserFacts:
        """Return what is to be seen of one user; raises `UsageFault` (`usage.unknown-user`)."""
        account = self.books.people.find(login)
        if account is None:
            raise UsageFault("usage.unknown-user", login)
        return self._facts((account,))[0]

    def everybody(self) -> tuple[UserFacts, ...]:
        """Return what is to be seen of every user there ever was, by login."""
        return self._facts(self.books.people.all())

    def log_in(
        self, login: str, password: str, code: str = "", *, address: str = "", browser: str = ""
    ) -> LoggedIn:
        """Begin a session; raises `AccessFault` as `Entrance.log_in` does."""
        return self.entrance.log_in(login, password, code, address=address, browser=browser)

    def person_of_session(self, token: str) -> Visitor:
        """Return who comes with a session's token; raises `AccessFault` (`access.logged-out`)."""
        return self.entrance.person_of_session(token)

    def person_of_api_token(self, token: str) -> Visitor:
        """Return who comes with an API token; raises `AccessFault` (`access.token`)."""
        return self.entrance.person_of_api_token(token)

    def _facts(self, accounts: tuple[Account, ...]) -> tuple[UserFacts, ...]:
        groups, sessions = self.books.groups.all(), self.books.sessions.open()
        tokens, credentials = self.books.api_tokens.all(), self.books.credentials
        return tuple(
            facts_of(one, groups, credentials.find(one.login), sessions, tokens) for one in accounts
        )

    def end_sessions(self, login: str, actor: str, *, session: str = "", stays: str = "") -> int:
        """End one session of a user, or all but one that stays; return how many."""
        return self.books.sessions.end(
            login, "person.sessions-ended", actor, session=session, stays=stays
        )


def site_people(
    books: PeopleBooks,
    clock: Clock,
    settings: SiteSettings,
    provider: IdentityProvider | None,
) -> SitePeople:
    """Put the people of a site together."""
    return put_together(
        books,
        clock,
        settings.state,
        name=settings.name,
        console=settings.console,
        rules=settings.people,
        provider=provider,
    )


def put_together(
    books: PeopleBooks,
    clock: Clock,
    state: Path,
    *,
    name: str = "",
    console: ConsoleSettings | None = None,
    rules: PeopleSettings | None = None,
    provider: IdentityProvider | None = None,
    hasher: PasswordHasher | None = None,
) -> SitePeople:
    """Put people together; `name` is the site's, as authenticators show it."""
    console, rules = console or ConsoleSettings(), rules or PeopleSettings()
    passwords, key = Passwords(hasher), KeyFile(state / "people.key")
    second_factor = SecondFactor(books.credentials, key, clock, name)
    entrance = Entrance(
        people=books.people,
        credentials=books.credentials,
        sessions=books.sessions,
        api_tokens=books.api_tokens,
        attempts=books.login_attempts,
        passwords=passwords,
        check_code=second_factor.check,
        clock=clock,
        times=console.session,
        rules=rules,
    )
    access = Access(
        people=books.people,
        credentials=books.credentials,
        links=books.one_time_links,
        api_tokens=books.api_tokens,
        passwords=passwords,
        entrance=entrance,
        clock=clock,
        rules=rules,
        url=console.url,
    )
    sign_on = None
    if provider is not None and rules.oidc is not None:
        keeping = PeopleKeeping(books.people, books.groups, SIGN_ON, rules)
        sign_on = SignOn(
            rules.oidc,
            provider,
            books.sign_ons,
            books.people,
            books.credentials,
            keeping,
            entrance,
            key,
            clock,
        )
    return SitePeople(books, entrance, second_factor, access, sign_on)
