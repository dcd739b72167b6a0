"""Notices in `gateway.yaml`: what is understood, and what is refused where it stands."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

from gateway.core.notice_settings import (
    CommandTarget,
    Encryption,
    Language,
    MailTarget,
    NoticeKind,
    WebhookTarget,
)
from gateway.core.secret import Secret
from tests.settings.conftest import SITE, Configuration

DOCS = Path(__file__).resolve().parents[2] / "docs"
MAIL = "{type: mail, server: mail.lan, sender: a@b.lan, recipients: c@d.lan"
HOOK = "{type: webhook, url: 'https://erp.lan/hook', key: {secret: pin}"


def test_what_is_understood(configuration: Configuration) -> None:
    """All kinds of targets load; secrets come from where they are referred to."""
    configuration.secret("chat", "https://chat.lan/hook?token=x")
    configuration.secret("key", "whsec_" + base64.b64encode(b"bytes").decode())
    text = f"""
language: zh
notices:
  post: {{to: {MAIL}, encryption: tls}}, digest: 15m, inboxes: inv*}}
  chat: {{to: {{type: webhook, url: {{secret: chat}}, format: slack}}, on: [delivered], language: en}}
  erp: {{to: {{type: webhook, url: "http://127.0.0.1/x", key: {{secret: key}}}}}}
  own: {{to: {{type: command, command: [/bin/true, -x]}}, retry: {{attempts: 3}}}}
"""
    configuration.write("gateway.yaml", SITE + text)
    post, chat, erp, own = configuration.load().settings.notices
    assert isinstance(post.target, MailTarget)
    assert (post.target.port, post.target.encryption) == (465, Encryption.TLS)
    assert post.target.recipients == ("c@d.lan",)
    assert (post.digest, post.language, post.inboxes) == (900.0, Language.CHINESE, ("inv*",))
    assert NoticeKind.FAILED in post.kinds
    assert NoticeKind.DELIVERED not in post.kinds
    assert isinstance(chat.target, WebhookTarget)
    assert chat.target.url == Secret("chat", "https://chat.lan/hook?token=x")
    assert "token=x" not in repr(chat)
    assert "bytes" not in repr(erp)
    assert (chat.language, chat.kinds) == (Language.ENGLISH, {NoticeKind.DELIVERED})
    assert isinstance(erp.target, WebhookTarget)
    assert erp.target.key == b"bytes"
    assert own.target == CommandTarget(("/bin/true", "-x"), configuration.root, 30.0)
    assert own.attempts == 3


@pytest.mark.parametrize(
    ("notice", "code", "words"),
    [
        ("{to: {type: §mial}}", "settings.wrong-value", "mail?"),
        ("{to: §{server: mail.lan}}", "settings.missing-key", "Add it"),
        ("{to: " + MAIL + ", §sevrer: x}}", "settings.unknown-key", "server?"),
        ("{to: " + MAIL + "}, on: [§fialed]}", "settings.wrong-value", "failed?"),
        ("{to: " + MAIL + "}, §onn: [failed]}", "settings.unknown-key", "on?"),
        ("{to: " + MAIL + "}, subject: §'{file}'}", "settings.wrong-value", "{source}"),
        ("{to: " + MAIL + "}, inboxes: [§letters]}", "settings.unknown-name", "invoices"),
        ("{to: " + MAIL + "}, digest: §fast}", "settings.wrong-value", "15m|5m"),
        (
            "{to: " + MAIL.replace("c@d.lan", "[§'c@d.lan, Bcc: x@y.lan']") + "}}",
            "settings.wrong-value",
            "mail address",
        ),
        (
            "{to: " + MAIL + ", encryption: §none, login: {user: a, password: {secret: pin}}}}",
            "settings.wrong-value",
            "starttls",
        ),
        (
            "{to: " + MAIL + ", login: {user: a, password: §hunter2}}}",
            "settings.secret-in-yaml",
            "{secret: NAME}",
        ),
        ("{to: " + HOOK.replace("https://erp.lan/hook", "ftp://x/") + "}}", "settings.wrong-value", "https"),
        ("{to: " + HOOK.replace("https://erp.lan/hook", "http://erp.lan/") + "}}", "settings.wrong-value", "https"),
        ("{to: " + HOOK.replace("https://erp.lan/hook", "sandbox://x") + "}}", "settings.wrong-value", "https"),
        ("{to: §{type: webhook, url: 'https://erp.lan/'}}", "settings.missing-key", "key: {secret"),
        ("{to: " + HOOK + ", bearer: §tk_hunter2}}", "settings.secret-in-yaml", "{secret: NAME}"),
        ("{to: {type: command, command: [§true]}}", "settings.wrong-value", "in full"),
        ("{to: {type: command, command: [§/no/such]}}", "settings.unreadable", "name"),
        ("{to: {type: command, command: [§/etc/passwd]}}", "settings.unreadable", "chmod"),
        ("{to: {type: command, command: §true; rm}}", "settings.wrong-type", "list"),
        ("{to: " + MAIL + "}, retry: {first: 2h, longest: §1h}}", "settings.wrong-value", "at least"),
    ],
)  # fmt: skip
def test_what_is_refused(configuration: Configuration, notice: str, code: str, words: str) -> None:
    """Each fault is told once, with a remedy, at its line, and never with a secret."""
    text = f"{SITE}notices:\n  ops: {notice}\n"
    configuration.write("gateway.yaml", text.replace("§", ""))
    (problem,) = configuration.problems()
    assert problem.code == code, problem
    assert re.search(words.replace("{", r"\{").replace("?", r"\?"), problem.remedy), problem
    assert "hunter2" not in str(problem)
    lines = text.splitlines()
    assert problem.line == len(lines)
    if "§" in notice:
        assert problem.column == lines[-1].index("§") + 1, problem


def test_example_of_the_manual(configuration: Configuration) -> None:
    """The examples of docs/notices.md are valid, but for the program."""
    first, *others = re.findall(
        r"```yaml\n(.*?)```", (DOCS / "notices.md").read_text(encoding="utf-8"), re.DOTALL
    )
    for name in ("mail-password", "erp-key", "ntfy-token"):
        configuration.secret(name, "secret")
    configuration.secret("chat", "https://chat.company.lan/services/x")
    targets = [one for one in others if one.lstrip().startswith("to:")]
    more = "".join(f"  more{n}:\n{one}" for n, one in enumerate(targets))
    words = next(one for one in others if one.lstrip().startswith("subject:"))
    configuration.write("gateway.yaml", SITE + first + more + words)
    problems = configuration.problems()
    assert [one.code for one in problems] == ["settings.unreadable"]
    assert "on-sealed" in problems[0].message
