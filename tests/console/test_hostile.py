"""What hostile visitors send, in every parameter of every route: nothing leaks, runs or breaks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from httpx2 import Response

import gateway.console
from gateway.console.app import declared_routes
from gateway.console.guarding import HEADERS, POLICY
from gateway.console.routing import FORM_BYTES, Route
from gateway.core.accounts import Account
from gateway.core.people import Role
from gateway.core.visiting import Way
from gateway.wiring import Site
from tests.console.browser import Browser
from tests.console.conftest import PASSWORD
from tests.e2e.site import TestSite

_ROUTES = sorted(declared_routes(), key=lambda one: (one.path, one.method))
_GOOD = {
    "flow": "20260101-000000-00000000",
    "format": "csv",
    "inbox": "documents",
    "job": "20260101-000000-00000000",
    "login": "auditor",
    "name": "sandbox",
    "number": "1",
    "page": "0",
    "paper": "data",
    "sample": "ab" * 32,
    "sha256": "ab" * 32,
    "token": "nothing",
    "what": "result",
}
"""What stands in the path while another part of it is hostile."""
_LEAVES = ("/logout", "/work/events")
"""What ends the session, and what does not end by itself."""
_MARKUP = "\"'><evil-tag onload=evil()></textarea></script><script>evil()</script>"
_VALUES = (
    "../" * 12 + "{canary}",
    "/{canary}",
    "..%2f..%2fgateway.yaml",
    "\x00gateway.yaml",
    "9" * 5000,
    "\ud7ff\u202e\r\nSet-Cookie: evil=1",
    "//evil.example",
    "javascript:evil()",
    "{{{{7*7}}}}${{7*7}}",
    _MARKUP.replace("{", "{{"),
    "",
)


def _names() -> tuple[str, ...]:
    """Return the names of every field and query that the console's own code asks for."""
    asked = re.compile(r'visit\.(?:field|fields|query|files)\(\s*"([\w-]+)"')
    folder = Path(gateway.console.__file__).parent
    texts = (path.read_text() for path in folder.rglob("*.py"))
    found = {name for text in texts for name in asked.findall(text)}
    return tuple(sorted(found | {"question", "word-text", "sha256"}))


_FIELDS = _names()


class Elements(HTMLParser):
    """Collects what a browser would make of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.scripts = ""
        self._in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        self._in_script = tag == "script"

    def handle_data(self, data: str) -> None:
        """Note what is within scripts."""
        self.scripts += data if self._in_script else ""

    def handle_endtag(self, tag: str) -> None:
        """End a script."""
        self._in_script = False


def check_markup(told: Response, where: str) -> None:
    """Nothing in a page is an element, handler, script or address that a visitor wrote."""
    if not told.headers.get("content-type", "").startswith("text/html"):
        return
    page = Elements()
    page.feed(told.text)
    assert "evil-tag" not in page.tags, where
    assert not page.scripts.strip(), where
    for name, value in page.attributes:
        assert not name.startswith("on"), f"{where}: {name}"
        assert name != "style", where
        if name in ("href", "src", "action", "formaction"):
            assert re.match(r"(/(?![/\\])|#|$)", value), f"{where}: {name}={value}"


def check_answer(told: Response, where: str) -> None:
    """An answer is none of a defect, leads nowhere else, and has every protective header."""
    assert told.status_code != 500, where
    if 300 <= told.status_code < 400:
        location = told.headers["location"]
        assert re.match(r"/(?![/\\])", location), f"{where}: {location}"
    for name, value in HEADERS.items():
        assert told.headers[name] == value, f"{where}: {name}"
    assert "evil" not in told.headers.get("set-cookie", ""), where
    assert told.headers.get("cache-control"), where
    check_markup(told, where)


@pytest.fixture(scope="module")
def canary(folder: TestSite) -> str:
    """Return the path of a file beside the site, which nobody may get at."""
    path = folder.root.parent / "canary.txt"
    path.write_text("CANARY-OF-THE-TEST")
    return str(path).lstrip("/")


@pytest.fixture
def anybody(site: Site) -> Callable[[], Browser]:
    """Return what gives a browser in which somebody with every role is logged in."""
    if site.people.books.people.find("everything") is None:
        account = Account("everything", "Everything", frozenset(Role))
        site.people.keeping("user:test").add(account)
        site.people.access.set_password("everything", PASSWORD, "user:test")

    def come() -> Browser:
        browser = Browser(site)
        person = site.people.books.people.person("everything")
        assert person is not None
        entered = site.people.entrance.begin(person, Way.PASSWORD)
        browser.client.cookies.set("sealgate", entered.token, domain="127.0.0.1")
        browser.get("/profile")
        return browser

    return come


def _paths(route: Route, value: str) -> Iterator[str]:
    """Yield a route's path with each part hostile in turn; whole where it has none."""
    parts = re.findall(r"\{(\w+)(?::int)?\}", route.path)
    for hostile in parts or [""]:
        path = route.path
        for part in parts:
            put = value if part == hostile else _GOOD[part]
            path = re.sub(rf"\{{{part}(?::int)?\}}", lambda _, put=put: quote(put, safe=""), path)
        yield path


