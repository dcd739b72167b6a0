"""Contract flows of a real site, acted on as its parties do: by moving files."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from tests.e2e.pages import write_pdf
from tests.e2e.site import TestSite, wait_for
from tests.pdf.parties import Holder

TEMPLATES = (
    "board-resolution",
    "nda",
    "purchase-order",
    "seal-application",
    "two-party-contract",
)
OURS = "trust/partner.pem"
AUTHORITY = Holder.authority("Partner Authority")
PARTNER = AUTHORITY.issue("Partner")


def with_every_template(template: Path, root: Path) -> TestSite:
    """Copy a site and add a flow of every template; the partner's authority is trusted there."""
    shutil.copytree(template, root, symlinks=True)
    site = TestSite(root)
    (root / "trust" / "partner.pem").write_text(AUTHORITY.pem)
    site.edit("gateway.yaml", lambda text: text.replace("anchors: [", f"anchors: [{OURS}, ", 1))
    for name in TEMPLATES:
        add_flow(site, site.call("flows", "template", name).stdout, name)
    return site


def add_flow(site: TestSite, text: str, name: str = "lease") -> None:
    """Add a definition, whose inbox and parties' folders settle fast."""
    folder = site.root / "rules" / "flows"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.yaml").write_text(text)
    inbox = f"inboxes:\n  {name}: {{settle: 100ms, scan_every: 1s}}"
    site.edit("gateway.yaml", lambda written: written.replace("inboxes:", inbox, 1))


class Parties:
    """The folders of a site's parties."""

    def __init__(self, site: TestSite) -> None:
        self.site = site
        self.root = site.root / "flows"

    def drop(self, flow: str, name: str, ticket: str = "") -> Path:
        """Drop a document into a flow's inbox, its ticket first."""
        inbox = self.site.root / "inbox" / flow
        inbox.mkdir(parents=True, exist_ok=True)
        if ticket:
            (inbox / f"{name}.yaml").write_text(ticket)
        made = write_pdf(self.site.root.parent / f".{name}", (name, "second page"))
        made.rename(inbox / name)
        return inbox / name

    def todo(self, party: str, stem: str) -> Path:
        """Wait for a document in a party's todo/."""
        folder = self.root / party / "todo"
        wait_for(f"{stem} waits for {party}", lambda: any(folder.glob(f"{stem}--*.pdf")))
        return next(folder.glob(f"{stem}--*.pdf"))

    def move(self, party: str, stem: str, verdict: str = "approve", why: str = "") -> Path:
        """Move what waits for a party, as a person does, and wait until that is taken."""
        document = self.todo(party, stem)
        target = self.root / party / verdict / document.name
        if why:
            target.with_suffix(".txt").write_text(why)
        document.rename(target)
        wait_for(f"{target} is taken", lambda: not target.exists())
        return target

    def bring(self, party: str, file: Path, name: str) -> None:
        """Lay a file of one's own into approve/, and wait until it is taken."""
        target = self.root / party / "approve" / name
        shutil.copyfile(file, target.with_name(f".{name}.part"))
        target.with_name(f".{name}.part").rename(target)
        wait_for(f"{target} is taken", lambda: not target.exists())

    def result(self, flow: str, name: str) -> Path:
        """Wait for a contract in the outbox."""
        path = self.site.outbox / flow / name
        wait_for(f"{path} is delivered", lambda: path.with_name(f"{name}.receipt.json").exists())
        wait_for(f"{path} is there", path.exists)
        return path

    def receipt(self, result: Path) -> dict[str, Any]:
        """Return the receipt beside a result."""
        value: dict[str, Any] = json.loads(
            result.with_name(f"{result.name}.receipt.json").read_text()
        )
        return value
