"""Pushing to a real SFTP server, stopped at every point, and with names that are taken."""

from __future__ import annotations

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
from gateway.remotes.pushing import Books, Pusher
from gateway.remotes.sftp import SftpFolder, connected
from gateway.wiring import SystemClock
from tests.ledger.making import WAY
from tests.remotes.sshd import Sshd

START = datetime(2026, 11, 23, 23, 7, 14, tzinfo=UTC)
Files = dict[str, bytes]


class Died(BaseException):
    """The process ended here."""


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    """Run a server for the module."""
    server = Sshd(tmp_path_factory.mktemp("sshd"))
    server.start()
    yield server
    server.stop()


class Gateway:
    """A ledger and an archive with results that nobody really made, and a push of them."""

    def __init__(self, root: Path, sshd: Sshd) -> None:
        self.root = root
        self.there = root / "there"
        self.there.mkdir(parents=True)
        (root / "archive").mkdir()
        self.ledger = SqliteLedger(root / "ledger.sqlite", SystemClock())
        self.settings = PushSettings("back", sshd.settings(path=str(self.there)))

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
            file.write_bytes(text)
        outbox = FolderOutbox(path, self.root / "archive", self.root / "failed")
        outbox.archive(job, self.root / "original", self.root / "sealed", receipt, path.name)
        self.ledger.advance(job, Event.ARCHIVED, {})
        return {path.name: content, f"{path.name}.receipt.json": receipt}

    def lying(self) -> Files:
        """Return what lies on the server, hidden files included."""
        return {path.name: path.read_bytes() for path in self.there.iterdir()}

    def done(self) -> list[str]:
        """Return under which names results were pushed, as logged."""
        return [dict(entry.details)["to"] for entry in self.ledger.entries(event="push.done")]


@pytest.fixture
def gateway(tmp_path: Path, sshd: Sshd) -> Iterator[Gateway]:
    """Return a gateway that begins to push now."""
    made = Gateway(tmp_path / "gateway", sshd)
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
                (gateway.there / taken).write_bytes(b"theirs")
            return real(self, source, target)

        monkeypatch.setattr(SftpFolder, "rename", rename)
    else:
        (gateway.there / taken).write_bytes(b"theirs")
    pusher.push()
    expected = {name.replace("a.pdf", "a-2.pdf"): content for name, content in ours.items()}
    assert gateway.lying() == expected | {taken: b"theirs"}
    assert gateway.done() == ["a-2.pdf"]


OPERATIONS = ("write", "rename", "remove", "remember", "record")


def dying(monkeypatch: pytest.MonkeyPatch, point: int, gateway: Gateway) -> None:
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
        *((SftpFolder, name) for name in OPERATIONS[:3]),
        *((gateway.ledger, name) for name in OPERATIONS[3:]),
    ):
        real = getattr(owner, name)
        stands_in = lambda *a, real=real, **n: wrapped(real, *a, **n)  # noqa: E731
        monkeypatch.setattr(owner, name, stands_in)


@pytest.mark.parametrize("reader", ["patient", "eager"])
def test_dying_anywhere_doubles_nothing(
    tmp_path: Path, sshd: Sshd, monkeypatch: pytest.MonkeyPatch, reader: str
) -> None:
    """The next process completes the pair, though its reader may have carried parts away."""
    point, died = 0, True
    while died:
        point += 1
        gateway = Gateway(tmp_path / str(point), sshd)
        pusher = gateway.pusher()
        expected = gateway.seal(1)
        taken: list[str] = []

        def carry_away(gateway: Gateway = gateway, taken: list[str] = taken) -> None:
            for path in gateway.there.iterdir():
                if not path.name.startswith("."):
                    assert path.read_bytes() == expected[path.name]  # noqa: B023
                    taken.append(path.name)
                    path.unlink()

        died = False
        with monkeypatch.context() as patch:
            dying(patch, point, gateway)
            try:
                pusher.push()
            except Died:
                died = True
        if reader == "eager":
            carry_away()
        gateway.pusher().push()
        gateway.pusher().push()
        assert {n: c for n, c in gateway.lying().items() if n.startswith(".")} == {}
        carry_away()
        assert sorted(taken) == sorted(expected), point
        assert gateway.done() == ["a.pdf"]
        gateway.ledger.close()
    assert point > 10


def test_a_half_done_rename_is_no_taken_name(gateway: Gateway) -> None:
    """OpenSSH links and then unlinks: stopped in between, both names are ours."""
    pusher = gateway.pusher()
    expected = gateway.seal(1)
    real = SftpFolder.rename
    with pytest.MonkeyPatch.context() as patch:

        def stopped(self: SftpFolder, source: str, target: str) -> bool:
            if target == "a.pdf":
                (gateway.there / target).hardlink_to(gateway.there / source)
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
    for path in gateway.there.iterdir():
        path.unlink()
    pusher.push()
    assert gateway.lying() == expected


def test_another_folder_gets_what_was_under_way(gateway: Gateway, sshd: Sshd) -> None:
    """An edited address begins anew there, whatever was done at the old one."""
    pusher = gateway.pusher()
    expected = gateway.seal(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SftpFolder, "rename", lambda *_: 1 / 0)
        with suppress(ZeroDivisionError):
            pusher.push()
    gateway.there = gateway.root / "elsewhere"
    gateway.there.mkdir()
    gateway.pusher(remote=sshd.settings(path=str(gateway.there))).push()
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
