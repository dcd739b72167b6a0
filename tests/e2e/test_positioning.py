"""Seals are placed by hand in a real browser, and lie there when the daemon has sealed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, expect

from gateway.core.geometry import turned_extent
from gateway.sandbox.samples import write_samples
from tests.console.conftest import PASSWORD
from tests.e2e.browsing import chromium, consoled, listening
from tests.e2e.opened import SECONDS, Opened, changed_box
from tests.e2e.site import TestSite, wait_for

_INBOX = "  by-hand: {tickets: required, settle: 200ms, scan_every: 1s}\n"
_BY_HAND = """\
inbox: by-hand
rules:
  - name: placed
    seal: company-seal
    place: {page: first, corner: bottom-right, margin: 15mm}
    tickets: {own_place: true}
"""


class Desk:
    """A site with its daemon, and a browser that shows where its seals go."""

    def __init__(self, site: TestSite, browser: Browser, address: str, papers: Path) -> None:
        self.site = site
        self.browser = browser
        self.address = address
        self.papers = papers
        self._contexts: dict[str, BrowserContext] = {}

    def context(self, role: str) -> BrowserContext:
        """Return a browser in which somebody of a role has logged in."""
        if role not in self._contexts:
            context = self.browser.new_context(viewport={"width": 1500, "height": 1000})
            context.set_default_timeout(SECONDS)
            page = context.new_page()
            page.goto(f"{self.address}/login")
            page.get_by_label("Login").fill(role)
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Log in").click()
            page.wait_for_url(f"{self.address}/work")
            page.close()
            self._contexts[role] = context
        return self._contexts[role]

    def open(
        self, rule: str, sample: Path, role: str = "seal-keeper", file: str = "example.yaml"
    ) -> Opened:
        """Open a rule with an uploaded sample."""
        page = self.context(role).new_page()
        page.goto(f"{self.address}/positioning?file={file}&rule={rule}")
        opened = Opened(page)
        expect(opened.part("places").locator("li").first).to_be_visible(timeout=SECONDS)
        opened.part("upload").set_input_files(str(sample))
        return opened


@pytest.fixture(scope="module")
def desk(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Yield a site under the real daemon, with papers of every kind, and a browser."""
    folder = tmp_path_factory.mktemp("positioning")
    shutil.copytree(template, folder / "site", symlinks=True)
    site = TestSite(folder / "site")
    (site.root / "inbox" / "by-hand").mkdir()
    site.edit("gateway.yaml", lambda text: text.replace("inboxes:\n", f"inboxes:\n{_INBOX}", 1))
    (site.root / "rules" / "by-hand.yaml").write_text(_BY_HAND)
    write_samples(folder / "papers")
    address = listening(site)
    with site.daemon(), consoled(site, address), chromium() as browser:
        yield Desk(site, browser, address, folder / "papers")


@pytest.fixture
def rules(desk: Desk) -> Iterator[Path]:
    """Yield the rule file, which is put back afterwards."""
    path = desk.site.root / "rules" / "example.yaml"
    before = path.read_text()
    yield path
    path.write_text(before)


def test_a_dragged_seal_is_sealed_there(desk: Desk, rules: Path, tmp_path: Path) -> None:
    """Dragged, resized and turned on a turned page, a seal is so in what the daemon seals."""
    sample = desk.papers / "letters" / "plan-rotated.pdf"
    opened = desk.open("letters", sample)
    expect(opened.mark).to_be_visible(timeout=SECONDS)
    opened.settle()
    opened.drag(-230, 170)
    opened.mark.focus()
    opened.page.keyboard.press("ArrowRight")
    opened.page.keyboard.press("Shift+ArrowUp")
    opened.settle()
    assert opened.measured("width") == 40
    opened.pull("size", -60, -60)
    width = opened.measured("width")
    assert 10 < width < 38
    assert width == round(width), "it snaps to whole millimetres"
    opened.mark.press("+")
    opened.settle()
    opened.pull("turn", 25, 0)
    turned = opened.measured("rotation")
    assert turned in range(15, 90, 15), turned
    opened.mark.press("r")
    opened.settle()
    width, turned = width + 1, turned + 15
    assert (opened.measured("width"), opened.measured("rotation")) == (width, turned)
    left, top = opened.measured("left"), opened.measured("top")
    opened.save("the lawyers want it lower")
    assert opened.faults == []
    written = rules.read_text()
    assert "  - name: contracts\n" in written
    assert f"width: {width:g}mm, rotation: {turned:g}" in written
    (entry,) = desk.site.events("rule.changed")
    assert entry["actor"] == "person:seal-keeper"
    wait_for("the daemon has the rule", lambda: bool(desk.site.events("rules.reloaded")))
    desk.site.drop(sample, "letters/dropped.pdf")
    wait_for("it is sealed", lambda: bool(list(desk.site.outbox.rglob("dropped*.pdf"))))
    (sealed,) = desk.site.outbox.rglob("dropped*.pdf")
    box = changed_box(sample, sealed, tmp_path)
    # The demonstration's seal is round: its ink is centred in its box, and as wide however turned.
    around, _ = turned_extent(width, width, turned)
    assert abs((box[0] + box[2]) / 2 - (left + around / 2)) < 0.5, (box, left)
    assert abs((box[1] + box[3]) / 2 - (top + around / 2)) < 0.5, (box, top)
    assert abs((box[2] - box[0]) - width * ink(desk.site)) < 0.5, (box, width)


