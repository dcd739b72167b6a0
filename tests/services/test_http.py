"""The HTTP session on bad days: what is certain, what is not, and that it never waits for ever."""

from __future__ import annotations

import socket
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from gateway.core.errors import Charge, ServiceFault
from gateway.core.services import HttpAccess
from gateway.services.http import Answer, HttpSession
from tests.services.listening import Act, listening, saying

SECRET = "s3cret-in-the-body"


def post(url: str, *, paid: bool = True, read_timeout: float = 2.0, **more: object) -> Answer:
    """Post something secret with a session of its own."""
    session = HttpSession(HttpAccess(2.0, read_timeout, **more))  # type: ignore[arg-type]
    return session.post_json(url, {"pin": SECRET}, {"Authorization": SECRET}, paid=paid)


def fault_of(url: str, **more: object) -> ServiceFault:
    """Post, and return the fault that comes of it, without a secret in it."""
    with pytest.raises(ServiceFault) as failed:
        post(url, **more)  # type: ignore[arg-type]
    assert SECRET not in str(failed.value)
    return failed.value


def reset(connection: socket.socket, number: int) -> None:
    """Close without the courtesy of a FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def dripping(connection: socket.socket, number: int) -> None:
    """Send a byte now and then, for ever."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    for _ in range(1000):
        connection.sendall(b" ")
        time.sleep(0.02)


