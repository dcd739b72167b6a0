"""Contract flows on the pages and by the API: who sees them, who acts, and what is refused."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from html import unescape

import pytest
from starlette.testclient import TestClient

from gateway.console.app import make_app
from gateway.core.accounts import Account, Group
from gateway.core.flow_evidence import FlowEvidence
from gateway.core.people import Role
from gateway.core.visiting import permissions_of
from gateway.wiring import Site
from gateway.wiring.flows import flow_office
from tests.console.browser import Browser
from tests.e2e.flowing import AUTHORITY, PARTNER, add_flow
from tests.e2e.pages import write_pdf
from tests.e2e.site import TestSite
from tests.pdf.parties import sign_outside

HOSTILE = "<img src=x onerror=alert(1)>"
FLOW = f"""\
name: lease
title: "{HOSTILE}"
parties:
  legal: {{title: Legal department, group: legal}}
  board: {{title: Board, user: bob}}
  partner: {{title: Partner}}
steps:
  - {{name: check, type: review, party: legal, delegates: [board]}}
  - {{name: signs, type: sign-outside, party: partner, text: "{HOSTILE}",
     signer: {{authorities: [trust/partner.pem]}}}}
"""
NAME = "it's & <b>bold<b>.pdf"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> TestSite:
    """Return an evaluation site with a flow."""
    made = TestSite.make(tmp_path_factory.mktemp("flows") / "site")
    (made.root / "trust" / "partner.pem").write_text(AUTHORITY.pem)
    add_flow(made, FLOW)
    return made


@pytest.fixture(scope="module", autouse=True)
def people(site: Site) -> None:
    """Add those who are parties, and one who is none."""
    keeping = site.people.keeping("user:test")
    keeping.add_group(Group("legal"))
    submits = frozenset({Role.SUBMITTER})
    keeping.add(Account("lena", "Lena", submits, groups=frozenset({"legal"})))
    keeping.add(Account("bob", "Bob", submits))
    keeping.add(Account("stranger", "Stranger", submits))


@pytest.fixture
def flow(site: Site, folder: TestSite) -> str:
    """Begin a flow, and return its id."""
    office = flow_office(site)
    before = {row.id for row in office.flows()}
    folder.drop(write_pdf(folder.root.parent / "a.pdf", (str(len(before)),)), f"../lease/{NAME}")
    folder.call("sweep")
    (begun,) = {row.id for row in office.flows()} - before
    return begun


def test_evidence_and_every_page(
    site: Site, folder: TestSite, logged_in: Callable[[str], Browser]
) -> None:
    """Of 90 pages, 40 are shown at a time; when the flow has ended, its evidence is handed out."""
    office = flow_office(site)
    before = {row.id for row in office.flows()}
    words = tuple(f"page {number}" for number in range(1, 91))
    folder.drop(write_pdf(folder.root.parent / "long.pdf", words), "../lease/long.pdf")
    folder.call("sweep")
    (flow,) = {row.id for row in office.flows()} - before
    path, lena, seen = f"/flows/{flow}", logged_in("lena"), set[str]()
    assert lena.get(f"{path}/evidence/data").status_code == 400
    following = path
    for said in ("Pages 1 to 40 of 90", "Pages 41 to 80 of 90", "Pages 81 to 90 of 90"):
        page = lena.get(following).text
        assert said in page
        seen |= set(re.findall(r'src="[^"]*/pages/(\d+).png"', page))
        more = re.search(r'href="([^"]+)#pages">Later pages<', page)
        following = unescape(more[1]) if more else path
    assert len(seen) == 90
    current = office.flow(flow).status.current
    picture = lena.get(f"{path}/revisions/{current}/pages/90.png")
    assert picture.headers["content-type"] == "image/png"
    assert lena.get(f"{path}/revisions/{current}/pages/91.png").status_code == 422
    lena.post(f"{path}/act", {"act": "reject", "step": "check", "why": "too long"})
    folder.call("sweep")
    page = lena.get(path).text
    assert current in page
    assert f"{path}/evidence/certificate" in page
    for ask in (lena.get, _api(site, "lena").get):
        prefix = "" if ask == lena.get else "/api/v1"
        certificate = ask(f"{prefix}{path}/evidence/certificate")
        data = ask(f"{prefix}{path}/evidence/data")
        assert certificate.content.startswith(b"%PDF")
        assert FlowEvidence.from_json(data.content).original == current
        assert ask(f"{prefix}{path}/evidence/nothing").status_code in (400, 404)
        assert "long-evidence.json" in data.headers["content-disposition"]
    assert logged_in("stranger").get(f"{path}/evidence/data").status_code == 404


def _api(site: Site, login: str) -> TestClient:
    person = site.people.books.people.person(login)
    assert person is not None
    scopes = tuple(sorted(permissions_of(person)))
    made = site.people.access.make_token(login, "test", scopes, 30, "user:test")
    client = TestClient(make_app(site), base_url=site.loaded.settings.console.url)
    client.headers["authorization"] = f"Bearer {made.secret}"
    return client


def test_who_sees_a_flow(site: Site, flow: str, logged_in: Callable[[str], Browser]) -> None:
    """Its parties and those who see all documents; to others it might as well not be there."""
    for login, seen in (("lena", True), ("bob", True), ("auditor", True), ("stranger", False)):
        browser = logged_in(login)
        assert (f"/flows/{flow}" in browser.get("/flows").text) is seen, login
        assert (browser.get(f"/flows/{flow}").status_code == 200) is seen, login
        assert (browser.get(f"/flows/{flow}/drawing").status_code == 200) is seen, login
        told = _api(site, login).get(f"/api/v1/flows/{flow}")
        assert told.status_code == (200 if seen else 404), login
        assert (flow in [one["flow"] for one in _api(site, login).get("/api/v1/flows").json()]) is (
            seen
        )


def test_old_flows_are_found_among_many(
    site: Site, flow: str, folder: TestSite, logged_in: Callable[[str], Browser]
) -> None:
    """What waits longest is not lost behind newer flows of others; columns count and page on."""
    crowd = 700
    with closing(sqlite3.connect(folder.root / "state" / "ledger.sqlite")) as ledger:
        names = [row[1] for row in ledger.execute("PRAGMA table_info(flows)")]
        kept = ", ".join(one for one in names if one not in ("id", "name", "definition"))
        content = flow_office(site).flow(flow).definition.to_json().decode()
        others = content.replace('"group":"legal"', '"group":"others"')
        others = others.replace('"name":"lease"', '"name":"crowd"')
        ledger.execute("INSERT INTO snapshots VALUES ('others', ?, '')", (others,))
        ledger.execute(
            f"INSERT INTO flows (id, name, definition, {kept})"  # noqa: S608
            " WITH RECURSIVE many(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM many LIMIT ?)"
            f" SELECT 'z' || n, 'crowd', 'others', {kept} FROM many, flows WHERE id = ?",
            (crowd, flow),
        )
        ledger.commit()
    try:
        lena, auditor = logged_in("lena"), logged_in("auditor")
        assert f'href="/flows/{flow}"' in lena.get("/flows").text
        assert flow in [one["flow"] for one in _api(site, "lena").get("/api/v1/flows").json()]
        board = auditor.get("/flows").text
        assert f"{crowd - 6} more" in board
        following, found = "/flows/list?name=crowd&step=check", set[str]()
        while following:
            page = auditor.get(following).text
            found |= set(re.findall(r'href="/flows/(z\d+)"', page))
            more = re.search(r'href="([^"]+)">More<', page)
            following = unescape(more[1]) if more else ""
        assert len(found) == crowd
    finally:
        with closing(sqlite3.connect(folder.root / "state" / "ledger.sqlite")) as ledger:
            ledger.execute("DELETE FROM flows WHERE name = 'crowd'")
            ledger.commit()


def test_nothing_that_a_flow_says_is_markup(flow: str, logged_in: Callable[[str], Browser]) -> None:
    """Names, titles and texts are shown as they are, on pages and in drawings."""
    browser = logged_in("lena")
    for path in (
        "/flows",
        "/flows/list",
        f"/flows/{flow}",
        f"/flows/{flow}/drawing",
        "/flows/drawings/lease",
    ):
        text = browser.get(path).text
        assert HOSTILE not in text, path
        assert "<b>bold" not in text, path


def test_acts_by_the_api(site: Site, flow: str) -> None:
    """Only the party whose turn it is acts; done again it changes nothing; reasons are wanted."""
    path = f"/api/v1/flows/{flow}/acts"
    refused = _api(site, "bob").post(path, json={"act": "approve", "step": "check"})
    assert (refused.status_code, refused.json()["code"]) == (400, "flow.not-your-step")
    lena = _api(site, "lena")
    refused = lena.post(path, json={"act": "reject"})
    assert refused.json()["code"] == "flow.not-here"
    assert lena.post(path, json={"act": "sign"}).status_code == 400
    refused = lena.post(path, json={"act": "approve", "sha256": "0" * 64})
    assert refused.json()["code"] == "flow.other-document"
    for _ in range(2):
        done = lena.post(path, json={"act": "approve", "step": "check", "why": HOSTILE})
        assert done.status_code == 200, done.text
        assert [one["state"] for one in done.json()["steps"]] == ["done", "open"]
    events = [one.kind.value for one in flow_office(site).story(flow)]
    assert events.count("step.approved") == 1


def test_revisions_and_returns(site: Site, flow: str, folder: TestSite) -> None:
    """A revision is fetched by its hash only; what comes back unsigned is refused with a code."""
    lena = _api(site, "lena")
    facts = lena.post(f"/api/v1/flows/{flow}/acts", json={"act": "approve"}).json()
    sha256 = facts["revisions"][-1]["sha256"]
    sent = lena.get(f"/api/v1/flows/{flow}/revisions/{sha256}")
    assert sent.content.startswith(b"%PDF")
    for other in ("0" * 64, "..%2f..%2fledger.sqlite", "nothing"):
        assert lena.get(f"/api/v1/flows/{flow}/revisions/{other}").status_code == 404
    files = {"file": ("a.pdf", sent.content, "application/pdf")}
    path = f"/api/v1/flows/{flow}/returns"
    assert lena.post(path, files=files).json()["code"] == "flow.not-your-step"
    refused = _api(site, "operator").post(path, files=files)
    assert refused.json()["code"] == "outside.unsigned"


def _act_again(site: Site, flow: str) -> str:
    """Approve several times, and return the hash of the document."""
    path, lena = f"/api/v1/flows/{flow}/acts", _api(site, "lena")
    sha256 = lena.get(f"/api/v1/flows/{flow}").json()["revisions"][-1]["sha256"]
    asked, key = {"act": "approve", "sha256": sha256}, {"Idempotency-Key": "approve it"}
    first, again = (lena.post(path, json=asked, headers=key) for _ in range(2))
    assert (first.status_code, again.text) == (200, first.text)
    other = asked | {"sha256": "0" * 64}
    assert lena.post(path, json=other, headers=key).json()["code"] == "usage.key-reused"
    refused = lena.post(path, json=other | {"step": "check"})
    assert (refused.status_code, refused.json()["code"]) == (422, "flow.other-document")
    assert lena.post(path, json=asked | {"step": "check"}).json() == first.json()
    events = [one.kind.value for one in flow_office(site).story(flow)]
    assert events.count("step.approved") == 1
    told = lena.get(f"/api/v1/flows/{flow}").json()
    assert [one["event"] for one in told["story"]] == events
    return str(sha256)


def test_what_is_done_again_changes_nothing(site: Site, flow: str, folder: TestSite) -> None:
    """The same key gets the first answer; the same file is accepted again, others are refused."""
    lena, operator = _api(site, "lena"), _api(site, "operator")
    sha256 = _act_again(site, flow)
    sent, signed = (folder.root.parent / name for name in ("sent.pdf", "signed.pdf"))
    sent.write_bytes(lena.get(f"/api/v1/flows/{flow}/revisions/{sha256}").content)
    sign_outside(sent, signed, PARTNER, "Partner", new=True)
    path, file = f"/api/v1/flows/{flow}/returns", ("b.pdf", signed.read_bytes())
    told = [
        operator.post(path, files={"file": file}, headers=headers, params=params)
        for headers, params in (
            ({}, {}),
            ({}, {}),
            ({}, {"step": "signs"}),
            ({"Idempotency-Key": "1"}, {}),
            ({"Idempotency-Key": "1"}, {}),
        )
    ]
    assert [one.status_code for one in told] == [200] * 5, told[0].text
    assert len({one.text for one in told}) == 1
    other = ("b.pdf", signed.read_bytes() + b"\n")
    refused = operator.post(path, files={"file": other}, headers={"Idempotency-Key": "1"})
    assert (refused.status_code, refused.json()["code"]) == (409, "usage.key-reused")
    assert operator.post(path, files={"file": other}).json()["code"] == "flow.ended"
    assert _api(site, "bob").post(path, files={"file": file}).json()["code"] == "flow.ended"
    events = [one.kind.value for one in flow_office(site).story(flow)]
    assert events.count("step.returned") == 1


def test_lists_by_the_api(site: Site, flow: str) -> None:
    """Definitions, filters, and pages that follow each other; nothing that is not one's own."""
    lena, auditor = _api(site, "lena"), _api(site, "auditor")
    (definition,) = lena.get("/api/v1/flow-definitions").json()
    assert [one["name"] for one in definition["steps"]] == ["check", "signs"]
    assert "<svg" in lena.get("/api/v1/flow-definitions/lease/drawing").text
    assert lena.get("/api/v1/flow-definitions/nothing/drawing").status_code == 404
    _api(site, "lena").post(f"/api/v1/flows/{flow}/acts", json={"act": "reject", "why": "no"})
    assert auditor.get("/api/v1/flows?ended=true&limit=500").links == {}
    for asked, there in (
        ({"ended": "true"}, True),
        ({"state": "rejected"}, True),
        ({"state": "rejected", "definition": "other"}, False),
        ({"state": "completed"}, False),
        ({"state": "running"}, False),
        ({"party": "legal"}, False),
        ({"overdue": "true"}, False),
        ({"mine": "true"}, False),
    ):
        found = [one["flow"] for one in lena.get("/api/v1/flows", params=asked).json()]
        assert (flow in found) is there, asked
    everything = auditor.get("/api/v1/flows?ended=true").json()
    page = auditor.get("/api/v1/flows?ended=true&limit=1")
    found = page.json()
    while "next" in page.links:
        page = auditor.get(page.links["next"]["url"])
        found += page.json()
    assert found == everything


