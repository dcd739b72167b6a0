"""The shared HTTP session: bounded, without redirects, every failure an error of our tree.

What matters most about a failure is whether the call may have been carried out all the same.
A connection that was never made carried nothing; after that, only an answer is certain.
"""

from __future__ import annotations

import email.utils
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import requests
import urllib3.exceptions

from gateway import __version__
from gateway.core.errors import Charge, ServiceFault

_LARGEST = 1 << 20
"""Bytes of an answer; signatures, chains and tokens are far smaller."""
_CHUNK = 1 << 16


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, complete."""

    status: int
    body: bytes
    retry_after: float | None
    """Seconds the service asked us to wait, if it did."""

    def json(self) -> dict[str, object]:
        """Return the body as a JSON object; raises `ServiceFault` (`service.protocol`)."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise ServiceFault(
                "service.protocol", "the answer is not JSON", charge=Charge.UNKNOWN
            ) from error
        if not isinstance(value, dict):
            raise ServiceFault(
                "service.protocol", "the answer is not a JSON object", charge=Charge.UNKNOWN
            )
        return value


class HttpSession:
    """Posts to one service; safe to use from several threads."""

    def __init__(
        self,
        resolve: Callable[[str], str],
        connect_timeout: float,
        read_timeout: float,
        ca_file: Path | None,
    ) -> None:
        self._resolve = resolve
        self._timeout = (connect_timeout, read_timeout)
        self._verify: str | bool = str(ca_file) if ca_file is not None else True

    def post(
        self,
        url: str,
        body: bytes,
        content_type: str,
        headers: Mapping[str, str] | None = None,
        login: tuple[str, str] | None = None,
    ) -> Answer:
        """Post and return the whole answer.

        Raises `ServiceFault` with `charge` telling whether the request may have been carried
        out: `service.unreachable`, `service.tls`, `service.no-answer`, `service.protocol`.
        """
        target = self._resolve(url)
        with requests.Session() as session:
            session.trust_env = False
            session.headers["User-Agent"] = f"Sealgate/{__version__}"
            try:
                with session.post(
                    target,
                    data=body,
                    headers={"Content-Type": content_type, **(headers or {})},
                    auth=login,
                    timeout=self._timeout,
                    verify=self._verify,
                    allow_redirects=False,
                    stream=True,
                ) as answer:
                    return Answer(answer.status_code, _whole(answer), _retry_after(answer))
            except requests.RequestException as error:
                raise _fault(error) from error

    def post_json(
        self, url: str, value: Mapping[str, object], headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Post a JSON object."""
        return self.post(url, json.dumps(value).encode(), "application/json", headers)


def _whole(answer: requests.Response) -> bytes:
    parts: list[bytes] = []
    size = 0
    for part in answer.iter_content(_CHUNK):
        size += len(part)
        if size > _LARGEST:
            raise ServiceFault("service.protocol", "the answer is too large", charge=Charge.UNKNOWN)
        parts.append(part)
    return b"".join(parts)


def _retry_after(answer: requests.Response) -> float | None:
    """Read Retry-After (RFC 9110, 10.2.3): seconds or a date."""
    written = answer.headers.get("Retry-After", "").strip()
    if not written:
        return None
    if written.isdigit():
        return float(written)
    try:
        moment = email.utils.parsedate_to_datetime(written)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _fault(error: requests.RequestException) -> ServiceFault:
    """Tell connections that never were from answers that never came; never quote the request."""
    if isinstance(error, requests.exceptions.SSLError):
        return ServiceFault("service.tls", _reason(error))
    if isinstance(error, requests.ConnectTimeout):
        return ServiceFault("service.unreachable", "no connection in time")
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.MissingSchema):
        return ServiceFault("service.unreachable", "its address is not valid")
    if isinstance(error, requests.ConnectionError) and _never_connected(error):
        return ServiceFault("service.unreachable", _reason(error))
    if isinstance(error, requests.Timeout):
        return ServiceFault("service.no-answer", "no answer in time", charge=Charge.UNKNOWN)
    return ServiceFault("service.no-answer", _reason(error), charge=Charge.UNKNOWN)


def _never_connected(error: BaseException) -> bool:
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    return isinstance(
        reason,
        urllib3.exceptions.NewConnectionError
        | urllib3.exceptions.NameResolutionError
        | urllib3.exceptions.ConnectTimeoutError,
    )


def _reason(error: BaseException) -> str:
    """Return the innermost kind of error: words of the request could hold a secret."""
    cause: object = error
    for _ in range(5):
        inner = getattr(cause, "reason", None) or (
            cause.args[-1] if isinstance(cause, BaseException) and cause.args else None
        )
        if not isinstance(inner, BaseException):
            break
        cause = inner
    return type(cause).__name__
