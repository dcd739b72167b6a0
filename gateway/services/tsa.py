"""Time-stamp authorities (RFC 3161) over HTTP; they see the hash of a signature, no more."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from asn1crypto import algos, tsp

from gateway.core.errors import ServiceFault
from gateway.core.site import TimestampSettings
from gateway.services.http import HttpSession

_GRANTED = ("granted", "granted_with_mods")


class HttpTimestamper:
    """One authority; safe to use from several threads."""

    def __init__(
        self,
        settings: TimestampSettings,
        name: str = "tsa",
        resolve: Callable[[str], str] = lambda url: url,
    ) -> None:
        self.name = name
        self._settings = settings
        self._http = HttpSession(
            resolve, settings.connect_timeout, settings.read_timeout, settings.ca_file
        )

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
            {"version": 1, "message_imprint": imprint, "nonce": nonce, "cert_req": True}
        )
        body = self._ask(request.dump())
        try:
            return _token(body, digest, nonce)
        except (ValueError, TypeError, KeyError) as error:
            raise ServiceFault("tsa.wrong-token", "the answer cannot be read") from error

    def _ask(self, request: bytes) -> bytes:
        settings = self._settings
        login = None
        if settings.user and settings.password is not None:
            login = (settings.user, settings.password.value)
        try:
            answer = self._http.post(
                settings.url, request, "application/timestamp-query", login=login
            )
        except ServiceFault as fault:
            code = "tsa.wrong-token" if fault.code == "service.protocol" else "tsa.unreachable"
            raise ServiceFault(code, fault.detail) from fault
        if answer.status in (429, *range(500, 600)):
            detail = f"HTTP status {answer.status}"
            raise ServiceFault("tsa.unreachable", detail, retry_after=answer.retry_after)
        if answer.status != 200:
            raise ServiceFault("tsa.refused", f"HTTP status {answer.status}")
        return answer.body


def _token(body: bytes, digest: bytes, nonce: int) -> bytes:
    response = tsp.TimeStampResp.load(body, strict=True)
    status = response["status"]["status"].native
    if status not in _GRANTED:
        raise ServiceFault("tsa.refused", f"status {status}")
    token = response["time_stamp_token"]
    content = token["content"]["encap_content_info"]
    if content["content_type"].native != "tst_info":
        raise ServiceFault("tsa.wrong-token", "it is no time-stamp")
    info = content["content"].parsed
    if info["message_imprint"]["hashed_message"].native != digest:
        raise ServiceFault("tsa.wrong-token", "it is for another digest")
    if info["nonce"].native != nonce:
        raise ServiceFault("tsa.wrong-token", "it answers another request")
    der: bytes = token.dump()
    return der
