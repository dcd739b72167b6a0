"""From nothing to a report, in one browser: what the first days with the console are like."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from gateway.sandbox.samples import write_samples
from tests.e2e.browsing import chromium, consoled, listening
from tests.e2e.opened import SECONDS, Opened, changed_box
from tests.e2e.programs import said
from tests.e2e.site import TestSite, wait_for

_PASSWORD = "seven green kettles under a bridge"
_SIDE = 30
"""Side of the seal on paper, in mm: a square full of ink, whose edges are those of its box."""
_RULE = "documents/letters"
_NAME = "dropped <img src=x onerror=alert(1)>.pdf"
"""Of a file whose sender would like a script to run in the browser."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> TestSite:
    """Return what `sealgate init --sandbox` makes; its administrators need a second factor."""
    site = TestSite.make(tmp_path_factory.mktemp("story") / "site")
    site.edit(
        "gateway.yaml", lambda text: f"{text}\npeople: {{second_factor_for: [administrator]}}\n"
    )
    return site


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Yield Debian's Chromium."""
    with chromium() as browser:
        yield browser


def test_from_the_first_log_in_to_the_report(
    site: TestSite, browser: Browser, tmp_path: Path
) -> None:
    """A link, a password, a code, a keeper; a seal is imported, placed, used, found, reported."""
    papers = write_samples(tmp_path / "papers")
    sample = next(one for one in papers if one.name == "plan-rotated.pdf")
    address = listening(site)
    with site.daemon(), consoled(site, address, users=False):
        administrator = _context(browser)
        link = _first_log_in(administrator, address + site.first_link)
        keeper = _context(browser)
        page = _keeper_comes_in(keeper, link)
        ran: list[str] = []
        page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
        _import_seal(page, address, tmp_path)
        wait_for("the daemon has the seal", lambda: len(site.events("rules.reloaded")) == 1)
        left, top = _place_it(page, address, sample)
        wait_for("the daemon has the rule", lambda: len(site.events("rules.reloaded")) == 2)
        site.drop(sample, f"letters/{_NAME}")
        wait_for("it is sealed", lambda: bool(list(site.outbox.rglob("dropped*.pdf"))))
        (sealed,) = site.outbox.rglob("dropped*.pdf")
        box = changed_box(sample, sealed, tmp_path)
        wanted = (left, top, left + _SIDE, top + _SIDE)
        assert all(abs(is_ - told) < 0.5 for is_, told in zip(box, wanted, strict=True)), box
        _find_it_in_the_log(page, address)
        _check_report(_download_report(page, tmp_path))
        assert ran == [], "no script of a file name ran"


def _context(browser: Browser) -> BrowserContext:
    context = browser.new_context(locale="en-GB", viewport={"width": 1500, "height": 1000})
    context.set_default_timeout(SECONDS)
    return context


def _button(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def _choose_password(page: Page) -> None:
    page.get_by_label("New password").fill(_PASSWORD)
    page.get_by_label("The same once more").fill(_PASSWORD)
    _button(page, "Go on")


def _first_log_in(context: BrowserContext, address: str) -> str:
    """Become the administrator, add a seal keeper, and return the keeper's link."""
    page = context.new_page()
    page.goto(address)
    page.get_by_label("Login").fill("root")
    _choose_password(page)
    page.get_by_label("Your password").fill(_PASSWORD)
    _button(page, "Set up an authenticator")
    page.get_by_text("Or type the secret").click()
    secret = page.locator("details code").inner_text().replace(" ", "")
    page.get_by_label("Code", exact=True).fill(pyotp.TOTP(secret).now())
    _button(page, "Turn it on")
    page.get_by_role("link", name="I have kept them").click()
    page.get_by_role("link", name="People").click()
    page.get_by_text("Add a user").click()
    form = page.locator('form[action="/people"]')
    form.get_by_label("Login").fill("kim")
    form.get_by_label("Name").fill("Kim Keeper")
    form.get_by_label("Seal keeper").check()
    form.get_by_role("button", name="Add").click()
    return page.locator(".secret").inner_text()


def _keeper_comes_in(context: BrowserContext, link: str) -> Page:
    page = context.new_page()
    page.goto(link)
    _choose_password(page)
    page.wait_for_url("**/work")
    return page


def _import_seal(page: Page, address: str, folder: Path) -> None:
    """Import a square as a seal, and grant it to the rule for letters."""
    picture = folder / "square.png"
    Image.new("RGB", (300, 300), (200, 20, 20)).save(picture)
    page.goto(f"{address}/seals/new")
    form = page.locator('form[action="/seals/import"]')
    form.get_by_label("Name of the seal").fill("square")
    form.get_by_label("PNG, JPEG, SVG or PDF").set_input_files(picture)
    form.get_by_label("Width, as printed").fill(f"{_SIDE}mm")
    form.get_by_role("button", name="Import and register").click()
    page.wait_for_url("**/seals/square?said=saved")
    page.get_by_label("Name or pattern").fill(_RULE)
    _button(page, "Grant")
    expect(page.locator("td code")).to_have_text(_RULE)


def _place_it(page: Page, address: str, sample: Path) -> tuple[float, float]:
    """Drag the seal on the turned page and save; return where the page says that it is, in mm."""
    page.goto(f"{address}/positioning?file=example.yaml&rule=letters")
    opened = Opened(page)
    opened.part("own-seal").select_option("square")
    opened.part("upload").set_input_files(str(sample))
    expect(opened.mark).to_be_visible(timeout=SECONDS)
    opened.settle()
    opened.drag(-230, 170)
    left, top = opened.measured("left"), opened.measured("top")
    opened.save("letters get the square")
    assert opened.faults == []
    return left, top


def _find_it_in_the_log(page: Page, address: str) -> None:
    page.goto(f"{address}/log")
    page.get_by_label("Words").fill("dropped")
    page.get_by_label("Event").fill("result.delivered")
    _button(page, "Search")
    row = page.locator("tbody tr:not(.more)")
    expect(row).to_have_count(1)
    row.get_by_role("link").click()
    expect(page.locator("h1")).to_have_text(f"letters/{_NAME}")
    expect(page.locator(".facts").first).to_contain_text("square")
    expect(page.locator(".badge.good").first).to_be_visible()
    page.go_back()


def _download_report(page: Page, folder: Path) -> Path:
    """Download what the log page offers of the entries that it shows."""
    with page.expect_download() as waited:
        page.get_by_role("link", name="Download report").click()
    report = folder / waited.value.suggested_filename
    waited.value.save_as(report)
    return report


def _check_report(report: Path) -> None:
    said("qpdf", "--check", report)
    told = said("pdftotext", "-layout", report, "-")
    assert "result.delivered" in told
    assert "letters/dropped" in told
