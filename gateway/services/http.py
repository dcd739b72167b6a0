"""The shared HTTP session: bounded, without redirects, every failure an error of our tree.

What matters most about a failed call that costs money is whether it may have been carried out
all the same. That is decided here by one fact: whether anybody began to read the request's
body in order to send it. HTTP connects, agrees on TLS and sends the headers first; as long as
the body has not been touched, no service can have acted on it. Once it has, only an answer is
certain.
"""

from __future__ import annotations

import email.utils
import io
import json
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import requests
import urllib3.exceptions

from gateway import __version__
from gateway.core.errors import Charge, ServiceFault
from gateway.core.services import HttpAccess
from gateway.services.timely import TimelyAdapter

LARGEST = 1 << 20
"""Bytes of an answer; signatures, chains and tokens are far smaller."""

_HEADERS = {
    "User-Agent": f"Sealgate/{__version__}",
    "Accept-Encoding": "identity",
    "Accept": "*/*",
}
_CHUNK = 1 << 16
_CONNECTIONS = 32
"""Kept open for reuse; more are made when more threads call."""


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, complete."""

    status: int
    body: bytes
    content_type: str = ""
    """Lower case, without parameters."""
    retry_after: float | None = None
    """Seconds the service asked us to wait, if it did."""
    paid: bool = False
    """It answers the call that costs money."""

    @property
    def charge(self) -> Charge:
        """Return what an answer of this call that cannot be used may have cost."""
        return Charge.UNKNOWN if self.paid else Charge.NEVER

    def json(self) -> dict[str, object]:
        """Return the body as a JSON object; raises `ServiceFault` (`service.protocol`)."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise self.protocol_fault("the answer is not JSON") from error
        if not isinstance(value, dict):
            raise self.protocol_fault("the answer is not a JSON object")
        return value

    def protocol_fault(self, what: str) -> ServiceFault:
        """Return the fault for an answer that is not as specified."""
        return ServiceFault("service.protocol", what, charge=self.charge)


class HttpSession:
    """Posts to one service over kept connections; safe to use from several threads.

    It follows no redirect, keeps no cookie, and takes neither proxy nor password from the
    environment. `resolve` turns an address into the one to call, anew at every call. A paid
    call has a connection of its own: a kept one that the service is just closing would leave
    in doubt what nobody received.
    """

    def __init__(
        self,
        access: HttpAccess,
        resolve: Callable[[str], str] = lambda url: url,
        *,
        largest: int = LARGEST,
    ) -> None:
        self._largest = largest
        self._timeout = (access.connect_timeout, access.read_timeout)
        self._resolve = resolve
        self._authorities = _authorities(access.ca_file)
        self._certificate = _client_certificate(access)
        self._proxies = {"http": access.proxy, "https": access.proxy} if access.proxy else {}
        self._kept, self._fresh = (
            TimelyAdapter(_CONNECTIONS, _CONNECTIONS, max_retries=0) for _ in range(2)
        )

    def post(
        self,
        url: str,
        body: bytes,
        content_type: str,
        *,
        headers: Mapping[str, str] | None = None,
        login: tuple[str, str] | None = None,
        paid: bool = False,
    ) -> Answer:
        """Post and return the whole answer, whatever its status; see `send`."""
        return self.send("POST", url, body, content_type, headers=headers, login=login, paid=paid)

    def send(
        self,
        method: str,
        url: str,
        body: bytes,
        content_type: str,
        *,
        headers: Mapping[str, str] | None = None,
        login: tuple[str, str] | None = None,
        paid: bool = False,
    ) -> Answer:
        """Send a request with a body and return the whole answer, whatever its status.

        Raises `ServiceFault`: `service.unreachable` and `service.tls` when nothing was sent,
        `service.no-answer` and `service.protocol` afterwards; then, for a `paid` call, the
        charge is unknown.
        """
        target = self._resolve(url)
        sending = _Body(body)
        told = _HEADERS | {"Connection": "close" if paid else "keep-alive"}
        told |= ({"Content-Type": content_type} if content_type else {}) | dict(headers or {})
        with _translating(target, sending, paid):
            # Not by a session of requests: its cookies, redirects and defaults, of which we want
            # none, cost more than the call itself.
            answer = (self._fresh if paid else self._kept).send(
                _request(method, target, sending if body else None, told, login),
                stream=True,
                timeout=self._timeout,
                verify=self._authorities,
                cert=self._certificate,
                proxies=self._proxies,
            )
            with closing(answer):
                content = self._whole(answer, paid)
        kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return Answer(answer.status_code, content, kind, _retry_after(answer), paid)

    def get(self, url: str) -> Answer:
        """Get a resource and return the whole answer, whatever its status; see `send`."""
        return self.send("GET", url, b"", "")

    def post_json(
        self,
        url: str,
        value: Mapping[str, object],
        headers: Mapping[str, str] | None = None,
        *,
        paid: bool = False,
    ) -> Answer:
        """Post a JSON object."""
        body = json.dumps(value).encode()
        return self.post(url, body, "application/json", headers=headers, paid=paid)

    def _whole(self, answer: requests.Response, paid: bool) -> bytes:
        """Read the body within bounds of size and time: it may drip for ever."""
        charge = Charge.UNKNOWN if paid else Charge.NEVER
        deadline = time.monotonic() + self._timeout[1]
        content = bytearray()
        # read1 returns with what has come; requests' own reading waits for whole chunks.
        while part := answer.raw.read1(_CHUNK, decode_content=True):
            content += part
            if len(content) > self._largest:
                raise ServiceFault("service.protocol", "the answer is too large", charge=charge)
            if time.monotonic() > deadline:
                raise ServiceFault("service.no-answer", "it did not come to an end", charge=charge)
        return bytes(content)


