"""Fetching from a real SFTP server, stopped at every point and by two gateways at once."""

from __future__ import annotations

import os
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from gateway.core.errors import ServiceFault
from gateway.folders.landing import InboxLanding
from gateway.ledger import SqliteLedger
from gateway.ports.remotes import RemoteFile
from gateway.remotes.fetching import Fetcher
from gateway.remotes.sftp import SftpFolder, connected
from gateway.wiring import SystemClock
from tests.remotes.sshd import Sshd


class Died(BaseException):
    """The process ended here."""


LARGEST = 32 << 20
"""Bytes that a file may have."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Sshd]:
    """Run a server for one test."""
    sshd = Sshd(tmp_path / "sshd")
    sshd.start()
    yield sshd
    sshd.stop()


@pytest.fixture
def make(tmp_path: Path, server: Sshd) -> Iterator[Callable[..., Fetcher]]:
    """Return what makes the fetcher of a gateway; the same name means the same ledger."""
    ledgers = []

    def made(gateway: str = "one", **changes: object) -> Fetcher:
        (tmp_path / gateway / "inbox").mkdir(parents=True, exist_ok=True)
        ledger = SqliteLedger(tmp_path / gateway / "ledger.sqlite", SystemClock())
        ledgers.append(ledger)
        settings = server.settings(**changes)
        landing = InboxLanding(tmp_path / gateway / "inbox")
        return Fetcher(
            "partner",
            settings,
            partial(connected, settings),
            landing,
            largest=LARGEST,
            memory=ledger,
            log=ledger,
            clock=SystemClock(),
        )

    yield made
    for ledger in ledgers:
        ledger.close()


def landed(tmp_path: Path, gateway: str = "one") -> dict[str, bytes]:
    """Return what lies in a gateway's inbox, hidden files included."""
    return {path.name: path.read_bytes() for path in (tmp_path / gateway / "inbox").iterdir()}


def left(server: Sshd) -> list[str]:
    """Return the files that are left on the server."""
    return sorted(path.name for path in server.folder.rglob("*") if path.is_file())


def test_files_come_once(make: Callable[..., Fetcher], server: Sshd, tmp_path: Path) -> None:
    """Each lands complete and is removed there; unfinished ones stay."""
    (server.folder / "a.pdf").write_bytes(b"a" * 100_000)
    (server.folder / "b.pdf.part").write_bytes(b"b")
    fetcher = make()
    fetcher.fetch()
    fetcher.fetch()
    assert landed(tmp_path) == {"a.pdf": b"a" * 100_000}
    assert left(server) == ["b.pdf.part"]


def test_kept_files_are_put_away(
    make: Callable[..., Fetcher], server: Sshd, tmp_path: Path
) -> None:
    """With keep, what was fetched lies in .sealgate/taken and is not fetched again."""
    (server.folder / "a.pdf").write_bytes(b"a")
    fetcher = make(keep=True)
    fetcher.fetch()
    fetcher.fetch()
    assert landed(tmp_path) == {"a.pdf": b"a"}
    (kept,) = (server.folder / ".sealgate" / "taken").iterdir()
    assert kept.name.endswith(".a.pdf")


def test_equal_names_both_arrive(
    make: Callable[..., Fetcher], server: Sshd, tmp_path: Path
) -> None:
    """A name that is taken in the inbox is numbered."""
    for content in (b"1", b"2"):
        (server.folder / "a.pdf").write_bytes(content)
        make().fetch()
    assert landed(tmp_path) == {"a.pdf": b"1", "a-2.pdf": b"2"}


def test_a_file_that_grows_is_left_alone(
    make: Callable[..., Fetcher], server: Sshd, tmp_path: Path
) -> None:
    """Only what two listings show unchanged is claimed."""
    (server.folder / "a.pdf").write_bytes(b"1")
    fetcher = make(settle=3600.0)
    assert fetcher.fetch() == 1
    (server.folder / "a.pdf").write_bytes(b"12")
    assert fetcher.fetch() == 1
    assert landed(tmp_path) == {}


