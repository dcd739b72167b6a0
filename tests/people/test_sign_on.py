"""Single sign-on, against an OpenID provider on loopback."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from gateway.core.accounts import Account, Group
from gateway.core.errors import AccessFault
from gateway.core.people import Role
from gateway.core.people_settings import OidcSettings, PeopleSettings
from gateway.core.secret import Secret
from gateway.core.visiting import Way
from gateway.people.sign_on import SignOn
from gateway.services.oidc import OidcProvider
from tests.fakes.openid import OpenIdProvider, serving
from tests.people.conftest import ACTOR, PASSWORD, Town, town_of

# Of the provider's own library about itself.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

REDIRECT = "http://127.0.0.1:8470/sign-on"


@pytest.fixture(scope="module")
def server() -> Iterator[OpenIdProvider]:
    """Run one provider for all tests of this file."""
    with serving() as provider:
        provider.add(
            "1",
            preferred_username="Anna",
            name="Anna Example",
            email="anna@company.test",
            email_verified=True,
            groups=["Legal Department", "Football"],
        )
        yield provider


@pytest.fixture
def provider(server: OpenIdProvider) -> OpenIdProvider:
    """Return the provider, honest again."""
    server.tamper = None
    server.logins.clear()
    return server


@pytest.fixture
def settings(provider: OpenIdProvider) -> OidcSettings:
    """Return what the site says of the provider."""
    return OidcSettings(
        issuer=provider.issuer,
        client_id="sealgate",
        client_secret=Secret("oidc", "pass:word %"),
        groups=(("Legal Department", "legal"), ("Sales", "sales")),
        add=True,
    )


def visited(folder: Path, settings: OidcSettings) -> Town:
    """Return a town whose people come by the provider."""
    rules = PeopleSettings(oidc=settings, second_factor_for=frozenset({Role.APPROVER}))
    town = town_of(folder, rules, OidcProvider(settings, REDIRECT))
    for name in ("legal", "sales"):
        town.people.keeping(ACTOR).add_group(Group(name, roles=frozenset({Role.APPROVER})))
    return town


@pytest.fixture
def town(tmp_path: Path, settings: OidcSettings) -> Iterator[Town]:
    """Yield such a town."""
    made = visited(tmp_path, settings)
    yield made
    assert made.ledger.verify() == ()
    made.ledger.close()


def sign_on(town: Town) -> SignOn:
    """Return what lets people in."""
    assert town.people.sign_on is not None
    return town.people.sign_on


def enter(town: Town, provider: OpenIdProvider, subject: str = "1") -> Any:
    """Log in by the provider."""
    begun = sign_on(town).begin("/documents")
    return sign_on(town).finish(provider.visit(begun.url, subject), begun.state)


def refusal(town: Town, provider: OpenIdProvider, subject: str = "1") -> AccessFault:
    """Return how a log-in by the provider is refused."""
    with pytest.raises(AccessFault) as refused:
        enter(town, provider, subject)
    assert town.ledger.sessions.open() == ()
    return refused.value


def test_first_and_second_time(town: Town, provider: OpenIdProvider) -> None:
    """Whoever the provider vouches for is added, with its groups, and found again by subject."""
    done = enter(town, provider)
    assert done.target == "/documents"
    visitor = town.people.person_of_session(done.entered.token)
    assert (visitor.person.login, visitor.person.name) == ("anna", "Anna Example")
    assert visitor.way is Way.SIGN_ON
    assert visitor.person.groups == {"legal"}
    assert visitor.permissions, "the provider sees to second factors itself"
    account = town.ledger.people.find("anna")
    assert account is not None
    assert account.subject == f"{provider.issuer} 1"
    assert account.mail == "anna@company.test"
    assert provider.logins == ["basic"]
    provider.add("1", preferred_username="other", name="Other", groups=["Sales"])
    again = enter(town, provider).entered.visitor.person
    assert (again.login, again.groups) == ("anna", {"sales"})
    provider.add(
        "1",
        preferred_username="Anna",
        name="Anna Example",
        email="anna@company.test",
        email_verified=True,
        groups=["Legal Department", "Football"],
    )
    assert town.events()[2:] == [
        "person.added",
        "person.changed",
        "person.logged-in",
        "person.changed",
        "person.logged-in",
    ]


def test_only_who_waits_for_it_is_bound(town: Town, provider: OpenIdProvider) -> None:
    """A user who was added without a password is bound; one with a password is not taken over."""
    town.add("anna", Role.AUDITOR)
    assert refusal(town, provider).code == "access.unknown-person"
    town.people.keeping(ACTOR).add(Account("ben", "Ben", frozenset({Role.OPERATOR})))
    provider.add("2", preferred_username="ben")
    person = enter(town, provider, "2").entered.visitor.person
    assert (person.login, person.roles) == ("ben", {Role.OPERATOR})
    provider.add("3", preferred_username="ben")
    with pytest.raises(AccessFault) as twice:
        enter(town, provider, "3")
    assert twice.value.code == "access.unknown-person"
    town.people.keeping(ACTOR).disable("ben")
    assert refusal(town, provider, "2").code == "access.unknown-person"


@pytest.mark.parametrize(
    ("target", "goes"),
    [
        ("/documents?state=failed", "/documents?state=failed"),
        ("//evil.test", "/"),
        ("/\\evil.test", "/"),
        ("https://evil.test/", "/"),
        ("/a\r\nSet-Cookie: x", "/"),
        ("", "/"),
    ],
)
def test_no_link_leads_away(town: Town, provider: OpenIdProvider, target: str, goes: str) -> None:
    """After logging in a browser stays in the console, whatever the link said."""
    begun = sign_on(town).begin(target)
    assert sign_on(town).finish(provider.visit(begun.url, "1"), begun.state).target == goes


def test_nobody_is_added_unless_told_to(
    tmp_path: Path, settings: OidcSettings, provider: OpenIdProvider
) -> None:
    """Without `add` a person whom nobody has added is not let in, and not kept."""
    town = visited(tmp_path, replace(settings, add=False))
    assert refusal(town, provider).code == "access.unknown-person"
    assert town.ledger.people.all() == ()
    town.ledger.close()


def test_public_client(tmp_path: Path, settings: OidcSettings, provider: OpenIdProvider) -> None:
    """A client without a secret names itself, and is let in by PKCE alone."""
    town = visited(tmp_path, replace(settings, client_secret=None))
    enter(town, provider)
    assert provider.logins == ["none"]
    town.ledger.close()


def test_denied(town: Town, provider: OpenIdProvider) -> None:
    """What the provider denies is told with its own word."""
    begun = sign_on(town).begin()
    # This provider forgets the state then, which RFC 6749, 4.1.2.1, wants.
    back = provider.visit(begun.url) | {"state": begun.state}
    with pytest.raises(AccessFault) as denied:
        sign_on(town).finish(back, begun.state)
    assert denied.value.code == "access.provider"
    assert "access_denied" in denied.value.detail
    assert town.events("person.*") == ["person.refused"]


def test_answer_of_another_browser(town: Town, provider: OpenIdProvider) -> None:
    """A code is taken once, in time, and only from the browser that began."""
    begun = sign_on(town).begin()
    back = provider.visit(begun.url, "1")
    other = sign_on(town).begin()
    for query, cookie in ((back, ""), (back, other.state), ({}, ""), ({"code": "x"}, begun.state)):
        with pytest.raises(AccessFault):
            sign_on(town).finish(query, cookie)
    with pytest.raises(AccessFault):
        sign_on(town).finish(back | {"state": other.state}, other.state)
    with pytest.raises(AccessFault):
        sign_on(town).finish(back | {"iss": "https://elsewhere.test"}, begun.state)
    begun = sign_on(town).begin()
    back = provider.visit(begun.url, "1")
    town.clock.turn(minutes=11)
    with pytest.raises(AccessFault) as late:
        sign_on(town).finish(back, begun.state)
    assert "too long" in late.value.detail
    begun = sign_on(town).begin()
    back = provider.visit(begun.url, "1")
    sign_on(town).finish(back, begun.state)
    with pytest.raises(AccessFault):
        sign_on(town).finish(back, begun.state)


@pytest.mark.parametrize("text", ["\ud800", "\x00", "é", "a" * 10_000])
def test_hostile_queries(town: Town, provider: OpenIdProvider, text: str) -> None:
    """Whatever comes back instead of state, code, issuer or cookie is only refused."""
    for key in ("state", "code", "iss", "cookie"):
        begun = sign_on(town).begin()
        back = {**provider.visit(begun.url, "1"), "cookie": begun.state, key: text}
        with pytest.raises(AccessFault):
            sign_on(town).finish(back, back["cookie"])


def test_verifier_belongs_to_the_log_in(town: Town, provider: OpenIdProvider) -> None:
    """Without the verifier that the browser never saw the provider gives nothing for a code."""
    begun = sign_on(town).begin()
    back = provider.visit(begun.url, "1")
    with pytest.raises(AccessFault) as refused:
        sign_on(town).provider.claims(back["code"], "nonce", "another verifier" * 4)
    assert "invalid_grant" in refused.value.detail


OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def signed(**changes: object) -> Callable[[dict[str, Any], str], str]:
    """Return what signs changed claims with the provider's own key."""
    return lambda claims, key: jwt.encode(claims | changes, key, algorithm="RS256")


