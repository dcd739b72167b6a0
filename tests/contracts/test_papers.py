"""The contract of `Papers`."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from gateway.core.errors import SiteFault
from gateway.folders.papers import FolderPapers
from gateway.ports import Papers


@pytest.fixture
def papers(tmp_path: Path) -> Papers:
    """Return what lays papers into a folder `failed`."""
    (tmp_path / "failed" / "in").mkdir(parents=True)
    return FolderPapers(tmp_path / "failed")


def kept(tmp_path: Path, content: bytes) -> tuple[Path, str]:
    """Return a file that is kept, and its hash."""
    path = tmp_path / hashlib.sha256(content).hexdigest()
    path.write_bytes(content)
    return path, path.name


def test_a_paper_is_laid_once(papers: Papers, tmp_path: Path) -> None:
    """Done again it changes nothing; other bytes of that name get a number."""
    original = tmp_path / "failed" / "in" / "a.pdf"
    one, other = kept(tmp_path, b"one"), kept(tmp_path, b"other")
    laid = original.with_name("a-evidence.pdf")
    assert papers.lay_beside(original, laid.name, *one) == laid
    assert papers.lay_beside(original, laid.name, *one) == laid
    numbered = papers.lay_beside(original, laid.name, *other)
    assert numbered.name == "a-evidence-2.pdf"
    assert (laid.read_bytes(), numbered.read_bytes()) == (b"one", b"other")
    assert len(list(original.parent.iterdir())) == 2


def test_nothing_is_written_through_a_link(papers: Papers, tmp_path: Path) -> None:
    """A link that lies there is left, and what it leads to."""
    original = tmp_path / "failed" / "in" / "a.pdf"
    outside = tmp_path / "outside"
    outside.write_bytes(b"theirs")
    link = original.with_name("a.json")
    link.symlink_to(outside)
    laid = papers.lay_beside(original, link.name, *kept(tmp_path, b"one"))
    assert laid.name == "a-2.json"
    assert outside.read_bytes() == b"theirs"


def test_a_folder_that_was_cleared_away_is_made_again(papers: Papers, tmp_path: Path) -> None:
    """The paper is laid all the same; one whose bytes are not as recorded is not."""
    original = tmp_path / "failed" / "in" / "a.pdf"
    shutil.rmtree(original.parent)
    path, sha256 = kept(tmp_path, b"one")
    assert papers.lay_beside(original, "a.json", path, sha256).read_bytes() == b"one"
    path.write_bytes(b"altered")
    with pytest.raises(SiteFault, match=r"site\.artifact-damaged"):
        papers.lay_beside(original, "b.json", path, sha256)
    assert not original.with_name("b.json").exists()
