"""What the contract does not say: encryption, logins, signatures, what programs may not have."""

from __future__ import annotations

import json
import os
import stat
import time
from email.header import decode_header, make_header
from pathlib import Path

import pytest

from gateway.core.errors import NoticeFault
from gateway.core.notice_settings import (
    CommandTarget,
    Encryption,
    MailTarget,
    WebhookFormat,
    WebhookTarget,
)
from gateway.core.notice_texts import Message
from gateway.core.notices import Notice
from gateway.core.secret import Secret
from gateway.core.services import HttpAccess, LoginSettings
from gateway.notices.command import CommandNotifier
from gateway.notices.mail import MailNotifier
from gateway.notices.webhook import WebhookNotifier
from gateway.wiring import SystemClock
from tests.e2e.site import wait_for
from tests.notices.receiving import MailServer, mail_server, signature, tls, web_server

CLOCK = SystemClock()
MESSAGE = Message(
    "id-ops", "失败: <!channel> & a.pdf", "<!channel>", (Notice("id", "failed", "2026", "Site"),)
)


def mail(server: MailServer, encryption: Encryption, **more: object) -> MailNotifier:
    """Return what sends mail to a server."""
    settings: dict[str, object] = {
        "server": "127.0.0.1",
        "port": server.port,
        "encryption": encryption,
        "sender": "seals@company.example",
        "recipients": ("a@company.example", "b@company.example"),
        "timeout": 5.0,
    }
    return MailNotifier(MailTarget(**(settings | more)), CLOCK)  # type: ignore[arg-type]


def failing(code: str, notifier: MailNotifier | WebhookNotifier | CommandNotifier) -> NoticeFault:
    """Send, expect a fault of that code, and return it."""
    with pytest.raises(NoticeFault) as caught:
        notifier.send(MESSAGE)
    assert caught.value.code == code
    return caught.value


def test_tls_from_the_first_byte(tmp_path: Path) -> None:
    """Mail goes out by TLS with a private authority, its subject in any script."""
    context, pem = tls(tmp_path)
    with mail_server(context=context) as server:
        mail(server, Encryption.TLS, ca_file=pem).send(MESSAGE)
        (taken,) = server.mails
        assert taken["Subject"] == MESSAGE.subject
        assert taken["Auto-Submitted"] == "auto-generated"
        assert server.recipients == [["a@company.example", "b@company.example"]]


@pytest.mark.parametrize("parties", [False, True])
def test_parties_of_a_flow_are_reached_where_that_is_wanted(parties: bool) -> None:
    """Addresses of a notice's parties count only for a target that is to reach them."""
    notice = Notice("id", "turn", "2026", "Site", mail="p@acme.example a@company.example")
    with mail_server() as server:
        told = mail(server, Encryption.NONE, parties=parties)
        told.send(Message("id-parties", "turn", "text", (notice,)))
        more = ["p@acme.example"] if parties else []
        assert server.recipients == [["a@company.example", "b@company.example", *more]]
        assert ("p@acme.example" in server.mails[0]["To"]) is parties


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # the server, of what is tested here
@pytest.mark.parametrize("encryption", [Encryption.TLS, Encryption.STARTTLS])
def test_untrusted_server_gets_nothing(tmp_path: Path, encryption: Encryption) -> None:
    """A server whose certificate nobody vouches for gets neither login nor mail."""
    context, _ = tls(tmp_path)
    starttls = encryption is Encryption.STARTTLS
    login = LoginSettings("seals", Secret("mail", "open"))
    with mail_server(context=context, starttls=starttls, password=b"open") as server:
        failing("notice.tls", mail(server, encryption, login=login))
        assert server.mails == []
        assert server.logins == []


def test_starttls_is_insisted_on() -> None:
    """A server that offers no STARTTLS gets nothing."""
    with mail_server() as server:
        failing("notice.tls", mail(server, Encryption.STARTTLS))
        assert server.mails == []


def test_wrong_and_missing_login(tmp_path: Path) -> None:
    """A refused or missing login is said to be one, may be tried again, and is not repeated."""
    context, pem = tls(tmp_path)
    wrong = LoginSettings("seals", Secret("mail", "sesame"))
    with mail_server(context=context, starttls=True, password=b"open") as server:
        fault = failing(
            "notice.login-refused", mail(server, Encryption.STARTTLS, ca_file=pem, login=wrong)
        )
        assert "sesame" not in str(fault)
        assert len(server.logins) == 1
        failing("notice.login-refused", mail(server, Encryption.STARTTLS, ca_file=pem))
        assert server.mails == []


def test_password_that_cannot_be_sent(tmp_path: Path) -> None:
    """A password with letters that the server's way to log in has not is said to be one."""
    context, pem = tls(tmp_path)
    login = LoginSettings("seals", Secret("mail", "Schlüssel"))
    with mail_server(context=context, starttls=True, password=b"open") as server:
        notifier = mail(server, Encryption.STARTTLS, ca_file=pem, login=login)
        fault = failing("notice.login-refused", notifier)
    assert "ASCII" in fault.detail
    assert "Schl" not in str(fault)


