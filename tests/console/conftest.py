"""One evaluation site for a file's tests, opened as `sealgate console` opens it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.cli.site import opened
from gateway.core.accounts import Account
from gateway.core.people import Role
from gateway.core.visiting import Way
from gateway.wiring import Site
from tests.console.browser import Browser
from tests.e2e.site import TestSite

PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make one evaluation site with its keys, to be copied by each file."""
    root = tmp_path_factory.mktemp("template") / "site"
    site = TestSite.make(root)
    assert site.call("check").returncode == 0
    return root


@pytest.fixture(scope="module")
def folder(template: Path, tmp_path_factory: pytest.TempPathFactory) -> TestSite:
    """Return an evaluation site."""
    root = tmp_path_factory.mktemp("console") / "site"
    shutil.copytree(template, root, symlinks=True)
    return TestSite(root)


@pytest.fixture(scope="module")
def site(folder: TestSite) -> Iterator[Site]:
    """Return it opened, with one user of each role, whose login is the role's name."""
    with opened(folder.root) as site:
        add_users(site)
        yield site


def add_users(site: Site) -> None:
    """Add one user of each role to a site, whose login is the role's name."""
    keeping = site.people.keeping("user:test")
    for role in Role:
        keeping.add(Account(role.value, role.value.title(), frozenset({role})))
        site.people.access.set_password(role.value, PASSWORD, "user:test")


@pytest.fixture
def browser(site: Site) -> Browser:
    """Return a browser in which nobody is logged in."""
    return Browser(site)


@pytest.fixture
def logged_in(site: Site) -> Callable[[str], Browser]:
    """Return what gives a browser in which somebody of a role is logged in."""

    def log_in(role: str) -> Browser:
        browser = Browser(site)
        person = site.people.books.people.person(role)
        assert person is not None
        entered = site.people.entrance.begin(person, Way.PASSWORD)
        browser.client.cookies.set("sealgate", entered.token, domain="127.0.0.1")
        browser.get("/profile")
        return browser

    return log_in
