"""Listening: uvicorn in the foreground, with TLS where the site says so."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn

from gateway.console.app import make_app
from gateway.core.errors import SiteFault
from gateway.wiring import Site

_IDLE_SECONDS = 30
_AT_ONCE = 200
"""Connections served at a time; others are told to come again."""
_ENDING_SECONDS = 5


def serve(site: Site, sealing: Callable[[], bool]) -> None:
    """Serve the console of an open site until SIGINT or SIGTERM.

    `sealing` tells whether some process works on the site.

    Raises `SiteFault` (`site.console`) when it cannot listen there.
    """
    settings = site.loaded.settings.console
    configuration = uvicorn.Config(
        make_app(site, sealing),
        host=settings.host,
        port=settings.port,
        ssl_certfile=settings.tls.certificate if settings.tls else None,
        ssl_keyfile=settings.tls.key if settings.tls else None,
        log_level="warning",
        access_log=False,
        # Whose word for the address counts is decided in `addresses.client_of`.
        proxy_headers=False,
        server_header=False,
        limit_concurrency=_AT_ONCE,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=_ENDING_SECONDS,
        lifespan="off",
        ws="none",
    )
    try:
        listening = _listening(settings.host, settings.port)
    except OSError as error:
        detail = f"{settings.host}:{settings.port}: {error.strerror}"
        raise SiteFault("site.console", detail) from error
    # Having ended in good order, uvicorn raises the signal anew; the ledger is still to be closed.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _is_heeded)
    with listening:
        uvicorn.Server(configuration).run(sockets=[listening])


def _is_heeded(number: int, frame: FrameType | None) -> None:
    """Do nothing about a signal that was heeded already."""


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(128)
    except OSError:
        listening.close()
        raise
    return listening
