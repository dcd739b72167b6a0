"""What a CSC service's refusal means for our work (API v2.0.0.2, clause 10, and each method)."""

from __future__ import annotations

from pydantic import ValidationError

from gateway.core.errors import Charge, ServiceFault
from gateway.services.csc_answers import CscError
from gateway.services.http import Answer

PENDING = "accepted_request"
"""The error with which some services answer a poll for something that is not ready."""

_SERVER = range(500, 600)
_AUTHENTICATION_DATA = ("pin", "otp", "authdata", "authentication")


def error_of(answer: Answer) -> CscError:
    """Read the error members of a refusal; empty ones where there are none."""
    try:
        return CscError.model_validate_json(answer.body)
    except ValidationError:
        return CscError()


def refusal(answer: Answer, method: str, *, paid: bool = False) -> ServiceFault:
    """Translate a refusal; `paid` says that the method is the one that costs money.

    A 5xx answer to the paid method leaves open whether the signature was made; a 4xx answer
    says that it was not.
    """
    told = error_of(answer)
    code = _code(answer.status, told, method)
    word = told.error if told.error.replace("_", "").isalnum() else ""
    detail = f"{method}: HTTP status {answer.status}" + (f", {word[:60]}" if word else "")
    charge = Charge.UNKNOWN if paid and answer.status in _SERVER else Charge.NEVER
    if code in ("service.busy", "service.out-of-quota"):
        charge = Charge.NEVER
    return ServiceFault(code, detail, charge=charge, retry_after=answer.retry_after)


def _code(status: int, told: CscError, method: str) -> str:  # noqa: PLR0911  # a table in order
    words = f"{told.error} {told.error_description}".lower()
    if status == 402 or "quota" in words:
        return "service.out-of-quota"
    if status == 429 or (status == 503 and "retry" in words):
        return "service.busy"
    if status in _SERVER:
        return "service.failed"
    if told.error in ("invalid_otp", "invalid_pin", "invalid_authdata"):
        return "service.authorization-refused"
    if method == "credentials/authorize" and any(word in words for word in _AUTHENTICATION_DATA):
        return "service.authorization-refused"
    if "sad" in words.split() and ("expired" in words or "invalid" in words):
        return "service.authorization-expired"
    if "credential" in words and ("invalid" in words or "disabled" in words):
        return "service.credential-unusable"
    if status in (401, 403) or told.error in ("invalid_token", "invalid_client"):
        return "service.login-refused"
    return "service.refused"