POINTS = (
    (SftpFolder, "rename"),
    (SftpFolder, "read"),
    (SftpFolder, "remove"),
    (InboxLanding, "seal_off"),
    (InboxLanding, "land"),
    (Fetcher, "_remember"),
)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("owner", "name"), POINTS, ids=[name for _, name in POINTS])
def test_dying_anywhere_loses_and_doubles_nothing(
    make: Callable[..., Fetcher],
    server: Sshd,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    owner: type,
    name: str,
    after: bool,
) -> None:
    """The next process brings the file to its place, once, though it was sealed meanwhile."""
    content = os.urandom(200_000)
    (server.folder / "a.pdf").write_bytes(content)
    real = getattr(owner, name)

    def dying(*arguments: object) -> object:
        if after:
            real(*arguments)
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, dying)
        with pytest.raises(Died):
            make().fetch()
    found = landed(tmp_path).get("a.pdf")
    if found is not None:  # the inbox takes it before the next process fetches
        (tmp_path / "one" / "inbox" / "a.pdf").unlink()
    make().fetch()
    assert landed(tmp_path) == ({} if found is not None else {"a.pdf": content})
    assert found in (None, content)
    assert left(server) == []


def test_a_broken_transfer_is_continued(
    make: Callable[..., Fetcher], server: Sshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytes that have come are not asked for again."""
    content = os.urandom(500_000)
    (server.folder / "a.pdf").write_bytes(content)
    real, offsets = SftpFolder.read, []

    def half(self: SftpFolder, name: str, into: int, offset: int, size: int) -> None:
        offsets.append(offset)
        if not offset:
            os.write(into, content[:123_456])
            raise ServiceFault("remote.unreachable", "cut")
        real(self, name, into, offset, size)

    monkeypatch.setattr(SftpFolder, "read", half)
    with pytest.raises(ServiceFault, match=r"remote\.unreachable"):
        make().fetch()
    make().fetch()
    assert offsets == [0, 123_456]
    assert landed(tmp_path) == {"a.pdf": content}


def test_a_server_cannot_lead_out_of_the_inbox(
    make: Callable[..., Fetcher], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names with folders in them are nobody's, in the folder and among the claims."""
    fetcher = make()
    claimed = f"{fetcher._prefix()}0a.../../../evil.pdf"
    bad = (RemoteFile("../evil.pdf", 1, 1), RemoteFile(claimed, 1, 1))
    monkeypatch.setattr(SftpFolder, "list", lambda self, below="": bad)
    assert fetcher.fetch() == 0
    assert landed(tmp_path) == {}


def test_two_gateways_share_a_folder(
    make: Callable[..., Fetcher], server: Sshd, tmp_path: Path
) -> None:
    """Each file goes to exactly one of them."""
    names = {f"{number}.pdf" for number in range(30)}
    for name in names:
        (server.folder / name).write_bytes(name.encode())
    with ThreadPoolExecutor(2) as both:
        list(both.map(Fetcher.fetch, (make("one"), make("two"))))
    one, two = landed(tmp_path, "one"), landed(tmp_path, "two")
    assert set(one) | set(two) == names
    assert not set(one) & set(two)
    assert left(server) == []


# paramiko's own thread, which asks for bytes ahead, ends with the connection.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_connection_cut_in_the_middle_is_told_and_continued(
    make: Callable[..., Fetcher], server: Sshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The transfer ends with a fault, not in waiting; the next pass brings the rest."""
    content = os.urandom(20_000_000)
    (server.folder / "a.pdf").write_bytes(content)
    real, cuts = SftpFolder.read, []

    def cut(self: SftpFolder, name: str, into: int, offset: int, size: int) -> None:
        channel = self._client.get_channel()
        assert channel is not None
        written, write = 0, os.write

        def writing(descriptor: int, chunk: bytes) -> int:
            nonlocal written
            if descriptor == into and written <= 1_000_000 < written + len(chunk):
                channel.get_transport().sock.close()  # type: ignore[union-attr]
                cuts.append(written)
            done = write(descriptor, chunk)
            written += done if descriptor == into else 0
            return done

        with monkeypatch.context() as patch:
            patch.setattr("gateway.remotes.local_copy.os.write", writing)
            real(self, name, into, offset, size)

    with monkeypatch.context() as patch:
        patch.setattr(SftpFolder, "read", cut)
        # On a machine that is very busy the connection may be lost before it is cut.
        deadline = time.monotonic() + 120
        while not cuts and time.monotonic() < deadline:
            with pytest.raises(ServiceFault, match=r"remote\.(unreachable|protocol)"):
                make().fetch()
    assert len(cuts) == 1
    (hidden,) = landed(tmp_path)
    assert 1_000_000 <= len(landed(tmp_path)[hidden]) < len(content)
    make().fetch()
    assert landed(tmp_path) == {"a.pdf": content}


def ignored(tmp_path: Path) -> list[str]:
    """Return why files are passed over, as often as the log says it."""
    with closing(SqliteLedger(tmp_path / "one" / "ledger.sqlite", SystemClock())) as ledger:
        return [dict(entry.details)["why"] for entry in ledger.entries(event="remote.ignored")]


def test_what_is_no_plain_file_stays(
    make: Callable[..., Fetcher], server: Sshd, tmp_path: Path
) -> None:
    """Links, pipes, devices and folders on a partner's server are not fetched, nor waited for."""
    secret = tmp_path / "secret.pdf"
    secret.write_bytes(b"not the partner's")
    (server.folder / "link.pdf").symlink_to(secret)
    (server.folder / "dangling.pdf").symlink_to("nowhere")
    (server.folder / "folder.pdf").mkdir()
    os.mkfifo(server.folder / "pipe.pdf")
    if os.geteuid() == 0:
        os.mknod(server.folder / "zeros.pdf", 0o644 | stat.S_IFCHR, os.makedev(1, 5))
    (server.folder / "plain.pdf").write_bytes(b"plain")
    before = {one.name for one in server.folder.iterdir()}
    assert make().fetch() == 0
    assert landed(tmp_path) == {"plain.pdf": b"plain"}
    assert before - {one.name for one in server.folder.iterdir()} == {"plain.pdf"}
    assert secret.read_bytes() == b"not the partner's"


def test_names_in_no_utf8_are_passed_over(
    make: Callable[..., Fetcher], server: Sshd, tmp_path: Path
) -> None:
    """A name in an old encoding is told once, also to later processes; the others are fetched."""
    (server.folder / os.fsdecode(b"\xe4.pdf")).write_bytes(b"old")
    (server.folder / "\xe4.pdf").write_bytes(b"new")
    assert make().fetch() == 0
    assert make().fetch() == 0
    assert landed(tmp_path) == {"\xe4.pdf": b"new"}
    assert ignored(tmp_path) == ["name is not UTF-8"]


def test_what_is_too_large_stays(
    make: Callable[..., Fetcher], server: Sshd, tmp_path: Path
) -> None:
    """A file above the limit takes no room here, before it is claimed or after; it is told once."""
    with (server.folder / "huge.pdf").open("wb") as huge:
        huge.truncate(LARGEST + 1)
    (server.folder / "largest.pdf").write_bytes(bytes(LARGEST))
    for _ in range(2):
        assert make().fetch() == 0
    assert list(landed(tmp_path)) == ["largest.pdf"]
    assert left(server) == ["huge.pdf"]
    assert ignored(tmp_path) == ["larger than limits.max_file_size"]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs files of two users")
@pytest.mark.parametrize("mode", [0o1777, 0o777], ids=["rename", "read"])
def test_a_denied_file_is_passed_over(
    make: Callable[..., Fetcher], server: Sshd, tmp_path: Path, mode: int
) -> None:
    """Others are fetched, the one is told once and fetched when it is allowed."""
    with TemporaryDirectory() as folder:
        served = Path(folder)
        served.chmod(mode)
        (served / "a.pdf").write_bytes(b"a")
        (served / "a.pdf").chmod(0o600)
        (served / "b.pdf").write_bytes(b"b")
        shutil.chown(served / "b.pdf", "nobody")
        for _ in range(2):
            assert make(path=folder, user="nobody").fetch() == 0
        shown = {name for name in landed(tmp_path) if not name.startswith(".")}
        assert shown == {"b.pdf"}
        assert ignored(tmp_path) == ["denied"]
        (one,) = [path for path in served.rglob("*") if path.is_file()]
        shutil.chown(one, "nobody")
        make(path=folder, user="nobody").fetch()
        assert landed(tmp_path) == {"a.pdf": b"a", "b.pdf": b"b"}


@pytest.mark.skipif(os.geteuid() != 0, reason="needs files of two users")
def test_a_denied_folder_is_a_fault(make: Callable[..., Fetcher], server: Sshd) -> None:
    """A folder in which nothing can be renamed is not passed over file by file."""
    with TemporaryDirectory() as folder:
        served = Path(folder)
        (served / ".sealgate").mkdir(mode=0o777)
        (served / ".sealgate").chmod(0o777)
        (served / "a.pdf").write_bytes(b"a")
        served.chmod(0o755)
        with pytest.raises(ServiceFault, match=r"remote\.denied"):
            make(path=folder, user="nobody").fetch()
