"""Seals, services, users and groups in the console."""

from __future__ import annotations

import re
from collections.abc import Callable

from gateway.core.people import Role
from gateway.core.registry import Standing
from gateway.wiring import Site
from tests.console.browser import Browser, text_of


def test_a_seal_is_drawn_granted_limited_and_revoked(
    logged_in: Callable[[str], Browser], site: Site
) -> None:
    """A keeper does with pages what the command line does, and each step is in the log."""
    browser = logged_in("seal-keeper")
    browser.get("/seals/new")
    drawn = {"template": "contract", "word-text": "Example Ltd", "width": "40mm"}
    assert browser.post("/seals/preview", drawn).content.startswith(b"\x89PNG")
    assert browser.post("/seals/preview", {"template": "none"}).status_code == 400
    told = browser.post("/seals/draw", drawn | {"name": "contracts", "service": "sandbox"})
    assert told.headers["location"] == "/seals/contracts?said=saved", told.text
    assert browser.get("/seals/contracts/versions/1.png").content.startswith(b"\x89PNG")
    grant = {"kind": "inbox", "pattern": "documents"}
    assert browser.post("/seals/contracts/grants", grant).status_code == 303
    terms = {"keeper": "<b>Anna</b>", "per_day": "5", "approval": "yes"}
    assert browser.post("/seals/contracts/terms", terms).status_code == 303
    page = browser.get("/seals/contracts")
    assert "&lt;b&gt;Anna" in page.text
    assert "<b>Anna" not in page.text
    assert browser.post("/seals/contracts/standing", {"act": "revoke"}).status_code == 400
    gone = {"act": "revoke", "why": "lost"}
    assert browser.post("/seals/contracts/standing", gone).status_code == 303
    seal = site.equipment.seals.find("contracts")
    assert seal is not None
    assert (seal.standing, seal.per_day, len(seal.grants)) == (Standing.REVOKED, 5, 1)
    events = {
        one.event for one in site.equipment.log.entries() if one.actor == "person:seal-keeper"
    }
    assert {"seal.added", "seal.granted", "seal.changed", "seal.revoked"} <= events


def test_an_imported_picture_must_be_one(logged_in: Callable[[str], Browser]) -> None:
    """What is no picture is refused in words, whatever its name says."""
    browser = logged_in("seal-keeper")
    fields = {"name": "picture", "service": "sandbox", "width": "40mm"}
    files = {"file": ("seal.svg", b"<svg><script>alert(1)</script>", "image/svg+xml")}
    assert browser.post("/seals/import", fields, files=files).status_code == 422


def test_a_user_is_added_changed_and_disabled(
    logged_in: Callable[[str], Browser], site: Site
) -> None:
    """A new user comes in by the link that is shown once, and is out when disabled."""
    browser = logged_in("administrator")
    fields = {"login": "anna", "name": "Anna", "role": [Role.AUDITOR.value]}
    shown = browser.post("/people", fields)
    link = re.search(r"/welcome/[\w-]+", shown.text)
    assert link is not None
    assert Browser(site).get(link[0]).status_code == 200
    assert browser.post("/people/groups", {"name": "office", "role": "operator"}).status_code == 303
    changed = {"name": "Anna B", "role": [], "group": ["office"]}
    assert browser.post("/people/users/anna", changed).status_code == 303
    person = site.people.books.people.person("anna")
    assert person is not None
    assert person.roles == frozenset({Role.OPERATOR})
    gone = browser.post("/people/users/anna/access", {"act": "disable", "why": "left"})
    assert gone.status_code == 303
    assert site.people.books.people.person("anna") is None
    me = browser.post("/people/users/administrator/access", {"act": "disable"})
    assert "Nobody would be left" in text_of(me)


def test_a_package_that_was_bought_is_counted(
    logged_in: Callable[[str], Browser], site: Site
) -> None:
    """An operator tells what was bought; nonsense is refused."""
    browser = logged_in("operator")
    name = site.loaded.settings.services[0].name
    assert browser.get("/services").status_code == 200
    for units in ("0", "-1", "x", "9" * 20):
        path = f"/services/{name}/packages"
        assert browser.post(path, {"units": units}).status_code == 400, units
    assert browser.post(f"/services/{name}/packages", {"units": "100"}).status_code == 303
    packages, _ = site.equipment.quotas.account(name)
    assert [one.units for one in packages] == [100]
