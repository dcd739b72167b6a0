"""Bearer tokens that we sign ourselves (RFC 7519), shown as they are or exchanged (RFC 7523)."""

from __future__ import annotations

import uuid
from datetime import timedelta

import jwt

from gateway.core.errors import ServiceFault
from gateway.core.services import JwtSettings
from gateway.ports import Clock
from gateway.services.http import Answer, HttpSession
from gateway.services.oauth import KeptToken

_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class SignedToken:
    """Makes tokens; safe to use from several threads."""

    def __init__(self, settings: JwtSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock

    def make(self) -> str:
        """Return a fresh token; raises `ServiceFault` (`service.login-refused`) for a bad key."""
        settings, now = self._settings, self._clock.now()
        claims = {
            "iss": settings.issuer,
            "sub": settings.subject,
            "aud": settings.audience,
            "scope": settings.scope,
            "iat": now,
            "exp": now + timedelta(seconds=settings.lifetime),
            "jti": str(uuid.uuid4()),
        }
        try:
            return jwt.encode(
                {name: claim for name, claim in claims.items() if claim},
                settings.key.value,
                algorithm=settings.algorithm,
                headers={"kid": settings.key_id} if settings.key_id else None,
            )
        except (ValueError, TypeError, jwt.PyJWTError) as error:
            what = f"the key does not sign with {settings.algorithm}"
            raise ServiceFault("service.login-refused", what) from error


class ExchangedToken(KeptToken):
    """A token given to us for one that we signed (RFC 7523, 2.1)."""

    def __init__(self, settings: JwtSettings, http: HttpSession, clock: Clock) -> None:
        super().__init__(http, clock)
        self._url = settings.token_url
        self._own = SignedToken(settings, clock)

    def _ask(self) -> Answer:
        return self._post(self._url, {"grant_type": _GRANT, "assertion": self._own.make()})