@pytest.mark.parametrize(
    "tamper",
    [
        pytest.param(signed(nonce="another"), id="nonce"),
        pytest.param(signed(aud="somebody"), id="audience"),
        pytest.param(signed(aud=["sealgate", "somebody"]), id="audiences"),
        pytest.param(signed(azp="somebody"), id="party"),
        pytest.param(signed(iss="https://elsewhere.test"), id="issuer"),
        pytest.param(signed(exp=int(time.time()) - 3600), id="expired"),
        pytest.param(signed(exp=None), id="endless"),
        pytest.param(lambda claims, key: jwt.encode(claims, None, algorithm="none"), id="unsigned"),
        pytest.param(
            lambda claims, key: jwt.encode(claims, OTHER_KEY, algorithm="RS256"), id="key"
        ),
        pytest.param(
            lambda claims, key: jwt.encode(claims, "x" * 64, algorithm="HS256"), id="hmac"
        ),
        pytest.param(signed(sub="\ud800"), id="subject"),
        pytest.param(signed(sub=""), id="nobody"),
        pytest.param(lambda claims, key: "nothing", id="nothing"),
    ],
)
def test_dishonest_tokens(
    town: Town, provider: OpenIdProvider, tamper: Callable[[dict[str, Any], str], str]
) -> None:
    """An ID token that is not exactly the one that was asked for lets nobody in."""
    provider.tamper = tamper
    assert refusal(town, provider).code == "access.provider"
    assert town.ledger.people.all() == ()


def test_provider_that_cannot_be_reached(
    tmp_path: Path, settings: OidcSettings, provider: OpenIdProvider
) -> None:
    """A provider that is away, or is another one, is told of; log-in by password goes on."""
    town = visited(tmp_path, replace(settings, issuer="http://127.0.0.1:9"))
    with pytest.raises(AccessFault) as away:
        sign_on(town).begin()
    assert away.value.code == "access.provider"
    town.add("anna", Role.AUDITOR)
    town.people.log_in("anna", PASSWORD)
    town.ledger.close()
    other = OidcProvider(replace(settings, issuer=provider.issuer + "/"), REDIRECT)
    with pytest.raises(AccessFault) as another:
        other.authorization("s", "n", "v")
    assert "calls itself" in another.value.detail
