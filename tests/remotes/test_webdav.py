"""What only WebDAV servers do: answers in XML, refusals that say little, no ranges."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from gateway.core.errors import ServiceFault
from gateway.core.remotes import RemoteSettings
from gateway.core.secret import Secret
from gateway.remotes import https
from gateway.remotes.webdav import connected
from tests.certificates import ServerCertificate
from tests.remotes.wsgidav_server import WsgiDav

CONTENT = bytes(range(256)) * 4000
BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'
ONE_FILE = (
    b'<d:multistatus xmlns:d="DAV:"><d:response><d:href>/dav/%s</d:href><d:propstat><d:prop>'
    b"<d:resourcetype/><d:getcontentlength>3</d:getcontentlength>"
    b"<d:getlastmodified>Sun, 06 Nov 1994 08:49:37 GMT</d:getlastmodified></d:prop>"
    b"<d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response></d:multistatus>"
)


class Scripted:
    """A server by TLS that gives the answers it is told, by method."""

    def __init__(self, root: Path) -> None:
        self.certificate = ServerCertificate.make(root)
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.headers: dict[str, str] = {}
        self.asked: list[str] = []
        scripted = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Say nothing."""

            def parse_request(self) -> bool:
                """Answer here, whatever the method."""
                if super().parse_request():
                    self.rfile.read(int(self.headers.get("Content-Length", 0)))
                    scripted.asked.append(self.command)
                    status, body = scripted.answers.get(self.command, (204, b""))
                    self.send_response(status)
                    headers = {"Content-Length": str(len(body))} | scripted.headers
                    for name, value in headers.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(body)
                    self.close_connection = True
                return False

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate.certificate, self.certificate.key)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def told(self, **answers: tuple[int, bytes]) -> RemoteSettings:
        """Give these answers from now on, and 204 to all else; return settings."""
        self.answers, self.headers, self.asked = answers, {}, []
        return RemoteSettings(
            "127.0.0.1",
            self._server.server_port,
            "me",
            "/dav",
            scheme="davs",
            password=Secret("password", "p"),
            certificates=(self.certificate.fingerprint,),
        )

    def close(self) -> None:
        """Stop the server."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scripted]:
    """Run one for the module."""
    server = Scripted(tmp_path_factory.mktemp("scripted"))
    yield server
    server.close()


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (207, BOMB, "remote.protocol"),
        (207, b"<broken", "remote.protocol"),
        (207, ONE_FILE.replace(b">3<", b">many<"), "remote.protocol"),
        (200, b"<html>", "remote.protocol"),
        (302, b"", "remote.protocol"),
        (401, b"", "remote.login-refused"),
        (403, b"", "remote.denied"),
        (404, b"", "remote.folder-missing"),
        (429, b"", "remote.unreachable"),
        (503, b"", "remote.unreachable"),
    ],
)
def test_answers_to_a_listing(scripted: Scripted, status: int, body: bytes, code: str) -> None:
    """Each bad answer has its code, is asked for once, and leads nowhere else."""
    settings = scripted.told(PROPFIND=(status, body))
    scripted.headers = {"Location": "https://127.0.0.1:1/"}
    with connected(settings) as remote, pytest.raises(ServiceFault) as caught:
        remote.list()
    assert caught.value.code == code
    assert scripted.asked == ["PROPFIND"]


def test_a_name_is_one_part_of_a_path(scripted: Scripted) -> None:
    """What a server writes before it, or hides in it, leads nowhere; odd bytes show as such."""
    for written, name in ((b"a/..%2Fb", "b"), (b"%E4.pdf", "\udce4.pdf")):
        settings = scripted.told(PROPFIND=(207, ONE_FILE % written))
        with connected(settings) as remote:
            assert [(file.name, file.size) for file in remote.list()] == [(name, 3)]


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"MOVE": (403, b""), "MKCOL": (201, b"")}, "remote.file-denied"),
        ({"MOVE": (403, b""), "MKCOL": (403, b"")}, "remote.denied"),
        ({"MOVE": (423, b"")}, "remote.file-busy"),
        ({"MOVE": (500, b"")}, "remote.unreachable"),
        ({"MOVE": (400, b"")}, "remote.protocol"),
    ],
)
def test_refused_moves(
    scripted: Scripted,
    monkeypatch: pytest.MonkeyPatch,
    answers: dict[str, tuple[int, bytes]],
    code: str,
) -> None:
    """A file that may not be moved is told from a folder in which nothing may be."""
    monkeypatch.setattr("gateway.remotes.webdav.DavFolder._there", lambda _, name: name == "a")
    with (
        connected(scripted.told(**answers)) as remote,
        pytest.raises(ServiceFault) as caught,
    ):
        remote.rename("a", ".sealgate/b")
    assert caught.value.code == code


def test_addresses_of_version_6(scripted: Scripted) -> None:
    """Such a host is put into brackets, so that its port is found."""
    settings = replace(scripted.told(), host="::1")
    assert https.address(settings) == f"[::1]:{settings.port}"


def test_a_taken_name_is_no_fault(scripted: Scripted) -> None:
    """The server says so by itself, and is not asked again."""
    with connected(scripted.told(MOVE=(412, b""))) as remote:
        assert not remote.rename("a", "b")
    assert scripted.asked == ["MOVE"]


def test_a_server_without_ranges_is_read_on(scripted: Scripted, tmp_path: Path) -> None:
    """Who sends all of it again is listened to from where we were."""
    with (
        connected(scripted.told(GET=(200, CONTENT))) as remote,
        (tmp_path / "local").open("wb") as local,
    ):
        local.write(CONTENT[:700_001])
        local.flush()
        remote.read("a", local.fileno(), 700_001, len(CONTENT))
    assert (tmp_path / "local").read_bytes() == CONTENT


def test_a_connection_cut_in_the_middle_is_told(scripted: Scripted, tmp_path: Path) -> None:
    """What has come stays, for the next one to go on."""
    settings = scripted.told(GET=(200, CONTENT))
    scripted.headers = {"Content-Length": str(len(CONTENT) + 1)}
    with (
        connected(settings) as remote,
        (tmp_path / "local").open("wb") as local,
        pytest.raises(ServiceFault, match=r"remote\.unreachable"),
    ):
        remote.read("a", local.fileno(), 0, len(CONTENT) + 1)
    assert CONTENT.startswith((tmp_path / "local").read_bytes())


def test_only_the_pinned_certificate_is_talked_to(tmp_path: Path) -> None:
    """A fingerprint or an authority lets us in; another one, or the system's, does not."""
    server = WsgiDav(tmp_path / "server")
    server.start()
    other = ServerCertificate.make(tmp_path / "other")
    try:
        chain = {"certificates": (), "ca_file": server.certificate.certificate}
        with connected(server.settings(**chain)) as remote:
            assert remote.list() == ()
        for bad in ({"certificates": (other.fingerprint,)}, {"certificates": ()}):
            with (
                pytest.raises(ServiceFault, match=r"remote\.certificate-refused"),
                connected(server.settings(**bad)) as remote,
            ):
                remote.list()
    finally:
        server.stop()
