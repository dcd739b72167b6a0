"""A preview inbox gives back pictures and spends nothing."""

from __future__ import annotations

import json

import pytest
from PIL import Image

from tests.e2e.pages import write_pdf
from tests.e2e.site import TestSite


@pytest.fixture
def previewing(site: TestSite) -> TestSite:
    """A site with a second inbox that shows what the first would do."""
    line = "  look: {preview_of: documents, settle: 200ms}\n"
    site.edit("gateway.yaml", lambda text: text.replace("inboxes:\n", f"inboxes:\n{line}"))
    (site.root / "inbox" / "look").mkdir()
    return site


def test_picture_comes_back(previewing: TestSite) -> None:
    """The picture is that of `explain`, original and receipt are archived, and nothing is charged
    although the rule's level needs several paid answers."""
    site = previewing
    dropped = write_pdf(site.root / "inbox" / "look" / "letter.pdf")
    shown = site.root / "shown.png"
    assert site.call("explain", str(dropped), "--png", str(shown)).returncode == 0
    swept = site.call("sweep", "look")
    assert swept.returncode == 0, swept.stderr
    (picture,) = site.outbox.rglob("*.png")
    assert picture.relative_to(site.outbox).as_posix() == "look/letter-preview.png"
    with Image.open(picture) as drawn, Image.open(shown) as explained:
        assert drawn.size == explained.size
        assert drawn.tobytes() == explained.tobytes()
    receipt = json.loads(picture.with_name(f"{picture.name}.receipt.json").read_text())
    assert (receipt["status"], receipt["seal"]["place"]["page"]) == ("previewed", 1)
    assert "signature" not in receipt
    archived = {path.name for path in site.archive.rglob("*") if path.is_file()}
    assert archived == {"letter.pdf", picture.name, f"{picture.name}.receipt.json"}
    events = {entry["event"] for entry in site.events("*")}
    assert "preview.drawn" in events
    assert not events & {"sign.sent", "sign.answered", "seal.used"}
    assert site.call("log", "verify").returncode == 0


def test_ticket_of_a_preview(previewing: TestSite) -> None:
    """It is followed as it would be by the inbox that is shown."""
    rule = "    tickets: {places: {first: {page: 1, corner: top-left, margin: 10mm}}}\n"
    previewing.edit(
        "rules/example.yaml",
        lambda text: "".join(
            line + (rule if line.startswith("    seal:") else "")
            for line in text.splitlines(keepends=True)
        ),
    )
    look = previewing.root / "inbox" / "look"
    (look / "letter.pdf.yaml").write_text("place: first\n")
    write_pdf(look / "letter.pdf")
    swept = previewing.call("sweep")
    assert swept.returncode == 0, swept.stderr
    (receipt,) = previewing.outbox.rglob("*.receipt.json")
    place = json.loads(receipt.read_text())["seal"]["place"]
    assert (place["page"], place["x"], place["y"]) == (1, 10, 10)


def test_document_that_could_not_be_sealed(previewing: TestSite) -> None:
    """It fails with the code with which it would have failed."""
    (previewing.root / "inbox" / "look" / "note.pdf").write_bytes(b"no document at all")
    assert previewing.call("sweep").returncode == 1
    assert previewing.failures() == {"note.pdf": "intake.not-a-pdf"}


def test_preview_of_nothing(previewing: TestSite) -> None:
    """An inbox that is not there is a problem of the configuration, with the one that was meant."""
    previewing.edit("gateway.yaml", lambda text: text.replace("of: documents", "of: document"))
    checked = previewing.call("check")
    assert checked.returncode == 2
    assert "There is no inbox document that seals" in checked.stderr
    assert "documents" in checked.stderr.split("seals", 1)[1]
