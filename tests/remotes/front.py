"""A door before a server that keeps what it has in memory: shut, the server is away."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class Front:
    """Passes bytes on to a port of this machine; shut, it ends all connections at once."""

    def __init__(self, behind: int) -> None:
        self._behind = behind
        self._listening: socket.socket | None = None
        self._sockets: list[socket.socket] = []
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]

    def open(self) -> None:
        """Listen, on the same port each time."""
        self._listening = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=(self._listening,), daemon=True).start()

    def shut(self) -> None:
        """End every connection in the middle of what it does."""
        ends = [*self._sockets, *((self._listening,) if self._listening else ())]
        self._sockets, self._listening = [], None
        for one in ends:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self, listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listening.accept()
                far = socket.create_connection(("127.0.0.1", self._behind))
                self._sockets += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=_pass_on, args=(one, other), daemon=True).start()


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while chunk := one.recv(1 << 16):
            other.sendall(chunk)
    with suppress(OSError):
        other.shutdown(socket.SHUT_RDWR)
