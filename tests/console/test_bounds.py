"""What is too large, too much, packed too tightly or too often is refused, route by route."""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections.abc import Callable

import pytest
from PIL import Image

from gateway.console.app import declared_routes
from gateway.console.guarding import HEADERS
from gateway.console.routing import FORM_BYTES, Door
from gateway.core.people import PERMISSIONS, Role
from gateway.wiring import Site
from tests.console.browser import Browser, text_of
from tests.console.conftest import PASSWORD
from tests.e2e.pages import assembled

_POSTS = sorted(
    (one for one in declared_routes() if one.method == "POST"), key=lambda one: one.path
)
_LARGE = 200 * 1024 * 1024


def test_no_form_is_larger_than_its_route_says(
    site: Site, logged_in: Callable[[str], Browser]
) -> None:
    """A body declared a byte too large is refused unread, by each route that takes one."""
    browsers = {role: logged_in(role.value) for role in Role}
    whole = site.loaded.settings.limits.max_file_size + FORM_BYTES
    for route in _POSTS:
        needs = set(route.needs)
        role = next(one for one in Role if needs & ({Door.OPEN, Door.LOGGED_IN} | PERMISSIONS[one]))
        path = re.sub(r"\{\w+:int\}", "1", route.path).replace("{", "").replace("}", "")
        for told in (str((route.largest or whole) + 1), "9" * 5000, "-1"):
            headers = {"content-length": told, "x-csrf-token": browsers[role].csrf}
            answer = browsers[role].client.post(path, content=b"x", headers=headers)
            assert answer.status_code == 413, f"{route.path}: {told[:20]}"


def test_a_form_has_a_bounded_number_of_parts(logged_in: Callable[[str], Browser]) -> None:
    """Very many small fields or files cost no more than a refusal."""
    browser = logged_in("operator")
    fields = {f"field{number}": "x" for number in range(400)}
    files = [("file", ("a.pdf", b"%PDF-", "application/pdf"))] * 60
    assert browser.post("/verify", fields, files=files[:1]).status_code == 400
    assert browser.post("/verify", files=files).status_code == 400


def test_a_packed_body_is_not_unpacked(logged_in: Callable[[str], Browser]) -> None:
    """A body in gzip counts for the bytes that it has: nothing of the console inflates one."""
    browser = logged_in("operator")
    packed = gzip.compress(b"csrf=" + browser.csrf.encode() + b"&subject=" + bytes(10_000_000))
    headers = {
        "content-encoding": "gzip",
        "content-type": "application/x-www-form-urlencoded",
    }
    answer = browser.client.post("/work/release", content=packed, headers=headers)
    assert answer.status_code == 403
    assert "access.form" in answer.text


def _bomb_pdf() -> bytes:
    """Return a PDF whose page is a few kilobytes that unpack to very many."""
    stream = zlib.compress(b"q " * (_LARGE // 2), 9)
    return assembled(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>",
            b"<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        ]
    )


def _bomb_png() -> bytes:
    """Return a PNG of few bytes and very many dots."""
    target = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(target, "PNG", compress_level=9)
    return target.getvalue()


_LAUGHS = (
    b'<!DOCTYPE svg [<!ENTITY a "'
    + b"a" * 1000
    + b'"><!ENTITY b "'
    + b"&a;" * 1000
    + b'"><!ENTITY c "'
    + b"&b;" * 1000
    + b'">]>'
    b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>&c;</text></svg>'
)


@pytest.mark.parametrize("ending", ["pdf", "png", "svg"])
def test_artwork_that_unpacks_to_very_much_is_refused(
    logged_in: Callable[[str], Browser], ending: str
) -> None:
    """A picture that would fill the memory is refused in words, and the console goes on."""
    content = {"pdf": _bomb_pdf, "png": _bomb_png, "svg": lambda: _LAUGHS}[ending]()
    assert len(content) < 1_000_000
    browser = logged_in("seal-keeper")
    fields = {"name": f"bomb-{ending}", "service": "sandbox", "width": "40mm"}
    files = {"file": (f"bomb.{ending}", content, "application/octet-stream")}
    answer = browser.post("/seals/import", fields, files=files)
    assert answer.status_code == 422, text_of(answer)
    assert browser.get(f"/seals/bomb-{ending}").status_code == 404


def test_whoever_asks_too_often_has_to_wait(browser: Browser) -> None:
    """After some hundreds of requests at once an address is told to wait, with all headers."""
    answers = [browser.get("/robots.txt") for _ in range(400)]
    refused = [one for one in answers if one.status_code == 429]
    assert refused
    assert refused[0].headers["retry-after"] == "5"
    assert all(refused[0].headers[name] == value for name, value in HEADERS.items())


def test_passwords_cannot_be_tried_on_and_on(browser: Browser) -> None:
    """After some failures a login is paused, for the right password too."""
    wrong = {"login": "contract-owner", "password": "wrong"}
    browser.get("/login")
    for _ in range(6):
        assert browser.post("/login", wrong).status_code == 403
    paused = browser.post("/login", wrong | {"password": PASSWORD})
    assert paused.status_code == 403
    assert "sealgate" not in browser.client.cookies


def test_refusals_have_the_headers_too(browser: Browser) -> None:
    """Pages that were not found, other hosts and forms of other sites get every header."""
    answers = [
        browser.get("/nothing"),
        browser.get("/login", headers={"host": "evil.example"}),
        browser.post("/login", headers={"origin": "https://evil.example"}),
        browser.get("/api/v1/log"),
        browser.client.request("TRACE", "/login"),
    ]
    assert [one.status_code for one in answers] == [404, 421, 403, 401, 405]
    for one in answers:
        assert all(one.headers[name] == value for name, value in HEADERS.items())
        assert one.headers["cache-control"] == "no-store"
