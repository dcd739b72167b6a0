"""People: users and groups, how they prove who they are, and how long they stay let in.

Of everything secret only hashes come here, or what is encrypted already. Each change is one
transaction with its entry in the signing log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from gateway.core.accounts import Account, Group
from gateway.core.droppers import Dropper
from gateway.core.login_pauses import PausePolicy
from gateway.core.people import Permission, Person
from gateway.core.visiting import Way


@dataclass(frozen=True)
class LoginSecrets:
    """How a user proves who it is."""

    password: str = field(default="", repr=False)
    """The hash with its parameters, as Argon2 writes it; empty when there is no password."""
    password_since: str = ""
    """UTC, ISO 8601."""
    totp: bytes = field(default=b"", repr=False)
    """The authenticator's secret, encrypted; empty when there is none."""
    totp_pending: bytes = field(default=b"", repr=False)
    """The same, of one that is being set up."""
    totp_step: int = 0
    """The last time step (RFC 6238) of which a code was accepted: none before it is any more."""
    recovery: frozenset[str] = field(default=frozenset(), repr=False)
    """Hashes of the recovery codes that are left."""


class People(Protocol):
    """The users of a site. Raises `UsageFault` as each method says."""

    def find(self, login: str) -> Account | None:
        """Return a user, disabled ones, too; None when there never was one."""

    def all(self) -> tuple[Account, ...]:
        """Return every user there ever was, by login."""

    def person(self, login: str) -> Person | None:
        """Return who a user is now, with the roles of its groups; None when disabled."""

    def by_subject(self, subject: str) -> Account | None:
        """Return the user whom the sign-on provider knows so."""

    def save(
        self,
        account: Account,
        event: str,
        details: Mapping[str, str],
        actor: str,
        *,
        secrets: LoginSecrets | None = None,
        link: str = "",
    ) -> Account:
        """Insert or change a user, perhaps with secrets, perhaps using up a one-time link.

        Disabling ends its sessions and API tokens. Returns the user as it then is. Raises
        `UsageFault`: `usage.user-exists`, `usage.user-changed`, `usage.unknown-group`,
        `usage.user-option` (something that only one user can have), `usage.last-administrator`;
        `AccessFault` (`access.link`).
        """


class Groups(Protocol):
    """The groups of a site."""

    def find(self, name: str) -> Group | None:
        """Return a group, or None."""

    def all(self) -> tuple[Group, ...]:
        """Return the groups, by name."""

    def save(self, group: Group, event: str, details: Mapping[str, str], actor: str) -> Group:
        """Insert or change a group; return it as it then is.

        Raises `UsageFault`: `usage.group-exists`, `usage.user-changed`,
        `usage.last-administrator`.
        """

    def members(self, name: str) -> tuple[str, ...]:
        """Return the logins in a group, disabled ones, too."""


class Droppers(Protocol):
    """Who dropped a file, by the users as they are now."""

    def who(self, inbox: str, source: str, owner: str, sha256: str = "") -> Dropper:
        """Return who dropped a file that lay at a path of an inbox and had this owner.

        With its hash it may be one that was announced.
        """

    def announce(self, inbox: str, source: str, sha256: str, login: str) -> None:
        """Keep that a user is about to lay these bytes into an inbox by the console or the API.

        To be called before the file has its name there: it is claimed as soon as it has. Logged
        as `document.uploaded`. Raises `UsageFault` (`usage.unknown-user`).
        """

    def known_as(self, actor: str) -> str:
        """Return one name for one person, be it at the machine (`user:`) or in the console."""


class Credentials(Protocol):
    """How users prove who they are."""

    def find(self, login: str) -> LoginSecrets:
        """Return what there is of a user; nothing of an unknown one."""

    def save(
        self,
        login: str,
        secrets: LoginSecrets,
        event: str,
        details: Mapping[str, str],
        actor: str,
        *,
        link: str = "",
        stays: str = "",
    ) -> None:
        """Replace a user's secrets and end its sessions, but the one with the id `stays`.

        `link` is the hash of a one-time link that is used up by it. Raises `UsageFault`
        (`usage.unknown-user`), `AccessFault` (`access.link`).
        """

    def rehash(self, login: str, former: str, password: str) -> None:
        """Replace the hash of the same password by a better one; nothing is logged."""

    def spend_step(self, login: str, step: int) -> bool:
        """Take a time step for used; False when it, or a later one, was used before."""

    def spend_recovery(self, login: str, code: str) -> bool:
        """Take a recovery code, by its hash, for used; logged. False when there is none such."""


@dataclass(frozen=True)
class Session:
    """Somebody who is logged in."""

    id: str
    """Public: it may be shown and logged."""
    login: str
    way: Way
    begun: datetime
    seen: datetime
    """When it was last used, to the accuracy at which that is kept."""
    ends: datetime
    """When it ends at the latest, be it used or not."""
    address: str = ""
    """From where it was begun."""
    browser: str = ""
    """What the browser called itself when it was begun."""


