"""Every template of contract flows to its end in a real Chromium: the parties act on pages."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from gateway.cli.site import opened
from gateway.core.accounts import Account, Group
from gateway.core.people import Role
from gateway.core.visiting import Way
from gateway.wiring import Site
from tests.e2e.browsing import chromium, consoled, listening
from tests.e2e.flowing import PARTNER, Parties, with_every_template
from tests.e2e.pages import write_pdf
from tests.e2e.site import TestSite, wait_for
from tests.e2e.test_flows import judged
from tests.pdf.parties import sign_outside

SECONDS = 30_000.0
PEOPLE = {
    "lena": "legal",
    "dirk": "directors",
    "hanna": "heads",
    "kai": "seal-keepers",
    "paula": "purchasing",
    "chris": "board",
    "tara": "board",
}
"""Login → group."""


class Desk:
    """A site with its daemon and its console, and a browser for everybody."""

    def __init__(self, site: TestSite, open_site: Site, browser: Browser, address: str) -> None:
        self.parties = Parties(site)
        self.site = site
        self.address = address
        self._open = open_site
        self._browser = browser
        self._contexts: dict[str, BrowserContext] = {}

    def page(self, login: str, path: str = "/flows") -> Page:
        """Return a page that somebody has open."""
        if login not in self._contexts:
            person = self._open.people.books.people.person(login)
            assert person is not None
            token = self._open.people.entrance.begin(person, Way.PASSWORD).token
            context = self._browser.new_context(locale="en-GB")
            context.set_default_timeout(SECONDS)
            context.add_cookies([{"name": "sealgate", "value": token, "url": self.address}])
            self._contexts[login] = context
        page = self._contexts[login].new_page()
        page.goto(self.address + path)
        return page

    def begin(self, login: str, flow: str, name: str, **fields: str) -> None:
        """Hand a document over for a flow, with what its ticket has to say."""
        document = write_pdf(self.site.root.parent / "papers" / name, (name, "second page"))
        page = self.page(login)
        form = page.locator(f"form[action='/flows/begin/{flow}']")
        form.locator("input[type=file]").set_input_files(document)
        for field, value in fields.items():
            form.locator(f"input[name='field.{field}']").fill(value)
        form.get_by_role("button", name="Hand over").click()
        expect(page.locator(".note.good")).to_contain_text("the contract begins")
        page.close()

    @contextmanager
    def turn(self, login: str, name: str) -> Iterator[Page]:
        """Open a contract that waits for somebody."""
        page = self.page(login)
        link = page.get_by_role("link", name=name).first
        wait_for(f"{name} is there for {login}", lambda: _there(page, link))
        link.click()
        yield page
        page.close()

    def press(self, login: str, name: str, button: str, why: str = "") -> None:
        """Do what a contract waits for."""
        with self.turn(login, name) as page:
            wait_for(
                f"it is the turn of {login}", lambda: _there(page, page.locator("form.actions"))
            )
            if why:
                page.get_by_label("Reason", exact=True).fill(why)
            page.get_by_role("button", name=button, exact=True).first.click()
            expect(page.locator(".note.good").first).to_be_visible()


def _signed(sent: Path, signed: Path, field: str, *, new: bool = False) -> None:
    """Sign as the partner; in a thread, because Playwright's loop runs in this one."""
    with ThreadPoolExecutor(1) as threads:
        threads.submit(sign_outside, sent, signed, PARTNER, field, new=new).result()


