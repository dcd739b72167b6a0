"""The contract of tickets that Sealgate lays beside documents, held against the folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.core.errors import UsageFault
from gateway.folders.ticket_writing import InboxTickets


@pytest.fixture(params=[InboxTickets])
def tickets(tmp_path: Path, request: pytest.FixtureRequest) -> InboxTickets:
    """Return the tickets of an inbox with the document `deep/a.pdf`."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.pdf").write_bytes(b"a")
    return request.param({"in": tmp_path})


def refused(code: str, tickets: InboxTickets, source: str, inbox: str = "in") -> None:
    """Let a ticket be refused with a code."""
    with pytest.raises(UsageFault) as caught:
        tickets.lay(inbox, source, b"new")
    assert caught.value.code == code


def test_a_ticket_is_laid_beside_its_document(tickets: InboxTickets, tmp_path: Path) -> None:
    """It has the document's name with an ending, and its bytes."""
    assert tickets.lay("in", "deep/a.pdf", b"sha256: x") == "deep/a.pdf.yaml"
    assert (tmp_path / "deep" / "a.pdf.yaml").read_bytes() == b"sha256: x"
    assert sorted(path.name for path in (tmp_path / "deep").iterdir()) == ["a.pdf", "a.pdf.yaml"]


@pytest.mark.parametrize("ending", [".yaml", ".yml", ".json", ".YAML"])
def test_a_ticket_is_never_overwritten(tickets: InboxTickets, tmp_path: Path, ending: str) -> None:
    """A document that has a ticket, of whichever ending, keeps it."""
    other = tmp_path / "deep" / f"a.pdf{ending}"
    other.write_bytes(b"somebody's")
    refused("tickets.taken", tickets, "deep/a.pdf")
    assert other.read_bytes() == b"somebody's"


def test_without_a_document_there_is_no_ticket(tickets: InboxTickets, tmp_path: Path) -> None:
    """A document that is gone, or is a link, and an inbox that is none, get nothing."""
    (tmp_path / "link.pdf").symlink_to(tmp_path / "deep" / "a.pdf")
    refused("usage.no-file", tickets, "gone.pdf")
    refused("usage.no-file", tickets, "link.pdf")
    refused("usage.unknown-inbox", tickets, "deep/a.pdf", "out")
    assert not list(tmp_path.rglob("*.yaml"))


def test_a_ticket_laid_ahead(tickets: InboxTickets, tmp_path: Path) -> None:
    """It is there before its document, over no other ticket, and can be taken back."""
    assert tickets.lay_ahead("in", "deep/b.pdf", b"fields: {}")
    assert (tmp_path / "deep" / "b.pdf.yaml").read_bytes() == b"fields: {}"
    assert not tickets.lay_ahead("in", "deep/B.pdf", b"other")
    tickets.take_back("in", "deep/b.pdf")
    tickets.take_back("in", "deep/b.pdf")
    assert not list(tmp_path.rglob("*.yaml"))
