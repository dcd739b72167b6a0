"""Pushing to real servers of each kind, stopped at every point, and with names that are taken."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest

from gateway.core.errors import ServiceFault
from gateway.core.job import Artifact, Job, Slot
from gateway.core.remotes import PushSettings
from gateway.core.states import Event, State
from gateway.folders.archived import ArchiveReader
from gateway.folders.numbering import ROOM, numbered
from gateway.folders.outbox import FolderOutbox
from gateway.ledger import SqliteLedger
from gateway.remotes.connecting import connected
from gateway.remotes.pushing import Books, Pusher
from gateway.remotes.s3 import S3Folder
from gateway.remotes.sftp import SftpFolder
from gateway.remotes.smb import SmbFolder
from gateway.remotes.webdav import DavFolder
from gateway.wiring import SystemClock
from tests.ledger.making import WAY
from tests.remotes.servers import SERVERS, served_by
from tests.remotes.shelves import Server, Shelf

START = datetime(2026, 11, 23, 23, 7, 14, tzinfo=UTC)
Files = dict[str, bytes]


class Died(BaseException):
    """The process ended here."""


FOLDERS = {"sftp": SftpFolder, "smb": SmbFolder, "s3": S3Folder, "davs": DavFolder}
_NUMBERS = itertools.count(1)


@pytest.fixture(scope="module", params=["sftp"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Run a server for the module."""
    with served_by(request.param, tmp_path_factory.mktemp("server") / "root") as made:
        yield made


def shelf(server: Server) -> Shelf:
    """Return a new folder."""
    return server.shelf(f"folder {next(_NUMBERS)}")


class Gateway:
    """A ledger and an archive with results that nobody really made, and a push of them."""

    def __init__(self, root: Path, there: Shelf) -> None:
        self.root = root
        self.there = there
        (root / "archive").mkdir(parents=True)
        self.ledger = SqliteLedger(root / "ledger.sqlite", SystemClock())
        self.settings = PushSettings("back", there.settings())

    def pusher(self, **changes: object) -> Pusher:
        """Return the pusher of a process that has just started."""
        books = Books(
            self.ledger,
            self.ledger,
            self.ledger,
            ArchiveReader(self.root / "archive"),
            self.root / "outbox",
        )
        settings = replace(self.settings, **changes)  # type: ignore[arg-type]
        names = partial(numbered, longest=ROOM)
        pusher = Pusher(settings, partial(connected, settings.remote), books, names)
        pusher.begin()
        return pusher

    def seal(
        self, number: int, delivered: str = "main/a.pdf", *, also: str = "", preview: bool = False
    ) -> Files:
        """Leave a result in the archive; return what of it has to lie on the server."""
        job_id = f"20261123-230714-{number:06}"
        receipt = json.dumps({"job": job_id}).encode()
        content = f"sealed {job_id}".encode() * 1000
        slot = Slot.PREVIEW if preview else Slot.SEALED
        path = self.root / "outbox" / delivered
        job = Job(job_id, State.CLAIMED, 1, "main", "a.pdf", "/spool/x", START, START)
        job = self.ledger.open(job, {})
        artifacts = tuple(
            Artifact(slot, sha256(content).hexdigest(), len(content))
            for slot, content in ((slot, content), (Slot.RECEIPT, receipt))
        )
        for event in WAY[:-2]:
            job = self.ledger.advance(job, event, {})
        details = {"also": also} if also else {}
        job = self.ledger.advance(
            job, Event.DELIVERED, details, delivered=str(path), artifacts=artifacts
        )
        for file, text in ((self.root / "original", b"o"), (self.root / "sealed", content)):
            file.unlink(missing_ok=True)  # the archive may have it, as a second link
            file.write_bytes(text)
        outbox = FolderOutbox(path, self.root / "archive", self.root / "failed")
        outbox.archive(job, self.root / "original", self.root / "sealed", receipt, path.name)
        self.ledger.advance(job, Event.ARCHIVED, {})
        return {path.name: content, f"{path.name}.receipt.json": receipt}

    def lying(self) -> Files:
        """Return what lies on the server, hidden files included."""
        names = self.there.names()
        return {name: self.there.get(name) for name in names if "/" not in name}

    def done(self) -> list[str]:
        """Return under which names results were pushed, as logged."""
        return [dict(entry.details)["to"] for entry in self.ledger.entries(event="push.done")]


