"""The console in a real Chromium, with the real daemon behind it."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from bench.screenshots import CHROMIUM, log_in, serving
from gateway.sandbox.samples import write_samples

if shutil.which(CHROMIUM) is None:
    pytest.skip("not installed: chromium", allow_module_level=True)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a console on a site on which the daemon works."""
    with serving(tmp_path_factory.mktemp("browser") / "site") as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return Debian's Chromium."""
    with sync_playwright() as playwright:
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=sandbox)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    """Return a page on which somebody with every role is logged in; it may complain of nothing."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    page, complaints = context.new_page(), []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    log_in(page, url)
    yield page
    context.close()
    assert complaints == []


def test_a_dropped_pdf_appears_sealed_by_itself(page: Page, url: str, tmp_path: Path) -> None:
    """A PDF handed over on one page appears among the sealed on another, without a reload."""
    sample = min(write_samples(tmp_path), key=lambda one: one.stat().st_size)
    fresh = tmp_path / "from the browser.pdf"
    fresh.write_bytes(sample.read_bytes() + b"\n")
    watching = page.context.new_page()
    watching.goto(f"{url}/work")
    expect(watching.locator(".live")).to_be_visible()
    page.goto(f"{url}/work")
    inbox = page.locator(".inbox", has=page.get_by_role("heading", name="documents"))
    inbox.locator("input[type=file]").set_input_files(fresh)
    inbox.get_by_role("button", name="Hand over").click()
    expect(page.locator(".note.good")).to_contain_text("from the browser.pdf")
    row = watching.get_by_role("link", name="from the browser.pdf")
    expect(row).to_be_visible(timeout=60_000)
    expect(watching.locator("tr", has=row)).to_contain_text("company-seal", timeout=60_000)


def test_a_seal_is_seen_while_it_is_drawn(page: Page, url: str) -> None:
    """The preview follows the words."""
    page.goto(f"{url}/seals/new")
    picture = page.locator("#seal-preview")
    expect(picture).to_be_visible(timeout=30_000)
    before = picture.get_attribute("src")
    page.get_by_label("Text", exact=True).first.fill("Other Words Ltd")
    expect(picture).not_to_have_attribute("src", before or "", timeout=30_000)


def test_a_pdf_finds_its_story(page: Page, url: str, tmp_path: Path) -> None:
    """A PDF laid onto the log is hashed in the browser, and its entries are shown."""
    sample = min(write_samples(tmp_path), key=lambda one: one.stat().st_size)
    page.goto(f"{url}/log")
    page.get_by_label("Or drop a PDF").set_input_files(sample)
    page.wait_for_url("**/log?text=*")
    digest = hashlib.sha256(sample.read_bytes()).hexdigest()
    expect(page.get_by_label("Words: seal, rule, file, hash")).to_have_value(digest)
    rows = page.get_by_role("link", name=sample.name)
    expect(rows.first).to_be_visible()


def test_the_theme_is_kept(page: Page, url: str) -> None:
    """The button changes the colours at once, and they are there after a reload."""
    page.goto(f"{url}/work")
    with page.expect_response("**/taste"):
        page.get_by_role("button", name="Dark colours").click()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_keyboard_gets_everywhere(page: Page, url: str) -> None:
    """The first stop leads past the menu, and what has the focus can be seen."""
    page.goto(f"{url}/seals")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


@pytest.mark.parametrize("path", ["/work", "/log", "/people", "/seals", "/profile", "/services"])
def test_nothing_is_wider_than_a_narrow_window(page: Page, url: str, path: str) -> None:
    """On a telephone no page has to be pushed sideways."""
    page.set_viewport_size({"width": 360, "height": 780})
    page.goto(f"{url}{path}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
