"""A program of the operator's: notices on its standard input, nothing else of ours."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress

from gateway.core.errors import NoticeFault
from gateway.core.notice_settings import CommandTarget
from gateway.core.notice_texts import Message
from gateway.notices.payload import payload

_REFUSED = 100
"""Exit code by which a program refuses a notice for good."""
_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
"""All of it: our own may hold secrets (`SEALGATE_SECRET_…`)."""


class CommandNotifier:
    """The port `Notifier`: starts a program for each message, without a shell."""

    def __init__(self, target: CommandTarget) -> None:
        self._target = target

    def send(self, message: Message) -> None:
        """Run the program; what it prints is thrown away.

        It succeeds with exit code 0 and refuses for good with 100. One that takes too long is
        killed with its process group. Raises `NoticeFault`.
        """
        code = self._run(payload(message), message.id)
        if code == _REFUSED:
            raise NoticeFault("notice.refused", f"exit code {code}")
        if code < 0:
            raise NoticeFault("notice.not-now", f"ended by signal {-code}")
        if code:
            raise NoticeFault("notice.not-now", f"exit code {code}")

    def _run(self, content: bytes, name: str) -> int:
        try:
            child = subprocess.Popen(
                self._target.arguments,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=self._target.folder,
                env={**_ENVIRONMENT, "SEALGATE_NOTICE_ID": name},
                start_new_session=True,
            )
        except OSError as error:
            raise NoticeFault("notice.unreachable", error.strerror or "") from error
        with child:
            try:
                child.communicate(content, timeout=self._target.timeout)
            except subprocess.TimeoutExpired:
                raise NoticeFault("notice.no-answer", f"{self._target.timeout:g} s") from None
            finally:
                if child.returncode is None:
                    # Not waited for yet, so its number, which is its group's, is still its own.
                    with suppress(ProcessLookupError):
                        os.killpg(child.pid, signal.SIGKILL)
        return child.returncode