def ink(site: TestSite) -> float:
    """Return how much of the width of the demonstration's seal shows ink."""
    with Image.open(site.root / "seals" / "company-seal.png") as picture:
        shown = picture.convert("RGBA").getchannel("A").point(lambda level: 255 * (level > 40))
    box = shown.getbbox()
    assert box is not None
    return (box[2] - box[0]) / picture.width


def test_it_works_with_keyboard_and_numbers_alone(desk: Desk, rules: Path) -> None:
    """Arrow keys move by 1 and 0.1 mm, numbers put it exactly; undoing writes the old text back."""
    before = rules.read_text()
    opened = desk.open("everything-else", desk.papers / "invoice-0042.pdf")
    expect(opened.mark).to_be_visible(timeout=SECONDS)
    opened.settle()
    opened.mark.focus()
    left, top = opened.measured("left"), opened.measured("top")
    for key in ("ArrowLeft", "ArrowLeft", "ArrowLeft", "Shift+ArrowUp", "Shift+ArrowUp"):
        opened.page.keyboard.press(key)
    opened.settle()
    assert abs(opened.measured("left") - (left - 3)) < 0.06
    assert abs(opened.measured("top") - (top - 0.2)) < 0.06
    number = opened.page.locator('[data-part="measures"] [name="bottom"]')
    number.fill("42.5")
    number.press("Enter")
    opened.settle()
    assert opened.measured("bottom") == 42.5
    label = opened.mark.get_attribute("aria-label") or ""
    assert "company-seal" in label
    opened.save("by keys")
    assert rules.read_text() != before
    (newest, *_) = desk.site.json("rules", "changes", "--diff")
    assert (newest["actor"], newest["reason"]) == ("person:seal-keeper", "by keys")
    assert "offset" in newest["diff"]
    opened.part("undo").click()
    expect(opened.part("undo")).to_be_hidden(timeout=SECONDS)
    assert rules.read_text() == before
    (undone, *_) = desk.site.json("rules", "changes")
    back = desk.site.call("rules", "undo", undone["number"], "--why", "once more")
    assert back.returncode == 0, back.stderr
    assert rules.read_text() != before
    again = desk.site.call("rules", "undo", newest["number"], "--why", "as it was")
    assert (again.returncode, rules.read_text()) == (0, before), again.stderr
    assert opened.faults == []


def test_words_are_found_and_chosen(desk: Desk, rules: Path) -> None:
    """All places of a keyword are shown on the page; the one that is clicked anchors the seal."""
    opened = desk.open("letters", desk.papers / "letters" / "plan-rotated.pdf")
    expect(opened.mark).to_be_visible(timeout=SECONDS)
    opened.page.locator("[name=way]").select_option("text")
    opened.page.locator("[name=find]").fill("Hall")
    opened.settle()
    opened.part("search").click()
    expect(opened.page.locator(".hit")).to_have_count(2, timeout=SECONDS)
    expect(opened.part("hit-pages").locator("button")).to_have_text(["1"])
    before = opened.measured("left")
    opened.page.locator(".hit").nth(1).click()
    opened.settle()
    assert opened.measured("left") > before + 20
    opened.save("beside the hall")
    assert 'at: text, find: Hall, occurrence: "2"' in rules.read_text().replace(
        "occurrence: 2", 'occurrence: "2"'
    )


def test_straddle_seals_are_drawn_on_every_page(desk: Desk) -> None:
    """A seal over the edges shows its slice on each page, and moves along the edge."""
    opened = desk.open("contracts", desk.papers / "contracts" / "supply-agreement.pdf")
    expect(opened.part("sealed-pages").locator("button")).to_have_count(3, timeout=SECONDS)
    opened.page.get_by_role("button", name="Page 1", exact=True).click()
    expect(opened.page.locator(".mark")).to_have_count(1)
    opened.drag(-100, -120)
    left, top = opened.measured("left"), opened.measured("top")
    opened.page.get_by_role("button", name="Page 2", exact=True).click()
    expect(opened.page.locator(".mark")).to_have_count(1)
    assert opened.measured("right") < 0.05
    assert (opened.measured("left"), opened.measured("top")) == (left, top)


