"""A peer that says exactly the bytes it is told, for what no real service would say."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Act = Callable[[socket.socket, int], None]
"""What to do with one connection, and which it is, from 0."""


class Peer:
    """Where it listens, and what it was sent."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/x"
        self.connections = 0
        self.heard = bytearray()


@contextmanager
def listening(act: Act, *, reading: bool = True) -> Iterator[Peer]:
    """Accept connections one after the other, read each request if so told, then `act`."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        peer = Peer(listener.getsockname()[1])

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                number, peer.connections = peer.connections, peer.connections + 1
                with connection:
                    try:
                        peer.heard += request_of(connection) if reading else b""
                        act(connection, number)
                    except OSError:
                        continue

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield peer
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            thread.join(10)


def request_of(connection: socket.socket) -> bytes:
    """Read one whole request with a Content-Length."""
    heard = b""
    while b"\r\n\r\n" not in heard:
        part = connection.recv(65536)
        if not part:
            return heard
        heard += part
    head, _, body = heard.partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            missing = int(line.split(b":")[1]) - len(body)
            while missing > 0:
                part = connection.recv(missing)
                if not part:
                    break
                heard, missing = heard + part, missing - len(part)
    return heard


def saying(head: str, body: bytes = b"") -> Act:
    """Return an act that sends status line and headers, then a body, and closes."""
    data = head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body

    def act(connection: socket.socket, number: int) -> None:
        connection.sendall(data)

    return act
