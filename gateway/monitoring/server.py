"""A small HTTP server beside the daemon: GET of a few paths, nothing else, nothing secret."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from gateway.core.errors import SiteFault
from gateway.core.monitoring import MonitoringSettings
from gateway.monitoring.health import Answer

Routes = Mapping[str, Callable[[], Answer]]

_PATIENCE = 10.0
"""Seconds for which one visitor may keep a thread waiting."""


@contextmanager
def serving(settings: MonitoringSettings, routes: Routes) -> Iterator[None]:
    """Answer while the block runs; raises `SiteFault` (`monitoring.cannot-listen`)."""

    class Handler(_Handler):
        answers = routes

    class Server(ThreadingHTTPServer):
        address_family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        daemon_threads = True

        def server_bind(self) -> None:
            # Not the base class's: it asks the name service who we are.
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.socket.bind(self.server_address)
            self.server_address = self.socket.getsockname()
            self.server_name, self.server_port = settings.host, settings.port

        def handle_error(self, request: object, client_address: object) -> None:
            """Say nothing: a visitor who leaves early is no event of the site."""

    try:
        server = Server((settings.host, settings.port), Handler)
    except OSError as error:
        where = f"{settings.host}:{settings.port}"
        raise SiteFault("monitoring.cannot-listen", f"{where}: {error.strerror}") from error
    thread = threading.Thread(target=server.serve_forever, name="monitoring", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD of the paths there are."""

    answers: Routes
    timeout = _PATIENCE
    server_version = "sealgate"
    sys_version = ""

    def do_GET(self) -> None:  # named by http.server
        """Send an answer."""
        self._send(whole=True)

    def do_HEAD(self) -> None:
        """Send an answer's head."""
        self._send(whole=False)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing: scrapes come every few seconds."""

    def _send(self, *, whole: bool) -> None:
        made = self.answers.get(self.path.partition("?")[0])
        known = " ".join(self.answers)
        answer = made() if made else Answer(404, f"{known}\n".encode(), "text/plain")
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(answer.content)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if whole:
            self.wfile.write(answer.content)