def test_definitions_are_taken_as_they_are_now(
    site: Site, folder: TestSite, logged_in: Callable[[str], Browser]
) -> None:
    """A new definition is there at once, an invalid edit is not; a new inbox takes a new start."""
    lena, program = logged_in("lena"), _api(site, "lena")
    file = folder.root / "rules" / "flows" / "later.yaml"

    def known() -> list[str]:
        return [one["name"] for one in program.get("/api/v1/flow-definitions").json()]

    assert known() == ["lease"]
    text = "name: later\nparties: {legal: {title: Legal department, group: legal}}\n"
    file.write_text(text + "steps: [{name: check, type: review, party: legal}]\n")
    try:
        assert known() == ["later", "lease"]
        assert "<svg" in program.get("/api/v1/flow-definitions/later/drawing").text
        page = lena.get("/flows").text
        assert 'src="/flows/drawings/later"' in page
        assert 'action="/flows/begin/later"' not in page
        refused = lena.post("/flows/begin/later", files={"file": ("a.pdf", b"%PDF-1.7")})
        assert (refused.status_code, "usage.unknown-inbox" in refused.text) == (404, True)
        file.write_text("nonsense: true")
        assert known() == ["later", "lease"]
    finally:
        file.unlink()
    assert known() == ["lease"]


