"""The manual of the Samba share, followed literally by root on loopback."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import smbclient

from tests.e2e.pages import write_pdf
from tests.e2e.site import SEALGATE, TestSite, wait_for
from tests.e2e.world import World, blocks, require

MANUAL = "samba.md"
_STATE = "for each in lib cache log; do mount -t tmpfs -o mode=755 tmpfs /var/$each/samba; done\n"
# Without capabilities the superuser is to the kernel who it is, its name is all that differs.
_SERVICE = "mkdir -p /var/lib/samba/private /run/samba; groupadd sealgate\n" + (
    "useradd --non-unique --uid 0 --gid sealgate --no-create-home sealgate"
)


class Office(World):
    """The world of a server for people."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, _STATE + _SERVICE)
        self._server: subprocess.Popen[bytes] | None = None

    def serve(self) -> None:
        """Start the server with the settings that the machine and the manual give it."""
        command = (*self.inside, "/usr/sbin/smbd", "--foreground", "--no-process-group")
        own = (f"--port={self.port}", "--option=interfaces=lo", "--option=bind interfaces only=yes")
        with (self.root / "words").open("wb") as words:
            self._server = subprocess.Popen(
                (*command, *own, "--debug-stdout"),
                stdout=words,
                stderr=words,
                start_new_session=True,  # at its end it ends its whole group
            )
        wait_for("the server lets Anna in", lambda: self.ask("seal", "ls").returncode == 0)

    def client(self, share: str, commands: str, user: str = "anna") -> list[str]:
        """Return the command of a client that carries out commands, separated by semicolons."""
        command = ["smbclient", "--user", f"{user}%password of {user}", "--port", str(self.port)]
        return [*command, f"//127.0.0.1/{share}", "--command", commands]

    def ask(
        self, share: str, commands: str, user: str = "anna"
    ) -> subprocess.CompletedProcess[str]:
        """Let a client carry out commands."""
        command = self.client(share, commands, user)
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    def person(self, name: str) -> None:
        """Follow the manual for one person."""
        (self.root / f"{name}.password").write_text(f"password of {name}\n")
        self.do(blocks(MANUAL, "sh")[1].replace("anna", name))

    def end(self) -> None:
        """End the server and the world."""
        if self._server is not None:
            self._server.send_signal(signal.SIGTERM)
            self._server.wait(20)
        super().end()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Follow the manual's shell blocks in a world of its own, and start the server."""
    require("smbclient", "/usr/sbin/smbd")
    made = Office(tmp_path_factory.mktemp("samba") / "world")
    try:
        made.do(blocks(MANUAL, "sh")[0])
        made.person("anna")
        made.person("bert")
        made.serve()
        yield made
    finally:
        made.end()


_HASTY = "    settle: 200ms\n    scan_every: 1s\n    incomplete_after: 1s\n"


@contextmanager
def _service(site: TestSite, office: Office) -> Iterator[None]:
    """Run the daemon with the manual's inboxes and the service's rights."""
    (settings,) = blocks(MANUAL, "yaml")
    outbox, inboxes = settings.split("inboxes:\n")
    inboxes = "inboxes:\n" + inboxes.replace("    path:", f"{_HASTY}    path:")
    site.edit("gateway.yaml", lambda text: re.sub("outbox: .*\n", outbox, text))
    site.edit("gateway.yaml", lambda text: text.replace("inboxes:\n", inboxes))
    rules = site.root / "rules" / "example.yaml"
    for name in ("shared", "people"):
        rules.with_name(f"{name}.yaml").write_text(rules.read_text().replace("documents", name))
    unit = blocks(MANUAL, "ini")[0]
    assert "AmbientCapabilities=CAP_LEASE" in unit
    (umask,) = re.findall("UMask=(.*)", unit)
    groups = office.do("id --groups sealgate").split()
    rights = ("setpriv", "--regid", groups[0], "--groups", ",".join(groups))
    rights = (*rights, "--bounding-set=-all,+lease", "sh", "-c", f'umask {umask}; exec "$@"', "sh")
    with site.daemon((*office.inside, *rights, *SEALGATE)):
        wait_for("it watches", lambda: "sealgate: ready" in site.daemon_says())
        yield


