"""A site from its files to its ports, with a digest service of the test's choice."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from PIL import Image, ImageDraw

from gateway.daemon.attendance import Attendance
from gateway.daemon.engine import Engine
from gateway.daemon.sweep import Swept, Tally, sweep
from gateway.daemon.work import JobWork
from gateway.wiring import Site, local_threads, open_site
from tests.e2e.pages import write_pdf
from tests.fakes.signer import TestSigner

_SITE = """\
name: Test
{sandbox}
inboxes: {{in: {{settle: 50ms, scan_every: 200ms}}}}
services:
{service}
{timestamp}
seals: {{company: {{image: seal.png, width: 40mm, service: signing}}}}
trust: {{anchors: [{anchors}]}}
retry: {{first: 100ms, longest: 200ms}}
"""
_RULES = """\
inbox: in
rules:
  - {{name: all, seal: company, place: {{corner: bottom-right}}, profile: {{level: {level}}}}}
"""


class FileSite:
    """A site written into a folder; opened anew for every sweep, as after a restart, by default."""

    def __init__(self, root: Path, signer: TestSigner) -> None:
        self.root = root
        for folder in ("rules", "secrets", "inbox/in", "trust"):
            (root / folder).mkdir(parents=True)
        picture = Image.new("RGBA", (400, 400))
        ImageDraw.Draw(picture).ellipse((10, 10, 390, 390), outline=(200, 0, 0, 255), width=20)
        picture.save(root / "seal.png")
        signer.pem(root / "trust" / "signer.pem")
        root_pem = signer.authority.certificate.public_bytes(serialization.Encoding.PEM)
        (root / "trust" / "root.pem").write_bytes(root_pem)

    def secret(self, name: str, value: str) -> None:
        """Write a secret."""
        path = self.root / "secrets" / name
        path.write_text(value)
        path.chmod(0o600)

    def configure(self, service: str, *, level: str = "B-B", tsa: str = "", root: str = "") -> None:
        """Write the configuration; `service` is YAML below `services:`."""
        text = _SITE.format(
            service=textwrap.indent(textwrap.dedent(service), "  "),
            timestamp=f"timestamp: {{url: {tsa}}}" if tsa else "",
            anchors=", ".join(["trust/root.pem", *([root] if root else [])]),
            sandbox="sandbox: true",
        )
        (self.root / "gateway.yaml").write_text(text)
        (self.root / "rules" / "a.yaml").write_text(_RULES.format(level=level))

    def drop(self, name: str) -> Path:
        """Drop a document."""
        return write_pdf(self.root / "inbox" / "in" / f"{name}.pdf", (name,))

    @contextmanager
    def opened(self) -> Iterator[Site]:
        """Open the site for several sweeps, as a daemon does."""
        site = open_site(self.root)
        try:
            yield site
        finally:
            site.close()

    def sweep(self, site: Site | None = None) -> Swept:
        """Work until nothing more can be done, on a site that is opened for it unless given."""
        if site is not None:
            return sweep(site.equipment, *engine(site))
        with self.opened() as own:
            return self.sweep(own)

    def results(self) -> list[Path]:
        """Return what was delivered."""
        return sorted((self.root / "outbox").rglob("*.pdf"))


def engine(site: Site) -> tuple[Engine, Tally]:
    """Return an engine for a site, and what counts its jobs."""
    tally = Tally()
    return Engine(
        site.equipment,
        Attendance(site.equipment, site.inboxes, site.loaded.settings.state / "reports"),
        local_threads(2, JobWork(site.equipment, print)),
        tally.ended,
    ), tally
