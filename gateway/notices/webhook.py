"""Webhooks: notices posted to an address, signed as Standard Webhooks has it.

The signature is HMAC-SHA256 over `webhook-id.webhook-timestamp.body`, base64, after `v1,`
(https://github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import ssl
from collections.abc import Callable
from contextlib import closing
from email.header import Header
from http.client import HTTPException
from http.cookiejar import DefaultCookiePolicy

import requests
import urllib3.exceptions

from gateway import __version__
from gateway.core.errors import NoticeFault
from gateway.core.notice_settings import WebhookFormat, WebhookTarget
from gateway.core.notice_texts import Message
from gateway.core.services import HttpAccess
from gateway.notices.payload import payload
from gateway.ports import Clock

_LATER = frozenset({408, 409, 423, 425, 429})
"""Refusals of the fourth hundred that a later attempt may not meet."""
_LOGIN = frozenset({401, 407})
_LONGEST_TEXT = 3500
"""Characters; ntfy turns longer messages into attachments, Slack cuts them."""


class WebhookNotifier:
    """The port `Notifier`: one POST for each message; no redirect is followed."""

    def __init__(self, target: WebhookTarget, clock: Clock) -> None:
        self._target = target
        self._clock = clock
        self._session = _session(target.access)

    def send(self, message: Message) -> None:
        """Post a message; any answer of the second hundred takes it. Raises `NoticeFault`."""
        body, headers = _FORMATS[self._target.format](message)
        headers |= self._signed(message.id, body)
        if self._target.token is not None:
            headers["Authorization"] = f"Bearer {self._target.token.value}"
        status, retry_after = self._post(body, headers)
        if 200 <= status < 300:
            return
        if status in _LOGIN:
            raise NoticeFault("notice.login-refused", f"HTTP {status}")
        if status in _LATER or status >= 500:
            raise NoticeFault("notice.not-now", f"HTTP {status}", retry_after=retry_after)
        raise NoticeFault("notice.refused", f"HTTP {status}")

    def _signed(self, name: str, body: bytes) -> dict[str, str]:
        seconds = str(int(self._clock.now().timestamp()))
        headers = {"webhook-id": name, "webhook-timestamp": seconds}
        if self._target.key:
            signed = b".".join((name.encode(), seconds.encode(), body))
            digest = hmac.new(self._target.key, signed, hashlib.sha256).digest()
            headers["webhook-signature"] = "v1," + base64.b64encode(digest).decode()
        return headers

    def _post(self, body: bytes, headers: dict[str, str]) -> tuple[int, float | None]:
        access = self._target.access
        try:
            answer = self._session.post(
                self._target.url.value,
                data=body,
                headers=headers,
                timeout=(access.connect_timeout, access.read_timeout),
                allow_redirects=False,
                stream=True,  # what it says besides its status is not read
            )
            with closing(answer):
                return answer.status_code, _seconds(answer.headers.get("Retry-After", ""))
        # Kinds of errors only: the texts hold the address, which may be a secret.
        except (requests.exceptions.SSLError, ssl.SSLError) as error:
            raise NoticeFault("notice.tls", _kind(error)) from None
        except requests.exceptions.ConnectTimeout:
            raise NoticeFault("notice.unreachable", "no connection in time") from None
        except requests.exceptions.ReadTimeout:
            raise NoticeFault("notice.no-answer", f"{access.read_timeout:g} s") from None
        except requests.exceptions.ConnectionError as error:
            raise NoticeFault("notice.unreachable", _kind(error)) from None
        except (
            requests.exceptions.RequestException,
            urllib3.exceptions.HTTPError,
            HTTPException,
            OSError,
            ValueError,
        ) as error:
            raise NoticeFault("notice.unreachable", _kind(error)) from None


def _session(access: HttpAccess) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers["User-Agent"] = f"sealgate/{__version__}"
    # Notices are rare; a kept connection that the peer has closed would only fail.
    session.headers["Connection"] = "close"
    session.verify = str(access.ca_file) if access.ca_file else True
    if access.proxy:
        session.proxies = {"http": access.proxy, "https": access.proxy}
    if access.client_certificate:
        certificate = str(access.client_certificate)
        key = access.client_key
        session.cert = (certificate, str(key)) if key else certificate
    return session


def _kind(error: BaseException) -> str:
    """Return the name of the innermost cause, without its text."""
    while error.args and isinstance(error.args[0], BaseException):
        error = error.args[0]
    reason = getattr(error, "reason", None)
    return type(reason if isinstance(reason, BaseException) else error).__name__


def _seconds(written: str) -> float | None:
    return float(written) if written.isascii() and written.isdigit() else None


def _standard(message: Message) -> tuple[bytes, dict[str, str]]:
    return payload(message), {"Content-Type": "application/json"}


def _slack(message: Message) -> tuple[bytes, dict[str, str]]:
    text = _short(f"{message.subject}\n{message.text}")
    # Slack's own escapes: a file's name must not call everybody of a channel.
    for plain, escaped in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(plain, escaped)
    body = json.dumps({"text": text}, ensure_ascii=False).encode()
    return body, {"Content-Type": "application/json"}


def _ntfy(message: Message) -> tuple[bytes, dict[str, str]]:
    title = Header(message.subject, "utf-8", maxlinelen=100_000).encode()  # RFC 2047, one line
    if message.subject.isascii():
        title = message.subject
    headers = {"Content-Type": "text/plain; charset=utf-8", "Title": title.strip()}
    return _short(message.text).encode(), headers


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"


_FORMATS: dict[WebhookFormat, Callable[[Message], tuple[bytes, dict[str, str]]]] = {
    WebhookFormat.STANDARD: _standard,
    WebhookFormat.SLACK: _slack,
    WebhookFormat.NTFY: _ntfy,
}