def test_handed_over_and_called_off(site: Site, flow: str) -> None:
    """A step goes to a delegate, who rejects it; nobody but owner and operator calls a flow off."""
    path = f"/api/v1/flows/{flow}/acts"
    lena, bob = _api(site, "lena"), _api(site, "bob")
    refused = lena.post(path, json={"act": "delegate", "step": "check", "to": "partner"})
    assert refused.json()["code"] == "flow.not-delegable"
    for _ in range(2):
        done = lena.post(path, json={"act": "delegate", "step": "check", "to": "board"})
        assert done.json()["steps"][0]["parties"] == ["board"]
    assert bob.post(path, json={"act": "withdraw"}).json()["code"] == "flow.not-withdrawable"
    for _ in range(2):
        done = _api(site, "operator").post(path, json={"act": "withdraw", "why": "a mistake"})
        assert (done.status_code, done.json()["state"]) == (200, "withdrawn")
    ended = bob.post(path, json={"act": "approve", "step": "check"})
    assert ended.json()["code"] == "flow.ended"


def test_begun_by_the_api(site: Site, folder: TestSite) -> None:
    """What a flow asks about a document comes with it, and only a flow's inbox takes answers."""
    api, office = _api(site, "lena"), flow_office(site)
    before = {row.id for row in office.flows()}
    file = {"file": ("asked.pdf", write_pdf(folder.root.parent / "asked.pdf").read_bytes())}
    told = {"fields": json.dumps({"amount": "120", "currency": "EUR"})}
    other = api.post("/api/v1/inboxes/documents/documents", files=file, data=told)
    assert (other.status_code, other.json()["code"]) == (404, "flow.unknown")
    wrong = api.post("/api/v1/inboxes/lease/documents", files=file, data={"fields": "[1]"})
    assert wrong.status_code == 400
    done = api.post("/api/v1/inboxes/lease/documents", files=file, data=told)
    assert done.status_code == 202
    folder.call("sweep")
    (begun,) = {row.id for row in office.flows()} - before
    first = office.story(begun)[0]
    assert (first.get("field.amount"), first.get("field.currency")) == ("120", "EUR")


def test_forms_are_refused_as_acts_are(flow: str, logged_in: Callable[[str], Browser]) -> None:
    """The page says why an act is refused, and offers it only to those whose turn it is."""
    path = f"/flows/{flow}"
    bob = logged_in("bob")
    assert f'action="{path}/act"' not in bob.get(path).text
    assert path not in bob.get("/approvals").text
    refused = bob.post(f"{path}/act", {"act": "approve", "step": "check"})
    assert "waits for somebody else" in refused.text
    lena = logged_in("lena")
    assert f'action="{path}/act"' in lena.get(path).text
    assert f'href="{path}"' in lena.get("/approvals").text
    refused = lena.post(f"{path}/act", {"act": "reject", "step": "check"})
    assert (refused.status_code, "a rejection needs a reason" in refused.text) == (400, True)
    for _ in range(2):
        done = lena.post(f"{path}/act", {"act": "reject", "step": "check", "why": HOSTILE})
        assert done.status_code == 303
    page = lena.get(path).text
    assert HOSTILE not in page
    assert "rejected" in page
