"""What the positioning page's script asks, asked by hand."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
import uvicorn
from PIL import Image
from starlette.applications import Starlette

from gateway.wiring import open_site
from tests.console.frame import BASE, TOKEN, application
from tests.e2e.pages import write_pdf
from tests.e2e.site import wait_for
from tests.fakes.signer import TestSigner
from tests.pipeline.site import FileSite
from tests.pipeline.test_positioning import local


class Console:
    """A client of the page, for a site with a document that waits, one archived, one failed."""

    def __init__(self, address: str) -> None:
        self.address = f"{address}{BASE}"

    def ask(
        self, path: str, value: object, role: str = "seal-keeper", token: str = TOKEN
    ) -> requests.Response:
        """Ask something as somebody."""
        return self._post(path, json.dumps(value).encode(), role, token)

    def upload(self, content: bytes) -> requests.Response:
        """Upload a sample."""
        return self._post("samples/upload", content, "seal-keeper", TOKEN)

    def _post(self, path: str, content: bytes, role: str, token: str) -> requests.Response:
        headers = {"X-CSRF-Token": token, "Cookie": f"role={role}"}
        return requests.post(f"{self.address}/{path}", content, headers=headers, timeout=60)

    def get(self, path: str, role: str = "seal-keeper") -> requests.Response:
        """Get a page or a picture."""
        headers = {"Cookie": f"role={role}"}
        return requests.get(f"{self.address}/{path}", headers=headers, timeout=60)

    def draft(self, **more: object) -> dict[str, object]:
        """Return the draft that changes nothing."""
        rule = {"file": "a.yaml", "rule": "all"}
        told = self.ask("rule", rule).json()
        return rule | {"known": told["known"], "places": told["places"]} | more


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """Yield the page of a site."""
    signer = TestSigner.make()
    files = FileSite(tmp_path_factory.mktemp("routes") / "site", signer)
    files.configure(local(files, signer))
    settings = files.root / "gateway.yaml"
    settings.write_text(settings.read_text() + "limits: {max_file_size: 1MiB}\n")
    files.drop("archived")
    (files.root / "inbox" / "in" / "broken.pdf").write_bytes(b"no PDF at all")
    files.sweep()
    files.drop("waiting")
    site = open_site(files.root)
    with serving(application(site)) as address:
        yield Console(address)
    site.close()


@contextmanager
def serving(app: Starlette) -> Iterator[str]:
    """Serve an application on loopback; yield its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_for("the server has begun", lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(20)


def test_files_of_the_site_are_samples(console: Console) -> None:
    """What waits, what is archived and what failed is offered, and can be taken."""
    groups = console.ask("samples", {"inbox": "in"}).json()["groups"]
    found = {(group["whence"], file["source"]) for group in groups for file in group["files"]}
    assert found == {
        ("inbox", "waiting.pdf"),
        ("archive", "archived.pdf"),
        ("failed", "broken.pdf"),
    }
    for group in groups:
        taken = {"inbox": "in", "whence": group["whence"], **group["files"][0]}
        sample = console.ask("samples/take", taken).json()
        assert sample["source"] == group["files"][0]["source"]
        shown = console.ask("show", console.draft(sample=sample["id"]))
        if group["whence"] == "failed":
            assert shown.status_code == 422
            assert shown.json()["code"] == "intake.not-a-pdf"
        else:
            assert shown.json()["matched"] == "all"


def test_pictures_come_as_png(console: Console, tmp_path: Path) -> None:
    """A page, a page with its seals and a seal are pictures of the size that was asked for."""
    sample = console.upload(write_pdf(tmp_path / "a.pdf", ("one",)).read_bytes()).json()["id"]
    proof = console.ask("proof", console.draft(sample=sample, page=0, longest=700))
    answers = {
        "page": console.get(f"pages/{sample}/0.png?longest=700"),
        "proof": proof,
        "seal": console.get("seal.png?file=a.yaml&rule=all&seal=company"),
    }
    sizes = {name: Image.open(io.BytesIO(one.content)).size for name, one in answers.items()}
    assert max(sizes["page"]) == max(sizes["proof"]) == 700
    assert sizes["seal"] == (400, 400)


BOX = {"x": 1, "y": 1, "width": 9, "height": 9}
WRONG = (
    ("show", {"places": []}, 422, "usage.wrong-question"),
    ("show", {"surplus": 1}, 422, "usage.wrong-question"),
    ("show", {"sample": "../../etc/passwd"}, 422, "usage.wrong-question"),
    ("show", {"known": "ab" * 32}, 409, "rules.conflict"),
    ("show", {"file": "../gateway.yaml"}, 422, "rules.unknown"),
    ("show", {"rule": "nobody"}, 422, "rules.unknown"),
    ("show", {"sample": "ab" * 32}, 422, "usage.no-file"),
    ("show", {"seal": "nobody"}, 422, "settings.invalid"),
    ("show", {"places": [{"x": "1mm"}]}, 422, "settings.invalid"),
    (
        "drag",
        {"mark": 9, "page": 0, "x": 1, "y": 1, "width": 9, "height": 9},
        422,
        "rules.cannot-edit",
    ),
    (
        "drag",
        {"mark": 0, "page": 7, "x": 1, "y": 1, "width": 9, "height": 9},
        422,
        "rules.cannot-edit",
    ),
    (
        "drag",
        {"mark": 0, "page": 0, "x": 1e9, "y": 1, "width": 9, "height": 9},
        422,
        "usage.wrong-question",
    ),
    ("proof", {"page": 7}, 422, "plan.page-missing"),
)


@pytest.mark.parametrize(("path", "change", "status", "code"), WRONG, ids=str)
def test_wrong_questions_have_plain_answers(
    console: Console, tmp_path: Path, path: str, change: dict[str, object], status: int, code: str
) -> None:
    """Whatever a browser sends, the answer is one of our own codes."""
    sample = console.upload(write_pdf(tmp_path / "a.pdf", ("one",)).read_bytes()).json()["id"]
    answer = console.ask(path, console.draft(sample=sample) | change)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


def test_uploads_are_bounded(console: Console) -> None:
    """A body beyond the site's limit is not read to its end."""
    answer = console.upload(b"x" * (2 * 1024 * 1024))
    assert (answer.status_code, answer.json()["code"]) == (422, "intake.too-large")


@pytest.mark.parametrize("role", ["submitter", "approver", "contract-owner"])
def test_strangers_see_nothing(console: Console, role: str) -> None:
    """Who may not see rules gets neither pages nor pictures nor answers."""
    for path in ("", "changes", "seal.png?file=a.yaml&rule=all&seal=company"):
        assert console.get(path, role).status_code == 403
    assert console.ask("rule", {"file": "a.yaml", "rule": "all"}, role).status_code == 403
    assert console.ask("rule", {"file": "a.yaml", "rule": "all"}, token="wrong").status_code == 403


def test_auditors_place_nothing(console: Console) -> None:
    """Who may look may neither write rules nor lay tickets."""
    hand = console.draft(inbox="in", sources=["waiting.pdf"])
    placed = console.ask("place", hand, "auditor")
    assert placed.json()["code"] == "access.forbidden"
    assert console.ask("save", console.draft(reason="x"), "auditor").status_code == 403


def test_changes_are_listed_and_undone(console: Console) -> None:
    """The page of changes shows what was changed, by whom and why, and takes it back."""
    before = console.draft()
    moved = before | {"places": [{"corner": "top-left"}], "reason": "<b>because</b>"}
    number = console.ask("save", moved).json()["number"]
    listed = console.get("changes").text
    assert "&lt;b&gt;because&lt;/b&gt;" in listed
    assert "+  - {name: all, seal: company, place: {corner: top-left}" in listed
    undo = f"{console.address}/changes/{number}/undo"
    keeper = {"Cookie": "role=seal-keeper"}
    for token, reason, status in (("wrong", "x", 403), (TOKEN, " ", 409), (TOKEN, "back", 303)):
        form = {"csrf": token, "reason": reason}
        answer = requests.post(undo, form, headers=keeper, allow_redirects=False, timeout=60)
        assert answer.status_code == status, answer.text
    assert console.draft() == before
    again = requests.post(undo, {"csrf": TOKEN, "reason": "x"}, headers=keeper, timeout=60)
    assert (again.status_code, "changed meanwhile" in again.text) == (409, True)
