"""Connections that read: each sees the last commit, and none waits for who writes."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Generic, Protocol, TypeVar

from gateway.core.errors import SiteFault

_MOST = 8
"""Connections: a server has a limited number, and a reading takes a moment."""


class _Closing(Protocol):
    def close(self) -> None: ...


Opened = TypeVar("Opened", bound=_Closing)


class Readers(Generic[Opened]):
    """Lends a connection to whoever reads; for many threads."""

    def __init__(
        self, connect: Callable[[], Opened], is_alive: Callable[[Opened], bool] = bool
    ) -> None:
        self._connect = connect
        self._is_alive = is_alive
        self._idle: deque[Opened] = deque()
        self._free = threading.Semaphore(_MOST)
        self._own = threading.local()
        """Whether a thread reads: it may, meanwhile, once more, whatever the others do."""
        self._closed = False

    @contextmanager
    def reading(self) -> Iterator[Opened]:
        """Yield a connection for one statement, an idle one if there is one."""
        counted = nullcontext() if getattr(self._own, "reads", False) else self._counted()
        with counted, self.lasting() as connection:
            yield connection

    @contextmanager
    def lasting(self) -> Iterator[Opened]:
        """Yield a connection for as long as it takes, however many there are."""
        connection = self._take()
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        if self._closed or len(self._idle) >= _MOST:
            connection.close()
        else:
            self._idle.append(connection)

    def renew(self) -> None:
        """Close what nobody uses: from here on connections are new."""
        while self._idle:
            self._idle.pop().close()

    def close(self) -> None:
        """Close the connections; a reading after that is an error."""
        self._closed = True
        self.renew()

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._free:
            self._own.reads = True
            try:
                yield
            finally:
                self._own.reads = False

    def _take(self) -> Opened:
        if self._closed:
            raise SiteFault("ledger.unusable", "it is closed")
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return self._connect()
            if self._is_alive(connection):
                return connection
            connection.close()
