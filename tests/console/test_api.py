"""The HTTP API: by token only, within its scopes, once for each key."""

from __future__ import annotations

import json

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from gateway.console.app import make_app
from gateway.core.people import Permission, Role
from gateway.core.states import State
from gateway.wiring import Site
from tests.console.test_work import _sample
from tests.e2e.site import TestSite

_FILE = "application/pdf"


@pytest.fixture(scope="module")
def client(site: Site) -> TestClient:
    """Return a client without a token."""
    return TestClient(make_app(site), base_url=site.loaded.settings.console.url)


def _token(site: Site, role: Role, *scopes: Permission) -> dict[str, str]:
    made = site.people.access.make_token(role.value, "test", scopes, 30, "user:test")
    return {"authorization": f"Bearer {made.secret}"}


def _submit(
    client: TestClient, headers: dict[str, str], content: bytes, name: str = "a.pdf"
) -> Response:
    files = {"file": (name, content, _FILE)}
    return client.post("/api/v1/inboxes/documents/documents", files=files, headers=headers)


def test_a_document_is_submitted_sealed_and_fetched(
    client: TestClient, site: Site, folder: TestSite
) -> None:
    """A program hands a PDF over, learns what became of it, and gets result and receipt."""
    headers, sample = _token(site, Role.SUBMITTER, Permission.SUBMIT), _sample(folder)
    once = _submit(client, headers | {"idempotency-key": "k1"}, sample)
    assert once.status_code == 202, once.text
    again = _submit(client, headers | {"idempotency-key": "k1"}, sample)
    assert again.json() == once.json()
    assert len([one for one in folder.inbox.iterdir() if one.suffix == ".pdf"]) == 1
    other = _submit(client, headers | {"idempotency-key": "k1"}, sample + b"\n")
    assert (other.status_code, other.json()["code"]) == (409, "usage.key-reused")
    assert folder.call("sweep").returncode == 0
    (job,) = client.get(f"/api/v1/jobs?sha256={once.json()['sha256']}", headers=headers).json()
    assert job["state"] == State.ARCHIVED
    path = f"/api/v1/jobs/{job['job']}"
    assert client.get(path, headers=headers).json()["seal"]
    assert client.get(f"{path}/result", headers=headers).content.startswith(b"%PDF")
    assert json.loads(client.get(f"{path}/receipt", headers=headers).content)["job"] == job["job"]


def test_an_explanation_spends_nothing(client: TestClient, site: Site, folder: TestSite) -> None:
    """The plan for a PDF comes back, and no job is made of it."""
    headers = _token(site, Role.SUBMITTER, Permission.SUBMIT)
    before = site.ledger.tail.head()
    files = {"file": ("a.pdf", _sample(folder), _FILE)}
    told = client.post("/api/v1/inboxes/documents/explain", files=files, headers=headers)
    assert told.json()["seal"]
    assert told.json()["trace"][-1]["matched"] is True
    assert {one["severity"] for one in told.json()["findings"]} <= {"note"}
    assert site.ledger.tail.head() == before


def test_nothing_is_to_be_had_without_a_token(client: TestClient, site: Site) -> None:
    """Every operation of the OpenAPI document refuses whoever has no, or a wrong, token."""
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    assert len(paths) >= 6
    for path, operations in sorted(paths.items()):
        for method in operations:
            filled = path.format(
                inbox="documents",
                job="x",
                what="result",
                flow="x",
                sha256="0" * 64,
                name="x",
                paper="evidence",
            )
            for headers in ({}, {"authorization": "Bearer wrong"}, {"cookie": "sealgate=x"}):
                files = {"file": ("a.pdf", b"%PDF-", _FILE)} if method == "post" else None
                query = {"sha256": "0" * 64}
                told = client.request(method, filled, headers=headers, files=files, params=query)
                assert told.status_code == 401, f"{method} {path}"


def test_a_token_does_no_more_than_its_scopes(client: TestClient, site: Site) -> None:
    """An operator's token for submitting cannot read the log, nor open a page."""
    headers = _token(site, Role.OPERATOR, Permission.SUBMIT)
    assert client.get("/api/v1/log", headers=headers).status_code == 403
    page = client.get("/work", headers=headers, follow_redirects=False)
    assert page.status_code == 303
    log = _token(site, Role.OPERATOR, Permission.SEE_LOG)
    assert client.get("/api/v1/log?limit=3", headers=log).json()
    assert _submit(client, log, b"%PDF-1.4").status_code == 403


def test_bad_requests_get_a_code(client: TestClient, site: Site) -> None:
    """What is wrong with a request is told in the same form as every other fault."""
    headers = _token(site, Role.OPERATOR, Permission.SUBMIT, Permission.SEE_LOG)
    for path, status, code in (
        ("/api/v1/jobs?sha256=../..", 400, "usage.request"),
        ("/api/v1/jobs/nothing", 404, "usage.unknown-job"),
        ("/api/v1/log?limit=100000", 400, "usage.request"),
        ("/api/v1/nothing", 404, "usage.request"),
    ):
        told = client.get(path, headers=headers)
        assert (told.status_code, told.json()["code"]) == (status, code), path
    assert _submit(client, headers, b"no pdf").json()["code"] == "intake.not-a-pdf"
