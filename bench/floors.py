"""The floors: what copying and hashing the bytes costs, without any signature."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from bench.measuring import Stopwatch, Took

_CHUNK = 1 << 20


def copied(paths: Sequence[Path], folder: Path) -> Took:
    """Copy, hash (SHA-256), fsync and rename each file; return what it took."""
    folder.mkdir(parents=True, exist_ok=True)
    watch = Stopwatch()
    for path in paths:
        partial = folder / f".{path.name}.part"
        digest = hashlib.sha256()
        with path.open("rb", buffering=0) as source, partial.open("wb", buffering=0) as target:
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                target.write(chunk)
            os.fsync(target.fileno())
        partial.rename(folder / path.name)
    return watch.took()


def by_shell(paths: Sequence[Path], folder: Path) -> Took:
    """Run `cp` and `sha256sum` for each file in a shell loop; return what it took."""
    folder.mkdir(parents=True, exist_ok=True)
    script = 'to=$1; shift; for file; do cp "$file" "$to/" && sha256sum "$file" >/dev/null; done'
    watch = Stopwatch()
    subprocess.run(("/bin/sh", "-c", script, "sh", str(folder), *map(str, paths)), check=True)
    return watch.took()
