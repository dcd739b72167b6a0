"""Programs that are not ours, and judge what is."""

from __future__ import annotations

import subprocess
from pathlib import Path


def said(*command: str | Path) -> str:
    """Return what a program prints; it must be content."""
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout
