"""Claiming a file by rename, and giving it back."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.core.errors import SiteFault
from gateway.folders.inbox import FolderInbox
from gateway.ports import Candidate
from tests.folders.site import PDF, Site, Stopped, names, stop_at

OTHER = "0" * 64
"""The hash of a version that the claimed file is not."""


def only(inbox: FolderInbox) -> Candidate:
    """Return the one candidate there is."""
    (candidate,), _ = inbox.examine()
    return candidate


@pytest.mark.parametrize(
    ("content", "complete"),
    [
        (PDF, True),
        (b"junk\n" + PDF, True),
        (PDF + b"\0" * 50_000, True),
        (PDF.replace(b"%%EOF", b""), False),
        (PDF + b"x" * 3000, False),
        (b"%PDF-1.7\n" + b"\0" * 200_000, False),
        (b"", False),
        (b"PK\x03\x04 not a PDF at all", True),
    ],
)
def test_completeness_is_a_head_with_a_tail(site: Site, content: bytes, complete: bool) -> None:
    """A PDF is complete when its end mark has come; what is no PDF is, unless it is empty."""
    (site.drop / "a.pdf").write_bytes(content)
    assert site.inbox().looks_complete(only(site.inbox())) is complete


def test_a_file_that_is_gone_is_not_complete(site: Site) -> None:
    """Looking at a file that was taken away meanwhile is no error."""
    (site.drop / "a.pdf").write_bytes(PDF)
    candidate = only(site.inbox())
    (site.drop / "a.pdf").unlink()
    assert not site.inbox().looks_complete(candidate)


def test_the_spool_of_the_same_file_system_is_the_sites(site: Site) -> None:
    """A claim goes to the site's spool, which nobody else may look into."""
    (site.drop / "a.pdf").write_bytes(PDF)
    inbox = site.inbox()
    spooled = inbox.spool_path(only(inbox), "job-1")
    assert spooled == site.spool / "job-1.pdf"
    assert inbox.claim(only(inbox), spooled)
    assert stat.S_IMODE(site.spool.stat().st_mode) == 0o700


def test_an_inbox_on_another_device_has_its_own_spool(
    site: Site, mount_tmpfs: Callable[..., Path]
) -> None:
    """Where no rename leads to the site's spool, a hidden folder in the inbox is used."""
    share = mount_tmpfs(site.root / "share")
    (share / "a.pdf").write_bytes(PDF)
    inbox = site.inbox(share)
    candidate = only(inbox)
    spooled = inbox.spool_path(candidate, "job-1")
    assert spooled == share / ".sealgate" / "job-1.pdf"
    assert names(share) == ["a.pdf"]
    assert inbox.claim(candidate, spooled)
    assert stat.S_IMODE((share / ".sealgate").stat().st_mode) == 0o700
    assert inbox.examine() == ((), ())


def test_one_file_system_mounted_twice_is_two(site: Site, mount_tmpfs: Callable[..., Path]) -> None:
    """A bind mount has the same device, yet no rename leads out of it; the spool stays inside."""
    import subprocess

    mount_tmpfs(site.root / "probe")  # skips where mounting is not possible
    subprocess.run(["mount", "--bind", site.drop, site.drop], check=True)
    try:
        (site.drop / "a.pdf").write_bytes(PDF)
        inbox = site.inbox()
        candidate = only(inbox)
        spooled = inbox.spool_path(candidate, "job-1")
        assert spooled.parent == site.drop / ".sealgate"
        assert inbox.claim(candidate, spooled)
    finally:
        subprocess.run(["umount", "--lazy", site.drop], check=True)


def test_a_planted_link_for_the_spool_is_not_followed(
    site: Site, tmp_path: Path, mount_tmpfs: Callable[..., Path]
) -> None:
    """Somebody who lays a link where the hidden spool goes cannot lead files elsewhere."""
    share = mount_tmpfs(site.root / "share")
    (share / "a.pdf").write_bytes(PDF)
    (tmp_path / "elsewhere").mkdir()
    (share / ".sealgate").symlink_to(tmp_path / "elsewhere")
    inbox = site.inbox(share)
    candidate = only(inbox)
    with pytest.raises(SiteFault) as caught:
        inbox.claim(candidate, inbox.spool_path(candidate, "job-1"))
    assert caught.value.code == "site.denied"
    assert names(share) == [".sealgate", "a.pdf"]
    assert names(tmp_path / "elsewhere") == []


def _append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def _swap(path: Path) -> None:
    path.rename(path.with_name(".aside"))
    path.write_bytes(PDF)


def _link(path: Path) -> None:
    path.rename(path.with_name(".aside"))
    path.symlink_to(".aside")


def _second_name(path: Path) -> None:
    os.link(path, path.with_name(".second"))


