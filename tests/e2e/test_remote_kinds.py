"""A site between two folders of a server that comes and goes, whatever kind of server it is."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from tests.e2e.pages import write_pdf
from tests.e2e.site import TestSite, wait_for
from tests.remotes.servers import SERVERS, served_by, written
from tests.remotes.shelves import Shelf


def link(site: TestSite, inwards: Shelf, outwards: Shelf) -> None:
    """Let a site be filled from one remote folder and push to another."""
    secrets = site.root / "secrets"
    secrets.mkdir(mode=0o700, exist_ok=True)
    filled = f"{{{written(inwards.settings(), secrets)}, poll: 200ms, settle: 200ms}}"
    back = f"{{{written(outwards.settings(), secrets)}}}"

    def changed(text: str) -> str:
        text = text.replace("    settle:", f"    remote: {filled}\n    settle:", 1)
        return f"{text}\npush:\n  back: {back}\n"

    site.edit("gateway.yaml", changed)


def pairs(shelf: Shelf) -> dict[str, str]:
    """Return the complete results there with their SHA-256, each checked against its receipt."""
    names = shelf.names()
    found = {}
    for name in names:
        if name.endswith("-sealed.pdf") and f"{name}.receipt.json" in names:
            receipt = json.loads(shelf.get(f"{name}.receipt.json"))
            found[name] = hashlib.sha256(shelf.get(name)).hexdigest()
            assert receipt["result"]["sha256"] == found[name]
    return found


@pytest.mark.parametrize("scheme", SERVERS)
def test_documents_go_there_and_back(site: TestSite, tmp_path: Path, scheme: str) -> None:
    """Each is fetched, sealed and pushed once, before and after the server's death."""
    with served_by(scheme, tmp_path / "server") as server:
        inwards, outwards = server.shelf("in box"), server.shelf("out")
        link(site, inwards, outwards)
        with site.daemon():
            inwards.put("one.pdf", write_pdf(tmp_path / "one.pdf", ("one",)).read_bytes())
            wait_for("the first is back", lambda: list(pairs(outwards)) == ["one-sealed.pdf"])
            server.kill()
            wait_for("the folder is held", lambda: bool(site.events("hold.opened")))
            server.start()
            inwards.put("two.pdf", write_pdf(tmp_path / "two.pdf", ("two",)).read_bytes())
            wait_for("the second is back", lambda: len(pairs(outwards)) == 2)
            wait_for("all is tidy", lambda: len(outwards.names()) == 4)
        assert inwards.names() == []
        assert sorted(pairs(outwards)) == ["one-sealed.pdf", "two-sealed.pdf"]
    assert len(site.events("remote.fetched")) == len(site.events("push.done")) == 2
    assert site.failures() == {}
