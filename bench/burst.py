"""Send thousands of files by every way, kill server and daemon in the middle, count.

Usage: python -m bench.burst [--files N] [WAY …]        ways: local, sftp, smb
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from tests.e2e.bursts import burst
from tests.e2e.senders import WAYS


def main() -> None:
    """Print one line for each way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("ways", nargs="*", metavar="WAY", choices=[*WAYS, []])
    chosen = parser.parse_args()
    for way in chosen.ways or WAYS:
        with tempfile.TemporaryDirectory(prefix="sealgate-burst-") as folder:
            began = time.monotonic()
            sealed, charged = burst(Path(folder), way, chosen.files, say)
            seconds = time.monotonic() - began
            say(f"{way}: {sealed} sealed, {charged} charged, {seconds:.0f} s")


def say(words: str) -> None:
    """Print a line at once."""
    print(words, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
