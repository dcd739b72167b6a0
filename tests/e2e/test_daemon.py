"""The running daemon: rules edited under it, services failing under it, files changing under it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.sandbox.process import SandboxProcess
from tests.e2e.pages import write_pdf
from tests.e2e.site import TestSite, wait_for


@pytest.fixture
def sandbox(site: TestSite) -> Iterator[str]:
    """Run the site's sandbox by itself, so that it can be told to fail; return its address."""
    with SandboxProcess(site.state):
        yield (site.state / "sandbox" / "address").read_text().split()[0]


def tell(address: str, **fault: object) -> None:
    """Tell the sandbox to fail."""
    request = urllib.request.Request(  # noqa: S310
        f"{address}/faults",
        data=json.dumps(fault).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        assert answer.status < 300


def ready(site: TestSite) -> None:
    """Wait until the daemon says that it is ready."""
    wait_for("ready", lambda: "ready" in site.daemon_says())


def archived(site: TestSite, name: str) -> bool:
    """Tell whether a result of that name is in the archive, its receipt too."""
    return bool(list(site.archive.rglob(f"{name}.receipt.json")))


def receipt_of(site: TestSite, name: str) -> dict[str, object]:
    """Read the receipt of a delivered result."""
    (path,) = site.outbox.rglob(f"{name}.receipt.json")
    return json.loads(path.read_text())


def test_rules_are_reloaded_as_a_whole(site: TestSite, tmp_path: Path) -> None:
    """A valid edit counts for later documents; a broken one changes nothing, aloud."""
    with site.daemon():
        ready(site)
        site.drop(write_pdf(tmp_path / "first.pdf"))
        wait_for("first", lambda: archived(site, "first-sealed.pdf"))
        site.edit("rules/example.yaml", lambda text: text.replace("bottom-right", "top-left"))
        wait_for("the reload is logged", lambda: bool(site.events("rules.reloaded")))
        site.drop(write_pdf(tmp_path / "second.pdf"))
        wait_for("second", lambda: archived(site, "second-sealed.pdf"))
        site.edit("rules/example.yaml", lambda text: text.replace("corner:", "cornre:"))
        wait_for("the rejection is logged", lambda: bool(site.events("rules.rejected")))
        site.drop(write_pdf(tmp_path / "third.pdf"))
        wait_for("third", lambda: archived(site, "third-sealed.pdf"))
        status = site.json("status")
        assert [hold["subject"] for hold in status["holds"]] == ["rules"]
        assert not status["healthy"]
    assert "cornre" in site.daemon_says()
    places = [
        receipt_of(site, f"{name}-sealed.pdf")["seal"]["place"]["x"]
        for name in ("first", "second", "third")
    ]
    assert places[0] > 100 > places[1] == places[2]
    snapshots = {
        receipt_of(site, f"{name}-sealed.pdf")["rule"]["snapshot"]
        for name in ("first", "second", "third")
    }
    assert len(snapshots) == 2


@pytest.fixture(scope="module")
def failing(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestSite]:
    """Return a site whose daemon and sandbox run, for one fault after another."""
    site = TestSite(tmp_path_factory.mktemp("failing") / "site")
    shutil.copytree(template, site.root, symlinks=True)
    with SandboxProcess(site.state), site.daemon():
        ready(site)
        yield site


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("503", "service.failed"),
        ("refuse-429", "service.busy"),
        ("out-of-quota", "service.out-of-quota"),
        ("cut-before", "service.no-answer"),
        ("cut-after-charging", "service.no-answer"),
        ("truncated-json", "service.protocol"),
        ("wrong-signature", "service.wrong-signature"),
    ],
)
def test_service_faults_hold_and_resume(
    failing: TestSite, tmp_path: Path, kind: str, code: str
) -> None:
    """A failing service makes documents wait; when it is well again all are delivered, once."""
    site, names = failing, [f"{kind}-{number}" for number in range(3)]
    charged, before = site.usage()["charged"], len(site.events("hold.*"))
    site.forget_faults()
    site.tell(method="signatures/signHash", kind=kind, times=4)
    for name in names:
        site.drop(write_pdf(tmp_path / f"{name}.pdf", (name,)))
    wait_for("the hold is logged", lambda: len(site.events("hold.*")) > before)
    wait_for("all delivered", lambda: all(archived(site, f"{name}-sealed.pdf") for name in names))
    wait_for("no hold is left", lambda: not site.json("status")["holds"])
    # The service knows a digest again (it is idempotent), so even a call cut off after
    # charging is charged once.
    assert site.usage()["charged"] == charged + 3
    assert site.failures() == {}
    told = site.events("hold.*")[before:]
    assert {entry["event"] for entry in told} == {"hold.opened", "hold.closed"}
    assert code in json.dumps([entry for entry in told if entry["event"] == "hold.opened"])


