"""What the manual of mounted shares says, on the one kind that a test can mount by itself."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.e2e.mounted import Mounted
from tests.e2e.site import SEALGATE


def test_doctor_tells_what_sshfs_is_like(tmp_path: Path) -> None:
    """On sshfs nobody is told to rely on events or open files, and claims are possible."""
    mounted = Mounted(tmp_path / "sshd", "ServerAliveInterval=15")
    folder = tmp_path / "mounted"
    folder.mkdir()
    probe = (*SEALGATE, "doctor", str(folder), "--json")
    try:
        command = (*mounted.around(mounted.served, folder), *probe)
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    finally:
        mounted.end()
    assert done.returncode == 0, done.stdout + done.stderr
    found = {row["what"]: (row["result"], row["detail"]) for row in json.loads(done.stdout)}
    assert "fuse.sshfs" in found["file system"][1]
    assert "must_be_mount: true" in found["file system"][1]
    assert found["rename"][0] == "ok"
    assert found["rename without replacing"][1].startswith("by a second name")
    assert found["files without a name"][0] == "note"
    assert found["files open for writing"][0] == "note"
    assert (
        found["watching"][1] == "by polling, as on every network share; a file settles after 10 s"
    )
    assert list(mounted.served.iterdir()) == []
