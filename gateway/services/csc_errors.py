"""What a CSC service's refusal means for our work (API v2.0.0.2, clause 10, and each method).

The specification leaves much to `error_description`, and services differ; so a refusal is
judged by its status, its error and a few words, in an order from the certain to the vague.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from gateway.core.errors import Charge, ServiceFault
from gateway.services.csc_answers import CscError, error_of
from gateway.services.http import Answer

PENDING = "accepted_request"
"""The error with which some services answer a poll for something that is not ready."""

AUTHORIZE = ("credentials/authorize", "credentials/authorizeCheck")

_SERVER_ERROR = 500
_CERTAIN = frozenset({400, 401, 402, 403, 404, 405, 406, 411, 413, 414, 415, 421, 422, 426, 429})
"""Statuses that refuse a request even when no CSC service but some proxy says them."""
_LONGEST = 160

_OF_THE_LOGIN = frozenset(
    {"invalid_token", "expired_token", "invalid_client", "unauthorized_client"}
    | {"authentication_error", "insufficient_scope", "invalid_grant", "access_denied"}
)
"""Errors of RFC 6749 (5.2), RFC 6750 (3.1) and CSC (10.1) that say who we are is not enough."""

_AUTHENTICATION_DATA = re.compile(r"\b(pin|otp|password|auth_?data|authentication data)\b")
_SAD = re.compile(r"\bsads?\b|signature activation data")
_GONE = re.compile(r"expired|invalid|not authori[sz]ed|too many|unknown")
_CREDENTIAL = re.compile(r"credential|certificate")
_UNUSABLE = re.compile(r"invalid|disabled|expired|revoked|suspended|unknown|not found|locked")


def is_pending(answer: Answer) -> bool:
    """Tell whether the answer to a poll says that the result is not there yet."""
    return answer.status == 202 or (answer.status == 400 and error_of(answer).error == PENDING)


def refusal(answer: Answer, method: str, secrets: Iterable[str] = ()) -> ServiceFault:
    """Translate a refusal; `secrets` are blotted out of what the service says.

    A refused request was not carried out. An answer of another kind (5xx, a redirect, an
    unusual status from some proxy) to the call that is paid for leaves that open.
    """
    told = error_of(answer)
    refused = answer.status in _CERTAIN or (400 <= answer.status < _SERVER_ERROR and told.error)
    charge = Charge.NEVER if refused else answer.charge
    detail = f"{method}: HTTP status {answer.status}{_said(told, secrets)}"
    code = _code(answer.status, told, method)
    return ServiceFault(code, detail, charge=charge, retry_after=answer.retry_after)


def _code(status: int, told: CscError, method: str) -> str:
    words = f"{told.error} {told.error_description}".lower().replace("_", " ")
    if status == 402 or "quota" in words:
        return "service.out-of-quota"
    if status == 429 or told.error in ("temporarily_unavailable", "slow_down"):
        return "service.busy"
    if status >= _SERVER_ERROR:
        return "service.failed"
    if method in AUTHORIZE and (status == 401 or told.error == "invalid_token"):
        return "service.login-refused"
    return _code_of_words(status, told.error, words, method)


def _code_of_words(status: int, error: str, words: str, method: str) -> str:
    if error in ("invalid_otp", "invalid_pin") or (
        method in AUTHORIZE and _AUTHENTICATION_DATA.search(words)
    ):
        return "service.authorization-refused"
    if method == "signatures/signHash" and (
        (status != 401 and error == "invalid_token") or (_SAD.search(words) and _GONE.search(words))
    ):
        return "service.authorization-expired"
    if method in AUTHORIZE and ("access denied" in words or "locked" in words):
        return "service.authorization-refused"
    if _CREDENTIAL.search(words) and _UNUSABLE.search(words):
        return "service.credential-unusable"
    if status in (401, 403) or error in _OF_THE_LOGIN:
        return "service.login-refused"
    return "service.refused"


def _said(told: CscError, secrets: Iterable[str]) -> str:
    """Return what the service says, on one line, bounded, without anything secret in it."""
    said = ": ".join(part for part in (told.error, told.error_description) if part)
    for secret in secrets:
        if secret:
            said = said.replace(secret, "…")
    said = " ".join("".join(c if c.isprintable() else " " for c in said).split())
    return f", {said[:_LONGEST]}" if said else ""