def dripping_head(connection: socket.socket, number: int) -> None:
    """Send a header that does not end."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
    for _ in range(1000):
        connection.sendall(b"a")
        time.sleep(0.02)


@pytest.mark.parametrize(
    "act",
    [
        reset,
        lambda connection, number: None,
        saying("HTTP/1.1 200 OK\nContent-Length: 50", b'{"signatures": '),
        saying("HTTP/1.1 200 OK\nTransfer-Encoding: chunked", b"5\r\n{\r\n"),
        saying("HTTP/1.1 200 OK\nTransfer-Encoding: chunked", b"zz\r\n{}\r\n0\r\n\r\n"),
        saying("no HTTP at all"),
    ],
    ids=["reset", "closed", "cut off", "chunk cut off", "broken chunk", "no HTTP"],
)
@pytest.mark.parametrize("paid", [True, False])
def test_lost_answer(act: Act, paid: bool) -> None:
    """Once the body went out, only an answer is certain; what is free costs nothing anyhow."""
    with listening(act) as peer:
        fault = fault_of(peer.url, paid=paid)
        assert SECRET.encode() in peer.heard
        assert peer.connections == 1, "it must not be sent again by itself"
    assert fault.code == "service.no-answer"
    assert fault.charge is (Charge.UNKNOWN if paid else Charge.NEVER)


@pytest.mark.parametrize("act", [dripping, dripping_head], ids=["body", "header"])
def test_dripping_answer(act: Act) -> None:
    """An answer that drips for ever is given up, however lively it is."""
    with listening(act) as peer:
        began = time.monotonic()
        fault = fault_of(peer.url, read_timeout=0.5)
        assert time.monotonic() - began < 5
    assert (fault.code, fault.charge) == ("service.no-answer", Charge.UNKNOWN)


def test_plain_peer_behind_https() -> None:
    """A failed TLS handshake is certain to have carried nothing."""

    def answer_in_plain(connection: socket.socket, number: int) -> None:
        heard.extend(connection.recv(65536))
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    heard = bytearray()
    with listening(answer_in_plain, reading=False) as peer:
        fault = fault_of(peer.url.replace("http:", "https:"))
    assert heard
    assert SECRET.encode() not in heard
    assert (fault.code, fault.charge) == ("service.tls", Charge.NEVER)


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_unusable_authorities(tmp_path: Path, content: bytes | None) -> None:
    """A CA file that is missing or holds no certificate is a fault of TLS, not a crash."""
    ca_file = tmp_path / "ca.pem"
    if content is not None:
        ca_file.write_bytes(content)
    fault = fault_of("https://127.0.0.1:9/", ca_file=ca_file)
    assert fault.code in ("service.tls", "service.unreachable")
    assert fault.charge is Charge.NEVER
    if content is None:
        assert fault.code == "service.tls"


@pytest.mark.parametrize(
    "url", ["ftp://host/x", "http://", "nonsense", "http://[::1", "http://a:b"]
)
def test_impossible_address(url: str) -> None:
    """An address that is none is said to be so."""
    fault = fault_of(url)
    assert (fault.code, fault.charge) == ("service.unreachable", Charge.NEVER)


def test_password_in_address_is_not_told() -> None:
    """What a fault says of an address is host and port."""
    fault = fault_of(f"http://user:{SECRET}@127.0.0.1:9/{SECRET}")
    assert fault.code == "service.unreachable"
    assert "127.0.0.1:9" in fault.detail


def test_redirect_is_not_followed() -> None:
    """A redirect could lead a digest or a token anywhere; it is an answer like any other."""
    with listening(
        saying("HTTP/1.1 307 Go\nLocation: http://127.0.0.1:9/\nContent-Length: 0")
    ) as p:
        assert post(p.url).status == 307
        assert p.connections == 1


def test_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither a proxy nor a password is taken from the environment."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login us password netrc-password")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with listening(saying("HTTP/1.1 200 OK\nContent-Length: 2", b"{}")) as peer:
        session = HttpSession(HttpAccess(2.0, 2.0))
        assert session.post_json(peer.url, {}).json() == {}
        assert b"basic" not in peer.heard.lower()
        assert b"User-Agent: Sealgate/" in peer.heard


def test_paid_calls_do_not_share_connections() -> None:
    """A service that closes connections unannounced does not put paid calls in doubt."""
    act = saying("HTTP/1.1 200 OK\nContent-Length: 2", b"{}")
    with listening(act) as peer:
        session = HttpSession(HttpAccess(2.0, 2.0))
        for number in range(3):
            session.post_json(peer.url, {}, paid=number % 2 == 1)
            time.sleep(0.05)  # the closing arrives after the answer
        assert b"Connection: close" in peer.heard


def test_cookies_are_not_kept() -> None:
    """A cookie of one answer is not in the next request."""
    act = saying(
        "HTTP/1.1 200 OK\nConnection: close\nSet-Cookie: tracked=yes\nContent-Length: 2", b"{}"
    )
    with listening(act) as peer:
        session = HttpSession(HttpAccess(2.0, 2.0))
        for _ in range(2):
            session.post_json(peer.url, {})
        assert b"tracked" not in peer.heard


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("7", 7.0), ("", None), ("soon", None), ("-3", None), ("²", None), ("1e3", None)],
)
def test_retry_after_in_seconds(written: str, seconds: float | None) -> None:
    """Retry-After is read as digits, and anything odd is as if it were not there."""
    head = f"HTTP/1.1 429 Slow\nRetry-After: {written}\nContent-Length: 0"
    with listening(saying(head)) as peer:
        assert post(peer.url).retry_after == seconds


def test_retry_after_as_date() -> None:
    """Retry-After as a date becomes seconds from now, never less than none."""
    for ahead, least, most in ((90, 80, 91), (-90, 0, 0)):
        date = format_datetime(datetime.now(UTC) + timedelta(seconds=ahead), usegmt=True)
        head = f"HTTP/1.1 503 Later\nRetry-After: {date}\nContent-Length: 0"
        with listening(saying(head)) as peer:
            asked = post(peer.url).retry_after
        assert asked is not None
        assert least <= asked <= most


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b'"x"', b"\xff\xfe", b"[" * 100_000])
@pytest.mark.parametrize("paid", [True, False])
def test_not_a_json_object(body: bytes, paid: bool) -> None:
    """An answer that cannot be read is the protocol's fault, and for paid calls uncertain."""
    with pytest.raises(ServiceFault) as failed:
        Answer(200, body, paid=paid).json()
    assert failed.value.code == "service.protocol"
    assert failed.value.charge is (Charge.UNKNOWN if paid else Charge.NEVER)
