"""What a site says about its people and its console, checked and frozen."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from gateway.core.login_pauses import PausePolicy
from gateway.core.people import Role
from gateway.core.secret import Secret
from gateway.core.services import HttpAccess


@dataclass(frozen=True)
class SessionTimes:
    """How long somebody stays logged in, in seconds."""

    idle: float = 1800.0
    """Without doing anything."""
    longest: float = 43_200.0
    """Whatever is done."""


@dataclass(frozen=True)
class TlsFiles:
    """What the console proves itself with, in PEM."""

    certificate: Path
    """With those of the authorities between it and the root."""
    key: Path
    """Readable only by Sealgate's user."""


@dataclass(frozen=True)
class ConsoleSettings:
    """Where the console listens, and how it is reached."""

    host: str = "127.0.0.1"
    """A literal IP address, or `localhost`."""
    port: int = 8470
    url: str = "http://127.0.0.1:8470"
    """How browsers reach it; without a slash at the end."""
    tls: TlsFiles | None = None
    """None: plain HTTP, on loopback or behind a proxy that does TLS."""
    trusted_proxies: tuple[str, ...] = ()
    """Networks in CIDR notation whose word for the browser's address is taken."""
    session: SessionTimes = SessionTimes()


SIGN_ON_PATH = "/sign-on"
"""Below the console's address: where the OpenID provider sends browsers back to."""


@dataclass(frozen=True)
class OidcSettings:
    """An OpenID provider by which people log in."""

    issuer: str
    client_id: str
    client_secret: Secret | None = None
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    login_claim: str = "preferred_username"
    name_claim: str = "name"
    groups_claim: str = "groups"
    groups: tuple[tuple[str, str], ...] = ()
    """Group at the provider and group here; memberships of the latter follow the provider."""
    add: bool = False
    """Whoever is not known here yet is added as a user."""
    label: str = "Single sign-on"
    access: HttpAccess = HttpAccess()


@dataclass(frozen=True)
class PeopleSettings:
    """Rules for users."""

    password_length: int = 12
    """Characters of the shortest password."""
    second_factor_for: frozenset[Role] = field(default_factory=frozenset)
    """Roles whose people have to set up an authenticator."""
    pauses: PausePolicy = PausePolicy()
    link_hours: float = 24.0
    """How long a one-time link lasts."""
    homes: str = ""
    """`INBOX/FOLDER/{login}`: the folder of each user who has no other; empty: there are none."""
    four_eyes: bool = False
    """What one keeper does counts only when another one has confirmed it."""
    four_eyes_days: int = 7
    """After so long a request that nobody has confirmed expires."""
    oidc: OidcSettings | None = None
