"""One's own profile: language, password, second factor, tokens, sessions."""

from __future__ import annotations

import re
from collections.abc import Callable

import pyotp

from gateway.wiring import Site
from tests.console.browser import Browser, text_of
from tests.console.conftest import PASSWORD


def test_a_language_stays_with_the_person(logged_in: Callable[[str], Browser]) -> None:
    """A chosen language is that of the next browser, too."""
    browser = logged_in("approver")
    assert browser.post("/profile/language", {"language": "zh"}).status_code == 303
    assert "个人资料" in text_of(logged_in("approver").get("/profile"))
    assert browser.post("/profile/language", {"language": "xx"}).status_code == 400


def test_a_password_is_changed_by_who_knows_it(logged_in: Callable[[str], Browser]) -> None:
    """The former password is asked for, and other sessions end with it."""
    browser, other = logged_in("contract-owner"), logged_in("contract-owner")
    fresh = {"password": PASSWORD + "?", "again": PASSWORD + "?"}
    assert browser.post("/profile/password", {"former": "wrong"} | fresh).status_code == 422
    assert browser.post("/profile/password", {"former": PASSWORD} | fresh).status_code == 303
    assert browser.get("/profile").status_code == 200
    assert other.get("/profile").status_code == 303


def test_a_second_factor_is_set_up_asked_for_and_taken_away(
    logged_in: Callable[[str], Browser], site: Site
) -> None:
    """The secret is shown once, a code of it counts, and from then on each log-in needs one."""
    browser = logged_in("auditor")
    begun = "/profile/second-factor/begin"
    assert "password-wrong" in browser.post(begun, {"password": "wrong"}).headers["location"]
    shown = browser.post(begun, {"password": PASSWORD})
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", shown.text)
    assert secret is not None
    code = pyotp.TOTP(secret[1]).now()
    codes = browser.post("/profile/second-factor/confirm", {"code": code})
    recovery = re.findall(r"<code>([A-Z2-7-]{19})</code>", codes.text)
    assert len(recovery) == 10
    fresh = Browser(site)
    asked = fresh.log_in("auditor", PASSWORD)
    assert asked.status_code == 200
    assert 'name="code"' in asked.text
    assert PASSWORD not in asked.text
    carried = re.search(r'name="carried" value="([^"]+)"', asked.text)
    assert carried is not None
    stolen = {"login": "operator", "carried": carried[1], "code": "1"}
    assert fresh.post("/login", stolen).status_code == 403
    second = {"login": "auditor", "carried": carried[1], "code": recovery[1]}
    assert fresh.post("/login", second).status_code == 303
    fresh.get("/profile")
    assert fresh.post("/logout").status_code == 303
    assert fresh.log_in("auditor", PASSWORD, recovery[0]).status_code == 303
    assert Browser(site).log_in("auditor", PASSWORD, recovery[0]).status_code == 403
    removed = fresh.post("/profile/second-factor/remove", {"password": PASSWORD})
    assert removed.headers["location"] == "/login"
    assert logged_in("auditor").get("/profile").status_code == 200


def test_a_token_is_shown_once_and_withdrawn(
    logged_in: Callable[[str], Browser], site: Site
) -> None:
    """A token works until it is withdrawn, and never exceeds what its owner may."""
    browser = logged_in("operator")
    wanted = {"name": "erp", "scope": ["documents.submit"], "days": "30"}
    made = browser.post("/profile/tokens", wanted)
    secret = re.search(r"sealgate_[\w-]+", made.text)
    assert secret is not None
    assert site.people.person_of_api_token(secret[0]).person.login == "operator"
    assert secret[0] not in browser.get("/profile").text
    assert browser.post("/profile/tokens", wanted | {"scope": ["people.manage"]}).status_code == 422
    token = site.people.books.api_tokens.all("operator")[0].id
    assert browser.post(f"/profile/tokens/{token}/withdraw").status_code == 303
    assert "erp" not in text_of(browser.get("/profile"))


def test_other_sessions_can_be_ended(logged_in: Callable[[str], Browser]) -> None:
    """Ending the others leaves the present one, and a stranger's session cannot be named."""
    browser, other = logged_in("seal-keeper"), logged_in("seal-keeper")
    assert browser.post("/profile/sessions").status_code == 303
    assert browser.get("/profile").status_code == 200
    assert other.get("/profile").status_code == 303
