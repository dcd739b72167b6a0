"""The contract of `Revisions`, for every implementation."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

import pytest

from gateway.core.errors import SiteFault, UsageFault
from gateway.folders.revisions import FolderRevisions
from gateway.ports import Revisions

FLOW = "20261129-120000-0a1b2c3d"


@pytest.fixture
def revisions(tmp_path: Path) -> Revisions:
    """Return an empty store."""
    (tmp_path / "flows").mkdir()
    return FolderRevisions(tmp_path / "flows")


@pytest.fixture
def document(tmp_path: Path) -> Path:
    """Return a file to be kept."""
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-1.7 first")
    return path


def test_kept_by_its_hash(revisions: Revisions, document: Path) -> None:
    """A version is kept once, however often it is laid there, and found by its hash."""
    sha256 = revisions.keep(FLOW, document)
    assert sha256 == hashlib.sha256(document.read_bytes()).hexdigest()
    assert revisions.keep(FLOW, document) == sha256
    kept = revisions.path(FLOW, sha256)
    assert kept.read_bytes() == document.read_bytes()
    document.write_bytes(b"%PDF-1.7 second")
    assert revisions.keep(FLOW, document) != sha256
    assert kept.read_bytes() == b"%PDF-1.7 first"


def test_what_was_damaged_is_not_shown(revisions: Revisions, document: Path) -> None:
    """A version that is not as it was, or is gone, is a fault of the site."""
    kept = revisions.path(FLOW, revisions.keep(FLOW, document))
    kept.chmod(stat.S_IRUSR | stat.S_IWUSR)
    kept.write_bytes(b"%PDF-1.7 other")
    for _ in ("altered", "gone"):
        with pytest.raises(SiteFault) as fault:
            revisions.path(FLOW, kept.stem)
        assert fault.value.code == "site.artifact-damaged"
        kept.unlink(missing_ok=True)


def test_links_are_not_followed(revisions: Revisions, document: Path) -> None:
    """What is to be kept must be a plain file."""
    link = document.with_name("link.pdf")
    link.symlink_to(document)
    with pytest.raises(SiteFault):
        revisions.keep(FLOW, link)


def test_lent_once(revisions: Revisions, document: Path, tmp_path: Path) -> None:
    """A copy outside is made unless something is there already, which stays as it is."""
    sha256 = revisions.keep(FLOW, document)
    target = tmp_path / "job.pdf"
    revisions.lend(FLOW, sha256, target)
    assert target.read_bytes() == document.read_bytes()
    target.write_bytes(b"at work")
    revisions.lend(FLOW, sha256, target)
    assert target.read_bytes() == b"at work"


def test_drafts_are_gone_afterwards(revisions: Revisions, document: Path) -> None:
    """A path to look at something is one's own, and nothing is left there."""
    with revisions.drafting(FLOW, document) as one, revisions.drafting(FLOW) as other:
        assert one.read_bytes() == document.read_bytes()
        assert not other.exists()
        assert one != other
        other.write_bytes(b"looked at")
    assert not one.exists()
    assert not other.exists()
    with pytest.raises(UsageFault) as fault, revisions.drafting(FLOW, document.parent / "none"):
        pass
    assert fault.value.code == "usage.no-file"


def test_forgotten_as_a_whole(revisions: Revisions, document: Path) -> None:
    """A flow's versions go together; to forget a flow that was never there is no fault."""
    kept = revisions.path(FLOW, revisions.keep(FLOW, document))
    revisions.forget(FLOW)
    assert not kept.exists()
    revisions.forget(FLOW)
