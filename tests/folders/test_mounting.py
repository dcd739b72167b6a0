"""An inbox whose share is gone is told from an empty one, and the bare folder stays bare."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.core.errors import SiteFault
from gateway.core.site import Watching
from gateway.folders import filesystems
from gateway.folders.filesystems import is_network, mount_of, mounted_below, parse
from tests.folders.site import PDF, Site, names

TABLE = rb"""22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:25 / /srv rw master:1 - ext4 /dev/sdb rw
31 30 0:44 / /srv/share\040of\011ours\134x rw - cifs //server/share rw
32 30 0:45 / /srv/in rw - ext4 /dev/sdc rw
33 32 0:46 / /srv/in rw - nfs4 server:/in rw
34 22 0:47 / /data rw - fuse.sshfs host:/ rw
not a mount
"""


def test_the_mount_table_is_read_with_its_escapes() -> None:
    """Blanks and backslashes in mount points are written as octal numbers."""
    points = [str(mount.point) for mount in parse(TABLE)]
    assert points == ["/", "/srv", "/srv/share of\tours\\x", "/srv/in", "/srv/in", "/data"]


@pytest.mark.parametrize(
    ("path", "fstype"),
    [
        ("/elsewhere", "ext4"),
        ("/srv/share of\tours\\x/inbox", "cifs"),
        ("/srv/in/sub", "nfs4"),
        ("/srv/inbox", "ext4"),
        ("/data", "fuse.sshfs"),
    ],
)
def test_the_deepest_and_last_mount_holds_a_path(path: str, fstype: str) -> None:
    """The longest mount point above a path counts, by whole names, and the last on one point."""
    assert mount_of(Path(path), parse(TABLE)).fstype == fstype


def test_a_path_on_no_mount_that_is_shown_is_local() -> None:
    """A process in a chroot may not see the mount it lies on; that is no reason to stop."""
    assert not is_network(mount_of(Path("/"), ()).fstype)


def test_mounts_below_a_folder_are_named_from_it() -> None:
    """What is mounted within a folder is known by its path from there."""
    assert mounted_below(Path("/srv"), parse(TABLE)) == {"share of\tours\\x", "in"}


@pytest.mark.parametrize("fstype", ["nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "9p", "davfs"])
def test_network_file_systems_are_known(fstype: str) -> None:
    """Kinds of file systems whose changes are not announced are polled."""
    assert is_network(fstype)


@pytest.mark.parametrize("fstype", ["ext4", "xfs", "btrfs", "tmpfs", "overlay", "fuseblk", "zfs"])
def test_local_file_systems_are_known(fstype: str) -> None:
    """Kinds of file systems whose changes are announced are watched."""
    assert not is_network(fstype)


def test_a_network_inbox_is_quiet_for_longer_and_polled(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a network file system the quiet time is 10 s and events are not relied on."""
    assert (site.inbox().quiet, site.inbox().uses_events) == (2.0, True)
    mount = filesystems.Mount(99, "0:99", site.drop, "nfs4")
    table = (*filesystems.mounts(), mount)
    monkeypatch.setattr(filesystems, "mounts", lambda: table)
    assert (site.inbox().quiet, site.inbox().uses_events) == (10.0, False)
    chosen = site.inbox(watching=Watching.EVENTS, settle=0.5)
    assert (chosen.quiet, chosen.uses_events) == (0.5, True)
    assert not site.inbox(watching=Watching.POLLING).uses_events


