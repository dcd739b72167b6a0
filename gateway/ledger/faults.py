"""The one translation of SQLite's and the operating system's errors into our own faults."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.core.errors import SiteFault
from gateway.core.names import display
from gateway.core.system_faults import site_fault

_PRIMARY = 0xFF
"""An extended result code carries its primary one in its lowest byte."""
_OF_SQLITE = {
    sqlite3.SQLITE_BUSY: "ledger.busy",
    sqlite3.SQLITE_LOCKED: "ledger.busy",
    sqlite3.SQLITE_FULL: "site.disk-full",
    sqlite3.SQLITE_CORRUPT: "ledger.damaged",
    sqlite3.SQLITE_NOTADB: "ledger.damaged",
}
_TAKEN = (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
"""Somebody else was first, such as with the same generation of a document: try again."""


@contextmanager
def ledger_faults(path: Path) -> Iterator[None]:
    """Raise every error of SQLite or the operating system in the block as a `SiteFault`."""
    try:
        yield
    except sqlite3.Error as error:
        number = getattr(error, "sqlite_errorcode", None) or 0
        code = _OF_SQLITE.get(number & _PRIMARY, "ledger.unusable")
        if number in _TAKEN:
            code = "ledger.busy"
        raise SiteFault(code, f"{display(str(path))}: {error}") from error
    except OSError as error:
        raise site_fault(error, path, otherwise="ledger.unusable") from error
