"""Run a site's sandbox: `python -m gateway.sandbox --state DIR`."""

from __future__ import annotations

import argparse
import fcntl
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from gateway.sandbox.keys import port_of, prepare
from gateway.sandbox.process import ADDRESS, ALREADY_SERVED, IN_USE
from gateway.sandbox.server import SandboxApplication

_WATCH_SECONDS = 0.2


class _Quiet(WSGIRequestHandler):
    """Keeps connections open, as services do, and writes no line for every request."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else an answer's body waits until its head was acknowledged

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002  # as inherited
        """Say nothing."""


def main() -> int:
    """Serve until told to stop, or until nobody needs it any more."""
    chosen = _arguments().parse_args()
    folder = prepare(chosen.state)
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.stderr.write("another sandbox serves this site\n")
        return ALREADY_SERVED
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    application = SandboxApplication(
        chosen.state, charge_repeats=chosen.charge_repeats, latency=chosen.latency_ms / 1000
    )
    server = _listen(chosen.port if chosen.port is not None else port_of(folder), application.wsgi)
    # How often it looks whether to end: commands wait for that.
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    address = _announce(folder, server.server_port)
    use = os.open(folder / IN_USE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    while not stop.wait(_WATCH_SECONDS):
        if chosen.with_parent and os.getppid() != chosen.with_parent:
            break
        if chosen.while_used and _unused(use):
            break
    (folder / ADDRESS).unlink(missing_ok=True)
    server.shutdown()
    os.close(address)
    return 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m gateway.sandbox")
    parser.add_argument("--state", type=Path, required=True, help="the site's state folder")
    parser.add_argument("--port", type=int, help="default: the one in the certificates")
    parser.add_argument("--charge-repeats", action="store_true", help="be not idempotent")
    parser.add_argument("--latency-ms", type=float, default=0.0, help="of every signature")
    parser.add_argument("--with-parent", type=int, default=0, help="end when this process does")
    parser.add_argument(
        "--while-used", action="store_true", help="end when no process uses the site's sandbox"
    )
    return parser


def _listen(port: int, application: Any) -> BaseWSGIServer:
    """Listen on the port in the certificates; on another one if somebody else has it.

    OCSP and CRL addresses in the certificates are then stale.
    """
    try:
        return make_server("127.0.0.1", port, application, threaded=True, request_handler=_Quiet)
    except (OSError, SystemExit):  # werkzeug exits when a port is taken
        return make_server("127.0.0.1", 0, application, threaded=True, request_handler=_Quiet)


def _announce(folder: Path, port: int) -> int:
    """Write the address, held by a lock of ours from the moment it can be seen."""
    fresh = folder / f".{ADDRESS}.{os.getpid()}"
    descriptor = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    os.write(descriptor, f"http://127.0.0.1:{port} {os.getpid()}\n".encode())
    fresh.replace(folder / ADDRESS)
    return descriptor


def _unused(use: int) -> bool:
    """Tell whether nobody uses this sandbox; from then on, who wants to has to wait."""
    try:
        fcntl.flock(use, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
