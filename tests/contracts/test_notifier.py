"""The contract of the port `Notifier`, held against mail, webhooks and programs."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import pytest

from gateway.core.errors import NoticeFault
from gateway.core.notice_settings import (
    CommandTarget,
    Encryption,
    MailTarget,
    Subscription,
    WebhookTarget,
)
from gateway.core.notice_texts import Message, compose
from gateway.core.notices import Notice
from gateway.core.secret import Secret
from gateway.notices.command import CommandNotifier
from gateway.notices.mail import MailNotifier
from gateway.notices.webhook import WebhookNotifier
from gateway.ports import Notifier
from gateway.wiring import SystemClock
from tests.notices.receiving import mail_server, tls, web_server

HOSTILE = "x\r\nBcc: evil@example.org\n\n\u202efdp.exe 合同\udce4.pdf"


class Peer(Protocol):
    """A target, and what it has taken."""

    notifier: Notifier

    def ids(self) -> list[str]:
        """Return the ids of the messages that were taken."""

    def says(self, text: str) -> bool:
        """Tell whether the last message that was taken holds a text."""

    def answer(self, what: str) -> None:
        """Let the next message be refused: `later` or `never`."""

    def go(self) -> None:
        """Be there no more."""


class MailPeer:
    """A mail server with STARTTLS."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        context, pem = tls(folder)
        self._stack = stack
        self._server = stack.enter_context(mail_server(context=context, starttls=True))
        target = MailTarget(
            "127.0.0.1",
            self._server.port,
            Encryption.STARTTLS,
            "seals@company.example",
            ("operator@company.example",),
            ca_file=pem,
            timeout=5,
        )
        self.notifier: Notifier = MailNotifier(target, SystemClock())

    def ids(self) -> list[str]:
        """Return the ids of the messages that were taken."""
        return [mail["Message-ID"][1:].partition("@")[0] for mail in self._server.mails]

    def says(self, text: str) -> bool:
        """Tell whether the last message that was taken holds a text."""
        return text in self._server.mails[-1].get_content()

    def answer(self, what: str) -> None:
        """Let the next message be refused."""
        self._server.answers.append("451 later" if what == "later" else "554 never")

    def go(self) -> None:
        """Be there no more."""
        self._stack.close()


class WebPeer:
    """An HTTP server."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._stack = stack
        self._server = stack.enter_context(web_server())
        target = WebhookTarget(Secret("url", self._server.url), b"key")
        self.notifier: Notifier = WebhookNotifier(target, SystemClock())

    def ids(self) -> list[str]:
        """Return the ids of the messages that were taken."""
        return [post.headers["webhook-id"] for post in self._server.posts]

    def says(self, text: str) -> bool:
        """Tell whether the last message that was taken holds a text."""
        return text in json.dumps(self._server.posts[-1].json(), ensure_ascii=False)

    def answer(self, what: str) -> None:
        """Let the next message be refused."""
        self._server.statuses.append(503 if what == "later" else 410)

    def go(self) -> None:
        """Be there no more."""
        self._stack.close()


_PROGRAM = """#!/bin/sh
if [ -e "$1/answer" ]; then code=$(cat "$1/answer"); rm "$1/answer"; exit "$code"; fi
cat > "$1/last"
echo "$SEALGATE_NOTICE_ID" >> "$1/ids"
"""


class CommandPeer:
    """A program."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._program = folder / "program"
        self._program.write_text(_PROGRAM)
        self._program.chmod(stat.S_IRWXU)
        target = CommandTarget((str(self._program), str(folder)), folder, 10)
        self.notifier: Notifier = CommandNotifier(target)

    def ids(self) -> list[str]:
        """Return the ids of the messages that were taken."""
        path = self._folder / "ids"
        return path.read_text().split() if path.exists() else []

    def says(self, text: str) -> bool:
        """Tell whether the last message that was taken holds a text."""
        value = json.loads((self._folder / "last").read_bytes())
        return text in json.dumps(value, ensure_ascii=False)

    def answer(self, what: str) -> None:
        """Let the next message be refused."""
        (self._folder / "answer").write_text("75" if what == "later" else "100")

    def go(self) -> None:
        """Be there no more."""
        self._program.unlink()


_PEERS: dict[str, Callable[[Path, ExitStack], Peer]] = {
    "mail": MailPeer,
    "webhook": WebPeer,
    "command": CommandPeer,
}


@pytest.fixture(params=_PEERS)
def peer(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Peer]:
    """Yield a target of each kind."""
    with ExitStack() as stack:
        yield _PEERS[request.param](tmp_path, stack)


def message(*sources: str) -> Message:
    """Return a message of one or several notices."""
    subscription = Subscription("ops", CommandTarget((), Path(), 1), frozenset())
    notices = tuple(
        Notice(f"id{number}", "failed", "2026-11-25T07:00:00Z", "Site", "main", source)
        for number, source in enumerate(sources)
    )
    return compose(subscription, notices)


def test_message_is_taken(peer: Peer) -> None:
    """What is sent arrives, with its id and its facts."""
    sent = message("a.pdf")
    peer.notifier.send(sent)
    assert peer.ids() == [sent.id]
    assert peer.says("a.pdf")


def test_digest_is_taken(peer: Peer) -> None:
    """Several notices arrive as one message that holds all of them."""
    sent = message("a.pdf", "b.pdf")
    peer.notifier.send(sent)
    assert peer.ids() == [sent.id]
    assert peer.says("a.pdf")
    assert peer.says("b.pdf")


def test_hostile_names_do_no_harm(peer: Peer) -> None:
    """A name with line ends, other directions and broken bytes arrives as something harmless."""
    from gateway.core.names import display

    peer.notifier.send(message(display(HOSTILE)))
    assert len(peer.ids()) == 1
    assert peer.says("合同")


def test_refused_for_now(peer: Peer) -> None:
    """A target that cannot take it now leaves a fault that may be tried again; then it takes it."""
    sent = message("a.pdf")
    peer.answer("later")
    with pytest.raises(NoticeFault) as caught:
        peer.notifier.send(sent)
    assert caught.value.code == "notice.not-now"
    assert caught.value.retryable
    peer.notifier.send(sent)
    assert peer.ids() == [sent.id]


def test_refused_for_good(peer: Peer) -> None:
    """A target that will never take it leaves a fault that is final."""
    peer.answer("never")
    with pytest.raises(NoticeFault) as caught:
        peer.notifier.send(message("a.pdf"))
    assert caught.value.code == "notice.refused"
    assert not caught.value.retryable
    assert peer.ids() == []


def test_nobody_there(peer: Peer) -> None:
    """A target that is gone leaves a fault that may be tried again."""
    peer.go()
    with pytest.raises(NoticeFault) as caught:
        peer.notifier.send(message("a.pdf"))
    assert caught.value.code == "notice.unreachable"
    assert caught.value.retryable
