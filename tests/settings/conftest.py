"""A site's configuration files, good ones to be spoiled."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from PIL import Image

from gateway.core.errors import ConfigurationFault, Problem
from gateway.sandbox.keys import prepare
from gateway.seals.store import ArtworkStore
from gateway.settings import LoadedSite, load

SITE = """\
name: Test
sandbox: true
inboxes:
  invoices:
services:
  sandbox:
    type: csc
    url: sandbox://csc/v2
    pin: {file: secrets/pin}
timestamp: {url: "sandbox://tsa"}
seals:
  company: {image: seal.png, width: 40mm, service: sandbox}
trust: {anchors: [state/sandbox/root.pem]}
"""
RULES = """\
inbox: invoices
rules:
  - name: all
    seal: company
    place: {page: last, corner: bottom-right, margin: 15mm}
"""


class Configuration:
    """A folder with `gateway.yaml` and `rules/a.yaml`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for folder in ("rules", "secrets", "inbox/invoices"):
            (root / folder).mkdir(parents=True)
        Image.new("RGBA", (400, 400), (200, 0, 0, 255)).save(root / "seal.png")
        self.secret("pin", "12345678")
        self.write("gateway.yaml", SITE)
        self.write("rules/a.yaml", RULES)

    def write(self, name: str, text: str) -> None:
        """Write a file."""
        (self.root / name).write_text(text, encoding="utf-8")

    def secret(self, name: str, value: str, mode: int = 0o600) -> None:
        """Write a secret's file."""
        path = self.root / "secrets" / name
        path.write_text(value)
        path.chmod(mode)

    def load(self, drafts: Mapping[str, str] | None = None, **environment: str) -> LoadedSite:
        """Load the site."""
        store = ArtworkStore(self.root / "state" / "artwork")
        return load(self.root, store, environment, drafts=drafts or {})

    def problems(self, **environment: str) -> tuple[Problem, ...]:
        """Return what loading objects to."""
        with pytest.raises(ConfigurationFault) as refused:
            self.load(**environment)
        return refused.value.problems


@pytest.fixture(scope="session")
def sandbox_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a sandbox's trust anchor once."""
    return prepare(tmp_path_factory.mktemp("sandbox") / "state") / "root.pem"


@pytest.fixture
def configuration(tmp_path: Path) -> Configuration:
    """Return a good configuration."""
    return Configuration(tmp_path / "site")
