"""A proxy before a real HTTP service that spoils chosen calls, whatever the service speaks.

It is not a double of anything: the service behind it is real, counts what it charges, and
never knows what became of its answers.
"""

from __future__ import annotations

import http.client
import os
import socket
import struct
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal, get_args
from urllib.parse import urlsplit

Fault = Literal[
    "reset-before",
    "reset-after",
    "slow-loris",
    "401",
    "429",
    "500",
    "500-after",
    "truncated",
    "wrong-signature",
    "another-digest",
]
FAULTS: tuple[Fault, ...] = get_args(Fault)
CHARGED: frozenset[Fault] = frozenset(
    {"reset-after", "slow-loris", "500-after", "truncated", "wrong-signature", "another-digest"}
)
"""Faults in which the service has done its work."""

Spoil = Callable[[bytes], bytes]


class FaultyProxy:
    """Passes every call on, but the paid ones as told."""

    def __init__(self, target: str, paid: str, spoil: Spoil, port: int = 0) -> None:
        self._target = urlsplit(target)
        self._paid = paid
        self._spoil = spoil
        self._told: list[Fault] = []
        self._lock = threading.Lock()
        self._earlier = b""
        self._server: ThreadingHTTPServer | None = None
        self._port = port
        self.paid_calls = 0
        self.open()

    @property
    def address(self) -> str:
        """Return where it listens."""
        return f"http://127.0.0.1:{self._port}"

    def open(self) -> None:
        """Listen, again on the same port."""
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                proxy._serve(self)

            do_GET = do_POST  # noqa: N815  # as inherited

            def log_message(self, *arguments: object) -> None:
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            allow_reuse_address = True

            def handle_error(self, *arguments: object) -> None:
                """Say nothing: connections are torn down on purpose."""

        self._server = Server(("127.0.0.1", self._port), Handler)
        self._port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        """Stop listening: connections are refused."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def tell(self, *faults: Fault) -> None:
        """Let the next paid calls have these faults."""
        with self._lock:
            self._told += faults

    def _serve(self, request: BaseHTTPRequestHandler) -> None:
        fault = self._next(request.path)
        if fault == "reset-before":
            _reset(request)
            return
        length = int(request.headers.get("Content-Length", 0))
        body = request.rfile.read(length)
        if fault in ("401", "429", "500"):
            _answer(request, int(fault), b'{"error":"told to"}', "application/json")
            return
        status, content, kind = self._forward(request, body)
        if request.path.endswith(self._paid) and status == 200 and fault is None:
            self._earlier = content
        self._spoiled(request, fault, status, content, kind)

    def _spoiled(
        self,
        request: BaseHTTPRequestHandler,
        fault: Fault | None,
        status: int,
        content: bytes,
        kind: str,
    ) -> None:
        match fault:
            case "reset-after":
                _reset(request)
            case "slow-loris":
                _drip(request, content)
            case "500-after":
                _answer(request, 500, b'{"error":"told to"}', "application/json")
            case "truncated":
                _answer(request, status, content[: len(content) // 2], kind)
            case "wrong-signature":
                _answer(request, status, self._spoil(content), kind)
            case "another-digest":
                _answer(request, status, self._earlier, kind)
            case _:
                _answer(request, status, content, kind)

    def _next(self, path: str) -> Fault | None:
        if not path.endswith(self._paid):
            return None
        with self._lock:
            self.paid_calls += 1
            return self._told.pop(0) if self._told else None

    def _forward(self, request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, bytes, str]:
        connection = http.client.HTTPConnection(self._target.hostname or "", self._target.port)
        skipped = ("host", "connection", "content-length")
        headers = {k: v for k, v in request.headers.items() if k.lower() not in skipped}
        connection.request(request.command, request.path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, content, answer.headers.get("Content-Type", "")


def _answer(request: BaseHTTPRequestHandler, status: int, content: bytes, kind: str) -> None:
    request.send_response(status)
    request.send_header("Content-Type", kind)
    request.send_header("Content-Length", str(len(content)))
    if status == 429:
        request.send_header("Retry-After", "1")
    request.end_headers()
    request.wfile.write(content)


def _drip(request: BaseHTTPRequestHandler, content: bytes) -> None:
    """Send a byte now and then, for longer than anybody waits."""
    request.send_response(200)
    request.send_header("Content-Type", "application/json")
    request.send_header("Content-Length", str(len(content)))
    request.end_headers()
    for byte in content:
        request.wfile.write(bytes((byte,)))
        request.wfile.flush()
        time.sleep(0.2)


def _reset(request: BaseHTTPRequestHandler) -> None:
    """Tear the connection down with a reset instead of an end."""
    request.close_connection = True
    connection: socket.socket = request.connection
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    os.close(connection.detach())  # its files would keep it open