@pytest.fixture
def gateway(tmp_path: Path, server: Server) -> Iterator[Gateway]:
    """Return a gateway that begins to push now."""
    made = Gateway(tmp_path / "gateway", shelf(server))
    yield made
    made.ledger.close()


def test_only_new_results_are_pushed(gateway: Gateway) -> None:
    """A push begins where the log ends, and each result goes once, previews too."""
    gateway.seal(1, "old.pdf")
    pusher = gateway.pusher()
    assert pusher.push() == 0
    expected = gateway.seal(2, "main/sub/b.pdf") | gateway.seal(3, "look/c.png", preview=True)
    assert pusher.push() == 2
    assert gateway.pusher().push() == 0
    assert gateway.lying() == expected
    assert gateway.done() == ["b.pdf", "c.png"]


def test_results_of_one_folder_without_receipts(gateway: Gateway) -> None:
    """Only what lies in the folder, deeper, or was copied there, under the name it has there."""
    pusher = gateway.pusher(folder="to/partner", receipts=False)
    inside = gateway.seal(1, "to/partner/x/a.pdf")["a.pdf"]
    gateway.seal(2, "to/partners/b.pdf")
    outbox = gateway.root / "outbox"
    copies = f"{outbox}/main/d, e.pdf, {outbox}/to/partner/c-2.pdf"
    copied = gateway.seal(3, "main/c.pdf", also=copies)["c.pdf"]
    gateway.seal(4, "main/d.pdf")
    assert pusher.push() == 2
    assert gateway.lying() == {"a.pdf": inside, "c-2.pdf": copied}


@pytest.mark.parametrize("taken", ["a.pdf", "a.pdf.receipt.json"])
@pytest.mark.parametrize("late", [False, True], ids=["before", "meanwhile"])
def test_taken_names_are_numbered(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, taken: str, late: bool
) -> None:
    """What somebody else has put there stays, even if it came after we had looked."""
    pusher = gateway.pusher()
    ours = gateway.seal(1)
    if late:
        real = SftpFolder.rename

        def rename(self: SftpFolder, source: str, target: str) -> bool:
            if target == taken:
                gateway.there.put(taken, b"theirs")
            return real(self, source, target)

        monkeypatch.setattr(SftpFolder, "rename", rename)
    else:
        gateway.there.put(taken, b"theirs")
    pusher.push()
    expected = {name.replace("a.pdf", "a-2.pdf"): content for name, content in ours.items()}
    assert gateway.lying() == expected | {taken: b"theirs"}
    assert gateway.done() == ["a-2.pdf"]


THEIRS = ("write", "rename", "remove")
OURS = ("remember", "record")


def dying(
    monkeypatch: pytest.MonkeyPatch, point: int, gateway: Gateway, folder: type = SftpFolder
) -> None:
    """Let the process die after its point-th step, which is as well as before the next."""
    steps = 0

    def wrapped(real: Callable[..., object], *arguments: object, **named: object) -> object:
        nonlocal steps
        steps += 1
        chosen = steps == point
        result = real(*arguments, **named)
        if chosen:
            raise Died
        return result

    for owner, name in (
        *((folder, name) for name in THEIRS),
        *((gateway.ledger, name) for name in OURS),
    ):
        real = getattr(owner, name)
        stands_in = lambda *a, real=real, **n: wrapped(real, *a, **n)  # noqa: E731
        monkeypatch.setattr(owner, name, stands_in)


@pytest.mark.parametrize(("reader", "taken"), [("patient", False), ("eager", True)])
def test_dying_anywhere_doubles_nothing(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch, reader: str, taken: bool
) -> None:
    """The next process completes the pair, though its reader may have carried parts away."""
    check_deaths(tmp_path, shelf(server), monkeypatch, SftpFolder, reader, taken=taken)


@pytest.mark.parametrize("server", SERVERS[1:], indirect=True)
def test_dying_anywhere_at_other_servers(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each kind of server gets each pair once, though names are taken and parts carried away."""
    there = shelf(server)
    folder = FOLDERS[there.settings().scheme]
    with monkeypatch.context() as patch:
        # Deaths between what is remembered and logged here are the same for every server.
        patch.setattr("tests.remotes.test_pushing.OURS", ())
        check_deaths(tmp_path, there, monkeypatch, folder, "eager", taken=True)


def check_deaths(
    tmp_path: Path,
    there: Shelf,
    monkeypatch: pytest.MonkeyPatch,
    folder: type,
    reader: str,
    *,
    taken: bool,
) -> None:
    """Let a process die after each of its steps, and another one conclude."""
    point, died = 0, True
    while died:
        point += 1
        gateway = Gateway(tmp_path / str(point), there)
        pusher = gateway.pusher()
        pair = gateway.seal(1)
        carried: dict[str, bytes] = {}
        if taken:  # by somebody who comes when the receipt has its name already
            late(monkeypatch, folder, there, "a.pdf")

        died = False
        with monkeypatch.context() as patch:
            dying(patch, point, gateway, folder)
            try:
                pusher.push()
            except Died:
                died = True
        if reader == "eager":
            carry_away(there, carried)
        gateway.pusher().push()
        gateway.pusher().push()
        assert {name for name in gateway.lying() if name.startswith(".")} == set()
        carry_away(there, carried)
        monkeypatch.undo()
        carried.pop("a.pdf", None) if carried.get("a.pdf") == b"theirs" else None
        (name,) = gateway.done()
        assert {carried[name], carried[f"{name}.receipt.json"]} == set(pair.values()), point
        # Who takes a receipt alone may find another one, with the result, under a later name.
        assert len([1 for content in carried.values() if content == pair["a.pdf"]]) == 1, point
        gateway.ledger.close()
    assert point > 8


def carry_away(there: Shelf, carried: dict[str, bytes]) -> None:
    """Take every file that has its name, as a reader does; none comes a second time."""
    with connected(there.settings()) as remote:
        for file in remote.list():
            if not file.name.startswith("."):
                assert file.name not in carried or carried[file.name] == b"theirs"
                carried[file.name] = there.get(file.name)
                remote.remove(file.name)


def late(monkeypatch: pytest.MonkeyPatch, folder: type, there: Shelf, name: str) -> None:
    """Let somebody take a name at the moment in which we want it first."""
    real, came = folder.rename, []  # type: ignore[attr-defined]

    def rename(self: object, source: str, target: str) -> object:
        if target == name and not came:
            came.append(name)
            there.put(name, b"theirs")
        return real(self, source, target)

    monkeypatch.setattr(folder, "rename", rename)


@pytest.mark.parametrize("server", ["smb"], indirect=True)
def test_names_that_windows_cannot_hold_are_made_safe(gateway: Gateway) -> None:
    """A server that would refuse such a name does not hold up what comes after it."""
    pusher = gateway.pusher()
    pair = gateway.seal(1, "main/a:b.pdf")
    pusher.push()
    safe = {name.replace(":", "_"): content for name, content in pair.items()}
    assert gateway.lying() == safe
    assert gateway.done() == ["a_b.pdf"]


def test_a_half_done_rename_is_no_taken_name(gateway: Gateway) -> None:
    """OpenSSH links and then unlinks: stopped in between, both names are ours."""
    pusher = gateway.pusher()
    expected = gateway.seal(1)
    real = SftpFolder.rename
    with pytest.MonkeyPatch.context() as patch:

        def stopped(self: SftpFolder, source: str, target: str) -> bool:
            if target == "a.pdf":
                gateway.there.put(target, gateway.there.get(source))
                raise ServiceFault("remote.unreachable", "killed")
            return real(self, source, target)

        patch.setattr(SftpFolder, "rename", stopped)
        with suppress(ServiceFault):
            pusher.push()
    assert len(gateway.lying()) == 4
    pusher.push()
    assert gateway.lying() == expected


def test_cleared_hidden_files_are_written_anew(gateway: Gateway) -> None:
    """Somebody tidies up on the server while we are away: nothing is lost by that."""
    pusher = gateway.pusher()
    expected = gateway.seal(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SftpFolder, "rename", lambda *_: 1 / 0)
        with suppress(ZeroDivisionError):
            pusher.push()
    with connected(gateway.there.settings()) as remote:
        for file in remote.list():
            remote.remove(file.name)
    pusher.push()
    assert gateway.lying() == expected


def test_another_folder_gets_what_was_under_way(gateway: Gateway, server: Server) -> None:
    """An edited address begins anew there, whatever was done at the old one."""
    pusher = gateway.pusher()
    expected = gateway.seal(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SftpFolder, "rename", lambda *_: 1 / 0)
        with suppress(ZeroDivisionError):
            pusher.push()
    gateway.there = shelf(server)
    gateway.pusher(remote=gateway.there.settings()).push()
    assert gateway.lying() == expected


def test_a_damaged_result_keeps_no_other_from_going(gateway: Gateway) -> None:
    """What the archive has lost cannot be sent; that is logged, and the next one goes."""
    pusher = gateway.pusher()
    gateway.seal(1)
    (damaged,) = (gateway.root / "archive").rglob("a.pdf")
    damaged.unlink()
    expected = gateway.seal(2)
    assert pusher.push() == 2
    assert gateway.lying() == expected
    (entry,) = gateway.ledger.entries(event="push.impossible")
    assert dict(entry.details)["code"] == "site.artifact-damaged"


def test_an_altered_archive_leaves_no_receipt_alone(gateway: Gateway) -> None:
    """What is complete there gets its name, though the archive is altered meanwhile."""
    pusher = gateway.pusher()
    expected = gateway.seal(1)
    with pytest.MonkeyPatch.context() as patch:
        real = SftpFolder.rename

        def stopped(self: SftpFolder, source: str, target: str) -> bool:
            if target == "a.pdf":
                raise ServiceFault("remote.unreachable", "killed")
            return real(self, source, target)

        patch.setattr(SftpFolder, "rename", stopped)
        with suppress(ServiceFault):
            pusher.push()
    for path in (gateway.root / "archive").rglob("a.pdf*"):
        path.write_bytes(b"altered")
    pusher.push()
    assert gateway.lying() == expected
    assert gateway.done() == ["a.pdf"]


def test_what_is_altered_while_it_is_sent_gets_no_name(gateway: Gateway) -> None:
    """The check before the transfer is repeated after it."""
    pusher = gateway.pusher()
    gateway.seal(1)
    real = SftpFolder.write

    def altering(self: SftpFolder, local: int, name: str) -> None:
        for path in (gateway.root / "archive").rglob("a.pdf" if "result" in name else "none"):
            with path.open("r+b") as file:
                file.write(b"altered")
        real(self, local, name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SftpFolder, "write", altering)
        pusher.push()
    assert gateway.lying() == {}
    (entry,) = gateway.ledger.entries(event="push.impossible")
    assert "changed while it was sent" in dict(entry.details)["detail"]


def test_an_upload_that_is_cut_is_written_anew(gateway: Gateway) -> None:
    """Half a hidden file gets no name; the next attempt sends all of it."""
    pusher = gateway.pusher()
    expected = gateway.seal(1)
    real = SftpFolder.write

    def cut(self: SftpFolder, local: int, name: str) -> None:
        if name.endswith(".result"):
            gateway.there.put(name, expected["a.pdf"][:1000])
            raise ServiceFault("remote.unreachable", "cut")
        real(self, local, name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SftpFolder, "write", cut)
        with suppress(ServiceFault):
            pusher.push()
    assert all(name.startswith(".") for name in gateway.lying())
    pusher.push()
    assert gateway.lying() == expected


def test_a_busy_file_keeps_its_name(gateway: Gateway) -> None:
    """Somebody who looks at a hidden file of ours does not cost it its name."""
    pusher = gateway.pusher()
    expected = gateway.seal(1)
    with pytest.MonkeyPatch.context() as patch:

        def busy(*_: object) -> bool:
            raise ServiceFault("remote.file-busy", "open")

        patch.setattr(SftpFolder, "rename", busy)
        with suppress(ServiceFault):
            pusher.push()
    pusher.push()
    assert gateway.lying() == expected
