"""One digest, one HTTP request: filled templates out, the bytes of the answer in.

Both generic families (`digest-raw`, `digest-cms`) are this call and a check of what came.
Everything that can fail before the paid request is sent (a login, a token) fails before it,
so that only a failure of the request itself leaves open whether it was charged.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping
from urllib.parse import quote, urlencode

from gateway.core.request_template import call_values, fill
from gateway.core.secret import Secret
from gateway.core.services import DigestCallSettings, HttpAccess
from gateway.ports import Clock, Credential
from gateway.services.certificate_file import credential_in
from gateway.services.digest_answers import Found, read
from gateway.services.digest_refusals import refusal
from gateway.services.http import Answer, HttpSession
from gateway.services.http_login import Outgoing, login_of

_DONE = (200, 201)
_UNAUTHORIZED = 401


class DigestCall:
    """Calls to one service; safe to use from several threads."""

    def __init__(
        self,
        settings: DigestCallSettings,
        access: HttpAccess,
        clock: Clock,
        resolve: Callable[[str], str],
        *,
        sandbox_allowed: bool,
    ) -> None:
        self._settings = settings
        self._sandbox_allowed = sandbox_allowed
        self._clock = clock
        self._resolve = resolve
        self._http = HttpSession(access, resolve)
        self._login = login_of(settings.authentication, self._http, clock)

    def credential(self) -> Credential:
        """Return the credential that the file of certificates describes."""
        settings = self._settings
        return credential_in(
            settings.certificates,
            settings.digest_algorithm,
            settings.signature_algorithm,
            self._clock.now(),
            sandbox_allowed=self._sandbox_allowed,
        )

    def send(self, digest: bytes) -> Found:
        """Send a digest and return what the answer holds: the paid call.

        Raises `ServiceFault` for everything that goes wrong.
        """
        request = self._filled(digest)
        answer, proof = self._attempt(request)
        if answer.status == _UNAUTHORIZED and self._login.refused(proof):
            # A request whose token is refused was not carried out: this repeats no paid call.
            answer, proof = self._attempt(request)
        if answer.status not in _DONE:
            raise refusal(answer, self._secrets(proof))
        return read(answer, self._settings.answer)

    def _filled(self, digest: bytes) -> Outgoing:
        settings = self._settings
        values = call_values(digest, str(uuid.uuid4()), self._clock.now())
        url = self._resolve(settings.url)
        if settings.query:
            url += "?" + urlencode(settings.query, quote_via=quote)
        headers = {"Content-Type": settings.content_type} | {
            header.name: header.value.value
            if isinstance(header.value, Secret)
            else fill(header.value, values)
            for header in settings.headers
        }
        if settings.idempotency_header:
            headers[settings.idempotency_header] = idempotency_key(digest)
        body = fill(settings.request, values).encode()
        return Outgoing(settings.method, url, body, headers, values)

    def _attempt(self, request: Outgoing) -> tuple[Answer, Mapping[str, str]]:
        proof = self._login.prove(request)
        answer = self._http.send(
            request.method,
            request.url,
            request.body,
            self._settings.content_type,
            headers={**request.headers, **proof},
            paid=True,
        )
        return answer, proof

    def _secrets(self, proof: Mapping[str, str]) -> tuple[str, ...]:
        known = (h.value.value for h in self._settings.headers if isinstance(h.value, Secret))
        shown = [part for value in proof.values() for part in (value, *value.split())]
        return (*known, *sorted((part for part in shown if len(part) > 7), key=len, reverse=True))


def idempotency_key(digest: bytes) -> str:
    """Return a UUID that is the same for the same digest, and does not give it away."""
    hashed = hashlib.sha256(b"sealgate idempotency key\0" + digest).digest()
    return str(uuid.UUID(bytes=hashed[:16], version=5))
