"""What the manual of mounted shares says, on the one kind that a test can mount by itself."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.e2e.site import SEALGATE
from tests.e2e.world import require
from tests.remotes.sshd import Sshd


def test_doctor_tells_what_sshfs_is_like(tmp_path: Path) -> None:
    """On sshfs nobody is told to rely on events or open files, and claims are possible."""
    require("sshfs")
    if not Path("/dev/fuse").exists():
        pytest.skip("this machine has no /dev/fuse")
    server = Sshd(tmp_path / "sshd")
    server.start()
    folder = tmp_path / "mounted"
    folder.mkdir()
    host = server.settings()
    mount = ["sshfs", "-p", str(host.port), "-o", f"IdentityFile={server.root / 'user'}"]
    mount += ["-o", "StrictHostKeyChecking=no,reconnect,ServerAliveInterval=15"]
    mount += ["-o", f"UserKnownHostsFile={server.root / 'known'}"]
    mount += [f"{host.user}@{host.host}:{server.folder}", str(folder)]
    probe = (*SEALGATE, "doctor", str(folder), "--json")
    script = '"$@" && exec ' + " ".join(f"'{word}'" for word in probe)
    try:
        command = ("unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh")
        done = subprocess.run(
            (*command, *mount), capture_output=True, text=True, check=False, timeout=60
        )
    finally:
        server.stop()
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
    assert list(server.folder.iterdir()) == []
