"""Single sign-on: an OpenID provider says who somebody is, the site says what he may do.

Theory of operation: `begin` keeps a nonce and a PKCE verifier under the hash of a random state;
the browser carries the state twice, in the provider's address and in a cookie. `finish` takes
what was kept, once, and only for a browser that has both: so a code that somebody else obtained
lets nobody in, and no address that is sent to a person logs him in as another.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from gateway.core.accounts import LOGIN, Account
from gateway.core.errors import AccessFault
from gateway.core.people import Person
from gateway.core.people_settings import OidcSettings
from gateway.core.visiting import Way
from gateway.people.entrance import Entrance, LoggedIn
from gateway.people.keeping import PeopleKeeping, changed
from gateway.people.sealing import KeyFile
from gateway.people.tokens import hash_of, new_token
from gateway.ports import Clock, Credentials, IdentityClaims, IdentityProvider, People, SignOns

SIGN_ON = "sign-on"
"""Who acts, in the signing log, where the provider decides."""
_PATIENCE = timedelta(minutes=10)
_ABOUT = "sign-on"
_CODE = re.compile(r"[\x21-\x7e]{1,4096}")
_LOCAL = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]{0,1000}")
"""A path, with its query; browsers take what begins with two slashes for another host."""


@dataclass(frozen=True)
class SignOnBegun:
    """Where a browser goes, and what it has to bring back."""

    url: str = field(repr=False)
    state: str = field(repr=False)
    """For a cookie of ten minutes: HttpOnly, SameSite=Lax."""


@dataclass(frozen=True)
class SignedOn:
    """A session that was just begun, and where its person wanted to go."""

    entered: LoggedIn
    target: str


@dataclass(frozen=True)
class SignOn:
    """Lets people in by the OpenID provider."""

    settings: OidcSettings
    provider: IdentityProvider
    books: SignOns
    people: People
    credentials: Credentials
    keeping: PeopleKeeping
    entrance: Entrance
    key: KeyFile
    clock: Clock

    def begin(self, target: str = "") -> SignOnBegun:
        """Return where to send a browser that is to come back and then go to `target`.

        That is a path of the console; anything else becomes `/`, so that no link to a log-in
        leads away from it.
        Raises `AccessFault` (`access.provider`, `access.busy`).
        """
        state, nonce, verifier = new_token(), new_token(), secrets.token_urlsafe(48)
        url = self.provider.authorization(state, nonce, verifier)
        self.books.begin(
            hash_of(state),
            nonce,
            self.key.encrypt(verifier.encode(), _ABOUT),
            target if _LOCAL.fullmatch(target) else "/",
            self.clock.now() + _PATIENCE,
        )
        return SignOnBegun(url, state)

    def finish(
        self, query: Mapping[str, str], cookie: str, *, address: str = "", browser: str = ""
    ) -> SignedOn:
        """Begin a session of whoever the provider vouches for, by what the browser brought back.

        `query` is that of the address; `cookie` the state that `begin` gave. Raises
        `AccessFault`: `access.provider`, `access.unknown-person`; `UsageFault` when the groups
        that the provider tells of cannot be had here.
        """
        try:
            begun = self._begun(query, cookie)
            claims = self.provider.claims(query.get("code", ""), begun.nonce, begun.verifier)
            person = self._person(claims)
        except AccessFault:
            self.entrance.attempts.fail("", address, "unknown")
            raise
        entered = self.entrance.begin(person, Way.SIGN_ON, address=address, browser=browser)
        return SignedOn(entered, begun.target)

    def _begun(self, query: Mapping[str, str], cookie: str) -> _Begun:
        state = query.get("state", "")
        if not state or not hmac.compare_digest(hash_of(state), hash_of(cookie)):
            raise AccessFault("access.provider", "this browser has begun no such log-in")
        kept = self.books.take(hash_of(state))
        if kept is None:
            raise AccessFault("access.provider", "the log-in took too long, or was finished")
        # RFC 9207: an answer of another provider is not taken for this one's.
        if query.get("iss", self.settings.issuer) != self.settings.issuer:
            raise AccessFault("access.provider", "another provider has answered")
        if _CODE.fullmatch(query.get("code", "")) is None:
            error = query.get("error", "no code")
            raise AccessFault("access.provider", f"it says {error[:100]!r}")
        verifier = self.key.decrypt(kept.verifier, _ABOUT).decode()
        return _Begun(kept.nonce, verifier, kept.target)

    def _person(self, claims: IdentityClaims) -> Person:
        account = self._account(claims)
        account = self._following(account, claims)
        person = self.people.person(account.login)
        if person is None:
            raise AccessFault("access.unknown-person", f"{account.login} is disabled")
        return person

    def _account(self, claims: IdentityClaims) -> Account:
        """Return the user, known by the provider's subject; bound or added the first time."""
        subject = f"{claims.issuer} {claims.subject}"
        if (known := self.people.by_subject(subject)) is not None:
            return known
        login = claims.text(self.settings.login_claim).lower()
        if LOGIN.fullmatch(login) is None:
            detail = f"its {self.settings.login_claim} cannot be a login"
            raise AccessFault("access.unknown-person", detail)
        waiting = self.people.find(login)
        if waiting is None:
            return self._added(login, subject, claims)
        # Only who was added for it is bound: nobody takes over a user who has another way in.
        if waiting.subject or waiting.disabled or self.credentials.find(login).password:
            raise AccessFault("access.unknown-person", f"{login} is somebody else here")
        bound = replace(waiting, subject=subject)
        return self.people.save(bound, "person.changed", changed(waiting, bound), SIGN_ON)

    def _added(self, login: str, subject: str, claims: IdentityClaims) -> Account:
        if not self.settings.add:
            raise AccessFault("access.unknown-person", login)
        name = claims.text(self.settings.name_claim) or login
        mail = claims.text("email") if claims.values.get("email_verified") is True else ""
        shown, reached = (
            "".join(one for one in text if one.isprintable())[:200] for text in (name, mail)
        )
        return self.keeping.add(Account(login, shown, mail=reached, subject=subject))

    def _following(self, account: Account, claims: IdentityClaims) -> Account:
        """Let memberships of the groups that the configuration names follow the provider."""
        if not self.settings.groups or account.disabled:
            return account
        theirs = claims.texts(self.settings.groups_claim)
        managed = {here for _, here in self.settings.groups}
        wanted = {here for there, here in self.settings.groups if there in theirs}
        return self.keeping.change(account.login, add_groups=wanted, remove_groups=managed - wanted)


@dataclass(frozen=True)
class _Begun:
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    target: str
