"""Clients of the two generic families, for tests of their edges."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gateway.core.secret import Secret
from gateway.core.services import (
    AnswerSettings,
    ApiKeySettings,
    DigestCallSettings,
    DigestCmsSettings,
    DigestRawSettings,
    HttpAccess,
    ServiceSettings,
)
from gateway.services.digest_cms import DigestCmsService
from gateway.services.digest_raw import DigestRawService
from gateway.wiring import SystemClock

API_KEY = "an-api-key-of-this-test"
ACCESS = HttpAccess(connect_timeout=5.0, read_timeout=2.0)


class Remembering:
    """A memory that is gone with the test."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def save_snapshot(self, snapshot: str, text: str) -> bool:
        """Keep nothing: no service asks for it."""
        return False

    def remember(self, key: str, value: str) -> None:
        """Set a value."""
        self.values[key] = value

    def recall(self, key: str) -> str | None:
        """Return a value."""
        return self.values.get(key)


def settings(url: str, certificates: Path, **changes: object) -> DigestCallSettings:
    """Return a call that posts `{"hash": …}` and looks for the answer at `/signature`."""
    plain = DigestCallSettings(
        url=url,
        request='{"hash": "{digest.base64}", "algorithm": "SHA256"}',
        certificates=certificates,
        answer=AnswerSettings("/signature", request_id="/id"),
        authentication=ApiKeySettings("X-Api-Key", Secret("api-key", API_KEY)),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def raw_service(url: str, certificates: Path, **changes: object) -> DigestRawService:
    """Return a client for raw signatures."""
    family = DigestRawSettings(settings(url, certificates, **changes))
    shared = ServiceSettings("raw", family, ACCESS)
    return DigestRawService(shared, family, SystemClock(), sandbox_allowed=False)


def cms_service(
    url: str, certificates: Path, *, reserve: int = 0, timestamped: bool = False, **changes: object
) -> DigestCmsService:
    """Return a client for CMS, with a memory of its own."""
    family = DigestCmsSettings(settings(url, certificates, **changes), timestamped, reserve)
    shared = ServiceSettings("cms", family, ACCESS)
    return DigestCmsService(shared, family, SystemClock(), Remembering(), sandbox_allowed=False)
