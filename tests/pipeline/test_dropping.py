"""Dropping by hand with a ticket: at no moment does the document lie there without it."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest

from gateway.core.accounts import Account
from gateway.core.errors import SiteFault
from gateway.core.site import InboxSettings
from gateway.folders import landing
from gateway.folders.exclusive import rename_exclusive
from gateway.folders.landing import InboxLanding
from gateway.folders.ticket_writing import InboxTickets
from gateway.pipeline.dropping import Dropped, TicketAhead, drop

PDF = b"%PDF-1.7 hello"


class Announced:
    """The port `Droppers`, as far as dropping knows it."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def announce(self, inbox: str, source: str, sha256: str, login: str) -> None:
        """Remember the name."""
        self.names.append(source)


def _drop(inbox: Path) -> Dropped:
    return drop(
        InboxSettings("lease", inbox),
        InboxLanding,
        Announced(),  # type: ignore[arg-type]
        Account("anna", "Anna", home="lease/anna"),
        name="a.pdf",
        content=io.BytesIO(PDF),
        largest=100,
        ticket=TicketAhead(InboxTickets({"lease": inbox}), str.encode),
    )


def test_the_ticket_is_there_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It lies beside the name before the document gets it, and says which bytes it is for."""
    seen: list[str] = []

    def renaming(source: str, target: str, *, source_fd: int, target_fd: int) -> None:
        assert (tmp_path / "anna" / f"{target}.yaml").exists()
        seen.append(target)
        if len(seen) == 1:  # somebody else was faster
            (tmp_path / "anna" / target).write_bytes(b"another")
            raise FileExistsError
        rename_exclusive(source, target, source_fd=source_fd, target_fd=target_fd)

    monkeypatch.setattr(landing, "rename_exclusive", renaming)
    dropped = _drop(tmp_path)
    assert seen == ["a.pdf", "a-2.pdf"]
    assert dropped.source == "anna/a-2.pdf"
    assert dropped.sha256 == hashlib.sha256(PDF).hexdigest()
    files = {file.name: file.read_bytes() for file in (tmp_path / "anna").iterdir()}
    ticket = dropped.sha256.encode()
    assert files == {"a.pdf": b"another", "a-2.pdf": PDF, "a-2.pdf.yaml": ticket}


def test_a_strange_ticket_is_not_used(tmp_path: Path) -> None:
    """A ticket that lies there for another document keeps its name free for that one."""
    (tmp_path / "anna").mkdir()
    (tmp_path / "anna" / "a.pdf.yml").write_bytes(b"somebody's")
    assert _drop(tmp_path).source == "anna/a-2.pdf"
    assert (tmp_path / "anna" / "a.pdf.yml").read_bytes() == b"somebody's"


def test_no_ticket_stays_without_its_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the document cannot be laid there, its ticket is taken back."""

    def failing(*names: str, **folders: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(landing, "rename_exclusive", failing)
    with pytest.raises(SiteFault):
        _drop(tmp_path)
    assert not list(tmp_path.rglob("*.yaml"))
