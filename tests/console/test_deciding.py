"""What people decide in the console: holds, four eyes, trials of services, single sign-on."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from gateway.cli.site import opened
from gateway.core.accounts import Account
from gateway.core.people import Role
from gateway.sandbox.process import SandboxProcess
from gateway.wiring import Site
from tests.console.browser import Browser, text_of
from tests.console.conftest import PASSWORD, add_users
from tests.e2e.site import TestSite
from tests.fakes import openid

_DRAWN = {"template": "contract", "word-text": "Example Ltd", "service": "sandbox"}


@pytest.fixture(scope="module")
def provider() -> Iterator[openid.OpenIdProvider]:
    """Run a real OpenID provider."""
    with openid.serving() as provider:
        yield provider


@pytest.fixture(scope="module")
def folder(
    template: Path, tmp_path_factory: pytest.TempPathFactory, provider: openid.OpenIdProvider
) -> TestSite:
    """Return a site of two keepers at least, whose people come from the provider."""
    root = tmp_path_factory.mktemp("deciding") / "site"
    shutil.copytree(template, root, symlinks=True)
    site = TestSite(root)
    # A public client: it has no secret to be kept anywhere.
    oidc = f"{{issuer: '{provider.issuer}', client_id: sealgate, add: true}}"
    site.edit("gateway.yaml", lambda text: f"{text}\npeople: {{four_eyes: true, oidc: {oidc}}}\n")
    return site


@pytest.fixture(scope="module")
def site(folder: TestSite) -> Iterator[Site]:
    """Return it opened, with a second seal keeper."""
    with opened(folder.root) as site:
        add_users(site)
        second = Account("second", "Second", frozenset({Role.SEAL_KEEPER}))
        site.people.keeping("user:test").add(second)
        site.people.access.set_password("second", PASSWORD, "user:test")
        yield site


def _in(site: Site, login: str) -> Browser:
    browser = Browser(site)
    assert browser.log_in(login, PASSWORD).status_code == 303
    return browser


def test_a_hold_is_shown_and_released(site: Site) -> None:
    """What is held is told with its reason, and an operator lets it go on."""
    site.equipment.holds.hold("service:sandbox", "service.unreachable", "<b>nobody</b>", 0.0)
    browser = _in(site, "operator")
    page = browser.get("/work")
    assert "<b>nobody" not in page.text
    assert "service:sandbox" in page.text
    assert browser.post("/work/release", {"subject": "service:sandbox"}).status_code == 303
    assert site.equipment.holds.all() == ()


def test_a_second_keeper_confirms_or_refuses(site: Site) -> None:
    """What one keeper does waits for another one; nobody confirms what is his own."""
    one, other = _in(site, "seal-keeper"), _in(site, "second")
    for name in ("confirmed", "refused"):
        told = one.post("/seals/draw", _DRAWN | {"name": name})
        assert told.headers["location"] == "/seals?said=filed", told.text
    asked = {
        dict(each.details).get("seal", each.subject): each.number
        for each in site.four_eyes.requests.all()
    }
    assert site.equipment.seals.find("confirmed") is None
    own = one.post(f"/requests/{asked['confirmed']}", {"decision": "confirm"})
    assert own.status_code in (303, 403)
    assert site.equipment.seals.find("confirmed") is None
    assert "Confirm" in text_of(other.get("/seals"))
    told = other.post(f"/requests/{asked['confirmed']}", {"decision": "confirm"})
    assert told.headers["location"] == "/seals?said=confirmed"
    told = other.post(f"/requests/{asked['refused']}", {"decision": "refuse", "why": "no"})
    assert told.headers["location"] == "/seals?said=refused"
    assert site.equipment.seals.find("confirmed") is not None
    assert site.equipment.seals.find("refused") is None
    assert site.four_eyes.requests.all() == ()


def test_a_service_is_tried(site: Site, folder: TestSite) -> None:
    """The button has a service sign; an unknown service is not there."""
    browser = _in(site, "operator")
    with SandboxProcess(folder.state):
        told = browser.post("/services/sandbox/test")
    assert told.status_code == 200
    assert "note bad" not in told.text
    assert browser.post("/services/nothing/test").status_code == 404


def test_somebody_comes_by_single_sign_on(site: Site, provider: openid.OpenIdProvider) -> None:
    """The provider's word lets in, with a token nobody knew; another one's state does not."""
    provider.add("7", preferred_username="olga", name="Olga")
    browser = Browser(site)
    assert "Single sign-on" in text_of(browser.get("/login"))
    browser.client.cookies.set("sealgate", "planted", domain="127.0.0.1")
    begun = browser.get("/sign-on/begin?next=//evil.example")
    query = provider.visit(begun.headers["location"], "7")
    stranger = Browser(site).get(f"/sign-on?{urlencode(query)}")
    assert stranger.status_code == 403
    told = browser.get(f"/sign-on?{urlencode(query)}")
    assert told.status_code == 303, told.text
    assert told.headers["location"] == "/", "not to where the address wanted"
    assert browser.client.cookies.get("sealgate", domain="127.0.0.1") != "planted"
    assert "Olga" in browser.get("/profile").text
