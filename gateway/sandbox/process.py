"""Start and stop a site's sandbox as a process of its own."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

from gateway.core.errors import ServiceFault
from gateway.sandbox.keys import prepare

_START_SECONDS = 30.0


class SandboxProcess:
    """Run a site's sandbox meanwhile; one that runs already is used and left running."""

    def __init__(self, state: Path, *arguments: str) -> None:
        self._state = state
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> SandboxProcess:
        folder = prepare(self._state)
        if _served(folder):
            self._await(folder)
            return self
        (folder / "address").unlink(missing_ok=True)
        with (folder / "words").open("ab") as words:
            self._process = subprocess.Popen(
                (
                    *(sys.executable, "-m", "gateway.sandbox", "--state", str(self._state)),
                    *("--with-parent", str(os.getpid()), *self._arguments),
                ),
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
            )
        self._await(folder)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _await(self, folder: Path) -> None:
        """Wait for the address; a process that lost a race to another is no failure."""
        deadline = time.monotonic() + _START_SECONDS
        while not (folder / "address").exists():
            ended = self._process is not None and self._process.poll() is not None
            if (ended and not _served(folder)) or time.monotonic() > deadline:
                raise ServiceFault("service.unreachable", "the sandbox did not start")
            time.sleep(0.02)


def _served(folder: Path) -> bool:
    """Tell whether a process holds the sandbox's lock."""
    try:
        descriptor = os.open(folder / "lock", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