def test_people_drop_and_pick_up(tmp_path: Path, site: TestSite, office: Office) -> None:
    """What Anna drops is hers, is sealed, and is fetched and taken away by a client."""
    source = write_pdf(tmp_path / "invoice.pdf")
    with _service(site, office):
        for drop, pick_up in (("seal", "sealed"), ("my-seal", "my-sealed")):
            sent = office.ask(drop, f"mkdir march; cd march; put {source} invoice.pdf")
            assert sent.returncode == 0, sent.stdout
            fetched = tmp_path / f"{pick_up}.pdf"
            fetch = f"cd march; get invoice-sealed.pdf {fetched}"
            wait_for(
                f"it is in {pick_up}",
                lambda share=pick_up, fetch=fetch: office.ask(share, fetch).returncode == 0,
            )
            assert site.call("verify", str(fetched)).returncode == 0
            removed = office.ask(pick_up, "cd march; del invoice-sealed.pdf*")
            assert removed.returncode == 0, removed.stdout
            assert "invoice" not in office.ask(pick_up, "cd march; ls").stdout
    droppers = [str(event["details"]) for event in site.events("job.accepted")]
    assert len(droppers) == 2
    assert all("dropper=anna" in details for details in droppers), droppers


def test_people_are_kept_apart(tmp_path: Path, office: Office) -> None:
    """Bert may read but not take what Anna dropped, and comes nowhere near what is hers alone."""
    file = tmp_path / "file"
    file.write_text("content")
    for share, readable in (("seal", True), ("my-seal", False)):
        assert office.ask(share, f"put {file} anna.pdf").returncode == 0
        tried = office.ask(share, f"get anna.pdf {tmp_path}/got", user="bert")
        assert (tried.returncode == 0) is readable, tried.stdout
        for command in ("del anna.pdf", "rename anna.pdf mine.pdf"):
            office.ask(share, command, user="bert")
            assert "anna.pdf" in office.ask(share, "ls").stdout, command
        assert office.ask(share, "del anna.pdf").returncode == 0
    tried = office.ask("seal", f"put {file} anna.pdf; put {file} anna.pdf")
    assert tried.returncode == 0
    assert office.ask("seal", f"put {file} anna.pdf", user="bert").returncode != 0
    office.ask("seal", "del anna.pdf")


def test_what_people_should_not_see_is_hidden(tmp_path: Path, office: Office) -> None:
    """Sealgate's own folder is not there, file managers leave nothing, strangers get nothing."""
    file = tmp_path / "file"
    file.write_text("content")
    office.do("install -d -m 700 /srv/seal/in/.sealgate")
    assert ".sealgate" not in office.ask("seal", "ls").stdout
    for name in (".DS_Store", "._anna.pdf", "Thumbs.db", ".sealgate/x"):
        assert office.ask("seal", f"put {file} {name}").returncode != 0, name
    assert office.ask("seal", "ls", user="carl").returncode != 0


def test_a_paused_copy_stays(tmp_path: Path, site: TestSite, office: Office) -> None:
    """A copy whose client is stopped in its middle is taken once, whole, when it is closed."""
    source = write_pdf(tmp_path / "big.pdf", ("One" * 1_000_000,) * 12)
    whole, target = source.stat().st_size, "/srv/seal/in/big.pdf"
    with _service(site, office):
        command = office.client("seal", f"put {source} big.pdf")
        client = subprocess.Popen((*command, "--max-protocol=SMB2_02"), start_new_session=True)
        try:
            wait_for("it begins", lambda: office.size(target) > 0)
            client.send_signal(signal.SIGSTOP)
            assert 0 < office.size(target) < whole, "it went too fast to be stopped"
            time.sleep(3)  # three times as long as a file without an end would be given
            assert 0 < office.size(target) < whole, "it was taken in the middle"
            client.send_signal(signal.SIGCONT)
            assert client.wait(60) == 0
        finally:
            client.kill()
            client.wait()
        wait_for("it is sealed", lambda: len(site.events("result.delivered")) == 1)
    assert site.failures() == {}
    assert len(site.events("job.accepted")) == 1


def test_a_whole_file_that_is_held_open_stays(
    tmp_path: Path, site: TestSite, office: Office
) -> None:
    """A file with its end that a client still holds open is taken when the client closes it."""
    content = write_pdf(tmp_path / "held.pdf").read_bytes()
    connections: dict[str, object] = {}
    login = {"username": "anna", "password": "password of anna", "port": office.port}
    with _service(site, office):
        try:
            share = r"\\127.0.0.1\seal\held.pdf"
            options = {**login, "connection_cache": connections, "buffering": 0}
            with smbclient.open_file(share, mode="xb", share_access="rwd", **options) as held:
                assert held.write(content) == len(content)
                wait_for("all of it is there", lambda: _lies_there(office, len(content)))
                time.sleep(4)  # twenty times the settle time, and several scans
                assert _lies_there(office, len(content)), "it was taken while it was open"
                assert not site.events("job.accepted")
            wait_for("it is sealed", lambda: len(site.events("result.delivered")) == 1)
        finally:
            smbclient.reset_connection_cache(fail_on_error=False, connection_cache=connections)
    assert site.failures() == {}
    assert len(site.events("job.accepted")) == 1


def _lies_there(office: Office, size: int) -> bool:
    return office.size("/srv/seal/in/held.pdf") == size
