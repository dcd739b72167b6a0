"""The cookies: the session's, one for the forms of whoever is not logged in, two of taste."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from gateway.core.people_settings import ConsoleSettings

THEMES = ("light", "dark")
_YEAR = 365 * 24 * 3600


class Cookies:
    """Writes and reads the cookies of one console."""

    def __init__(self, settings: ConsoleSettings) -> None:
        self._secure = settings.url.startswith("https:")
        # The prefix has browsers refuse it without TLS, or from another host (RFC 6265bis).
        prefix = "__Host-" if self._secure else ""
        self._session, self._form = f"{prefix}sealgate", f"{prefix}sealgate-form"
        self._sign_on = f"{prefix}sealgate-sign-on"

    def session(self, request: Request) -> str:
        """Return the session's token; empty when there is none."""
        return request.cookies.get(self._session, "")

    def form(self, request: Request) -> str:
        """Return the token of whoever has no session; empty when there is none."""
        return request.cookies.get(self._form, "")

    def sign_on(self, request: Request) -> str:
        """Return the state of a log-in that is under way at the provider."""
        return request.cookies.get(self._sign_on, "")

    def begin_session(self, response: Response, token: str) -> None:
        """Have the browser keep a session until it is closed."""
        self._set(response, self._session, token)
        response.delete_cookie(self._form, secure=self._secure, httponly=True, samesite="lax")

    def end_session(self, response: Response) -> None:
        """Have the browser forget the session."""
        response.delete_cookie(self._session, secure=self._secure, httponly=True, samesite="lax")

    def begin_form(self, response: Response, token: str) -> None:
        """Have the browser keep the token of whoever has no session."""
        self._set(response, self._form, token)

    def begin_sign_on(self, response: Response, state: str) -> None:
        """Have the browser keep what it has to bring back from the provider."""
        self._set(response, self._sign_on, state, seconds=600)

    def end_sign_on(self, response: Response) -> None:
        """Have the browser forget it."""
        response.delete_cookie(self._sign_on, secure=self._secure, httponly=True, samesite="lax")

    def keep_taste(self, response: Response, name: str, value: str) -> None:
        """Have the browser keep `theme` or `language`; an empty value ends it."""
        self._set(response, name, value, seconds=_YEAR if value else 0)

    def _set(self, response: Response, name: str, value: str, seconds: int | None = None) -> None:
        response.set_cookie(
            name, value, max_age=seconds, secure=self._secure, httponly=True, samesite="lax"
        )