def test_unanswered_calls_are_listed(site: TestSite, sandbox: str, tmp_path: Path) -> None:
    """A call whose answer never came is listed, with the digest that is sent again."""
    tell(sandbox, method="signatures/signHash", kind="cut-after-charging", times=1)
    site.drop(write_pdf(tmp_path / "cut.pdf"))
    assert site.call("sweep").returncode == 0
    (entry,) = site.events("sign.unanswered")
    sent = site.events("sign.sent")
    assert len(sent) == 2
    digests = {word for item in (entry, *sent) for word in item["details"].split()}
    assert len({word for word in digests if word.startswith("digest=")}) == 1


def test_price_without_idempotence(site: TestSite, tmp_path: Path) -> None:
    """At a service that charges repeats, what was charged is what was delivered or is listed."""
    with SandboxProcess(site.state, "--charge-repeats"):
        address = (site.state / "sandbox" / "address").read_text().split()[0]
        tell(address, method="signatures/signHash", kind="cut-after-charging", times=2)
        for number in range(4):
            site.drop(write_pdf(tmp_path / f"dear-{number}.pdf", (f"{number}",)))
        assert site.call("sweep").returncode == 0
        charged = site.usage()["charged"]
    assert len(site.delivered()) == 4
    assert charged == 4 + len(site.events("sign.unanswered")) == 6


def test_wrong_pin_is_not_repeated(site: TestSite, sandbox: str, tmp_path: Path) -> None:
    """A refused PIN holds the service until somebody says retry; the credential does not lock."""
    tell(sandbox, method="credentials/authorize", kind="pin-wrong", times=1)
    site.drop(write_pdf(tmp_path / "pin.pdf"))
    done = site.call("sweep")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "service.authorization-refused" in done.stderr
    assert site.call("sweep").returncode == 3, "a second sweep does not try by itself"
    assert not site.delivered()
    assert site.call("retry", "--all-failed").returncode == 0
    assert site.call("sweep").returncode == 0
    assert len(site.delivered()) == 1