class Sessions(Protocol):
    """Who is logged in."""

    def begin(self, session: Session, token: str) -> None:
        """Begin a session that is found by the hash of its token; logged as `person.logged-in`."""

    def find(self, token: str) -> Session | None:
        """Return the session by the hash of its token; None when there is none, or it was ended."""

    def touch(self, session: str, seen: datetime) -> None:
        """Keep when a session was last used."""

    def end(self, login: str, event: str, actor: str, *, session: str = "", stays: str = "") -> int:
        """End one session of a user, or all, but one that stays; logged if there are any.

        Returns how many were ended.
        """

    def open(self, login: str = "") -> tuple[Session, ...]:
        """Return the sessions of a user, or of all, that were not ended; newest first."""


@dataclass(frozen=True)
class ApiToken:
    """A token by which a program acts for a user."""

    id: str
    """Public: it may be shown and logged."""
    login: str
    name: str
    """What it is for."""
    scopes: frozenset[Permission]
    """What it may do, as far as its owner may."""
    made: datetime
    expires: datetime
    used: datetime | None = None
    """When it was last used, to the accuracy at which that is kept."""
    withdrawn: bool = False


class ApiTokens(Protocol):
    """Tokens of programs, by the hashes of the tokens."""

    def add(self, token: ApiToken, secret: str, actor: str) -> None:
        """Keep a new token under its hash; logged as `person.token-made`."""

    def find(self, secret: str) -> ApiToken | None:
        """Return the token by its hash, also a withdrawn or expired one."""

    def touch(self, token: str, used: datetime) -> None:
        """Keep when a token was last used."""

    def withdraw(self, login: str, token: str, actor: str) -> None:
        """End a token for ever; logged as `person.token-withdrawn`.

        Raises `UsageFault` (`usage.unknown-token`).
        """

    def all(self, login: str = "") -> tuple[ApiToken, ...]:
        """Return the tokens of a user, or of all, withdrawn ones, too; newest first."""


@dataclass(frozen=True)
class OneTimeLink:
    """A link with which somebody sets a password: a user, or the first administrator."""

    login: str
    """Empty for the first administrator, who chooses one."""
    made: datetime
    expires: datetime


class OneTimeLinks(Protocol):
    """Links that are used once; `People.save` and `Credentials.save` use them up."""

    def add(self, link: OneTimeLink, secret: str, actor: str) -> None:
        """Keep a new link under its hash; former ones of the login end. Logged.

        Raises `UsageFault` (`usage.has-administrator`) for a first administrator while some
        enabled user is one.
        """

    def find(self, secret: str) -> OneTimeLink | None:
        """Return an unused link by its hash, also an expired one."""


class LoginAttempts(Protocol):
    """Attempts to log in, counted by login and by address before each is decided."""

    def begin(self, login: str, address: str, policy: PausePolicy) -> datetime | None:
        """Count an attempt as failed; or, while there is a pause, return when it is over."""

    def fail(self, login: str, address: str, told: str) -> datetime | None:
        """Log that an attempt failed, with the login as `told`; not more often than is useful.

        Returns until when there is a pause now, if there is.
        """

    def succeed(self, login: str, address: str) -> None:
        """Forget the failures of the login, and this attempt of the address."""

    def retract(self, login: str, address: str) -> None:
        """Take an attempt back that neither failed nor succeeded."""

    def unlock(self, login: str, actor: str) -> None:
        """Forget the failures of a login; logged as `person.unlocked`."""


@dataclass(frozen=True)
class SignOnKept:
    """What a log-in at the OpenID provider needs when its browser comes back."""

    nonce: str = field(repr=False)
    verifier: bytes = field(repr=False)
    """Encrypted."""
    target: str
    """Where the person wanted to go."""


class SignOns(Protocol):
    """Log-ins at the OpenID provider that are under way, by the hashes of their states."""

    def begin(
        self, state: str, nonce: str, verifier: bytes, target: str, expires: datetime
    ) -> None:
        """Keep what a log-in needs when its browser comes back.

        Raises `AccessFault` (`access.busy`) when very many are under way.
        """

    def take(self, state: str) -> SignOnKept | None:
        """Return what was kept, once; None when there is nothing, or too long after."""


@dataclass(frozen=True)
class IdentityClaims:
    """What an OpenID provider vouches for."""

    issuer: str
    subject: str
    values: Mapping[str, object]

    def text(self, name: str) -> str:
        """Return a claim that is a text; empty when it is none."""
        value = self.values.get(name)
        return value.strip() if isinstance(value, str) else ""

    def texts(self, name: str) -> frozenset[str]:
        """Return a claim that is a list of texts; one text counts as a list of it."""
        value = self.values.get(name)
        if isinstance(value, str):
            return frozenset({value})
        listed = value if isinstance(value, list | tuple) else ()
        return frozenset(one for one in listed if isinstance(one, str))


class IdentityProvider(Protocol):
    """An OpenID provider. Each method raises `AccessFault` (`access.provider`)."""

    def authorization(self, state: str, nonce: str, verifier: str) -> str:
        """Return the address to which a browser is sent."""

    def claims(self, code: str, nonce: str, verifier: str) -> IdentityClaims:
        """Return what the provider says of whoever came back with a code, once it is checked."""
