"""A relay of bytes before a real service, which cuts, refuses or swallows what it is told to.

It knows nothing of TLS and HTTP: a connection ends after so many bytes in one direction, wherever
in a request or an answer that may be.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

Trouble = Literal["", "cut-request", "cut-answer", "refused", "silent"]


@dataclass
class _Connection:
    """A connection of a client, and the one to the service that belongs to it."""

    client: socket.socket
    service: socket.socket

    def reset(self) -> None:
        """End both; the client sees a reset."""
        linger = struct.pack("ii", 1, 0)
        with contextlib.suppress(OSError):
            self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        for one in (self.client, self.service):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


class CuttingProxy:
    """Relays connections to the service at `target`, an address of the web, from `port`."""

    def __init__(self, target: str) -> None:
        found = urlsplit(target)
        self._target = (found.hostname or "", found.port or 80)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._lock = threading.Lock()
        self._trouble: Trouble = ""
        self._left = 0
        self._open: list[_Connection] = []
        self._closed = False
        self._accept_from(self._listener)

    def tell(self, trouble: Trouble, left: int = 0) -> None:
        """Make trouble from now on; a cut comes once, after `left` more bytes its way."""
        with self._lock:
            former, self._trouble, self._left = self._trouble, trouble, left
        if trouble == "refused" and former != "refused":
            self._stop_listening()
        elif former == "refused" and trouble != "refused":
            self._listener = socket.create_server(("127.0.0.1", self.port))
            self._accept_from(self._listener)

    def close(self) -> None:
        """End everything."""
        self._closed = True
        self._stop_listening()

    def _stop_listening(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            ending, self._open = self._open, []
        for connection in ending:
            connection.reset()

    def _accept_from(self, listener: socket.socket) -> None:
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            try:
                service = socket.create_connection(self._target, 10)
            except OSError:
                client.close()
                continue
            connection = _Connection(client, service)
            with self._lock:
                self._open.append(connection)
            for way in ("cut-request", "cut-answer"):
                threading.Thread(target=self._relay, args=(connection, way), daemon=True).start()

    def _relay(self, connection: _Connection, way: Trouble) -> None:
        come, go = connection.client, connection.service
        if way == "cut-answer":
            come, go = go, come
        try:
            while part := come.recv(1 << 16):
                passed, cut = self._passed(part, way)
                go.sendall(passed)
                if cut:
                    break
            else:
                go.shutdown(socket.SHUT_WR)
                return
        except OSError:
            pass
        connection.reset()

    def _passed(self, part: bytes, way: Trouble) -> tuple[bytes, bool]:
        """Return what of a part goes on, and whether the connection is cut after it."""
        with self._lock:
            if self._trouble == "silent":
                return b"", False
            if self._trouble != way:
                return part, False
            if len(part) < self._left:
                self._left -= len(part)
                return part, False
            passed, self._left, self._trouble = part[: self._left], 0, ""
            return passed, True
