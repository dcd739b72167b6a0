"""The contract of the port `Noticeboard`, held against an inbox."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.core.errors import SiteFault
from gateway.core.site import InboxSettings
from gateway.core.status_page import TEXT_NAME
from gateway.folders.inbox import FolderInbox
from gateway.ledger import SqliteLedger
from gateway.ports import Noticeboard
from gateway.wiring import SystemClock


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return the folder in which people look."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def board(root: Path, tmp_path: Path) -> Noticeboard:
    """Return a board."""
    ledger = SqliteLedger(tmp_path / "state" / "ledger.sqlite", SystemClock())
    return FolderInbox(InboxSettings("in", root), tmp_path / "state" / "spool", ledger)


def test_posts_and_replaces(board: Noticeboard, root: Path) -> None:
    """A page can be read by everybody, is replaced whole, and leaves nothing else behind."""
    assert not board.shows(TEXT_NAME)
    board.post(TEXT_NAME, b"one")
    board.post(TEXT_NAME, b"two")
    assert board.shows(TEXT_NAME)
    assert (root / TEXT_NAME).read_bytes() == b"two"
    assert (root / TEXT_NAME).stat().st_mode & 0o777 == 0o644
    assert [path.name for path in root.iterdir()] == [TEXT_NAME]


def test_is_no_document(board: FolderInbox) -> None:
    """The folder's own scan finds no page."""
    board.post(TEXT_NAME, b"%PDF-1.7")
    assert board.examine() == ((), ())


def test_follows_no_link(board: Noticeboard, root: Path, tmp_path: Path) -> None:
    """A link that lies under the name is replaced; what it leads to stays as it was."""
    other = tmp_path / "other"
    other.write_text("mine")
    (root / TEXT_NAME).symlink_to(other)
    assert not board.shows(TEXT_NAME)
    board.post(TEXT_NAME, b"one")
    assert other.read_text() == "mine"
    assert not (root / TEXT_NAME).is_symlink()


def test_what_is_in_the_way_is_told(board: Noticeboard, root: Path) -> None:
    """A folder under the name, or no folder at all, is a fault of the site."""
    (root / TEXT_NAME).mkdir()
    with pytest.raises(SiteFault):
        board.post(TEXT_NAME, b"one")
    assert [path.name for path in root.iterdir()] == [TEXT_NAME]
    (root / TEXT_NAME).rmdir()
    root.rmdir()
    with pytest.raises(SiteFault):
        board.post(TEXT_NAME, b"one")