def _send(browser: Browser, route: Route, path: str, value: str) -> Response:
    """Send a value in every query of a page, or in every field of a form."""
    if route.method == "GET":
        # An address has its limit; a very long value stands in few queries at a time.
        asked = _FIELDS if len(value) < 1000 else ("longest", "since", "page", "said", "text")
        return browser.client.get(f"{path}?{urlencode(dict.fromkeys(asked, value))}")
    fields = dict.fromkeys(_FIELDS, value) | {"csrf": browser.csrf}
    if route.largest == FORM_BYTES:
        return browser.client.post(path, data=fields)
    files = {"file": (value[:500] or "x", b"%PDF-1.4 rubbish", "text/html")}
    return browser.client.post(path, data=fields, files=files)


@pytest.mark.parametrize("number", range(len(_VALUES)))
def test_no_parameter_of_any_route_is_a_way_in(
    anybody: Callable[[], Browser], folder: TestSite, canary: str, number: int
) -> None:
    """Whatever stands in path, query, field or file name: no defect, leak, markup or way out."""
    value, browser = _VALUES[number].format(canary=canary), anybody()
    before = _outside(folder)
    for route in _ROUTES:
        if route.path in _LEAVES:
            continue
        for path in _paths(route, value):
            told = _send(browser, route, path, value)
            where = f"{route.method} {path[:200]}: {told.status_code} {told.text[:300]}"
            if told.status_code == 303 and told.headers["location"].startswith("/login"):
                browser = anybody()
            assert told.status_code != 429, where
            check_answer(told, where)
            assert b"CANARY-OF-THE-TEST" not in told.content, where
            assert b"root:x:0" not in told.content, where
            assert b"client_secret" not in told.content, where
    assert _outside(folder) == before


def test_every_part_of_a_path_is_tried() -> None:
    """A route with a new part in its path has to say here what is good for it."""
    parts = {name for one in _ROUTES for name in re.findall(r"\{(\w+)(?::int)?\}", one.path)}
    assert parts <= set(_GOOD)
    assert {"back", "next", "login", "name", "why", "file"} <= set(_FIELDS)


def _outside(folder: TestSite) -> set[str]:
    """Return every file in and around the site, but those of inbox and state."""
    own = ("site/inbox", "site/state")
    root = folder.root.parent
    names = (str(one.relative_to(root)) for one in root.rglob("*"))
    return {name for name in names if not name.startswith(own)}


def test_the_policy_lets_nothing_run_or_frame() -> None:
    """The policy begins with nothing, and allows neither inline code nor frames."""
    assert POLICY.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in POLICY
    assert "unsafe" not in POLICY
    assert HEADERS["X-Frame-Options"] == "DENY"
