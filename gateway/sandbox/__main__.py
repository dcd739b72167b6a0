"""Run a site's sandbox: `python -m gateway.sandbox --state DIR`."""

from __future__ import annotations

import argparse
import ctypes
import fcntl
import os
import signal
import sys
from pathlib import Path

from werkzeug.serving import WSGIRequestHandler, make_server

from gateway.sandbox.keys import port_of, prepare
from gateway.sandbox.server import SandboxApplication

_PR_SET_PDEATHSIG = 1


class _Quiet(WSGIRequestHandler):
    """Writes no line for every request."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002  # as inherited
        """Say nothing."""


def main() -> int:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m gateway.sandbox")
    parser.add_argument("--state", type=Path, required=True, help="the site's state folder")
    parser.add_argument("--port", type=int, help="default: the one in the certificates")
    parser.add_argument("--charge-repeats", action="store_true", help="be not idempotent")
    parser.add_argument("--latency-ms", type=float, default=0.0, help="of every signature")
    parser.add_argument("--with-parent", type=int, default=0, help="end when this process does")
    chosen = parser.parse_args()
    if chosen.with_parent:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != chosen.with_parent:
            return 0
    folder = prepare(chosen.state)
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.stderr.write("another sandbox serves this site\n")
        return 3
    _serve(chosen, folder)
    return 0


def _serve(chosen: argparse.Namespace, folder: Path) -> None:
    application = SandboxApplication(
        chosen.state, charge_repeats=chosen.charge_repeats, latency=chosen.latency_ms / 1000
    )
    wanted = chosen.port if chosen.port is not None else port_of(folder)
    try:
        server = make_server(
            "127.0.0.1", wanted, application.wsgi, threaded=True, request_handler=_Quiet
        )
    except (OSError, SystemExit):
        # Somebody else took the port; OCSP and CRL addresses in certificates go stale.
        server = make_server(
            "127.0.0.1", 0, application.wsgi, threaded=True, request_handler=_Quiet
        )
    address = folder / "address"
    fresh = folder / f".address.{os.getpid()}"
    fresh.write_text(f"http://127.0.0.1:{server.server_port} {os.getpid()}\n")
    fresh.replace(address)

    def stop(number: int, frame: object) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    try:
        server.serve_forever()
    finally:
        address.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())
