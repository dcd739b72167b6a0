"""A browser for tests: it keeps cookies, and sends forms with what their page has hidden."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from httpx2 import Response
from starlette.testclient import TestClient

from gateway.console.app import make_app
from gateway.wiring import Site

_CSRF = re.compile(r'<meta name="csrf" content="([0-9a-f]+)">')


class Browser:
    """Somebody at a console; follows no redirect by itself."""

    def __init__(self, site: Site, *, address: str = "127.0.0.1") -> None:
        url = site.loaded.settings.console.url
        self.client = TestClient(
            make_app(site), base_url=url, follow_redirects=False, client=(address, 50_000)
        )
        self.csrf = ""

    def get(self, path: str, **options: Any) -> Response:
        """Load a page, and know its CSRF token from then on."""
        response = self.client.get(path, **options)
        if found := _CSRF.search(response.text):
            self.csrf = found[1]
        return response

    def post(self, path: str, fields: dict[str, Any] | None = None, **options: Any) -> Response:
        """Send a form as the page loaded last would."""
        return self.client.post(path, data={"csrf": self.csrf} | (fields or {}), **options)

    def log_in(self, login: str, password: str, code: str = "") -> Response:
        """Log in, and load the page that one comes to."""
        self.get("/login")
        told = self.post("/login", {"login": login, "password": password, "code": code})
        if told.status_code == 303:
            self.get(told.headers["location"])
        return told


def text_of(response: Response) -> str:
    """Return the words of a page in one line."""
    bare = re.sub(r"<[^>]+>", " ", re.sub(r"(?s)<(script|style).*?</\1>", "", response.text))
    return re.sub(r"\s+", " ", unescape(bare)).strip()
