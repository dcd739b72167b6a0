"""Delivery into the outbox: whole, once, under a free name, whatever stops it."""

from __future__ import annotations

import errno
import hashlib
import itertools
import json
import os
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from gateway.core.errors import DocumentFault, SiteFault
from gateway.core.names import result_name
from gateway.folders.outbox import FolderOutbox
from gateway.ports import Drafted, Parcel
from tests.folders.site import Site, Stopped, names, receipt_of, stop_at

SEALED = b"%PDF-1.7 sealed %%EOF" * 1000


@pytest.fixture
def outbox(site: Site) -> FolderOutbox:
    """Return the site's outbox."""
    return FolderOutbox(site.root / "outbox", site.root / "archive", site.root / "failed")


def parcel(site: Site, job: str = "job-1", folder: str = "", content: bytes = SEALED) -> Parcel:
    """Return a parcel whose result lies in the job's vault folder."""
    home = site.root / "state" / job
    home.mkdir(exist_ok=True)
    (home / "sealed.pdf").write_bytes(content)
    candidates = (result_name("{stem}-sealed{n}.pdf", "a.pdf", "", "", n) for n in count())
    return Parcel(job, home / "sealed.pdf", hashlib.sha256(content).hexdigest(), folder, candidates)


def count() -> Iterator[int]:
    """Return numbers from 1."""
    return itertools.count(1)


class Books:
    """What a ledger keeps of deliveries, though the process stops."""

    def __init__(self, outbox: FolderOutbox) -> None:
        self.outbox = outbox
        self.named: dict[str, Drafted] = {}

    def deliver(self, sent: Parcel, receipt: Callable[[Path], bytes]) -> Path:
        """Bring a parcel on its way, from where it is, until it is delivered."""
        while True:
            drafted = self.named.get(sent.job_id)
            if drafted is None:
                drafted = self.named[sent.job_id] = self.outbox.draft(sent)
            if self.outbox.give(sent.job_id, sent.sha256, drafted, receipt(drafted.path)):
                return drafted.path
            self.outbox.withdraw(drafted)
            del self.named[sent.job_id]


@pytest.fixture
def books(outbox: FolderOutbox) -> Books:
    """Return the books of the site's outbox."""
    return Books(outbox)


def test_result_and_receipt_lie_side_by_side(site: Site, books: Books) -> None:
    """A delivery is two files, readable by the group, in folders made for them."""
    path = books.deliver(parcel(site, folder="contracts/2026"), receipt_of("job-1"))
    assert path == site.root / "outbox" / "contracts" / "2026" / "a-sealed.pdf"
    assert path.read_bytes() == SEALED
    assert names(path.parent) == ["a-sealed.pdf", "a-sealed.pdf.receipt.json"]
    receipt = path.with_name("a-sealed.pdf.receipt.json")
    assert json.loads(receipt.read_text())["result"] == str(path)
    assert {stat.S_IMODE(p.stat().st_mode) for p in path.parent.iterdir()} == {0o640}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o750


def test_the_same_job_is_delivered_once(site: Site, books: Books) -> None:
    """Done again, the delivery is found finished."""
    first = books.deliver(parcel(site), receipt_of("job-1", "first"))
    again = books.deliver(parcel(site), receipt_of("job-1", "second"))
    assert again == first
    assert names(first.parent) == ["a-sealed.pdf", "a-sealed.pdf.receipt.json"]
    assert b"first" in (first.parent / "a-sealed.pdf.receipt.json").read_bytes()


def test_another_jobs_result_keeps_its_name(site: Site, books: Books) -> None:
    """The same name goes to the first job; the second's is numbered."""
    books.deliver(parcel(site, "job-1"), receipt_of("job-1"))
    second = books.deliver(parcel(site, "job-2"), receipt_of("job-2"))
    assert second.name == "a-sealed-2.pdf"


