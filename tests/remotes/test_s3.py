"""What only S3 servers have: claims of several requests, certificates, ignored conditions."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import urllib3

from gateway.core.errors import ServiceFault
from gateway.folders.landing import InboxLanding
from gateway.ledger import SqliteLedger
from gateway.remotes import s3
from gateway.remotes.fetching import Fetcher
from gateway.remotes.s3 import S3Folder, connected
from gateway.wiring import SystemClock
from tests.certificates import ServerCertificate
from tests.remotes.buckets import BucketShelf, MotoS3


class Died(BaseException):
    """The process ended here."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MotoS3]:
    """Run a server for the module."""
    moto = MotoS3(tmp_path_factory.mktemp("moto"))
    moto.start()
    yield moto
    moto.stop()


@pytest.fixture
def fetch(tmp_path: Path) -> Iterator[Callable[[str, BucketShelf], None]]:
    """Return what makes one pass of a gateway; the same name means the same ledger."""
    ledgers = []

    def fetched(gateway: str, shelf: BucketShelf) -> None:
        inbox = tmp_path / gateway
        inbox.mkdir(parents=True, exist_ok=True)
        ledger = SqliteLedger(inbox.with_suffix(".sqlite"), SystemClock())
        ledgers.append(ledger)
        settings, landing = shelf.settings(), InboxLanding(inbox)
        s3._folder(settings)._sound = False  # as in a new process
        books = {"memory": ledger, "log": ledger, "clock": SystemClock()}
        Fetcher(
            "partner", settings, partial(connected, settings), landing, largest=1 << 20, **books
        ).fetch()  # type: ignore[arg-type]

    yield fetched
    for ledger in ledgers:
        ledger.close()


def dying(patch: pytest.MonkeyPatch, point: int) -> None:
    """Let the process die when its point-th request was carried out: also before the next one."""
    real, count = urllib3.PoolManager.urlopen, 0

    def urlopen(*arguments: Any, **named: Any) -> object:
        nonlocal count
        count += 1
        answer = real(*arguments, **named)
        if count == point:
            raise Died
        return answer

    patch.setattr(urllib3.PoolManager, "urlopen", urlopen)


def test_dying_in_a_claim_loses_and_doubles_nothing(
    server: MotoS3,
    fetch: Callable[[str, BucketShelf], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After any request another gateway goes on, then the dead one; the file lands once."""
    monkeypatch.setattr(s3, "_STALE", 0.0)
    point, died, shelf = 0, True, server.shelf("in")
    while died:
        point += 1
        shelf.put("a.pdf", b"content")
        died = False
        with monkeypatch.context() as patch:
            dying(patch, point)
            try:
                fetch(f"{point}/one", shelf)
            except Died:
                died = True
        fetch(f"{point}/two", shelf)
        shelf.put("b.pdf", b"content")
        fetch(f"{point}/one", shelf)
        landed = sorted(path.name for path in (tmp_path / str(point)).glob("*/*"))
        assert landed == ["a.pdf", "b.pdf"], point
        assert [name for name in shelf.names() if "probe" not in name] == [], point
    assert point > 12


def test_a_young_move_is_left_to_its_gateway(server: MotoS3) -> None:
    """Another one neither takes the file nor completes what may be under way."""
    shelf = server.shelf("in")
    shelf.put("a.pdf", b"content")
    with connected(shelf.settings()) as remote, pytest.MonkeyPatch.context() as patch:
        patch.setattr(S3Folder, "_complete", lambda *_: False)
        assert not remote.rename("a.pdf", ".sealgate/one.a.pdf")
        assert not remote.rename("a.pdf", ".sealgate/two.a.pdf")
        assert [file.name for file in remote.list()] == ["a.pdf"]


def test_a_new_version_in_the_middle_of_a_claim_stays(server: MotoS3) -> None:
    """Who overwrites a file while it is claimed loses neither the old nor the new one."""
    shelf = server.shelf("in")
    shelf.put("a.pdf", b"old")
    real = S3Folder._delete

    def overwritten(self: S3Folder, name: str, version: str) -> None:
        shelf.put("a.pdf", b"new")
        real(self, name, version)

    with connected(shelf.settings()) as remote:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(S3Folder, "_delete", overwritten)
            assert remote.rename("a.pdf", ".sealgate/1.a.pdf")
        assert remote.rename("a.pdf", ".sealgate/2.a.pdf")
    assert [shelf.get(f".sealgate/{number}.a.pdf") for number in (1, 2)] == [b"old", b"new"]


def test_servers_that_ignore_conditions_are_not_used(server: MotoS3) -> None:
    """Where two could make the same object, nothing is claimed and nothing overwritten."""
    s3._folder.cache_clear()
    shelf = server.shelf("in")
    shelf.put("a.pdf", b"content")
    real = S3Folder._put

    def unconditional(self: S3Folder, source: Any, name: str, **_: str) -> int:
        return real(self, source, name)

    with (
        connected(shelf.settings()) as remote,
        pytest.MonkeyPatch.context() as patch,
        pytest.raises(ServiceFault, match=r"ignores If-None-Match"),
    ):
        patch.setattr(S3Folder, "_put", unconditional)
        remote.rename("a.pdf", ".sealgate/a.pdf")
    assert shelf.names() == ["a.pdf"]


def test_only_the_pinned_certificate_is_talked_to(server: MotoS3, tmp_path: Path) -> None:
    """A fingerprint or an authority lets us in; another one, or the system's, does not."""
    shelf = server.shelf("in")
    other = ServerCertificate.make(tmp_path)
    chain = {"certificates": (), "ca_file": server.certificate.certificate}
    for good in ({}, {"certificates": ("0" * 64, server.certificate.fingerprint)}, chain):
        with connected(shelf.settings(**good)) as remote:  # type: ignore[arg-type]
            assert remote.list() == ()
    another_chain = {"certificates": (), "ca_file": other.certificate}
    for bad in ({"certificates": (other.fingerprint,)}, another_chain, {"certificates": ()}):
        with (
            pytest.raises(ServiceFault, match=r"remote\.certificate-refused"),
            connected(shelf.settings(**bad)) as remote,  # type: ignore[arg-type]
        ):
            remote.list()


def test_nothing_comes_from_the_environment(
    server: MotoS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Profiles, logins, proxies and addresses of the machine's user are not ours."""
    s3._folder.cache_clear()
    shelf = server.shelf("in")
    shelf.put("a.pdf", b"content")
    for name, value in {
        "AWS_PROFILE": "nobody",
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "HTTPS_PROXY": "http://127.0.0.1:1",
    }.items():
        monkeypatch.setitem(os.environ, name, value)
    with connected(shelf.settings()) as remote:
        assert [file.name for file in remote.list()] == ["a.pdf"]
