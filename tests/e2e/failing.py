"""Run Sealgate on a disk that fails: `failing.py FOLDER -- ARGS`.

While FOLDER/failing exists, every `os.fsync` fails as a broken disk makes it fail.
"""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

from gateway.cli import main

if __name__ == "__main__":
    failing = Path(sys.argv[1]) / "failing"
    fsync = os.fsync

    def perhaps(descriptor: int) -> None:
        """Sync, unless the disk is broken just now."""
        if failing.exists():
            with (failing.parent / "failures").open("a") as failures:
                failures.write("fsync\n")
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        fsync(descriptor)

    os.fsync = perhaps
    sys.exit(main(sys.argv[3:]))
