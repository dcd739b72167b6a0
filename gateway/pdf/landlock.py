"""Keep a process that reads users' files from all other files (Linux, `landlock(7)`).

It may read what it runs on: Python, its libraries, fonts, time zones. Documents and drafts come as
descriptors (`given`), which these rules leave alone. So nothing can be written, created, removed,
linked or renamed by name, and neither the site's files nor those in /proc can be read.
"""

from __future__ import annotations

import ctypes
import os
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import gateway

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
"""Numbers of system calls, the same on all machines."""
_ASK_VERSION = 1
_BENEATH = 1
_PR_SET_NO_NEW_PRIVS = 38
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
_FILES = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
"""What can be forbidden of files, by the first version that can."""
_NETWORK_SINCE, _NETWORK = 4, (1 << 2) - 1
_SCOPE_SINCE, _SCOPE = 6, (1 << 2) - 1
"""Abstract sockets and signals of processes outside."""
_SYSTEM = (
    *("/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/share"),
    *("/usr/local/share/fonts", "/etc/ld.so.cache", "/etc/localtime", "/dev/null"),
    *("/dev/urandom", "/dev/random"),
)


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("files", ctypes.c_uint64),
        ("network", ctypes.c_uint64),
        ("scope", ctypes.c_uint64),
    )


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def version() -> int:
    """Return the version of Landlock that the kernel offers; 0 where it has none."""
    return max(0, _call(_CREATE_RULESET, None, 0, _ASK_VERSION))


def forbid_files() -> bool:
    """Forbid this process all files but those it runs on, for good; False where nothing can.

    It holds for the calling thread and those it starts, so it is for a process with one. What is
    forbidden fails with EACCES.
    """
    offered = version()
    if not offered or _library().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    forbidden = _Ruleset(
        files=max(rights for since, rights in _FILES.items() if since <= offered),
        network=_NETWORK if offered >= _NETWORK_SINCE else 0,
        scope=_SCOPE if offered >= _SCOPE_SINCE else 0,
    )
    rules = _call(_CREATE_RULESET, ctypes.byref(forbidden), _size(offered), 0)
    if rules < 0:
        return False
    try:
        for path in _run_on():
            with suppress(FileNotFoundError):
                _allow_reading(rules, path)
        return _call(_RESTRICT_SELF, rules, 0) == 0
    finally:
        os.close(rules)


def _size(offered: int) -> int:
    """Return how many bytes of a ruleset a version knows."""
    if offered >= _SCOPE_SINCE:
        return ctypes.sizeof(_Ruleset)
    return _Ruleset.scope.offset if offered >= _NETWORK_SINCE else _Ruleset.network.offset


def _run_on() -> Iterator[Path]:
    """Yield what this process needs: folders of modules and libraries, and no folder of data."""
    yield from map(Path, _SYSTEM)
    places = sysconfig.get_paths()
    yield from (Path(places[one]) for one in ("stdlib", "platstdlib", "purelib", "platlib"))
    yield from (Path(one) for one in sys.path if one.endswith(("-packages", "lib-dynload")))
    yield from (Path(one) for one in gateway.__path__)


def _allow_reading(rules: int, path: Path) -> None:
    parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        allowed = _READ_FILE | _READ_FOLDER if path.is_dir() else _READ_FILE
        rule = _Beneath(allowed, parent)
        if _call(_ADD_RULE, rules, _BENEATH, ctypes.byref(rule), 0) != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(path))
    finally:
        os.close(parent)


def _call(*arguments: object) -> int:
    called: int = _library().syscall(*arguments)
    return called


def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