def test_a_share_that_vanished_is_a_fault_and_nothing_is_written(
    site: Site, mount_tmpfs: Callable[..., Path]
) -> None:
    """When the share is gone, the bare folder is neither scanned nor written to."""
    share = mount_tmpfs(site.root / "share")
    inbox = site.inbox(share)
    (share / "a.pdf").write_bytes(PDF)
    (candidate,), _ = inbox.examine()
    subprocess.run(["umount", share], check=True)
    (share / "left-on-the-bare-folder.pdf").write_bytes(PDF)
    site.spool.mkdir(exist_ok=True)
    (site.spool / "job-2.pdf").write_bytes(PDF)

    restarted = site.inbox(share)
    for attempt in (
        inbox.examine,
        restarted.examine,
        lambda: restarted.give_back_changed(site.spool / "job-2.pdf", "b.pdf", ""),
    ):
        with pytest.raises(SiteFault) as caught:
            attempt()
        assert caught.value.code == "site.mount-missing"
        assert str(share) in caught.value.sentence
    assert not inbox.claim(candidate, inbox.spool_path(candidate, "job-1"))
    assert names(share) == ["left-on-the-bare-folder.pdf"]

    mount_tmpfs(share)
    assert restarted.examine() == ((), ())


def test_a_vanished_mount_above_the_inbox_is_noticed(
    site: Site, mount_tmpfs: Callable[..., Path]
) -> None:
    """The inbox may lie deeper than the mount it depends on."""
    share = mount_tmpfs(site.root / "share")
    (share / "in").mkdir()
    site.inbox(share / "in").examine()
    subprocess.run(["umount", share], check=True)
    (share / "in").mkdir()
    with pytest.raises(SiteFault) as caught:
        site.inbox(share / "in").examine()
    assert caught.value.code == "site.mount-missing"


def test_an_inbox_that_was_moved_is_not_locked_up(
    site: Site, tmp_path: Path, mount_tmpfs: Callable[..., Path]
) -> None:
    """An inbox configured to another place does not miss the mount of the former one."""
    share = mount_tmpfs(site.root / "share")
    site.inbox(share).examine()
    assert site.inbox().examine() == ((), ())
    assert site.inbox(share).examine() == ((), ())


def test_an_inbox_that_must_be_a_mount_is_refused_on_the_sites_disk(
    site: Site, mount_tmpfs: Callable[..., Path]
) -> None:
    """`must_be_mount` holds the inbox from the first scan on, until the share is there."""
    bare = site.root / "share"
    bare.mkdir()
    inbox = site.inbox(bare, must_be_mount=True)
    with pytest.raises(SiteFault) as caught:
        inbox.examine()
    assert caught.value.code == "site.mount-missing"
    mount_tmpfs(bare)
    assert inbox.examine() == ((), ())


def test_a_share_covered_by_a_bind_of_the_bare_folder_is_missed(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A confined service sees the bare folder mounted onto itself: that is not the share."""
    site.memory.remember("inbox:main:mount", f"nfs4 {site.drop}")
    home = mount_of(site.drop)
    bind = filesystems.Mount(99, home.device, site.drop, home.fstype)
    table = (*filesystems.mounts(), bind)
    monkeypatch.setattr("gateway.folders.mounting.mounts", lambda: table)
    with pytest.raises(SiteFault) as caught:
        site.inbox().examine()
    assert caught.value.code == "site.mount-missing"


def test_a_share_that_holds_the_whole_site_is_no_missing_one(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An inbox and the spool may lie on one share; one of its own that was on it is missed."""
    share = filesystems.Mount(99, "0:99", site.drop.parent, "nfs4")
    below = filesystems.Mount(100, "0:100", site.drop, "nfs4")
    table = [*filesystems.mounts(), share]
    monkeypatch.setattr("gateway.folders.mounting.mounts", lambda: tuple(table))
    inbox = site.inbox()
    assert inbox.examine() == inbox.examine() == ((), ())
    table.append(below)
    assert inbox.examine() == ((), ())
    table.remove(below)
    with pytest.raises(SiteFault) as caught:
        inbox.examine()
    assert caught.value.code == "site.mount-missing"


def test_an_automatic_mount_that_failed_is_missed(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The automounter's own placeholder is never taken for the share."""
    table = (*filesystems.mounts(), filesystems.Mount(99, "0:99", site.drop, "autofs"))
    monkeypatch.setattr("gateway.folders.mounting.mounts", lambda: table)
    with pytest.raises(SiteFault) as caught:
        site.inbox().examine()
    assert caught.value.code == "site.mount-missing"
