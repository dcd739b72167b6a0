"""A site whose inbox is filled from an SFTP server that comes and goes."""

from __future__ import annotations

import getpass
from pathlib import Path

from gateway.sandbox.samples import write_samples
from tests.e2e.site import TestSite, wait_for
from tests.remotes.sshd import Sshd


def test_remote_files_are_sealed_though_the_server_goes_away(tmp_path: Path) -> None:
    """A sweep fetches and seals; the daemon holds the folder, not the site, while it is away."""
    server = Sshd(tmp_path / "sshd")
    server.start()
    site = TestSite.make(tmp_path / "site")
    (site.root / "secrets").mkdir(mode=0o700, exist_ok=True)
    key = site.root / "secrets" / "partner-key"
    key.touch(0o600)
    key.write_text((server.root / "user").read_text())
    url = f"sftp://{getpass.getuser()}@127.0.0.1:{server.port}{server.folder}"
    remote = (
        f'\n    remote: {{url: "{url}", host_key: "{server.fingerprint}", '
        "key: {secret: partner-key}, poll: 200ms, settle: 200ms}"
    )
    site.edit("gateway.yaml", lambda text: text.replace("    settle:", f"{remote}\n    settle:", 1))
    samples = write_samples(tmp_path / "samples")
    first, second = sorted((tmp_path / "samples").rglob("*.pdf"))[:2]
    assert samples
    try:
        (server.folder / "first.pdf").write_bytes(first.read_bytes())
        swept = site.call("sweep")
        assert swept.returncode == 0, swept.stdout + swept.stderr
        assert len(site.delivered()) == 1
        with site.daemon():
            server.stop()
            (server.folder / "second.pdf").write_bytes(second.read_bytes())
            wait_for("the folder is held", lambda: bool(site.events("hold.opened")))
            server.start()
            wait_for("the second one is sealed", lambda: len(site.delivered()) == 2)
        (opened,) = site.events("hold.opened")
        assert "remote:documents" in opened["details"]
        assert len(site.events("remote.fetched")) == 2
    finally:
        server.stop()
    assert [path for path in server.folder.rglob("*") if path.is_file()] == []
