"""A whole run with planted secrets, under the umask that hides least: what can be found of them."""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyotp
import pytest
import requests

from bench.screenshots import free_port
from tests.e2e.pages import write_pdf
from tests.e2e.site import SEALGATE, TestSite, wait_for
from tests.e2e.test_fields_and_passwords import encrypted

_BY_NAME = ("hook-url", "hook-key", "hook-bearer", "mail-password", "document-password")
_CSRF = re.compile(r'<meta name="csrf" content="([0-9a-f]+)">')
_NOTICES = """
passwords: [{{secret: document-password}}]
notices:
  signed: {{to: {{type: webhook, url: "https://127.0.0.1:9/", key: {{secret: hook-key}}}}}}
  chat:
    to: {{type: webhook, url: {{secret: hook-url}}, format: slack, bearer: {{secret: hook-bearer}}}}
  mail:
    to: {{type: mail, server: 127.0.0.1, port: {port}, sender: s@example.com,
         recipients: o@example.com, login: {{user: gate, password: {{secret: mail-password}}}}}}
"""


@dataclass
class Run:
    """A run that is over: what was planted, and all that was said aloud."""

    site: TestSite
    planted: dict[str, str]
    heard: dict[str, str] = field(default_factory=dict)
    """What processes and commands printed, and what the process list showed."""
    backup: Path = Path()