CHANGES = [_append, _swap, _link, _second_name, Path.unlink]


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_changed_before_the_claim_is_not_claimed(
    site: Site, change: Callable[[Path], None]
) -> None:
    """A file that is another one, or not there, at the time of the claim stays as it is."""
    (site.drop / "a.pdf").write_bytes(PDF)
    inbox = site.inbox()
    candidate = only(inbox)
    spooled = inbox.spool_path(candidate, "job-1")
    change(site.drop / "a.pdf")
    before = names(site.drop)
    assert not inbox.claim(candidate, spooled)
    assert names(site.drop) == before
    assert names(site.spool) == []


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_swapped_at_the_instant_of_the_claim_goes_back(
    site: Site, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], None]
) -> None:
    """What took the file's name between the look and the rename is put back under it."""
    (site.drop / "a.pdf").write_bytes(PDF)
    inbox = site.inbox()
    candidate = only(inbox)
    spooled = inbox.spool_path(candidate, "job-1")
    real, after = os.rename, []

    def rename(*names_: object, **folders: object) -> None:
        monkeypatch.undo()
        change(site.drop / "a.pdf")
        after.extend(names(site.drop))
        real(*names_, **folders)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "rename", rename)
    assert not inbox.claim(candidate, spooled)
    assert names(site.drop) == after
    assert names(site.spool) == []


def test_a_parent_that_became_a_link_is_not_followed(site: Site, tmp_path: Path) -> None:
    """A claim through a folder that is now a link takes nothing from behind it."""
    (site.drop / "sub").mkdir()
    (site.drop / "sub" / "a.pdf").write_bytes(PDF)
    inbox = site.inbox()
    candidate = only(inbox)
    (site.drop / "sub").rename(tmp_path / "moved")
    (site.drop / "sub").symlink_to(tmp_path / "moved")
    assert not inbox.claim(candidate, inbox.spool_path(candidate, "job-1"))
    assert not inbox.looks_complete(candidate)
    assert names(tmp_path / "moved") == ["a.pdf"]


def test_a_claim_from_a_missing_inbox_is_a_fault(site: Site) -> None:
    """When the inbox itself is gone, the file is not called lost."""
    (site.drop / "a.pdf").write_bytes(PDF)
    inbox = site.inbox()
    candidate = only(inbox)
    spooled = inbox.spool_path(candidate, "job-1")
    site.drop.rename(site.root / "away")
    with pytest.raises(SiteFault) as caught:
        inbox.claim(candidate, spooled)
    assert caught.value.code == "site.folder-missing"


def test_a_file_goes_back_beside_its_successor(site: Site) -> None:
    """A new file that has the name keeps it, and missing folders are made again."""
    (site.drop / "sub").mkdir()
    (site.drop / "sub" / "a.pdf").write_bytes(PDF)
    inbox = site.inbox()
    candidate = only(inbox)
    spooled = inbox.spool_path(candidate, "job-1")
    assert inbox.claim(candidate, spooled)
    (site.drop / "sub" / "a.pdf").write_bytes(b"newer")
    assert inbox.give_back_changed(spooled, "sub/a.pdf", OTHER) == "sub/a-2.pdf"
    assert (site.drop / "sub" / "a.pdf").read_bytes() == b"newer"

    spooled.write_bytes(PDF)
    assert inbox.give_back_changed(spooled, "other/deep/b.pdf", OTHER) == "other/deep/b.pdf"
    assert (site.drop / "other" / "deep" / "b.pdf").read_bytes() == PDF


def test_a_file_goes_back_to_the_top_when_its_folder_cannot_be_made(
    site: Site, tmp_path: Path
) -> None:
    """Where a link has the name of the file's folder, the file goes to the inbox's top."""
    site.spool.mkdir()
    (site.spool / "job-1.pdf").write_bytes(PDF)
    (site.drop / "sub").symlink_to(tmp_path)
    assert site.inbox().give_back_changed(site.spool / "job-1.pdf", "sub/a.pdf", OTHER) == "a.pdf"
    assert (site.drop / "a.pdf").read_bytes() == PDF


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_claim_stopped_at_any_step_loses_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    """Killed at each durable step in turn, the file is in the inbox or in the spool."""
    inbox = site.inbox()
    for chosen in range(20):
        (site.drop / "a.pdf").write_bytes(PDF)
        candidate = only(inbox)
        spooled = inbox.spool_path(candidate, f"job-{chosen}")
        try:
            with monkeypatch.context() as patch:
                stop_at(patch, chosen, after=after)
                assert inbox.claim(candidate, spooled)
            break
        except Stopped:
            pass
        assert spooled.exists() != (site.drop / "a.pdf").exists()
    else:
        pytest.fail("the claim never came to its end")
    assert chosen >= 3


def test_a_claimed_file_is_never_overwritten(site: Site) -> None:
    """A second claim into the same place is refused, and both files stay."""
    inbox = site.inbox()
    for content in (PDF, PDF + b"newer"):
        (site.drop / "a.pdf").write_bytes(content)
        candidate = only(inbox)
        spooled = inbox.spool_path(candidate, "job-1")
        if content == PDF:
            assert inbox.claim(candidate, spooled)
    with pytest.raises(SiteFault):
        inbox.claim(candidate, spooled)
    assert spooled.read_bytes() == PDF
    assert (site.drop / "a.pdf").read_bytes() == PDF + b"newer"


def test_the_oldest_file_comes_first(site: Site) -> None:
    """Candidates come in the order in which they were finished, then by name."""
    for name, seconds in (("c.pdf", 10), ("b.pdf", 30), ("a.pdf", 30)):
        (site.drop / name).write_bytes(PDF)
        os.utime(site.drop / name, (seconds, seconds))
    assert [c.source for c in site.inbox().examine()[0]] == ["c.pdf", "a.pdf", "b.pdf"]
