"""Calls to one CSC service: address, bearer token, refusals, and asking until it is done."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from gateway.core.errors import Charge, ServiceFault
from gateway.core.services import CscSettings, HttpAccess
from gateway.ports import Clock
from gateway.services.csc_answers import error_of
from gateway.services.csc_errors import is_pending, refusal
from gateway.services.csc_login import PasswordLogin
from gateway.services.http import Answer, HttpSession
from gateway.services.oauth import ClientCredentials, KeptToken

_POLL_FIRST, _POLL_LONGEST = 0.1, 2.0
"""Seconds between two polls, growing by half each time."""


class CscCalls:
    """The methods of one service; safe to use from several threads."""

    def __init__(
        self,
        settings: CscSettings,
        access: HttpAccess,
        clock: Clock,
        resolve: Callable[[str], str],
    ) -> None:
        self._base = settings.url.rstrip("/")
        self._patience = max(access.read_timeout, 1.0)
        self._http = HttpSession(access, resolve)
        oauth, login = settings.oauth, settings.login
        self._login: KeptToken | None = None
        if oauth is not None:
            self._login = ClientCredentials(oauth, self._http, clock)
        elif login is not None:
            self._login = PasswordLogin(f"{self._base}/auth/login", login, self._http, clock)
        known = (
            *(settings.pin, settings.otp),
            oauth.client_secret if oauth else None,
            login.password if login else None,
        )
        self._secrets = tuple(secret.value for secret in known if secret is not None)

    def call(
        self, method: str, body: Mapping[str, object], *, paid: bool = False, sad: str = ""
    ) -> Answer:
        """Call a method; raises `ServiceFault` for every refusal. `sad` is blotted out of it."""
        answer, token = self._post(method, body, paid=paid)
        if answer.status not in (200, 202):
            raise refusal(answer, method, (*self._secrets, sad, token))
        return answer

    def poll(self, method: str, body: Mapping[str, object], *, paid: bool = False) -> Answer | None:
        """Ask again and again, for as long as an answer may take; None when it did not come.

        What is asked for may be under way, so when it is `paid` every failure of asking
        leaves the charge unknown.
        """
        deadline = time.monotonic() + self._patience
        pause = _POLL_FIRST
        try:
            while time.monotonic() < deadline:
                time.sleep(pause)
                pause = min(pause * 1.5, _POLL_LONGEST)
                answer, token = self._post(method, body, paid=paid)
                if is_pending(answer):
                    continue
                if answer.status != 200:
                    raise refusal(answer, method, (*self._secrets, token))
                return answer
        except ServiceFault as fault:
            if not paid or fault.charge is Charge.UNKNOWN:
                raise
            raise ServiceFault(
                fault.code, fault.detail, charge=Charge.UNKNOWN, retry_after=fault.retry_after
            ) from fault
        return None

    def _post(self, method: str, body: Mapping[str, object], *, paid: bool) -> tuple[Answer, str]:
        """Post with the bearer token; once more with a new one if it is not accepted.

        A request whose token is refused was not carried out, so this repeats no paid call.
        """
        url = f"{self._base}/{method}"
        if self._login is None:
            return self._http.post_json(url, body, paid=paid), ""
        token = self._login.token()
        answer = self._http.post_json(url, body, _bearer(token), paid=paid)
        if answer.status == 401 and error_of(answer).error in ("", "invalid_token"):
            self._login.forget(token)
            token = self._login.token()
            answer = self._http.post_json(url, body, _bearer(token), paid=paid)
        return answer, token


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
