"""Time-stamp authorities (RFC 3161) over HTTP; they see the hash of a signature, no more."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from asn1crypto import algos, core, tsp

from gateway.core.errors import Charge, ServiceFault
from gateway.core.services import TimestampSettings
from gateway.services.http import Answer, HttpSession
from gateway.services.token_check import checked_token
from gateway.services.tsa_faults import asking, reading_token

_REPLY = "application/timestamp-reply"
_GRANTED = ("granted", "granted_with_mods")
_LATER = frozenset({429, 502, 503, 504})


class _Response(core.Sequence):  # type: ignore[misc]  # asn1crypto has no types
    """A response (RFC 3161, 2.4.2), whose token is missing when it refuses.

    asn1crypto's own definition insists on the token, and could not read a refusal.
    """

    _fields = [  # noqa: RUF012  # as asn1crypto wants it
        ("status", tsp.PKIStatusInfo),
        ("time_stamp_token", tsp.ContentInfo, {"optional": True}),
    ]


class HttpTimestamper:
    """One authority; safe to use from several threads."""

    def __init__(
        self,
        settings: TimestampSettings,
        resolve: Callable[[str], str] = lambda url: url,
    ) -> None:
        self.name = settings.name
        self._settings = settings
        self._http = HttpSession(settings.access, resolve)

    def timestamp(self, digest: bytes, digest_algorithm: str) -> bytes:
        """Return the DER time-stamp token over `digest`, checked against the request."""
        nonce = secrets.randbits(63)
        imprint = tsp.MessageImprint(
            {
                "hash_algorithm": algos.DigestAlgorithm({"algorithm": digest_algorithm}),
                "hashed_message": digest,
            }
        )
        request = tsp.TimeStampReq(
            {"version": "v1", "message_imprint": imprint, "nonce": nonce, "cert_req": True}
        )
        answer = self._ask(request.dump())
        with reading_token(answer.charge):
            token = _granted(answer.body)
            return checked_token(token, digest, digest_algorithm, nonce)

    def _ask(self, request: bytes) -> Answer:
        settings = self._settings
        login = (settings.login.user, settings.login.password.value) if settings.login else None
        with asking():
            answer = self._http.post(
                settings.url,
                request,
                "application/timestamp-query",
                headers={"Accept": _REPLY},
                login=login,
                paid=settings.quota is not None,
            )
        if answer.status in _LATER or answer.status >= 500:
            detail = f"HTTP status {answer.status}"
            charge = answer.charge if answer.status >= 500 else Charge.NEVER
            raise ServiceFault(
                "tsa.unreachable", detail, charge=charge, retry_after=answer.retry_after
            )
        if answer.status != 200:
            raise ServiceFault("tsa.refused", f"HTTP status {answer.status}")
        if answer.content_type != _REPLY:
            what = f"an answer of type {answer.content_type[:60]!r}"
            raise ServiceFault("tsa.wrong-token", what, charge=answer.charge)
        return answer


def _granted(body: bytes) -> tsp.ContentInfo:
    """Return the token of a response; raises `ServiceFault` (`tsa.refused`) without one."""
    response = _Response.load(body, strict=True)
    status = response["status"]["status"].native
    if status not in _GRANTED:
        failure = ", ".join(sorted(response["status"]["fail_info"].native or ()))
        detail = f"{status}: {failure}" if failure else str(status)
        raise ServiceFault("tsa.refused", detail)
    return response["time_stamp_token"]
