"""Run Sealgate and kill it at the N-th durable step: `dying.py N before|after FOLDER -- ARGS`.

A durable step is a call of `os.fsync`, `link`, `rename`, `replace`, `unlink`, `mkdir` or
`rmdir`, or an SQL COMMIT. Steps count from the moment at which FOLDER/armed exists, and are
written to FOLDER/trace, one name a line; the numbers of those that failed, and so changed nothing,
to FOLDER/idle. With N = 0 nothing is killed. Where the environment's DYING_WITHIN names files,
separated by spaces, only steps count that these had a part in, and the trace has behind an `@`
which functions led to each.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
import threading
from pathlib import Path
from typing import Any

WITHIN = tuple(os.environ.get("DYING_WITHIN", "").split())
STEPS = ("fsync", "link", "rename", "replace", "unlink", "mkdir", "rmdir")


class Countdown:
    """Counts durable steps and ends the process at the chosen one."""

    def __init__(self, number: int, when: str, folder: Path) -> None:
        self._number = number
        self._when = when
        self._armed = folder / "armed"
        self._trace, self._idle = (
            os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            for name in ("trace", "idle")
        )
        self._count = 0
        self._lock = threading.Lock()

    def step(self, name: str, work: Any, *arguments: Any, **named: Any) -> Any:
        """Do one step, and die before or after it when it is the chosen one."""
        way = _way() if WITHIN and self._armed.exists() else ""
        if not self._armed.exists() or (WITHIN and not way):
            return work(*arguments, **named)
        with self._lock:
            self._count += 1
            count = self._count
            chosen = count == self._number
            os.write(self._trace, f"{name}{way and '@'}{way}\n".encode())
        if chosen and self._when == "before":
            self._die()
        try:
            return work(*arguments, **named)
        except OSError:
            os.write(self._idle, f"{count}\n".encode())
            raise
        finally:
            if chosen:
                self._die()

    @staticmethod
    def _die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)
        signal.pause()


def _way() -> str:
    """Return which functions are at work in this thread; empty without the files asked for."""
    frame, ways, concerned = sys._getframe(), [], False
    while (above := frame.f_back) is not None:
        frame = above
        concerned = concerned or frame.f_code.co_filename.endswith(WITHIN)
        if "/gateway/" in frame.f_code.co_filename:
            ways.append(frame.f_code.co_name)
    return "<".join(ways) if concerned else ""


def install(countdown: Countdown) -> None:
    """Put the countdown around every durable step of this process."""
    for name in STEPS:
        setattr(os, name, _wrapped(countdown, name, getattr(os, name)))

    class Connection(sqlite3.Connection):
        """A connection whose COMMIT counts."""

        def execute(self, sql: str, *arguments: Any) -> sqlite3.Cursor:
            """Execute a statement; COMMIT is a durable step."""
            if sql.strip().upper().startswith("COMMIT"):
                return countdown.step("commit", super().execute, sql, *arguments)
            return super().execute(sql, *arguments)

    connect = sqlite3.connect

    def connecting(*arguments: Any, **named: Any) -> sqlite3.Connection:
        return connect(*arguments, **{"factory": Connection, **named})

    sqlite3.connect = connecting


def _wrapped(countdown: Countdown, name: str, work: Any) -> Any:
    def step(*arguments: Any, **named: Any) -> Any:
        return countdown.step(name, work, *arguments, **named)

    return step


if __name__ == "__main__":
    install(Countdown(int(sys.argv[1]), sys.argv[2], Path(sys.argv[3])))
    from gateway.cli import main

    sys.exit(main(sys.argv[5:]))
