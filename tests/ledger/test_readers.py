"""Connections that read are few, and come back."""

from __future__ import annotations

import threading
from contextlib import closing

import pytest

from gateway.core.errors import SiteFault
from gateway.ledger.readers import Readers


class _Connection:
    made = 0

    def __init__(self) -> None:
        _Connection.made += 1
        self.is_open = True

    def close(self) -> None:
        self.is_open = False


@pytest.fixture
def readers() -> Readers[_Connection]:
    """Return readers that have no connection yet."""
    _Connection.made = 0
    return Readers(_Connection, lambda connection: connection.is_open)


def test_many_threads_share_few_connections(readers: Readers[_Connection]) -> None:
    """However many read at a time, a server sees eight; who reads may read once more inside."""
    everybody = threading.Barrier(8)

    def read() -> None:
        with readers.reading():
            everybody.wait(30)
            with readers.reading() as inner:
                assert inner.is_open

    threads = [threading.Thread(target=read) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    assert _Connection.made >= 8
    with closing(readers):
        assert len(readers._idle) == 8


def test_what_is_of_no_use_is_not_lent(readers: Readers[_Connection]) -> None:
    """A connection whose reading failed, or that was closed meanwhile, is not used again."""
    with pytest.raises(ZeroDivisionError), readers.reading() as first:
        raise ZeroDivisionError
    with readers.reading() as second:
        pass
    second.close()
    with readers.reading() as third:
        assert third is not first
        assert third is not second
    readers.close()
    assert not third.is_open
    with pytest.raises(SiteFault), readers.reading():
        pass
