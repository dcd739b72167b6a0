"""`sealgate users`, as an administrator of the machine works with it."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyotp
import pytest

from gateway.cli import main
from gateway.cli.people_checks import people_checks
from gateway.cli.site import opened
from gateway.core.accounts import Account
from gateway.core.errors import AccessFault
from gateway.core.people import Permission
from gateway.wiring import open_site

PASSWORD = "correct horse battery"


@dataclass
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def value(self) -> Any:
        """Return the JSON that was printed."""
        return json.loads(self.out)


Run = Callable[..., Ended]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a site once."""
    root = tmp_path_factory.mktemp("site") / "site"
    assert main(["init", str(root), "--sandbox"]) == 0
    return root


@pytest.fixture
def run(made: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return what runs a command of the family on the site."""

    def run_command(*arguments: str, stdin: str = "") -> Ended:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        code = main(["users", *arguments, "--site", str(made)])
        said = capsys.readouterr()
        return Ended(code, said.out, said.err)

    return run_command


def test_first_administrator(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The link that `init` prints makes one administrator, once; a newer one replaces it."""
    root = tmp_path / "site"
    assert main(["init", str(root), "--sandbox"]) == 0
    first = capsys.readouterr().out.split()[-1]
    assert first.startswith("http://127.0.0.1:8470/welcome/")
    assert main(["users", "link", "--site", str(root)]) == 0
    second = capsys.readouterr().out.strip()
    site = open_site(root)
    try:
        redeem = site.people.access.redeem_link
        with pytest.raises(AccessFault) as replaced:
            redeem(first.rpartition("/")[2], PASSWORD, login="ruth", name="Ruth")
        assert replaced.value.code == "access.link"
        entered = redeem(second.rpartition("/")[2], PASSWORD, login="Ruth", name="Ruth Root")
        assert entered is not None
        visitor = site.people.person_of_session(entered.token)
        assert visitor.may(Permission.MANAGE_PEOPLE)
        assert visitor.person.login == "ruth"
        with pytest.raises(AccessFault):
            redeem(second.rpartition("/")[2], PASSWORD, login="eve", name="Eve")
    finally:
        site.close()
    assert main(["users", "link", "--site", str(root)]) == 2
    assert "usage.has-administrator" in capsys.readouterr().err


def test_life_of_a_user(run: Run) -> None:
    """A user is added, changed, disabled and enabled again, and the log tells by whom."""
    assert run("groups", "add", "legal", "--role", "approver").code == 0
    added = run("add", "anna", "--name", "Anna E", "--role", "auditor", "--group", "legal")
    assert "/welcome/" in added.out
    facts = run("show", "anna", "--json").value
    assert facts["standing"] == "no password yet"
    assert facts["roles_with_groups"] == "approver, auditor"
    assert run("password", "anna", stdin=f"{PASSWORD}\n").code == 0
    changed = run("change", "anna", "--add-role", "operator", "--posix", "anna", "--language", "zh")
    assert changed.code == 0
    assert "as before" in run("change", "anna", "--posix", "anna").out
    assert run("disable", "anna", "--why", "on leave").code == 0
    rows = {row["login"]: row for row in run("list", "--json").value}
    assert rows["anna"]["standing"] == "disabled"
    assert rows["anna"]["files_of"] == "anna"
    assert run("enable", "anna").code == 0
    facts = run("show", "anna", "--json").value
    assert (facts["standing"], facts["roles"], facts["language"]) == (
        "enabled",
        "auditor, operator",
        "zh",
    )
    history = [(entry["event"], entry["actor"].partition(":")[0]) for entry in facts["history"]]
    assert history == [
        ("person.added", "user"),
        ("person.link-made", "user"),
        ("person.password-set", "user"),
        ("person.changed", "user"),
        ("person.disabled", "user"),
        ("person.enabled", "user"),
    ]
    (group,) = run("groups", "list", "--json").value
    assert group["members"] == "anna"


def test_second_factor(run: Run, made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An authenticator is set up at the terminal, shown once, and taken away."""
    assert run("add", "ben", "--no-link").code == 0
    secrets: list[str] = []

    def shown(self: pyotp.TOTP, **words: str) -> str:
        secrets.append(self.secret)
        return f"otpauth://{words['name']}"

    class Answering(io.StringIO):
        """Standard input of somebody who reads the secret and types its code."""

        def readline(self, *_: object) -> str:  # type: ignore[override]
            return pyotp.TOTP(secrets[0]).now() + "\n"

    monkeypatch.setattr(pyotp.TOTP, "provisioning_uri", shown)
    monkeypatch.setattr("io.StringIO", Answering)
    done = run("totp", "ben")
    assert done.code == 0, done.err
    assert len(done.out.splitlines()) == 13
    key = made / "state" / "people.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert run("show", "ben", "--json").value["recovery_codes"] == 10
    assert run("totp", "ben", "--off").code == 0
    assert "usage.second-factor" in run("totp", "ben", "--off").err


def test_tokens_and_sessions(run: Run, made: Path) -> None:
    """A token is printed once and listed without its secret; sessions are listed and ended."""
    assert run("add", "cleo", "--role", "auditor", "--no-link").code == 0
    made_token = run("tokens", "add", "cleo", "--name", "export", "--scope", "log.see")
    (row,) = run("tokens", "list", "cleo", "--json").value
    assert made_token.out.strip() not in json.dumps(row)
    assert "may not do" in run("tokens", "add", "cleo", "--name", "x", "--scope", "seals.keep").err
    run("password", "cleo", stdin=f"{PASSWORD}\n")
    site = open_site(made)
    try:
        assert site.people.person_of_api_token(made_token.out.strip()).may(Permission.SEE_LOG)
        site.people.log_in("cleo", PASSWORD, address="192.0.2.9")
        (session,) = run("sessions", "cleo", "--json").value
        assert session["address"] == "192.0.2.9"
        assert run("sessions", "cleo", "--end").out.startswith("1 session")
        assert run("tokens", "withdraw", "cleo", row["id"]).code == 0
        with pytest.raises(AccessFault):
            site.people.person_of_api_token(made_token.out.strip())
    finally:
        site.close()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("show", "nobody"), "usage.unknown-user"),
        (("password", "nobody"), "usage.unknown-user"),
        (("unlock", "nobody"), "usage.unknown-user"),
        (("add", "Dora"), "usage.user-option"),
        (("add", "dora", "--home", "documents/"), "usage.user-option"),
        (("add", "dora", "--home", "documents/../x"), "usage.user-option"),
        (("add", "dora", "--group", "nowhere"), "usage.unknown-group"),
        (("groups", "change", "nowhere"), "usage.unknown-group"),
        (("tokens", "withdraw", "nobody", "1"), "usage.unknown-token"),
        (("sessions", "--end"), "usage.user-option"),
    ],
)
def test_refusals_name_a_remedy(run: Run, arguments: tuple[str, ...], code: str) -> None:
    """What cannot be is refused with its code and what to do instead; nothing is kept."""
    refused = run(*arguments)
    assert refused.code == 2
    assert code in refused.err
    assert len(refused.err.splitlines()) == 2
    assert "dora" not in run("list").out


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "aaaaaaaaaaaaaaaa",
        "eveline.1234",
        "passwordpassword",
        "qwertyuiop12",
        "盖章处" * 5,
        "x" * 2000,
    ],
)
def test_weak_passwords(run: Run, password: str) -> None:
    """Passwords that are short, uniform or known to everybody are refused."""
    run("add", "eveline.1234", "--no-link")
    refused = run("password", "eveline.1234", stdin=password)
    assert (refused.code, "usage.weak-password" in refused.err) == (2, True)
    assert password not in refused.err.replace("eveline.1234", "")


def test_doctor(tmp_path: Path) -> None:
    """The doctor tells of users, of homes in no inbox, and of a key that is lost."""
    root = tmp_path / "site"
    assert main(["init", str(root), "--sandbox"]) == 0
    with opened(root) as site:
        site.people.keeping("user:x").add(Account("anna", "Anna", home="nowhere/anna"))
        site.people.access.set_password("anna", PASSWORD, "user:x")
        secret = site.people.second_factor.begin("anna", "user:x").secret
        site.people.second_factor.confirm("anna", pyotp.TOTP(secret).now(), "user:x")
        found = [row[:2] for row in people_checks(site)]
        assert found == [("users", "warning"), ("second factors", "ok"), ("user anna", "warning")]
        (root / "state" / "people.key").unlink()
        assert ("second factors", "fail") in [row[:2] for row in people_checks(site)]


def test_password_at_a_terminal(run: Run, made: Path) -> None:
    """At a terminal a password is asked for twice, and never shown."""
    assert run("add", "theo", "--no-link").code == 0
    ours, theirs = pty.openpty()
    command = (sys.executable, "-m", "gateway", "users", "password", "theo", "--site", str(made))
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    ) as process:
        os.close(theirs)
        shown = b""
        for prompt in (b"new password: ", b"once more: "):
            while prompt not in shown:
                shown += os.read(ours, 1000)
            os.write(ours, PASSWORD.encode() + b"\n")
        with contextlib.suppress(OSError):  # the terminal's other end is closed
            while part := os.read(ours, 1000):
                shown += part
        assert process.wait(60) == 0, shown
    os.close(ours)
    assert PASSWORD.encode() not in shown
    assert run("show", "theo", "--json").value["standing"] == "enabled"