@pytest.fixture(scope="module")
def run(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Let daemon, console and commands work on a site full of secrets, and fail with some."""
    folder = tmp_path_factory.mktemp("planted")
    subprocess.run(("cp", "-a", template, folder / "site"), check=True)
    site = TestSite(folder / "site")
    planted = {name: f"planted-{secrets.token_hex(12)}" for name in _BY_NAME}
    planted["hook-url"] = f"https://127.0.0.1:9/{planted['hook-url']}"
    (site.root / "secrets").mkdir(mode=0o700, exist_ok=True)
    for name, value in planted.items():
        (site.root / "secrets" / name).write_text(value)
        (site.root / "secrets" / name).chmod(0o600)
    planted["hook-url"] = planted["hook-url"].rpartition("/")[2]
    for name in ("pin", "client-secret"):
        planted[name] = (site.state / "sandbox" / name).read_text().strip()
    port = free_port()
    listening = f"listen: 127.0.0.1:{port}"
    site.edit("gateway.yaml", lambda text: text.replace("listen: 127.0.0.1:8470", listening))
    site.edit("gateway.yaml", lambda text: text + _NOTICES.format(port=free_port()))
    done = Run(site, planted)
    with _working(done), _serving(done, f"http://127.0.0.1:{port}"):
        _people(done, f"http://127.0.0.1:{port}")
        plain = write_pdf(folder / "plain.pdf", ("plain",))
        site.drop(encrypted(plain, planted["document-password"], "owner-" + secrets.token_hex(6)))
        site.drop(encrypted(plain, "unknown", "unknown"), "strange.pdf")
        site.tell(method="signatures/signHash", kind="unauthorized", times=1)
        site.drop(plain)
        (site.inbox / "broken.pdf").write_bytes(b"%PDF-1.4\nrubbish\n%%EOF\n")
        wait_for("two are archived", lambda: len(list(site.archive.rglob("*-sealed.pdf"))) == 2)
        wait_for("two have failed", lambda: len(site.failures()) == 2)
        wait_for("notices cannot be told", lambda: "notice." in site.call("notices", "list").stdout)
        done.heard["processes"] = _process_list()
        for command in _commands(done):
            told = site.call(*command)
            done.heard[" ".join(command[:2])] = told.stdout + told.stderr
    done.heard["daemon"] = site.daemon_says()
    done.backup = next((folder / "backups").iterdir())
    return done


def _commands(run: Run) -> Iterator[tuple[str, ...]]:
    sealed = str(next(run.site.outbox.rglob("plain-sealed.pdf")))
    failed = str(next(run.site.failed.rglob("strange.pdf")))
    yield from (("check",), ("doctor",), ("status",), ("status", "--json"), ("verify", sealed))
    yield from (("services", "list"), ("services", "test"), ("log", "export"), ("log", "verify"))
    yield from (("explain", failed, "--inbox", "documents"), ("retry", "--all-failed"))
    yield from (("users", "sessions"), ("users", "tokens", "list"), ("notices", "list"))
    yield ("backup", str(run.site.root.parent / "backups"), "--archive")


@contextmanager
def _working(run: Run) -> Iterator[None]:
    before = os.umask(0)
    try:
        process = run.site.start(log="json")
    finally:
        os.umask(before)
    try:
        wait_for("ready", lambda: "daemon.started" in run.site.daemon_says())
        yield
    finally:
        process.terminate()
        assert process.wait(60) == 0, run.site.daemon_says()


@contextmanager
def _serving(run: Run, url: str) -> Iterator[None]:
    said = run.site.root.parent / "console.words"
    before = os.umask(0)
    try:
        with said.open("ab") as words:
            command = (*SEALGATE, "console", "--site", str(run.site.root))
            process = subprocess.Popen(command, stdout=words, stderr=words)
    finally:
        os.umask(before)
    try:
        wait_for("the console answers", lambda: _answers(f"{url}/login"))
        yield
    finally:
        process.terminate()
        process.wait(60)
        run.heard["console"] = said.read_text()


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except requests.ConnectionError:
        return False


def _people(run: Run, url: str) -> None:
    """Let somebody in by link, password, code and token, after some wrong ones."""
    site, planted = run.site, run.planted
    added = site.call("users", "add", "anna", "--role", "operator")
    planted["link"] = added.stdout.strip().rpartition("/")[2]
    planted["password"] = f"Planted {secrets.token_hex(8)} battery"
    _asked(site, planted["password"] + "\n", "users", "password", "anna")
    token = site.call("users", "tokens", "add", "anna", "--name", "erp", "--scope", "documents.see")
    assert token.returncode == 0, token.stderr
    planted["token"] = token.stdout.strip()
    planted["wrong-password"] = f"wrong-{secrets.token_hex(8)}"
    with requests.Session() as browser:
        for password in (planted["wrong-password"], planted["password"]):
            csrf = _CSRF.search(browser.get(f"{url}/login", timeout=30).text)
            assert csrf is not None
            fields = {"csrf": csrf[1], "login": "anna", "password": password, "code": ""}
            browser.post(f"{url}/login", fields, timeout=30)
        planted["cookie"] = str(browser.cookies["sealgate"])
        assert "anna" in browser.get(f"{url}/work", timeout=30).text.lower()
    headers = {"Authorization": f"Bearer {planted['token']}"}
    answer = requests.get(f"{url}/api/v1/jobs", headers=headers, timeout=30)
    assert answer.status_code not in (401, 403), answer.text
    requests.get(f"{url}/api/v1/jobs?token={planted['token']}", timeout=30)
    with subprocess.Popen(
        (*SEALGATE, "users", "totp", "anna", "--site", str(site.root)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as enrolling:
        assert enrolling.stdout is not None
        planted["totp"] = enrolling.stdout.readline().split()[1]
        code = pyotp.TOTP(planted["totp"]).now()
        told, _ = enrolling.communicate(f"{code}\n")
    planted["recovery-code"] = told.strip().splitlines()[-1].strip()


def _asked(site: TestSite, answer: str, *command: str) -> None:
    arguments = (*SEALGATE, *command, "--site", str(site.root))
    done = subprocess.run(arguments, input=answer, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _process_list() -> str:
    """Return what everybody on the machine sees of our processes."""
    found = [one / "cmdline" for one in Path("/proc").iterdir() if one.name.isdigit()]
    lines = []
    for path in found:
        try:
            lines.append(path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
        except OSError:
            continue  # ended meanwhile
    return "\n".join(lines)


def test_nothing_says_a_secret(run: Run) -> None:
    """No line of daemon, console or command has one, nor has the list of processes."""
    assert len(run.planted) >= 14
    assert min(map(len, run.planted.values())) >= 8
    assert "-m gateway run" in run.heard["processes"]
    for what, text in run.heard.items():
        for name, secret in run.planted.items():
            assert secret not in text, f"{name} in {what}"
    assert len(run.heard["console"]) + len(run.heard["daemon"]) > 200


def test_nothing_keeps_a_secret(run: Run) -> None:
    """Log, receipts, archive, working files, ledger and backup have none, whatever was refused."""
    kept = (run.site.root / "secrets", run.site.state / "sandbox")
    looked = 0
    for root in (run.site.root, run.backup):
        for path in root.rglob("*"):
            if path.is_file() and not any(path.is_relative_to(one) for one in kept):
                content = path.read_bytes()
                looked += 1
                for name, secret in run.planted.items():
                    assert secret.encode() not in content, f"{name} in {path}"
    assert looked > 30
    assert not (run.backup / "secrets").exists()
    receipts = list(run.site.root.rglob("*.receipt.json"))
    assert len(receipts) >= 4
    assert json.loads(receipts[0].read_text())["job"]


def test_others_cannot_read_what_was_written(run: Run) -> None:
    """Under umask 0, state is its owner's alone, and nothing that was delivered is everybody's."""
    sandbox = run.site.state / "sandbox"  # a folder that nobody else enters
    for path in (run.site.state, *run.site.state.rglob("*"), run.backup, *run.backup.rglob("*")):
        if sandbox not in path.parents:
            assert path.stat().st_mode & 0o077 == 0, path
    for folder in (run.site.outbox, run.site.archive, run.site.failed):
        for path in folder.rglob("*"):
            if folder != run.site.failed or path.suffix != ".pdf":  # which is as it was dropped
                assert path.stat().st_mode & 0o007 == 0, path
