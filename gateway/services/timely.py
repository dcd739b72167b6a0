"""Connections on which the head of an answer comes in time, however lively it drips.

A socket's time limit begins anew with each byte that comes, so a service could keep a call waiting
for as long as it likes, one byte of a header at a time.
"""

from __future__ import annotations

import io
import time
from http.client import HTTPResponse
from socket import socket
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class _Until(io.RawIOBase):
    """What comes on a socket, until a moment; later, with the socket's own limit alone."""

    def __init__(self, source: socket, below: io.BufferedReader) -> None:
        super().__init__()
        self._source = source
        self._below = below
        self._limit = source.gettimeout()
        self._end = None if self._limit is None else time.monotonic() + self._limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int | None:
        if self._end is not None:
            left = self._end - time.monotonic()
            if left <= 0:
                raise TimeoutError("timed out")
            self._source.settimeout(left)
        return self._source.recv_into(buffer)

    def lift(self) -> None:
        """Go on without the moment."""
        if self._end is not None:
            self._end = None
            self._source.settimeout(self._limit)

    def close(self) -> None:
        self._below.close()
        super().close()


class _TimelyResponse(HTTPResponse):
    """An answer whose status and headers have the time of one wait in all."""

    def __init__(self, sock: socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self._until = _Until(sock, self.fp)
        self.fp = io.BufferedReader(self._until)

    def begin(self) -> None:
        """Read status and headers."""
        super().begin()
        self._until.lift()


class _Connection(HTTPConnection):
    response_class = _TimelyResponse


class _TlsConnection(HTTPSConnection):
    response_class = _TimelyResponse


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class TimelyAdapter(HTTPAdapter):
    """The adapter of `requests`, on such connections, through proxies as well."""

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Make the pools of connections."""
        super().init_poolmanager(*arguments, **options)
        _be_timely(self.poolmanager)

    def proxy_manager_for(self, *arguments: Any, **options: Any) -> PoolManager:
        """Return the pools of connections through a proxy."""
        manager: PoolManager = super().proxy_manager_for(*arguments, **options)
        _be_timely(manager)
        return manager


def _be_timely(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
