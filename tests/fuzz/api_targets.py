"""What programs send to the HTTP API with a token that is good."""

from __future__ import annotations

import atexit
import tempfile
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from urllib.parse import quote

from starlette.testclient import TestClient

from gateway.cli.site import opened
from gateway.console.app import make_app
from gateway.core.accounts import Account
from gateway.core.people import Permission, Role
from tests.e2e.site import TestSite
from tests.fuzz.mutating import JSON_VALUE
from tests.fuzz.target import Target

_OPEN = ExitStack()
atexit.register(_OPEN.close)
_FIELDS = "multipart/form-data; boundary=b"
_PLACES = (
    ("POST", "inboxes/documents/documents", _FIELDS),
    ("POST", "flows/20260101-000000-00000000/acts", "application/json"),
    ("POST", "flows/20260101-000000-00000000/returns?step=sign", _FIELDS),
    ("GET", "log", ""),
    ("GET", "jobs", ""),
    ("GET", "flows", ""),
)


@cache
def _client() -> TestClient:
    folder = Path(_OPEN.enter_context(tempfile.TemporaryDirectory(prefix="sealgate-fuzz-")))
    site = _OPEN.enter_context(opened(TestSite.make(folder / "site").root))
    site.people.keeping("user:test").add(Account("program", "Program", frozenset(Role)))
    scopes = (Permission.SUBMIT, Permission.SEE_DOCUMENTS, Permission.SEE_LOG)
    token = site.people.access.make_token("program", "test", scopes, 30, "user:test").secret
    client = TestClient(make_app(site), base_url=site.loaded.settings.console.url)
    client.headers["authorization"] = f"Bearer {token}"
    return client


def _api(data: bytes) -> None:
    """Send a request; its first byte says where to, the first line of a query is all of it."""
    place, rest = data[:1], data[1:]
    method, path, kind = _PLACES[int(place) % len(_PLACES) if place.isdigit() else 0]
    if method == "GET":
        path += "?" + quote(rest, safe="=&%+;,/:?@")
        answer = _client().get(f"/api/v1/{path}")
    else:
        headers = {"content-type": kind}
        answer = _client().post(f"/api/v1/{path}", content=rest, headers=headers)
    assert answer.status_code < 500, answer.text[:300]


def _part(name: bytes, content: bytes, more: bytes = b"") -> bytes:
    head = b'--b\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n' % (name, more)
    return head + content + b"\r\n"


def _api_seeds() -> tuple[bytes, ...]:
    name = '; filename="合同.pdf"\r\nContent-Type: application/pdf'.encode()
    file = _part(b"file", b"%PDF-1.7\n%%EOF", name)
    fields = _part(b"fields", b'{"amount": "60000"}')
    return (
        b"0" + file + b"--b--\r\n",
        b"0" + file + fields + b"--b--\r\n",
        b'1{"act": "approve", "step": "s", "why": "", "to": "anna", "sha256": ""}',
        b"2" + file + b"--b--\r\n",
        b"3text=a&event=job.accepted&outcome=failed&since=2026-11-13&until=2026-11-14T10:00&after=3",
        b"4sha256=" + b"a" * 64,
        b"5state=running&limit=10&text=a",
    )


_WORDS = (
    b"\r\n",
    b"--b",
    b"--b--",
    b"filename*=utf-8''%FF",
    b"\0",
    b"%00",
    b"%ff",
    b"&",
    b"\\ud800",
)

API_TARGETS = (Target("api", _api, _api_seeds, _WORDS, JSON_VALUE, tries=100),)