def test_mistakes_are_told_and_nothing_is_written(desk: Desk, rules: Path) -> None:
    """A length that is none is told with its line; a file edited meanwhile is a conflict."""
    opened = desk.open("letters", desk.papers / "invoice-0042.pdf")
    expect(opened.mark).to_be_visible(timeout=SECONDS)
    margin = opened.page.locator("[name=margin]")
    margin.fill("3 miles")
    expect(opened.part("message")).to_contain_text("rules/example.yaml:9", timeout=SECONDS)
    margin.fill("9mm")
    opened.settle()
    text = rules.read_text() + "# by hand\n"
    opened.part("save").click()
    rules.write_text(text)
    opened.part("reason").fill("too late")
    opened.part("write").click()
    expect(opened.part("complaint")).to_contain_text("changed meanwhile", timeout=SECONDS)
    assert rules.read_text() == text


def test_the_effect_on_the_archive_is_shown(desk: Desk, rules: Path) -> None:
    """Before saving, the page says which sealed documents would look different, with pictures."""
    desk.site.drop(desk.papers / "receipt-a5.pdf", "effect.pdf")
    wait_for("it is archived", lambda: bool(list(desk.site.archive.rglob("effect.pdf"))))
    opened = desk.open("everything-else", desk.papers / "receipt-a5.pdf")
    expect(opened.mark).to_be_visible(timeout=SECONDS)
    opened.page.locator("[name=corner]").select_option("top-left")
    opened.settle()
    opened.part("save").click()
    opened.part("effect").click()
    effect = opened.page.locator('[data-part="effects"] li', has_text="effect.pdf")
    effect.get_by_role("button").click()
    expect(effect.locator("canvas")).to_be_visible(timeout=SECONDS)
    assert opened.faults == []


def test_documents_that_wait_are_placed_one_by_one(desk: Desk, tmp_path: Path) -> None:
    """Documents that wait for tickets get their seals where somebody puts them; the rule stays."""
    papers = (desk.papers / "invoice-0042.pdf", desk.papers / "letters" / "plan-rotated.pdf")
    inbox = desk.site.root / "inbox" / "by-hand"
    for number, paper in enumerate(papers):
        shutil.copyfile(paper, inbox / f"waits-{number}.pdf")
    rules = desk.site.root / "rules" / "by-hand.yaml"
    before = rules.read_text()
    measured = []
    for number, way in enumerate(((-150, -250), (-200, -90))):
        opened = desk.open("placed", papers[number], file="by-hand.yaml")
        expect(opened.mark).to_be_visible(timeout=SECONDS)
        opened.settle()
        opened.drag(*way)
        measured.append((opened.measured("left"), opened.measured("top")))
        opened.part("hand").click()
        opened.page.get_by_label(f"waits-{number}.pdf").check()
        opened.part("hand-write").click()
        expect(opened.part("hand-files").locator(".good")).to_have_count(1, timeout=SECONDS)
        assert opened.faults == []
    assert rules.read_text() == before
    sealed = [desk.site.outbox / "by-hand" / f"waits-{number}-sealed.pdf" for number in (0, 1)]
    wait_for("both are sealed", lambda: all(path.exists() for path in sealed))
    for paper, result, (left, top) in zip(papers, sealed, measured, strict=True):
        box = changed_box(paper, result, tmp_path)
        assert abs((box[0] + box[2]) / 2 - (left + 20)) < 0.5, (box, left)
        assert abs((box[1] + box[3]) / 2 - (top + 20)) < 0.5, (box, top)


def test_who_may_look_may_not_save(desk: Desk, rules: Path) -> None:
    """An auditor sees where seals go and cannot write; a submitter does not see the page."""
    before = rules.read_text()
    opened = desk.open("letters", desk.papers / "invoice-0042.pdf", role="auditor")
    expect(opened.mark).to_be_visible(timeout=SECONDS)
    assert opened.part("save").is_hidden()
    refused = opened.page.evaluate(
        """async () => {
          const body = new FormData();
          body.append("question", "{}");
          return (await window.sealgate.post("/positioning/save", body)).status;
        }"""
    )
    assert refused == 403
    assert rules.read_text() == before
    stranger = desk.context("submitter").new_page()
    answer = stranger.goto(f"{desk.address}/positioning")
    assert answer is not None
    assert answer.status == 403
