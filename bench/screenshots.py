"""Takes pictures of the console's pages: narrow and wide, light and dark, English and Chinese.

    python -m bench.screenshots [FOLDER [PAGE ...]]

A site is made from nothing, worked on by the real daemon and served by the real console; Debian's
Chromium looks at it. Without FOLDER those that the documentation shows are renewed; with names of
pages, only those are taken.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pypdfium2
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from gateway.cli.site import opened
from gateway.core.accounts import Account, Group
from gateway.core.flow_acts import Act, ActKind, Actor
from gateway.core.flow_events import StepState
from gateway.core.people import Role
from gateway.core.states import State
from gateway.sandbox.samples import write_samples
from gateway.wiring.flows import flow_office

CHROMIUM = "/usr/bin/chromium"
SEALGATE = (sys.executable, "-m", "gateway")
PASSWORD = "correct horse battery staple"  # noqa: S105  # of a site that is thrown away
_DOCS = Path("docs/pictures/console")
_SHOWN = (
    "work-wide-light.png",
    "document-wide-light.png",
    "flows-wide-light.png",
    "flow-turn-wide-light.png",
    "positioning-wide-dark.png",
    "work-narrow-light.png",
)
_LIVE = ("work", "flows")
"""Pages that keep a connection open."""
_EAGERLY = "for (const one of document.querySelectorAll('img')) one.loading = 'eager'"
WIDE, NARROW = {"width": 1280, "height": 860}, {"width": 390, "height": 844}


_CALENDARS = """\
calendars:
  office:
    hours: ["Mon-Thu 08:00-12:00", "Mon-Thu 13:00-18:00", "Fri 08:00-14:00"]
    except: holidays.ics
"""
_INBOXES = """\
  contracts: {open: office}
  night: {open: office, sweeps: ["0 7,12,17 * * *"]}
"""
_RULES = """\
inbox: {inbox}
rules:
  - {{name: all-of-{inbox}, seal: company-seal, place: {{page: last, margin: 15mm}}}}