@pytest.mark.parametrize("theirs", ["a-sealed.pdf", "a-sealed.pdf.receipt.json"])
def test_a_users_file_is_never_overwritten(site: Site, books: Books, theirs: str) -> None:
    """A user's file under the result's or the receipt's name makes the next name be taken."""
    (site.root / "outbox" / theirs).write_text("theirs")
    path = books.deliver(parcel(site), receipt_of("job-1"))
    assert path.name == "a-sealed-2.pdf"
    assert (site.root / "outbox" / theirs).read_text() == "theirs"
    assert len(names(path.parent)) == 3


def test_a_receipt_that_is_a_link_or_nonsense_is_another_ones(
    site: Site, books: Books, tmp_path: Path
) -> None:
    """What only looks like our receipt is not taken for it."""
    (tmp_path / "forged.json").write_text('{"job": "job-1"}')
    (site.root / "outbox" / "a-sealed.pdf.receipt.json").symlink_to(tmp_path / "forged.json")
    (site.root / "outbox" / "a-sealed-2.pdf.receipt.json").write_text("[" * 100_000)
    (site.root / "outbox" / "a-sealed-3.pdf.receipt.json").write_text('["job-1"]')
    os.mkfifo(site.root / "outbox" / "a-sealed-4.pdf.receipt.json")
    assert books.deliver(parcel(site), receipt_of("job-1")).name == "a-sealed-5.pdf"


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("taken", [False, True], ids=["first-name", "numbered"])
@pytest.mark.parametrize("received", [False, True], ids=["left", "received"])
@pytest.mark.parametrize("elsewhere", [False, True], ids=["one-mount", "two-mounts"])
def test_a_delivery_stopped_at_any_step_is_finished_once(
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
    mount_tmpfs: Callable[..., Path],
    after: bool,
    taken: bool,
    received: bool,
    elsewhere: bool,
) -> None:
    """Killed at each durable step in turn and run again, there is one result, never a part.

    That holds, too, when somebody takes it away before anything runs again.
    """
    outbox = site.root / "outbox"
    if elsewhere:
        mount_tmpfs(outbox)
    books = Books(FolderOutbox(outbox, site.root / "archive", site.root / "failed"))
    for chosen in range(100):
        folder, job = f"run-{chosen}", f"job-{chosen}"
        seen = outbox / folder
        if taken:
            seen.mkdir()
            (seen / "a-sealed.pdf").write_text("theirs")
        try:
            with monkeypatch.context() as patch:
                stop_at(patch, chosen, after=after)
                books.deliver(parcel(site, job, folder), receipt_of(job))
            break
        except Stopped:
            pass
        found = [path for path in seen.glob("a-sealed*.pdf") if path.read_bytes() != b"theirs"]
        assert [path.read_bytes() for path in found] in ([], [SEALED])
        if taken:  # picked up meanwhile, so the first name is free again
            (seen / "a-sealed.pdf").unlink()
        for path in found if received else ():
            path.unlink()
            path.with_name(f"{path.name}.receipt.json").unlink()
        done = books.deliver(parcel(site, job, folder), receipt_of(job))
        if received and found:
            assert [done] == found
            assert names(seen) == []
        else:
            assert names(seen) == [done.name, f"{done.name}.receipt.json"]
            assert done.read_bytes() == SEALED
    else:
        pytest.fail("the delivery never came to its end")
    assert chosen >= 6


def test_a_draft_whose_folder_was_replaced_is_made_anew(site: Site, outbox: FolderOutbox) -> None:
    """That a draft is not to be seen in another folder of the same path tells nothing."""
    drafted = outbox.draft(parcel(site))
    assert drafted.draft is not None
    home = drafted.draft.parent
    home.rename(home.with_name("away"))
    assert not outbox.give("job-1", "", drafted, b"{}")
    home.mkdir()
    assert not outbox.give("job-1", "", drafted, b"{}")
    assert names(site.root / "outbox") == []


