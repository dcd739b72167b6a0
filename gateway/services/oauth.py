"""OAuth 2.0 client credentials (RFC 6749, 4.4): one token, fetched when needed."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping
from urllib.parse import quote, urlencode

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.core.errors import ServiceFault
from gateway.core.services import OAuthSettings
from gateway.ports import Clock
from gateway.services.http import Answer, HttpSession

_EARLY = 30.0
"""Seconds before its end at which a token is not used any more."""
_LOGIN_REFUSED = frozenset({400, 401, 403})


class _Token(BaseModel):
    """The answer that brings a token (RFC 6749, 5.1); its words are never quoted."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    access_token: str = Field(min_length=1, pattern=r"^[\x21-\x7e]+$", repr=False)
    expires_in: float = Field(default=3600.0, allow_inf_nan=False)
    """Seconds; some services write it as text."""
    refresh_token: str = Field(default="", pattern=r"^[\x21-\x7e]*$", repr=False)


class KeptToken(ABC):
    """Keeps the bearer token of one service; safe to use from several threads."""

    def __init__(self, http: HttpSession, clock: Clock) -> None:
        self._http = http
        self._clock = clock
        self._lock = threading.Lock()
        self._token = ""
        self._refresh = ""
        self._until = 0.0

    def token(self) -> str:
        """Return a token that is good for a while; raises `ServiceFault`."""
        with self._lock:
            if not self._token or self._clock.monotonic() >= self._until:
                self._fetch()
            return self._token

    def forget(self, token: str) -> None:
        """Drop a token that the service does not accept any more.

        Of several threads that had it refused, the first drops it; the others get the new one.
        """
        with self._lock:
            if token == self._token:
                self._token = ""

    def _fetch(self) -> None:
        answer = self._ask()
        if answer.status != 200:
            raise _refusal(answer)
        told = _read(answer)
        self._token = told.access_token
        self._refresh = told.refresh_token or self._refresh
        self._until = self._clock.monotonic() + max(1.0, told.expires_in - _EARLY)

    @abstractmethod
    def _ask(self) -> Answer:
        """Ask for a token."""

    def _post(
        self, url: str, form: Mapping[str, str], login: tuple[str, str] | None = None
    ) -> Answer:
        return self._http.post(
            url,
            urlencode(form).encode(),
            "application/x-www-form-urlencoded",
            headers={"Accept": "application/json"},
            login=login,
        )


class ClientCredentials(KeptToken):
    """The client credentials grant."""

    def __init__(self, settings: OAuthSettings, http: HttpSession, clock: Clock) -> None:
        super().__init__(http, clock)
        self._settings = settings

    def _ask(self) -> Answer:
        settings = self._settings
        form = {"grant_type": "client_credentials", "scope": settings.scope}
        login = (  # form-encoded before it becomes Basic (RFC 6749, 2.3.1)
            quote(settings.client_id, safe=""),
            quote(settings.client_secret.value, safe=""),
        )
        return self._post(settings.token_url, form, login)


def _refusal(answer: Answer) -> ServiceFault:
    code = "service.refused"
    if answer.status in _LOGIN_REFUSED:
        code = "service.login-refused"
    elif answer.status == 429:
        code = "service.busy"
    elif answer.status >= 500:
        code = "service.failed"
    detail = f"login: HTTP status {answer.status}"
    return ServiceFault(code, detail, retry_after=answer.retry_after)


def _read(answer: Answer) -> _Token:
    try:
        return _Token.model_validate(answer.json())
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise answer.protocol_fault(f"login: {where} is not as specified") from None
