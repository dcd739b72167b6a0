"""Log-in and log-out, first log-in by link, CSRF, cookies."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.wiring import Site
from tests.console.browser import Browser, text_of
from tests.console.conftest import PASSWORD


def test_somebody_logs_in_and_out(browser: Browser) -> None:
    """A session begins with the right password only, and ends for good at log-out."""
    browser.get("/login")
    wrong = browser.post("/login", {"login": "operator", "password": "wrong"})
    assert wrong.status_code == 403
    assert "Login, password or code is wrong." in text_of(wrong)
    assert browser.log_in("operator", PASSWORD).headers["location"] == "/work"
    kept = browser.client.cookies["sealgate"]
    assert "Operator" in text_of(browser.get("/work"))
    assert browser.post("/logout").headers["location"] == "/login?said=logged-out"
    browser.client.cookies.set("sealgate", kept, domain="127.0.0.1")
    assert browser.get("/work").headers["location"] == "/login?next=/work"


def test_a_new_session_has_a_new_token(browser: Browser) -> None:
    """A token that somebody planted in the browser before is nobody's after the log-in."""
    browser.client.cookies.set("sealgate", "planted", domain="127.0.0.1")
    browser.get("/login")
    browser.client.cookies.set("sealgate", "planted", domain="127.0.0.1")
    browser.log_in("auditor", PASSWORD)
    first = browser.client.cookies["sealgate"]
    assert first != "planted"
    assert browser.post("/login", {"login": "auditor", "password": PASSWORD}).status_code == 303
    assert browser.client.cookies["sealgate"] != first


def test_the_session_cookie_is_out_of_reach(browser: Browser) -> None:
    """No script and no form of another site gets at the session."""
    browser.get("/login")
    told = browser.post("/login", {"login": "auditor", "password": PASSWORD})
    cookie = next(one for one in told.headers.get_list("set-cookie") if "sealgate=" in one)
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "max-age" not in cookie.lower()


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil", "evil"])
def test_nobody_is_sent_elsewhere(browser: Browser, target: str) -> None:
    """Whatever an address says, a log-in ends on this console."""
    browser.get(f"/login?next={target}")
    fields = {"login": "auditor", "password": PASSWORD, "next": target}
    assert browser.post("/login", fields).headers["location"] == "/work"


def test_a_form_of_another_session_does_nothing(logged_in: Callable[[str], Browser]) -> None:
    """A form without the session's own token is refused, and the session goes on."""
    one, other = logged_in("operator"), logged_in("auditor")
    for csrf in ("", "0" * 64, other.csrf):
        assert one.client.post("/logout", data={"csrf": csrf}).status_code == 403
    assert one.get("/work").status_code == 200


def test_a_form_of_another_site_does_nothing(logged_in: Callable[[str], Browser]) -> None:
    """A request that tells of another origin is refused, even with the right token."""
    browser = logged_in("operator")
    told = browser.post("/logout", headers={"origin": "https://evil.example"})
    assert told.status_code == 403
    assert browser.get("/work").status_code == 200


def test_a_link_is_good_for_one_password(browser: Browser, site: Site) -> None:
    """A one-time link sets a password and lets in, once."""
    link = site.people.access.make_link("submitter", "user:test")
    path = link.removeprefix(site.loaded.settings.console.url)
    assert "submitter" in text_of(browser.get(path))
    assert browser.post(path, {"password": "short", "again": "other"}).status_code == 422
    assert browser.post(path, {"password": "short", "again": "short"}).status_code == 422
    chosen = {"password": PASSWORD + "!", "again": PASSWORD + "!"}
    assert browser.post(path, chosen).headers["location"] == "/work"
    assert "Submitter" in text_of(browser.get("/work"))
    assert Browser(site).get(path).status_code == 404


def test_another_host_is_refused(browser: Browser) -> None:
    """A name that is not the console's own gets no page: rebinding a name leads nowhere."""
    assert browser.get("/login", headers={"host": "evil.example"}).status_code == 421


def test_pages_cannot_be_framed_sniffed_or_kept(browser: Browser) -> None:
    """Every answer carries the headers that keep it from being misused."""
    for path in ("/login", "/none", "/assets/console.css"):
        headers = browser.get(path).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
    assert browser.get("/login").headers["cache-control"] == "no-store"


def test_the_language_can_be_chosen(browser: Browser) -> None:
    """The browser's language counts until somebody chooses another one."""
    assert "登录" in text_of(browser.get("/login", headers={"accept-language": "zh-CN,en;q=0.5"}))
    assert "Log in" in text_of(browser.get("/login"))
    assert browser.post("/taste", {"language": "zh", "back": "/login"}).status_code == 303
    assert "登录" in text_of(browser.get("/login"))