"""


_CONTRACTS = {
    "two-party-contract": {
        "Supply agreement": 0,
        "Lease Oak Street 14": 0,
        "Maintenance 2027": 0,
        "Catering": 0,
        "Framework agreement with Northern Freight and Logistics": 0,
        "物业租赁合同": 0,
        **{f"Service level {number}": 0 for number in range(1, 9)},
    },
    "purchase-order": {"Pencils": 120, "Laptops": 72000, "Forklift": 38000},
}
"""Flow → documents and their amounts; 0 for none."""


def _holidays() -> str:
    day = datetime.now(UTC).date() + timedelta(days=3)
    event = f"BEGIN:VEVENT\nUID:1\nDTSTAMP:20260101T000000Z\nDTSTART;VALUE=DATE:{day:%Y%m%d}"
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:test\n{event}\nEND:VEVENT\nEND:VCALENDAR\n"


def free_port() -> int:
    """Return a port of loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(root: Path) -> Iterator[str]:
    """Make a site with some work done, run daemon and console on it, and give its address."""
    subprocess.run((*SEALGATE, "init", str(root), "--sandbox"), check=True, capture_output=True)
    port = free_port()
    settings = root / "gateway.yaml"
    kept = re.sub(r"(?m)^console:.*\n(?: .*\n)*", "", settings.read_text())
    kept = kept.replace("inboxes:\n", f"{_CALENDARS}inboxes:\n{_INBOXES}", 1)
    kept = kept.replace("    type: csc ", "    quota: {counts: document}\n    type: csc ", 1)
    settings.write_text(f"{kept}\nconsole: {{listen: 127.0.0.1:{port}}}\n")
    (root / "holidays.ics").write_text(_holidays(), newline="\r\n")
    for inbox in ("contracts", "night"):
        (root / "inbox" / inbox).mkdir()
        rule = f"rules/{inbox}.yaml"
        (root / rule).write_text(_RULES.format(inbox=inbox))
    _definitions(root)
    _people(root)
    draw = ("seals", "draw", "contracts", "--site", str(root), "--template", "contract")
    words = ("--text", "Example Ltd", "--lower", "Contracts", "--service", "sandbox", "--any")
    subprocess.run((*SEALGATE, *draw, *words), check=True, capture_output=True)
    _bought(root)
    write_samples(root / "inbox" / "documents")
    (root / "inbox" / "documents" / "broken scan.pdf").write_bytes(
        b"%PDF-1.4\n" + b"rubbish" * 50 + b"\n%%EOF\n"
    )
    where = ("--site", str(root))
    daemon = subprocess.Popen((*SEALGATE, "run", *where), stderr=subprocess.DEVNULL)
    console = subprocess.Popen((*SEALGATE, "console", *where), stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        _await(url)
        _settled(root)
        _flowed(root)
        yield url
    finally:
        for process in (console, daemon):
            process.terminate()
            process.wait(60)


def _definitions(root: Path) -> None:
    """Add two contract flows, and documents that begin them."""
    folder = root / "rules" / "flows"
    folder.mkdir(exist_ok=True)
    samples = root.parent / "contracts"
    write_samples(samples)
    agreement = samples / "contracts" / "supply-agreement.pdf"
    for flow, names in _CONTRACTS.items():
        command = (*SEALGATE, "flows", "template", flow)
        told = subprocess.run(command, check=True, capture_output=True, text=True)
        (folder / f"{flow}.yaml").write_text(told.stdout)
        inbox = root / "inbox" / flow
        inbox.mkdir()
        for name, amount in names.items():
            if amount:
                fields = f"fields: {{amount: {amount}, currency: EUR}}\n"
                (inbox / f"{name}.pdf.yaml").write_text(fields)
            shutil.copyfile(agreement, inbox / f"{name}.pdf")


def _flowed(root: Path) -> None:
    """Act in some of the flows, so that they stand at different steps."""
    acts = (
        ("Maintenance 2027", ActKind.APPROVE, "check"),
        ("Supply agreement", ActKind.APPROVE, "check"),
        ("Supply agreement", ActKind.APPROVE, "our-seal"),
        ("Catering", ActKind.REJECT, "check"),
        ("Laptops", ActKind.APPROVE, "purchasing"),
    )
    with opened(root) as site:
        office, wanted = flow_office(site), sum(map(len, _CONTRACTS.values()))
        _until(lambda: len(office.flows()) == wanted, "flows begin")
        flows = {Path(row.source).stem: row.id for row in office.flows()}
        for name, kind, step in acts:
            party = office.flow(flows[name]).definition.step(step).party
            actor = Actor("person:lena", party=party, operator=True)
            why = "The price is not as agreed" if kind is ActKind.REJECT else ""
            office.act(flows[name], Act(kind, step, actor, why))

        def sealed() -> bool:
            standing = office.flow(flows["Supply agreement"]).status.step("partner-signs")
            ended = (office.flow(flows[name]).status for name in ("Catering", "Pencils"))
            return standing.state is StepState.OPEN and all(one.closed for one in ended)

        _until(sealed, "contracts are sealed")


def _until(there: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 180
    while not there():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.5)


def _bought(root: Path) -> None:
    """Buy a package three weeks ago, and spend some of it since."""
    today = datetime.now(UTC).date()
    since = ("--from", str(today - timedelta(days=21)), "--until", str(today + timedelta(days=300)))
    buying = ("services", "quota", "sandbox", "--add", "500", *since, "--site", str(root))
    subprocess.run((*SEALGATE, *buying), check=True, capture_output=True)
    with closing(sqlite3.connect(root / "state" / "ledger.sqlite")) as ledger:
        for day in (today - timedelta(days=past) for past in range(1, 21)):
            units = 2 if day.weekday() > 4 else 12 + day.day % 5
            row = ("sandbox", day.isoformat(), units)
            ledger.execute("INSERT INTO spending (service, day, units) VALUES (?, ?, ?)", row)
        ledger.commit()


def _people(root: Path) -> None:
    with opened(root) as site:
        keeping = site.people.keeping("user:test")
        groups = frozenset({"legal", "board"})
        for group in sorted(groups | {"directors", "purchasing"}):
            keeping.add_group(Group(group))
        keeping.add(Account("anna", "Anna Berger", frozenset(Role), groups=groups))
        keeping.add(Account("wei", "王伟", frozenset({Role.SEAL_KEEPER}), language="zh"))
        site.people.access.set_password("anna", PASSWORD, "user:test")


def _await(url: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{url}/login", timeout=5)  # noqa: S310  # loopback
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(url)


def _settled(root: Path) -> None:
    deadline = time.monotonic() + 120
    with opened(root) as site:
        while time.monotonic() < deadline:
            ended = site.equipment.jobs.find((State.ARCHIVED, State.FAILED))
            if len(ended) > 1 and any(job.state is State.FAILED for job in ended):
                time.sleep(3)
                return
            time.sleep(0.5)
    raise TimeoutError("nothing was sealed")


def pages_of(browser: Browser, url: str) -> list[tuple[str, str]]:
    """Return name and path of the pages that are shown; two are found by following links."""
    page = browser.new_page()
    log_in(page, url)
    page.goto(f"{url}/work")
    hrefs = [one.get_attribute("href") or "" for one in page.locator("td a").all()]
    jobs = list(dict.fromkeys(one for one in hrefs if re.match(r"/work/jobs/", one)))
    page.goto(f"{url}/flows")
    flows = {
        one.inner_text(): one.get_attribute("href") or "" for one in page.locator("a[href]").all()
    }
    page.close()
    return [
        ("work", "/work"),
        ("failed", jobs[0]),
        ("document", jobs[-1]),
        ("flows", "/flows"),
        ("flow-list", "/flows/list?name=two-party-contract&step=check"),
        ("flow", flows["Supply agreement.pdf"]),
        ("flow-turn", flows["Lease Oak Street 14.pdf"]),
        ("flow-ended", flows["Pencils.pdf"]),
        ("approvals", "/approvals"),
        ("calendar", "/calendar"),
        ("seals", "/seals"),
        ("seal", "/seals/contracts"),
        ("new-seal", "/seals/new"),
        ("positioning", "/positioning"),
        ("services", "/services"),
        ("log", "/log"),
        ("figures", "/log/figures"),
        ("verify", "/verify"),
        ("people", "/people"),
        ("user", "/people/users/wei"),
        ("profile", "/profile"),
        ("missing", "/nothing"),
    ]


def _show_sample(page: Page, samples: Path) -> None:
    """Have the positioning page show the seals of its rule on a sample."""
    sample = next(samples.rglob("plan-rotated.pdf"))
    page.set_input_files('[data-part="upload"]', sample)
    page.wait_for_selector(".mark", state="visible")
    page.wait_for_selector('[data-positioning]:not([aria-busy="true"])')


def log_in(page: Page, url: str) -> None:
    """Log in as somebody who has every role."""
    page.goto(f"{url}/login")
    page.fill("input[name=login]", "anna")
    page.fill("input[name=password]", PASSWORD)
    page.click("main button.primary")


def _take(page: Page, path: Path) -> None:
    """Take a picture, with as many colours as such pages have: a fifth of the bytes."""
    page.screenshot(path=path, full_page=True)
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(96).save(path, optimize=True)


def _report(root: Path, target: Path) -> None:
    """Take a picture of the first page of a report of the log."""
    where = ("--site", str(root))
    subprocess.run((*SEALGATE, "log", "timestamp", *where), check=True, capture_output=True)
    file = root / "report.pdf"
    command = (*SEALGATE, "log", "export", "--pdf", str(file), *where)
    subprocess.run(command, check=True, capture_output=True)
    with closing(pypdfium2.PdfDocument(file)) as document:
        picture = document[0].render(scale=1.4).to_pil()
    picture.convert("RGB").quantize(128).save(target, optimize=True)


def main() -> None:
    """Take the pictures."""
    with tempfile.TemporaryDirectory() as everything:
        folder = Path(sys.argv[1] if len(sys.argv) > 1 else everything)
        folder.mkdir(parents=True, exist_ok=True)
        _take_all(folder)
        if len(sys.argv) == 1:
            for name in _SHOWN:
                shutil.copyfile(folder / name, _DOCS / name)
            shutil.copyfile(folder / "log-report.png", _DOCS.parent / "log-report.png")


def _take_all(folder: Path) -> None:
    with (
        tempfile.TemporaryDirectory() as scratch,
        serving(Path(scratch) / "site") as url,
        sync_playwright() as playwright,
    ):
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=sandbox)
        samples = Path(scratch) / "samples"
        write_samples(samples)
        wanted = sys.argv[2:]
        pages = [one for one in pages_of(browser, url) if not wanted or one[0] in wanted]
        for name, size, scheme, language in (
            ("wide-light", WIDE, "light", "en"),
            ("wide-dark", WIDE, "dark", "zh"),
            ("narrow-light", NARROW, "light", "zh"),
            ("narrow-dark", NARROW, "dark", "en"),
        ):
            locale = {"en": "en-GB", "zh": "zh-CN"}[language]
            context = browser.new_context(viewport=size, color_scheme=scheme, locale=locale)
            context.add_cookies([{"name": "language", "value": language, "url": url}])
            page = context.new_page()
            complaints: list[str] = []
            page.on("console", lambda said, kept=complaints: kept.append(said.text))
            page.goto(f"{url}/login")
            _take(page, folder / f"login-{name}.png")
            log_in(page, url)
            for title, path in pages:
                page.goto(f"{url}{path}")
                if title == "new-seal":
                    page.wait_for_selector("#seal-preview", state="visible")
                if title == "positioning":
                    _show_sample(page, samples)
                page.evaluate(_EAGERLY)
                page.wait_for_load_state("networkidle" if title not in _LIVE else "load")
                _take(page, folder / f"{title}-{name}.png")
                overflow = page.evaluate("document.documentElement.scrollWidth > innerWidth + 1")
                if overflow:
                    print(f"{title} {name}: wider than the window")  # noqa: T201
            for said in complaints:
                print(f"{name}: {said}")  # noqa: T201
            context.close()
        browser.close()
        _report(Path(scratch) / "site", folder / "log-report.png")


if __name__ == "__main__":
    main()
