"""Run Sealgate and kill it at a remote folder: `dying_remotely.py N FOLDER -- ARGS`.

It dies after the N-th step: a file written, renamed or removed there by SFTP. Steps count from the
moment at which FOLDER/armed exists.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from gateway.remotes.sftp import SftpFolder


def install(number: int, armed: Path) -> None:
    """Put the countdown around every step of this process."""
    count = 0

    def wrapped(real: Any) -> Any:
        def step(*arguments: Any) -> Any:
            nonlocal count
            counts = armed.exists()
            done = real(*arguments)
            count += counts
            if counts and count == number:
                os.kill(os.getpid(), signal.SIGKILL)
                signal.pause()
            return done

        return step

    for name in ("write", "rename", "remove"):
        setattr(SftpFolder, name, wrapped(getattr(SftpFolder, name)))


if __name__ == "__main__":
    install(int(sys.argv[1]), Path(sys.argv[2]) / "armed")
    from gateway.cli import main

    sys.exit(main(sys.argv[4:]))
