"""Start and stop a site's sandbox as a process of its own, shared by all who use it.

Two locks tell everything, and the kernel drops them when a process dies, however it dies:

* `address` is held by the server that wrote it; an address nobody holds is a dead server's.
* `in-use` is shared by all users. A server started by a user ends as soon as it can have that
  lock to itself, so it outlives the command that happened to start it, but not the last user.
"""

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

IN_USE = "in-use"
ADDRESS = "address"
_START_SECONDS = 30.0
_STOP_SECONDS = 10.0


class SandboxProcess:
    """Run a site's sandbox meanwhile; one that runs already is used, whatever its options.

    `arguments` are those of `python -m gateway.sandbox`. Raises `ServiceFault`
    (`service.unreachable`) when it does not start within 30 s.
    """

    def __init__(self, state: Path, *arguments: str) -> None:
        self._state = state
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None
        self._use = -1
        self.address = ""
        """Where it listens, such as `http://127.0.0.1:41234`."""

    def __enter__(self) -> SandboxProcess:
        folder = prepare(self._state)
        self._use = os.open(folder / IN_USE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._use, fcntl.LOCK_SH)  # waits for a server that is just ending
            self.address = served_at(folder) or self._start(folder)
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._leave()

    def _start(self, folder: Path) -> str:
        """Start a server and wait for an address, be it that of another who was faster."""
        with (folder / "words").open("ab") as words:
            self._process = subprocess.Popen(
                (
                    *(sys.executable, "-m", "gateway.sandbox", "--state", str(self._state)),
                    *("--while-used", *self._arguments),
                ),
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
                start_new_session=True,  # Ctrl-C is for its users, whom it must outlive
            )
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            ended = self._process.poll() is not None
            address = served_at(folder)
            if address:
                return address
            if ended and self._process.returncode != ALREADY_SERVED:
                raise ServiceFault("service.unreachable", f"the sandbox ended: {_last(folder)}")
            time.sleep(0.02)
        raise ServiceFault("service.unreachable", "the sandbox did not start in time")

    def _leave(self) -> None:
        """Give up the use; the last user ends the server if it is its own child."""
        process, self._process = self._process, None
        try:
            fcntl.flock(self._use, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pass  # others use it; it ends by itself when they have left
        else:
            if process is not None:
                _end(process)
        finally:
            os.close(self._use)


ALREADY_SERVED = 3
"""Exit status of a server that finds another one serving the site."""


def served_at(folder: Path) -> str:
    """Return the address of the server that is running, or nothing."""
    try:
        descriptor = os.open(folder / ADDRESS, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return ""
    with os.fdopen(descriptor) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return file.read().split()[0]
    return ""


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _last(folder: Path) -> str:
    """Return the last line that a server wrote before it ended."""
    lines = (folder / "words").read_text(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "without a word")[:200]