def test_timestamp_authority_down(site: TestSite, tmp_path: Path) -> None:
    """Without time-stamps the signature that was bought is kept, and no other is bought."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    before = (site.root / "gateway.yaml").read_text()
    with SandboxProcess(site.state):
        site.edit(
            "gateway.yaml", lambda text: text.replace("sandbox://tsa", f"http://127.0.0.1:{port}/")
        )
        site.drop(write_pdf(tmp_path / "late.pdf"))
        assert site.call("sweep").returncode == 3
        assert site.usage()["charged"] == 1
        site.edit("gateway.yaml", lambda text: before)
        assert site.call("sweep").returncode == 0
        assert site.usage()["charged"] == 1
    assert len(site.delivered()) == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: mounts a small file system")
def test_disk_full_holds_and_resumes(site: TestSite, tmp_path: Path) -> None:
    """A full outbox holds the work, leaves no partial name, and a later sweep delivers."""
    mount = ("mount", "-t", "tmpfs", "-o", "size=60k", "none", str(site.outbox))
    if subprocess.run(mount, check=False).returncode != 0:
        pytest.skip("this machine does not let us mount")
    try:
        site.drop(write_pdf(tmp_path / "big.pdf"))
        assert site.call("sweep").returncode == 3
        (hold,) = site.json("status")["holds"]
        assert (hold["subject"], hold["code"]) == ("site", "site.disk-full")
        assert [path for path in site.outbox.rglob("*") if path.is_file()] == []
        assert site.call("sweep").returncode == 3, "still full"
        subprocess.run(("mount", "-o", "remount,size=10m", str(site.outbox)), check=True)
        assert site.call("sweep").returncode == 0
        assert [path.name for path in site.delivered()] == ["big-sealed.pdf"]
    finally:
        subprocess.run(("umount", str(site.outbox)), check=True)


def test_file_appended_to_while_worked_on(site: TestSite, sandbox: str, tmp_path: Path) -> None:
    """A writer that goes on writing after the claim gets both versions sealed."""
    first = write_pdf(tmp_path / "moving.pdf", ("First",))
    second = write_pdf(tmp_path / "later.pdf", ("First", "Second")).read_bytes()
    tell(sandbox, method="signatures/signHash", kind="slow", seconds=3, times=1)
    # By default a file waits for its writer; this writer is one that never closes it.
    site.edit(
        "gateway.yaml", lambda text: text.replace("settle:", "open_after: 300ms\n    settle:")
    )
    target = site.drop(first)
    with target.open("r+b") as writer, site.daemon():
        wait_for("the digest is sent", lambda: bool(site.events("sign.sent")))
        assert not target.exists(), "it was claimed"
        writer.write(second)
        writer.truncate()
        writer.flush()
        wait_for("the first version", lambda: archived(site, "moving-sealed.pdf"))
        wait_for("the second version", lambda: archived(site, "moving-sealed-2.pdf"))
    assert site.events("intake.changed")
    pages = [
        len(json.dumps(receipt_of(site, name)["original"]))
        for name in ("moving-sealed.pdf", "moving-sealed-2.pdf")
    ]
    assert all(pages)
    sums = {
        receipt_of(site, name)["original"]["sha256"]
        for name in ("moving-sealed.pdf", "moving-sealed-2.pdf")
    }
    assert len(sums) == 2


def test_same_name_dropped_again(site: TestSite, tmp_path: Path) -> None:
    """A second file of the same name gets a numbered result; nothing is overwritten."""
    for text in ("One", "Two"):
        site.drop(write_pdf(tmp_path / "same.pdf", (text,)))
        assert site.call("sweep").returncode == 0
    names = [path.name for path in site.delivered()]
    assert names == ["same-sealed-2.pdf", "same-sealed.pdf"]


def test_failed_document_is_explained_and_retried(site: TestSite, tmp_path: Path) -> None:
    """A file no rule wants lies in failed/ with the trace; with new rules it is retried."""
    rules = (site.root / "rules" / "example.yaml").read_text()
    never = rules.replace(
        "name: everything-else", "name: everything-else\n    match: {pages: '>90'}"
    )
    site.edit("rules/example.yaml", lambda text: never)
    site.drop(write_pdf(tmp_path / "lost.pdf"))
    assert site.call("sweep").returncode == 1
    (receipt,) = site.failed.rglob("*.receipt.json")
    error = json.loads(receipt.read_text())["error"]
    assert error["code"] == "rules.no-match"
    assert "pages: 1 is not >90" in error["sentence"]
    job = json.loads(receipt.read_text())["job"]
    site.edit("rules/example.yaml", lambda text: rules)
    assert site.call("retry", job).returncode == 0
    assert site.call("sweep").returncode == 0
    assert [path.name for path in site.delivered()] == ["lost-sealed.pdf"]
    assert not [path for path in site.failed.rglob("*") if path.is_file()]


def test_sweep_beside_the_daemon(tmp_path: Path) -> None:
    """A sweep while the daemon runs lets the daemon work and tells how it ended."""
    # The files lie still long enough for the sweep to start and see them waiting.
    site = TestSite.make(tmp_path / "site", settle="5s")
    with site.daemon():
        ready(site)
        site.drop(write_pdf(tmp_path / "good.pdf"))
        (site.inbox / "bad.pdf").write_bytes(b"%PDF-1.4 nothing\nstartxref\n0\n%%EOF\n")
        done = site.call("sweep")
        assert done.returncode == 1, done.stdout + done.stderr
        assert "1 sealed, 1 failed" in done.stdout
        assert site.call("run").returncode == 2, "there is one worker a site"


def test_folder_deleted_and_made_again(site: TestSite, tmp_path: Path) -> None:
    """An inbox that was deleted turns health red; made again, it is watched again."""
    with site.daemon():
        ready(site)
        shutil.rmtree(site.inbox)
        wait_for(
            "health is red",
            lambda: (
                [hold["code"] for hold in site.json("status")["holds"]] == ["site.folder-missing"]
            ),
        )
        assert not site.inbox.exists(), "the daemon does not make it"
        site.inbox.mkdir()
        site.drop(write_pdf(tmp_path / "again.pdf"))
        wait_for("again", lambda: archived(site, "again-sealed.pdf"))
        assert site.json("status")["healthy"]


def test_folder_moved_in_whole(site: TestSite, tmp_path: Path) -> None:
    """A folder moved into the inbox is found, and its structure is kept in the outbox."""
    write_pdf(tmp_path / "batch" / "may" / "a.pdf")
    write_pdf(tmp_path / "batch" / "june" / "b.pdf")
    with site.daemon():
        ready(site)
        shutil.move(tmp_path / "batch", site.inbox / "batch")
        wait_for("a", lambda: archived(site, "a-sealed.pdf"))
        wait_for("b", lambda: archived(site, "b-sealed.pdf"))
    found = {path.relative_to(site.outbox).as_posix() for path in site.delivered()}
    assert found == {"documents/batch/may/a-sealed.pdf", "documents/batch/june/b-sealed.pdf"}


def test_odd_names(site: TestSite, tmp_path: Path) -> None:
    """Names of 255 bytes, in other cases, other normal forms, or not UTF-8 at all are sealed."""
    source = write_pdf(tmp_path / "source.pdf").read_bytes()
    names = [
        b"A.PDF",
        b"a.pdf",
        "caf\u00e9.pdf".encode(),
        "cafe\u0301.pdf".encode(),
        b"bad-\xff\xfe.pdf",
        b"x" * 251 + b".pdf",
        "盖章合同.pdf".encode(),
    ]
    for name in names:
        with open(bytes(site.inbox) + b"/" + name, "xb") as file:  # noqa: PTH123
            file.write(source)
    done = site.call("sweep")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(site.delivered()) == len(names)
    assert site.call("log", "verify").returncode == 0


def test_systemd_is_told(site: TestSite, tmp_path: Path) -> None:
    """The supervisor hears READY, STATUS, WATCHDOG and STOPPING."""
    address = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(str(address))
        channel.settimeout(30)
        site.environment |= {"NOTIFY_SOCKET": str(address), "WATCHDOG_USEC": "1000000"}
        heard = ""
        with site.daemon():
            while "WATCHDOG=1" not in heard:
                heard += channel.recv(4096).decode() + "\n"
        channel.setblocking(False)
        try:
            while True:
                heard += channel.recv(4096).decode() + "\n"
        except BlockingIOError:
            pass
    assert "READY=1" in heard
    assert "STATUS=" in heard
    assert "STOPPING=1" in heard


def test_secrets_are_nowhere(site: TestSite, sandbox: str, tmp_path: Path) -> None:
    """PIN and client secret are in no log, receipt, status, process list or word of the daemon."""
    secrets = [
        (site.state / "sandbox" / name).read_text().strip() for name in ("pin", "client-secret")
    ]
    tell(sandbox, method="credentials/authorize", kind="unauthorized", times=1)
    site.drop(write_pdf(tmp_path / "s.pdf"))
    with site.daemon() as process:
        wait_for("delivered", lambda: archived(site, "s-sealed.pdf"))
        command = Path(f"/proc/{process.pid}/cmdline").read_text()
        said = site.call("status").stdout + site.call("log", "export").stdout
    texts = [command, said, site.daemon_says()]
    texts += [path.read_text() for path in site.root.rglob("*.receipt.json")]
    ledger = b"".join(path.read_bytes() for path in site.state.glob("ledger.sqlite*"))
    for secret in secrets:
        assert len(secret) >= 4
        assert all(secret not in text for text in texts)
        assert secret.encode() not in ledger or len(secret) < 6


def test_production_refuses_sandbox_parts(site: TestSite, tmp_path: Path) -> None:
    """Without sandbox: true the sandbox's addresses and certificates are refused."""
    site.edit("gateway.yaml", lambda text: text.replace("sandbox: true", "sandbox: false"))
    done = site.call("check")
    assert done.returncode == 2
    assert "settings.sandbox" in done.stderr
    site.drop(write_pdf(tmp_path / "never.pdf"))
    assert site.call("sweep").returncode == 2
    assert not site.delivered()
