"""Logging in by `auth/login` (CSC 1.0.4, 11.2; 2.0, 11.2): a name and a password for a token."""

from __future__ import annotations

import json

from gateway.core.services import LoginSettings
from gateway.ports import Clock
from gateway.services.http import Answer, HttpSession
from gateway.services.oauth import KeptToken

_REFUSED = (400, 401, 403)


class PasswordLogin(KeptToken):
    """Keeps the token of one login; renewed by its refresh token where the service gives one."""

    def __init__(self, url: str, settings: LoginSettings, http: HttpSession, clock: Clock) -> None:
        super().__init__(http, clock)
        self._url = url
        self._settings = settings

    def _ask(self) -> Answer:
        if self._refresh:
            answer = self._send({"refresh_token": self._refresh}, None)
            if answer.status not in _REFUSED:
                return answer
        login = (self._settings.user, self._settings.password.value)
        return self._send({"rememberMe": True}, login)

    def _send(self, body: dict[str, object], login: tuple[str, str] | None) -> Answer:
        return self._http.post(
            self._url, json.dumps(body).encode(), "application/json", login=login
        )