@pytest.mark.parametrize(
    ("answer", "code"), [("550 no such user", "notice.refused"), ("450 busy", "notice.not-now")]
)
@pytest.mark.parametrize("who", [("a",), ("a", "b")])
def test_refused_recipients(answer: str, code: str, who: tuple[str, ...]) -> None:
    """Recipients that were refused are named, whether others were taken or not."""
    with mail_server() as server:
        server.refuses = {f"{one}@company.example": answer for one in who}
        fault = failing(code, mail(server, Encryption.NONE))
        assert "a@company.example" in fault.detail
        assert len(server.mails) == 2 - len(who)


def webhook(url: str, **more: object) -> WebhookNotifier:
    """Return what posts to an address."""
    return WebhookNotifier(WebhookTarget(Secret("url", url), **more), CLOCK)  # type: ignore[arg-type]


def test_signature_and_time() -> None:
    """A request is signed over id, present time and body, by the key and no other."""
    with web_server() as server:
        webhook(server.url, key=b"key").send(MESSAGE)
        (post,) = server.posts
        assert post.headers["webhook-id"] == "id-ops"
        assert abs(int(post.headers["webhook-timestamp"]) - time.time()) < 60
        assert post.headers["webhook-signature"] == signature(b"key", post)
        assert post.headers["webhook-signature"] != signature(b"other", post)


def test_slack() -> None:
    """Slack gets a text in which no name can call a channel."""
    with web_server() as server:
        webhook(server.url, format=WebhookFormat.SLACK).send(MESSAGE)
        text = server.posts[0].json()["text"]
        assert "<" not in text
        assert text.startswith("失败: &lt;!channel&gt; &amp; a.pdf")
        assert "webhook-signature" not in server.posts[0].headers


def test_ntfy() -> None:
    """Ntfy gets the text, the subject as title in any script, and a token."""
    with web_server() as server:
        token = Secret("ntfy", "tk_x")
        webhook(server.url, format=WebhookFormat.NTFY, token=token).send(MESSAGE)
        (post,) = server.posts
        assert str(make_header(decode_header(post.headers["title"]))) == MESSAGE.subject
        assert post.body == b"<!channel>"
        assert post.headers["authorization"] == "Bearer tk_x"


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (302, "notice.refused"),
        (400, "notice.refused"),
        (401, "notice.login-refused"),
        (429, "notice.not-now"),
        (500, "notice.not-now"),
    ],
)
def test_answers(status: int, code: str) -> None:
    """What an answer means; no redirect is followed."""
    with web_server() as server:
        server.statuses = [status]
        failing(code, webhook(server.url))
        assert server.posts == []


def test_https_needs_a_trusted_certificate(tmp_path: Path) -> None:
    """A private authority has to be named; a fault never holds the address."""
    context, pem = tls(tmp_path)
    with web_server(context=context) as server:
        fault = failing("notice.tls", webhook(server.url))
        assert "hook" not in str(fault)
        webhook(server.url, access=HttpAccess(ca_file=pem)).send(MESSAGE)
        assert len(server.posts) == 1


def program(folder: Path, text: str, timeout: float = 10.0) -> CommandNotifier:
    """Return what starts a shell script."""
    path = folder / "program"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(stat.S_IRWXU)
    return CommandNotifier(CommandTarget((str(path), "a b; $(c)"), folder, timeout))


def test_program_gets_nothing_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of ours reaches a program, nor an open file; its arguments are as written."""
    monkeypatch.setenv("SEALGATE_SECRET_PIN", "12345678")
    held = os.open("/dev/null", os.O_RDONLY)
    script = 'env > environment; ls /proc/self/fd > open; echo "$1" > argument; cat > input'
    program(tmp_path, script).send(MESSAGE)
    os.close(held)
    names = {line.partition("=")[0] for line in (tmp_path / "environment").read_text().split()}
    assert names - {"PWD", "_", "SHLVL", "OLDPWD"} == {"PATH", "LANG", "SEALGATE_NOTICE_ID"}
    assert len((tmp_path / "open").read_text().split()) <= 5
    assert (tmp_path / "argument").read_text() == "a b; $(c)\n"
    assert json.loads((tmp_path / "input").read_text())["data"]["id"] == "id"


def test_program_that_hangs_is_killed_with_its_children(tmp_path: Path) -> None:
    """After its time a program ends, and what it started, too."""
    script = "sleep 1000 & echo $! > child; wait"
    failing("notice.no-answer", program(tmp_path, script, timeout=0.5))
    child = int((tmp_path / "child").read_text())
    wait_for("the end of its child", lambda: _ended(child))


def _ended(process: int) -> bool:
    """Tell whether a process is gone, or only its exit code is left."""
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
    return status.rpartition(")")[2].split()[0] == "Z"


@pytest.mark.parametrize(
    ("script", "detail"), [("exit 3", "exit code 3"), ("kill -9 $$", "ended by signal 9")]
)
def test_program_that_fails(tmp_path: Path, script: str, detail: str) -> None:
    """Any other end of a program lets the notice wait, and says how it ended."""
    assert failing("notice.not-now", program(tmp_path, script)).detail == detail