def _retry_after(answer: requests.Response) -> float | None:
    """Read Retry-After (RFC 9110, 10.2.3): seconds or a date."""
    written = answer.headers.get("Retry-After", "").strip()
    if written.isascii() and written.isdigit():
        return float(written)
    try:
        moment = email.utils.parsedate_to_datetime(written)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


class _Body(io.BytesIO):
    """A request's body that knows whether sending it has begun."""

    begun = False

    def read(self, size: int | None = -1, /) -> bytes:
        """Read the next part, which is about to be sent."""
        self.begun = True
        return super().read(size)


@contextmanager
def _translating(url: str, body: _Body, paid: bool) -> Iterator[None]:
    """Turn every exception of the layers below into a `ServiceFault`; never quote the request."""
    try:
        yield
    except ServiceFault:
        raise
    except (OSError, HTTPException, urllib3.exceptions.HTTPError, ValueError) as error:
        raise _fault(error, _place(url), body.begun and paid, sent=body.begun) from error


def _fault(error: Exception, place: str, perhaps_charged: bool, *, sent: bool) -> ServiceFault:
    if not sent:
        if _caused_by(error, ssl.SSLError, ssl.CertificateError) or _no_authorities(error):
            return ServiceFault("service.tls", f"{place}: {_reason(error)}")
        return ServiceFault("service.unreachable", f"{place}: {_reason(error)}")
    charge = Charge.UNKNOWN if perhaps_charged else Charge.NEVER
    return ServiceFault("service.no-answer", f"{place}: {_reason(error)}", charge=charge)


_REASONS: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...] = (
    (requests.exceptions.ConnectTimeout, "no connection in time"),
    (requests.exceptions.Timeout, "no answer in time"),
    (urllib3.exceptions.ReadTimeoutError, "no answer in time"),
    (urllib3.exceptions.NameResolutionError, "its name is not known"),
    (ConnectionRefusedError, "connection refused"),
    (ConnectionResetError, "connection reset"),
    (urllib3.exceptions.NewConnectionError, "no connection"),
    (
        (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, ValueError),
        "its address is not valid",
    ),
    ((HTTPException, urllib3.exceptions.ProtocolError), "the answer was cut off"),
)
"""In words of our own, because those of the libraries may quote the request."""


def _reason(error: BaseException) -> str:
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return cause.verify_message or "its certificate is not accepted"
        if isinstance(cause, ssl.SSLError):
            return (cause.reason or "TLS failed").lower().replace("_", " ")
    if _no_authorities(error):
        return "the file of authorities cannot be read"
    for kinds, words in _REASONS:
        if _caused_by(error, kinds):
            return words
    return type(error).__name__


def _no_authorities(error: BaseException) -> bool:
    """Tell the plain `OSError` with which requests reports a missing or unreadable CA file."""
    return type(error) in (OSError, FileNotFoundError, PermissionError, IsADirectoryError)


def _caused_by(
    error: BaseException, *kinds: type[BaseException] | tuple[type[BaseException], ...]
) -> bool:
    return any(isinstance(cause, kind) for cause in _causes(error) for kind in kinds)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and what is wrapped in it: the libraries wrap by argument, too."""
    waiting, seen = [error], set[int]()
    while waiting:
        cause = waiting.pop(0)
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        inner = (*cause.args, getattr(cause, "reason", None), cause.__cause__, cause.__context__)
        waiting += [item for item in inner if isinstance(item, BaseException)]


def _place(url: str) -> str:
    """Return host and port of an address: the rest might hold a password."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "the service"
    return f"{host}:{port}" if port else host or "the service"


def _request(
    method: str,
    url: str,
    body: _Body | None,
    headers: Mapping[str, str],
    login: tuple[str, str] | None,
) -> requests.PreparedRequest:
    if not url.lower().startswith(("http://", "https://")):
        raise requests.exceptions.InvalidSchema(url)
    request = requests.PreparedRequest()
    request.prepare_method(method)
    request.prepare_url(url, None)
    request.prepare_headers(headers)
    request.prepare_body(body, None)
    request.prepare_auth(login, url)
    return request


def _client_certificate(access: HttpAccess) -> str | tuple[str, str] | None:
    if access.client_certificate is None:
        return None
    certificate, key = str(access.client_certificate), access.client_key
    return (certificate, str(key)) if key is not None else certificate


def _authorities(ca_file: Path | None) -> str | bool:
    """Return whom TLS trusts: the given file, else the system's authorities, else certifi's."""
    if ca_file is not None:
        return str(ca_file)
    system = ssl.get_default_verify_paths()
    if system.cafile:
        return system.cafile
    if system.capath and any(Path(system.capath).iterdir()):
        return system.capath
    return True
