"""Every route, every role and nobody: what is not allowed is refused, and nothing is forgotten."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from gateway.console.app import declared_routes
from gateway.console.routing import Door, Route, Routes
from gateway.core.people import PERMISSIONS, Role
from gateway.wiring import Site
from tests.console.browser import Browser

_ROUTES = sorted(declared_routes(), key=lambda one: (one.path, one.method))
_PUBLIC = {
    *("/login", "/assets/{name}", "/robots.txt", "/taste", "/welcome/{token}"),
    *("/sign-on", "/sign-on/begin"),
}


def _filled(route: Route) -> str:
    return re.sub(r"\{\w+\}", "nothing", re.sub(r"\{\w+:int\}", "1", route.path))


def _allowed(route: Route, role: Role) -> bool:
    return bool(set(route.needs) & ({Door.OPEN, Door.LOGGED_IN} | PERMISSIONS[role]))


@pytest.mark.parametrize("role", list(Role))
def test_the_menu_has_every_page_that_a_role_may_see(
    logged_in: Callable[[str], Browser], role: Role
) -> None:
    """Of the pages at the top, the menu shows those that the role may open, and no other."""
    page = logged_in(role.value).get("/profile").text
    for route in _ROUTES:
        top = route.method == "GET" and re.fullmatch(r"/[a-z]+", route.path)
        if top and Door.OPEN not in route.needs and Door.LOGGED_IN not in route.needs:
            shown = f'<li><a href="{route.path}"' in page
            assert shown is _allowed(route, role), route.path


def test_only_the_entrance_is_open() -> None:
    """The routes that anybody may use are these, and no other."""
    assert {one.path for one in _ROUTES if Door.OPEN in one.needs} == _PUBLIC


def test_a_route_has_to_say_who_may() -> None:
    """A declaration without a permission is a defect that shows at once."""
    with pytest.raises(ValueError, match="does not say who may"):
        Routes().get("/secret")


def test_nobody_gets_in_without_a_session(site: Site) -> None:
    """Each route that is not open sends a stranger to the log-in, whatever the method."""
    browser = Browser(site)
    browser.get("/login")
    for route in _ROUTES:
        if Door.OPEN in route.needs:
            continue
        ask = browser.get if route.method == "GET" else browser.post
        told = ask(_filled(route))
        assert told.status_code == 303, route.path
        assert told.headers["location"].startswith("/login"), route.path


@pytest.mark.parametrize("role", list(Role))
def test_a_role_gets_what_it_may_and_nothing_else(
    logged_in: Callable[[str], Browser], role: Role
) -> None:
    """Of all routes, a role is refused exactly those that its permissions do not open."""
    browser = logged_in(role.value)
    for route in _ROUTES:
        if route.path in ("/logout", "/work/events", "/profile/second-factor/remove"):
            continue
        path = _filled(route)
        # A wrong token shows who would have been let in without anything being done.
        told = browser.get(path) if route.method == "GET" else browser.client.post(path)
        refused = "access.forbidden" in told.text
        assert refused is not _allowed(route, role), f"{role} {route.method} {route.path}"
        if route.method == "POST":
            assert told.status_code == 403, route.path
        assert told.status_code < 500 or told.status_code == 503, f"{route.path}: {told.text}"


def test_every_form_needs_its_token(logged_in: Callable[[str], Browser]) -> None:
    """No route that changes something does so without the session's own token."""
    for role in (Role.ADMINISTRATOR, Role.SEAL_KEEPER, Role.OPERATOR):
        browser = logged_in(role.value)
        for route in _ROUTES:
            if route.method == "POST" and _allowed(route, role):
                told = browser.client.post(_filled(route), data={"csrf": "0" * 64})
                assert told.status_code == 403, route.path
                assert "access.form" in told.text, route.path
