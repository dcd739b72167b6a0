"""Services that answer whatever an input says, without a network."""

from __future__ import annotations

import itertools
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from gateway.core.errors import ServiceFault
from gateway.services.http import Answer, HttpSession

BETWEEN = b"\n%%\n"
"""Stands between the answers of an input; the first line of each is `STATUS TYPE`."""


def script(*answers: bytes, status: int = 200) -> bytes:
    """Return an input of several JSON answers."""
    return BETWEEN.join(b"%d application/json\n%s" % (status, answer) for answer in answers)


class Script:
    """Gives the answers of an input one after another; then nobody answers any more."""

    def __init__(self, data: bytes) -> None:
        self._left = iter(data.split(BETWEEN))

    def send(self, *request: object, paid: bool = False, **more: object) -> Answer:
        """Stand in for `HttpSession.send`."""
        written = next(self._left, None)
        if written is None:
            raise ServiceFault("service.unreachable")
        head, _, body = written.partition(b"\n")
        status, _, kind = head.decode("latin-1").partition(" ")
        number = int(status) if status.isascii() and status.isdigit() and len(status) < 4 else 200
        return Answer(number, body, kind.lower(), None, paid)


@contextmanager
def answered(data: bytes) -> Iterator[None]:
    """Answer every call inside from an input, and let no time pass in waiting."""
    moments = itertools.count(0.0, 0.25)
    with (
        mock.patch.object(HttpSession, "send", lambda _, *given, **more: told.send(*given, **more)),
        mock.patch("gateway.services.csc_calls.time") as clock,
    ):
        told = Script(data)
        clock.monotonic = lambda: next(moments)
        yield


@contextmanager
def connected(data: bytes) -> Iterator[None]:
    """Let every connection inside be answered by the bytes of an input, then closed."""
    ends: list[socket.socket] = []

    def connect(*_: object, **__: object) -> socket.socket:
        ours, theirs = socket.socketpair()
        ends.append(theirs)
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        theirs.sendall(data)
        theirs.shutdown(socket.SHUT_WR)
        ours.settimeout(5)
        return ours

    try:
        with (
            mock.patch("urllib3.util.connection.create_connection", connect),
            mock.patch("socket.create_connection", connect),
        ):
            yield
    finally:
        for end in ends:
            end.close()
