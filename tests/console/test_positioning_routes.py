"""What the positioning page's script asks, asked by hand."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from httpx2 import Response
from PIL import Image

from gateway.cli import main
from gateway.core.accounts import Account
from gateway.core.people import Role
from gateway.wiring import Site, open_site
from tests.console.browser import Browser
from tests.console.conftest import PASSWORD, add_users
from tests.e2e.pages import write_pdf
from tests.fakes.signer import TestSigner
from tests.pipeline.site import FileSite
from tests.pipeline.test_positioning import local

BASE = "/positioning"


class Console:
    """The console of a site with a document that waits, one archived, one failed."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._browsers: dict[str, Browser] = {}

    def browser(self, role: str = "seal-keeper") -> Browser:
        """Return a browser in which somebody of a role is logged in."""
        if role not in self._browsers:
            self._browsers[role] = Browser(self.site)
            assert self._browsers[role].log_in(role, PASSWORD).status_code == 303
        return self._browsers[role]

    def ask(self, path: str, value: object, role: str = "seal-keeper") -> Response:
        """Ask something as somebody."""
        return self.browser(role).post(f"{BASE}/{path}", {"question": json.dumps(value)})

    def upload(self, content: bytes) -> Response:
        """Upload a sample."""
        files = {"file": ("a.pdf", content, "application/pdf")}
        return self.browser().post(f"{BASE}/samples/upload", files=files)

    def get(self, path: str, role: str = "seal-keeper") -> Response:
        """Get a page or a picture."""
        return self.browser(role).client.get(f"{BASE}/{path}".rstrip("/"))

    def draft(self, **more: object) -> dict[str, object]:
        """Return the draft that changes nothing."""
        rule = {"file": "a.yaml", "rule": "all"}
        told = self.ask("rule", rule).json()
        return rule | {"known": told["known"], "places": told["places"]} | more


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """Yield the console of a site, whose users are called by their roles."""
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
    add_users(site)
    yield Console(site)
    site.close()


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
    """What the site would not take is refused, and a body far beyond that is not read."""
    answer = console.upload(b"x" * (1024 * 1024 + 1))
    assert (answer.status_code, answer.json()["code"]) == (422, "intake.too-large")
    assert console.upload(b"x" * (2 * 1024 * 1024)).status_code == 413


@pytest.mark.parametrize("role", ["submitter", "approver", "contract-owner"])
def test_strangers_see_nothing(console: Console, role: str) -> None:
    """Who may not see rules gets neither pages nor pictures nor answers."""
    for path in ("", "changes", "seal.png?file=a.yaml&rule=all&seal=company"):
        assert console.get(path, role).status_code == 403
    assert console.ask("rule", {"file": "a.yaml", "rule": "all"}, role).status_code == 403


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
    undo = f"{BASE}/changes/{number}/undo"
    browser = console.browser()
    for fields, status in (
        ({"csrf": "wrong", "reason": "x"}, 403),
        ({"reason": " "}, 409),
        ({"reason": "back"}, 303),
        ({"reason": "again"}, 409),
    ):
        answer = browser.post(undo, fields)
        assert answer.status_code == status, answer.text
    assert "changed meanwhile" in answer.text
    assert console.draft() == before


def test_with_four_eyes_a_change_waits_for_another_keeper(
    console: Console, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is saved or undone is asked for, shown to others as a difference, and done by one."""
    settings = console.site.loaded.settings.root / "gateway.yaml"
    alone = settings.read_text()
    settings.write_text(alone + "people: {four_eyes: true}\n")
    with closing(open_site(settings.parent)) as site:
        site.people.keeping("user:test").add(
            Account("ben", "Ben", frozenset({Role.SEAL_KEEPER, Role.ADMINISTRATOR}))
        )
        site.people.access.set_password("ben", PASSWORD, "user:test")
        watched = Console(site)
        before = watched.draft()
        wanted = before | {"places": [{"corner": "top-right"}], "reason": "<i>higher</i>"}
        asked = watched.ask("save", wanted).json()
        assert (asked["number"], watched.draft()) == (0, before)
        path = f"{BASE}/requests/{asked['request']}"
        own, other = watched.get("changes").text, watched.get("changes", "ben").text
        assert 'value="confirm"' not in own
        for shown in (own, other):
            assert "&lt;i&gt;higher&lt;/i&gt;" in shown
            assert "<ins>+  - {name: all, seal: company, place: {corner: top-right}" in shown
        assert "Changes of rules wait" in watched.browser("ben").get("/seals").text
        confirm = {"decision": "confirm"}
        assert watched.browser().post(path, confirm).status_code == 409
        assert watched.draft() == before
        assert watched.browser("ben").post(path, confirm).status_code == 303
        assert watched.draft()["places"] == [{"corner": "top-right"}]
        assert "confirmed by person:ben" in watched.get("changes").text
        number = site.ledger.rule_changes.all()[0].number
        undo = watched.browser().post(f"{BASE}/changes/{number}/undo", {"reason": "back"})
        assert undo.headers["location"].endswith("said=filed")
        (waits,) = site.four_eyes.requests.all()
        answer = watched.browser("ben").post(f"{BASE}/requests/{waits.number}", {"why": "no"})
        assert answer.headers["location"].endswith("said=refused")
        assert watched.draft()["places"] == [{"corner": "top-right"}]
        here = ("--site", str(settings.parent))
        assert main(["rules", "undo", str(number), "--why", "back", *here]) == 3
        capsys.readouterr()
        assert main(["rules", "requests", "--diff", "--json", *here]) == 0
        (shown,) = json.loads(capsys.readouterr().out)
        assert "{corner: top-right}" in shown["diff"]
        assert main(["rules", "confirm", shown["number"], *here]) == 2
        (waits,) = site.four_eyes.requests.all()
        assert watched.browser().post(f"{BASE}/requests/{waits.number}", confirm).status_code == 303
        assert watched.draft() == before
    settings.write_text(alone)
