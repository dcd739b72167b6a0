"""Receivers of notices that are not ours: a mail server with TLS, an HTTP server on loopback."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.certificates import ServerCertificate


@dataclass
class Post:
    """One request that came."""

    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body, read as JSON."""
        return json.loads(self.body)


@dataclass
class WebServer:
    """An HTTP server that answers what it is told, and keeps what came."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    """Answers to give next; afterwards 204."""
    posts: list[Post] = field(default_factory=list)
    """Requests that were taken."""
    refused: list[Post] = field(default_factory=list)


@contextmanager
def web_server(port: int = 0, context: ssl.SSLContext | None = None) -> Iterator[WebServer]:
    """Listen on loopback; TLS with a context."""
    seen = WebServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            post = Post({k.lower(): v for k, v in self.headers.items()}, body)
            status = seen.statuses.pop(0) if seen.statuses else 204
            (seen.posts if status < 300 else seen.refused).append(post)
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", seen.url)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    scheme = "https" if context is not None else "http"
    seen.url = f"{scheme}://127.0.0.1:{server.server_address[1]}/hook"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def signature(key: bytes, post: Post) -> str:
    """Compute by hand the signature that Standard Webhooks demands of a request."""
    signed = f"{post.headers['webhook-id']}.{post.headers['webhook-timestamp']}.".encode()
    digest = hmac.new(key, signed + post.body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


@dataclass
class MailServer:
    """A mail server that keeps what came."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    """Answers to the next mails; afterwards they are taken."""
    refuses: dict[str, str] = field(default_factory=dict)
    """Answers by recipient."""
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802  # names of the library
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient or refuse it."""
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Keep a mail, or answer what was told."""
        if self.answers:
            return self.answers.pop(0)
        content = envelope.content
        assert isinstance(content, bytes)
        mail = message_from_bytes(content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.recipients.append(list(envelope.rcpt_tos))
        return "250 taken"


@contextmanager
def mail_server(
    *,
    context: ssl.SSLContext | None = None,
    starttls: bool = False,
    password: bytes = b"",
    port: int = 0,
) -> Iterator[MailServer]:
    """Listen on loopback: plain, with TLS from the first byte, or with STARTTLS."""
    seen = MailServer()

    def authenticate(
        server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        seen.logins.append((data.login, data.password))
        # Not handled: the server shall answer by itself.
        return AuthResult(success=data.password == password, handled=False)

    options: dict[str, Any] = {}
    if password:
        options = {"authenticator": authenticate, "auth_required": True}
        options["auth_require_tls"] = starttls
    if starttls:
        options |= {"tls_context": context, "require_starttls": True}
    controller = Controller(
        seen,
        hostname="127.0.0.1",
        port=port or free_port(),
        ssl_context=None if starttls else context,
        **options,
    )
    if context is not None and not starttls:
        # Its own trial connection takes the server's context for a client's.
        controller._trigger_server = partial(_knock, controller)  # type: ignore[method-assign]
    controller.start()
    seen.port = controller.port
    try:
        yield seen
    finally:
        controller.stop()


def _knock(controller: Controller) -> None:
    trust = ssl.create_default_context()
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", controller.port), 5) as plain,
        trust.wrap_socket(plain) as encrypted,
    ):
        assert encrypted.recv(3) == b"220"


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def tls(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """Make a certificate of 127.0.0.1; return a server's context and the PEM to trust."""
    made = ServerCertificate.make(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.key)
    return context, made.certificate
