"""What may stand below `people:` in `gateway.yaml`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.settings.service_models import HttpPart, SecretReference
from gateway.settings.written import Name, Names, Part, RoleNames, Span, Text, Words


class LockoutPart(Part):
    """What happens to somebody who fails to log in."""

    after: Annotated[int, Field(ge=1, le=100)] = 5
    """Failures in a row of one login after which each further one begins a pause."""
    after_of_address: Annotated[int, Field(ge=1, le=10_000)] = 20
    """The same of one address, whatever logins it tries."""
    first: Span = "30s"  # type: ignore[assignment]
    """The first pause; each later one is twice as long."""
    longest: Span = "15m"  # type: ignore[assignment]
    """No pause is longer."""


class OidcPart(HttpPart):
    """An OpenID provider by which people log in, instead of a password."""

    issuer: Words
    """Its address, as it writes it itself; /.well-known/openid-configuration is below it."""
    client_id: Words
    """Who we are to it."""
    client_secret: SecretReference | None = None
    """What proves it; none for a public client."""
    scopes: Names = ("openid", "profile", "email")
    """What is asked for."""
    login_claim: Words = "preferred_username"
    """The claim whose value is a user's login here, when it logs in for the first time."""
    name_claim: Words = "name"
    """The claim that says how the person is called."""
    groups_claim: Words = "groups"
    """The claim that lists the person's groups at the provider."""
    groups: Annotated[dict[str, Name], Field(default_factory=dict)]
    """Group at the provider → group here; memberships of groups named here follow the provider."""
    add: bool = False
    """Whoever the provider vouches for and nobody knows here is added as a user."""
    label: Text = "Single sign-on"
    """What the console writes on the button."""


class PeoplePart(Part):
    """Rules for users."""

    password_length: Annotated[int, Field(ge=8, le=128)] = 12
    """Characters of the shortest password."""
    second_factor_for: RoleNames = ()
    """Roles whose people have to set up an authenticator before they can do anything."""
    lockout: LockoutPart = LockoutPart()
    """What happens to somebody who fails to log in."""
    link_lasts: Span = "24h"  # type: ignore[assignment]
    """How long a one-time link for setting a password lasts."""
    homes: Text = ""
    """INBOX/FOLDER/{login}: what lies below it was dropped by the user of that login."""
    four_eyes: bool = False
    """What one keeper does to seals and rules counts only when another one has confirmed it."""
    four_eyes_lasts: Annotated[int, Field(ge=1, le=365)] = 7
    """Days after which a request that nobody has confirmed expires."""
    oidc: OidcPart | None = None
    """An OpenID provider by which people log in."""
