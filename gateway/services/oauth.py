"""OAuth 2.0 client credentials (RFC 6749, 4.4): one token, fetched when needed."""

from __future__ import annotations

import threading
import urllib.parse

from gateway.core.errors import ServiceFault
from gateway.core.site import OAuthSettings
from gateway.ports import Clock
from gateway.services.http import HttpSession

_EARLY = 30.0
"""Seconds before its end at which a token is not used any more."""
_REFUSED = range(400, 500)


class ClientCredentials:
    """Keeps the bearer token of one service; safe to use from several threads."""

    def __init__(self, settings: OAuthSettings, http: HttpSession, clock: Clock) -> None:
        self._settings = settings
        self._http = http
        self._clock = clock
        self._lock = threading.Lock()
        self._token = ""
        self._until = 0.0

    def token(self) -> str:
        """Return a token that is good for a while; raises `ServiceFault`."""
        with self._lock:
            if not self._token or self._clock.monotonic() >= self._until:
                self._fetch()
            return self._token

    def forget(self, token: str) -> None:
        """Drop a token that the service does not accept any more."""
        with self._lock:
            if token == self._token:
                self._token = ""

    def _fetch(self) -> None:
        settings = self._settings
        form = {"grant_type": "client_credentials", "scope": settings.scope}
        answer = self._http.post(
            settings.token_url,
            urllib.parse.urlencode(form).encode(),
            "application/x-www-form-urlencoded",
            login=(
                urllib.parse.quote(settings.client_id, safe=""),
                urllib.parse.quote(settings.client_secret.value, safe=""),
            ),
        )
        if answer.status in (429, 503):
            raise ServiceFault("service.busy", "login", retry_after=answer.retry_after)
        if answer.status in _REFUSED:
            raise ServiceFault("service.login-refused", f"HTTP status {answer.status}")
        if answer.status != 200:
            raise ServiceFault("service.failed", f"login: HTTP status {answer.status}")
        told = answer.json()
        token, lifetime = told.get("access_token"), told.get("expires_in", 3600)
        if not isinstance(token, str) or not token or not isinstance(lifetime, int | float):
            raise ServiceFault("service.protocol", "the login's answer has no token")
        self._token = token
        self._until = self._clock.monotonic() + max(1.0, float(lifetime) - _EARLY)
