"""One child process that reads users' files, and the conversation with it."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from gateway.core.errors import SiteFault
from gateway.pdf import wire

_CHILD = (sys.executable, "-m", "gateway.pdf.child_start")
_ASIDE_NICENESS = 5
_IDLE_SECONDS = 30.0
"""A child that uses no processor time for so long is stuck. How slow it is does not matter: on a
busy machine a document takes as long as it takes, and the kernel counts its processor time."""
_SOON = 0.5
"""Seconds after which it is asked for the first time what a child has used: most have answered."""
_KEEPING_MEMORY = {
    "MALLOC_TRIM_THRESHOLD_": str(8 * 1024 * 1024),
    "MALLOC_MMAP_THRESHOLD_": str(4 * 1024 * 1024),
}
"""What glibc is told of a child: to keep freed memory of so many bytes, in pieces of up to so many.
It is used again for the next page's picture; to have it from the kernel anew costs a fifth of a
document's time."""


class Timeout(Exception):
    """The child neither answered nor did anything."""


class Died(Exception):
    """The child ended; `signal` is the number that ended it, or 0."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.signal = number


class ReaderProcess:
    """One process and the conversation with it."""

    def __init__(self, memory: int, starter: ThreadPoolExecutor) -> None:
        """Start one that may use `memory` bytes; it ends with the thread of `starter`."""
        self.requests = 0
        try:
            self._process, self._files = starter.submit(_start, memory).result()
            self.kept_from = wire.Ready.model_validate_json(self.answer())
        except (OSError, RuntimeError, ValueError, Timeout, Died) as error:
            # RuntimeError: the starter has shut down, as the site was closed meanwhile.
            raise SiteFault("site.child-lost", str(error)) from error

    def ask(self, text: bytes, files: tuple[int, ...] = ()) -> None:
        """Send a request and the files that it is about; raises `Died`."""
        self.requests += 1
        assert self._process.stdin is not None  # noqa: S101  # it was asked for as a pipe
        try:
            if files:
                socket.send_fds(self._files, [wire.FILES], files)
            self._process.stdin.write(wire.frame(text))
            self._process.stdin.flush()
        except OSError:
            raise Died(self._signal()) from None

    def answers_within(self, seconds: float) -> bool:
        """Wait for the answer to begin; tell whether it has, or the child has ended."""
        assert self._process.stdout is not None  # noqa: S101  # it was asked for as a pipe
        ready, _, _ = select.select([self._process.stdout], [], [], seconds)
        return bool(ready)

    def step_back(self) -> None:
        """Let others have the processor first, where the system allows that."""
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self._process.pid, _ASIDE_NICENESS)

    def answer(self) -> bytes:
        """Return the answer; raises `Timeout` or `Died`."""
        head = self._exactly(wire.LENGTH.size)
        size = wire.LENGTH.unpack(head)[0]
        if size > wire.LONGEST:
            raise Died(0)
        return self._exactly(size)

    def _exactly(self, size: int) -> bytes:
        assert self._process.stdout is not None  # noqa: S101  # it was asked for as a pipe
        source = self._process.stdout.fileno()
        parts: list[bytes] = []
        while size:
            self._await(source)
            part = os.read(source, min(size, 1 << 20))
            if not part:
                raise Died(self._signal())
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def _await(self, source: int) -> None:
        """Wait until there is something to read; raises `Timeout`."""
        used: tuple[bytes, ...] | None = None
        while not select.select([source], [], [], _SOON if used is None else _IDLE_SECONDS)[0]:
            before, used = used, self._processor_time()
            if used == before:
                raise Timeout

    def _processor_time(self) -> tuple[bytes, ...]:
        """Return what the kernel has counted for it, in ticks; nothing when it has ended."""
        try:
            told = Path(f"/proc/{self._process.pid}/stat").read_bytes()
        except OSError:
            return ()
        return tuple(told.rpartition(b")")[2].split()[11:13])

    def _signal(self) -> int:
        try:
            return -min(0, self._process.wait(5))
        except subprocess.TimeoutExpired:
            return 0

    def end(self) -> None:
        """Kill the process and collect it."""
        self._process.kill()
        self._process.wait()
        self._files.close()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue


def _start(memory: int) -> tuple[subprocess.Popen[bytes], socket.socket]:
    """Start a child; return it, and where descriptors of files are sent to it."""
    ours, theirs = socket.socketpair()
    with theirs:
        numbers = (str(number) for number in (memory, os.getpid(), theirs.fileno()))
        process = subprocess.Popen(
            (*_CHILD, *numbers),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | _KEEPING_MEMORY,
            pass_fds=(theirs.fileno(),),
        )
    return process, ours