def _there(page: Page, locator: object) -> bool:
    if locator.count():  # type: ignore[attr-defined]
        return True
    page.wait_for_timeout(200)
    page.reload()
    return bool(locator.count())  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def desk(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Yield a site with a flow of every template, its people, and a browser."""
    site = with_every_template(template, tmp_path_factory.mktemp("flows") / "site")
    address = listening(site)
    with site.daemon(), opened(site.root) as own:
        wait_for("the daemon is ready", lambda: "ready" in site.daemon_says())
        keeping = own.people.keeping("user:test")
        for group in sorted(set(PEOPLE.values())):
            keeping.add_group(Group(group))
        for login, group in PEOPLE.items():
            roles = frozenset({Role.SUBMITTER})
            keeping.add(Account(login, login.title(), roles, groups=frozenset({group})))
        keeping.add(Account("otto", "Otto", frozenset({Role.OPERATOR})))
        keeping.add(Account("owen", "Owen", frozenset({Role.CONTRACT_OWNER})))
        with consoled(site, address, users=False), chromium() as browser:
            yield Desk(site, own, browser, address)


def test_two_party_contract(desk: Desk) -> None:
    """Read, released, and signed by a partner on whose behalf an operator brings the file."""
    desk.begin("owen", "two-party-contract", "lease.pdf")
    desk.press("lena", "lease.pdf", "I have read it")
    desk.press("dirk", "lease.pdf", "Approve, and release the seal", "as agreed")
    signed = desk.site.root.parent / "lease-signed.pdf"
    with desk.turn("otto", "lease.pdf") as page:
        wait_for("it was sealed", lambda: _there(page, page.locator("form.drop")))
        with page.expect_download() as download:
            page.get_by_role("link", name="Document as it is now").click()
        sent = desk.site.root.parent / "sent.pdf"
        download.value.save_as(sent)
        page.locator("form.drop input[type=file]").set_input_files(sent)
        page.get_by_role("button", name="Bring it back").click()
        expect(page.get_by_role("alert")).to_contain_text("bears no new signature")
        _signed(sent, signed, "Partner", new=True)
        page.locator("form.drop input[type=file]").set_input_files(signed)
        page.get_by_role("button", name="Bring it back").click()
        expect(page.locator(".note.good").first).to_be_visible()
        expect(page.locator(".signatures .badge.good")).to_have_count(2)
    judged(desk.parties.result("two-party-contract", "lease.pdf"), 2)


def test_nda(desk: Desk) -> None:
    """Certified by us, signed outside in the field that was made for it, filed."""
    desk.begin("owen", "nda", "secret.pdf")
    with desk.turn("otto", "secret.pdf") as page:
        wait_for("it was sealed", lambda: _there(page, page.locator("form.drop")))
        with page.expect_download() as download:
            page.get_by_role("link", name="Document as it is now").click()
        sent, signed = (desk.site.root.parent / f"{one}-nda.pdf" for one in ("sent", "signed"))
        download.value.save_as(sent)
        _signed(sent, signed, "partner")
        page.locator("form.drop input[type=file]").set_input_files(signed)
        page.get_by_role("button", name="Bring it back").click()
        expect(page.locator(".note.good").first).to_be_visible()
    desk.press("lena", "secret.pdf", "I have read it")
    judged(desk.parties.result("nda", "secret.pdf"), 2)


def test_purchase_order(desk: Desk) -> None:
    """The amount that is typed in decides who is asked; nobody acts for both of a board."""
    desk.begin("owen", "purchase-order", "machines.pdf", amount="90000", currency="EUR")
    desk.press("paula", "machines.pdf", "Approve")
    desk.press("chris", "machines.pdf", "Approve")
    with desk.turn("chris", "machines.pdf") as page:
        page.get_by_role("button", name="Approve", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("One person cannot act for two")
    desk.press("tara", "machines.pdf", "Approve")
    judged(desk.parties.result("purchase-order", "machines.pdf"), 1)


def test_board_resolution(desk: Desk) -> None:
    """Two of three agree, and it is sealed."""
    desk.begin("owen", "board-resolution", "dividend.pdf")
    for login in ("chris", "tara"):
        with desk.turn(login, "dividend.pdf") as page:
            wait_for("a turn", lambda page=page: _there(page, page.locator("form.actions")))
            page.get_by_role("button", name="Approve", exact=True).first.click()
            expect(page.locator(".note.good").first).to_be_visible()
    judged(desk.parties.result("board-resolution", "dividend.pdf"), 1)


def test_seal_application_and_who_sees_it(desk: Desk) -> None:
    """The head agrees, the keeper releases; people of other departments never see it."""
    desk.begin("owen", "seal-application", "letter.pdf", amount="900")
    desk.press("hanna", "letter.pdf", "Approve")
    desk.press("kai", "letter.pdf", "Approve, and release the seal")
    wait_for("it is delivered", lambda: any(desk.site.outbox.rglob("letter.pdf")))
    judged(next(desk.site.outbox.rglob("letter.pdf")), 1)
    page = desk.page("paula")
    assert page.get_by_role("link", name="letter.pdf").count() == 0
    page.close()


def test_called_off_by_its_owner(desk: Desk) -> None:
    """Whoever began a contract calls it off; nothing is charged for it."""
    before = desk.site.usage()["charged"]
    desk.begin("owen", "seal-application", "mistake.pdf", amount="900")
    with desk.turn("owen", "mistake.pdf") as page:
        page.on("dialog", lambda dialog: dialog.accept())
        page.get_by_label("Why it is called off").fill("wrong file")
        page.get_by_role("button", name="Call it off").click()
        expect(page.locator(".note.good").first).to_be_visible()
    wait_for("it has failed", lambda: "mistake.pdf" in str(desk.site.failures()))
    assert desk.site.usage()["charged"] == before