def test_a_draft_is_like_a_file_of_its_folder(site: Site, books: Books) -> None:
    """A result belongs to the group that its outbox hands on to new files."""
    if os.geteuid() != 0:
        pytest.skip("only root may give a folder to another group")
    os.chown(site.root / "outbox", -1, 12345)
    (site.root / "outbox").chmod(0o2770)
    path = books.deliver(parcel(site), receipt_of("job-1"))
    assert path.stat().st_gid == 12345
    assert path.with_name("a-sealed.pdf.receipt.json").stat().st_gid == 12345


def test_what_an_earlier_version_laid_is_found(site: Site, books: Books) -> None:
    """A pair that lies there without a draft, since before an upgrade, is the delivery."""
    for name, content in (
        ("a-sealed.pdf", SEALED),
        ("a-sealed.pdf.receipt.json", b'{"job": "job-1"}'),
    ):
        (site.root / "outbox" / name).write_bytes(content)
    assert books.deliver(parcel(site), receipt_of("job-1")).name == "a-sealed.pdf"
    assert len(names(site.root / "outbox")) == 2


@pytest.mark.parametrize("failing", range(1, 8))
def test_a_sync_that_fails_leaves_no_second_result(
    site: Site, books: Books, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    """Whichever fsync a broken disk refuses, the delivery done again is one pair, not two."""
    fsync, calls = os.fsync, itertools.count(1)

    def perhaps(descriptor: int) -> None:
        if next(calls) == failing:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        fsync(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", perhaps)
        with suppress(SiteFault):
            books.deliver(parcel(site), receipt_of("job-1"))
    path = books.deliver(parcel(site), receipt_of("job-1"))
    assert path.name == "a-sealed.pdf"
    assert names(path.parent) == ["a-sealed.pdf", "a-sealed.pdf.receipt.json"]
    assert path.read_bytes() == SEALED


def test_a_name_taken_while_stopped_is_given_up(site: Site, books: Books) -> None:
    """A file that took the name after it was chosen keeps it, without our receipt."""
    books.named["job-1"] = books.outbox.draft(parcel(site))
    (site.root / "outbox" / "a-sealed.pdf").write_text("theirs")
    (site.root / "outbox" / "a-sealed.pdf.receipt.json").write_text('{"job": "job-1"}')
    path = books.deliver(parcel(site), receipt_of("job-1"))
    assert names(path.parent) == ["a-sealed-2.pdf", "a-sealed-2.pdf.receipt.json", "a-sealed.pdf"]


def test_a_damaged_result_is_not_delivered(site: Site, books: Books) -> None:
    """Bytes that are not the verified ones, or are missing, reach nobody; no receipt stays."""
    damaged = parcel(site)
    damaged.sealed.write_bytes(SEALED[:-1])
    for _ in range(2):
        with pytest.raises(SiteFault) as caught:
            books.deliver(damaged, receipt_of("job-1"))
        assert caught.value.code == "site.artifact-damaged"
        assert names(site.root / "outbox") == []
        damaged = parcel(site)
        damaged.sealed.unlink()


def test_a_link_in_the_way_of_the_folder_is_a_fault(
    site: Site, books: Books, tmp_path: Path
) -> None:
    """Results are not written through a link, nor out of the outbox."""
    (site.root / "outbox" / "contracts").symlink_to(tmp_path)
    before = names(tmp_path)
    for folder in ("contracts", "contracts/deeper", "../archive"):
        with pytest.raises(SiteFault) as caught:
            books.deliver(parcel(site, folder=folder), receipt_of("job-1"))
        assert caught.value.code == "site.denied"
    assert names(tmp_path) == before
    assert names(site.root / "archive") == []


def test_a_missing_outbox_is_not_made(site: Site, books: Books) -> None:
    """The outbox itself may be a share that is gone: it is missed, not made."""
    (site.root / "outbox").rmdir()
    with pytest.raises(SiteFault) as caught:
        books.deliver(parcel(site), receipt_of("job-1"))
    assert caught.value.code == "site.folder-missing"
    assert not (site.root / "outbox").exists()


def test_delivery_to_another_device(site: Site, mount_tmpfs: Callable[..., Path]) -> None:
    """The outbox may be on another file system than the vault."""
    other = mount_tmpfs(site.root / "outbox")
    books = Books(FolderOutbox(other, site.root / "archive", site.root / "failed"))
    path = books.deliver(parcel(site), receipt_of("job-1"))
    assert path.read_bytes() == SEALED
    assert names(other) == ["a-sealed.pdf", "a-sealed.pdf.receipt.json"]


def test_a_full_disk_holds_and_leaves_nothing(site: Site, mount_tmpfs: Callable[..., Path]) -> None:
    """When the outbox's disk is full there is neither half a file nor a receipt without one."""
    small = mount_tmpfs(site.root / "outbox", size="64k")
    books = Books(FolderOutbox(small, site.root / "archive", site.root / "failed"))
    with pytest.raises(SiteFault) as caught:
        books.deliver(parcel(site, content=SEALED * 10), receipt_of("job-1"))
    assert caught.value.code == "site.disk-full"
    assert names(small) == []
    assert books.deliver(parcel(site, "job-2"), receipt_of("job-2")).read_bytes() == SEALED


def test_no_other_name_is_ever_to_be_seen(site: Site, books: Books) -> None:
    """Whoever lists the outbox all the time sees finished files under final names only."""
    seen: set[str] = set()
    partial: list[str] = []
    done = threading.Event()

    def list_all_the_time() -> None:
        while not done.is_set():
            for entry in os.scandir(site.root / "outbox"):
                seen.add(entry.name)
                if entry.name.endswith(".pdf") and entry.stat().st_size != len(SEALED):
                    partial.append(entry.name)

    lister = threading.Thread(target=list_all_the_time)
    lister.start()
    try:
        for number in range(200):
            job = f"job-{number}"
            sent = parcel(site, job)
            own = Parcel(job, sent.sealed, sent.sha256, "", iter([f"{number}.pdf"]))
            books.deliver(own, receipt_of(job))
    finally:
        done.set()
        lister.join()
    final = {f"{n}.pdf{tail}" for n in range(200) for tail in ("", ".receipt.json")}
    assert set(names(site.root / "outbox")) == final
    assert seen <= final
    assert len(seen) > 100
    assert partial == []


def test_jobs_that_race_for_a_name_all_get_one(site: Site, books: Books) -> None:
    """Many deliveries of one name at the same time end under as many names."""
    parcels = [parcel(site, f"job-{n}", content=b"%d" % n + SEALED) for n in range(8)]
    start, paths = threading.Barrier(8), {}

    def race(number: int) -> None:
        start.wait()
        job = f"job-{number}"
        paths[number] = books.deliver(parcels[number], receipt_of(job))

    threads = [threading.Thread(target=race, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(paths.values())) == 8
    for number, path in paths.items():
        assert path.read_bytes() == b"%d" % number + SEALED
        receipt = json.loads(path.with_name(path.name + ".receipt.json").read_text())
        assert receipt["job"] == f"job-{number}"
    assert len(names(site.root / "outbox")) == 16


def test_without_another_name_nothing_is_delivered(site: Site, books: Books) -> None:
    """A taken name is refused, again and again, until it is free; nothing of ours stays behind."""
    theirs = site.root / "outbox" / "a.pdf"
    theirs.write_text("theirs")

    def deliver() -> Path:
        sent = parcel(site)
        own = Parcel("job-1", sent.sealed, sent.sha256, "", iter(["a.pdf"]))
        return books.deliver(own, receipt_of("job-1"))

    for _ in range(2):
        with pytest.raises(DocumentFault, match=r"deliver\.name-taken"):
            deliver()
    assert names(theirs.parent) == ["a.pdf"]
    assert theirs.read_text() == "theirs"
    theirs.unlink()
    assert deliver().read_bytes() == SEALED
