"""What CSC services say when they refuse, and what becomes of it."""

from __future__ import annotations

import json

import pytest

from gateway.core.errors import Charge
from gateway.services.csc_errors import is_pending, refusal
from gateway.services.http import Answer

SIGN, AUTHORIZE, INFO = "signatures/signHash", "credentials/authorize", "credentials/info"


def answer(status: int, error: str = "", words: str = "", *, paid: bool = False) -> Answer:
    """Return a refusal as the specification has it, or one without a body."""
    told = {"error": error, "error_description": words}
    return Answer(status, json.dumps(told).encode() if error else b"<html>no</html>", paid=paid)


@pytest.mark.parametrize(
    ("method", "status", "error", "words", "code"),
    [
        (AUTHORIZE, 400, "invalid_pin", "The PIN is invalid", "authorization-refused"),
        (AUTHORIZE, 400, "invalid_otp", "The OTP is invalid", "authorization-refused"),
        (AUTHORIZE, 400, "invalid_request", "Invalid parameter authData", "authorization-refused"),
        (AUTHORIZE, 400, "invalid_request", "The PIN is locked", "authorization-refused"),
        (AUTHORIZE, 403, "access_denied", "The user denied", "authorization-refused"),
        (
            AUTHORIZE,
            400,
            "invalid_request",
            "Invalid parameter credentialID",
            "credential-unusable",
        ),
        (AUTHORIZE, 400, "invalid_request", "Unshipping of topinambour failed", "refused"),
        (AUTHORIZE, 401, "invalid_token", "Invalid token", "login-refused"),
        (SIGN, 400, "invalid_request", "SAD expired", "authorization-expired"),
        (SIGN, 400, "invalid_request", "Invalid parameter SAD.", "authorization-expired"),
        (
            SIGN,
            400,
            "invalid_request",
            "Hash is not authorized by the SAD",
            "authorization-expired",
        ),
        (SIGN, 400, "invalid_token", "expired", "authorization-expired"),
        (SIGN, 400, "invalid_request", "Missing parameter hashes", "refused"),
        (SIGN, 401, "invalid_token", "Invalid access token", "login-refused"),
        (SIGN, 401, "", "", "login-refused"),
        (SIGN, 402, "", "", "out-of-quota"),
        (SIGN, 400, "quota_exceeded", "Buy more", "out-of-quota"),
        (SIGN, 429, "", "", "busy"),
        (SIGN, 503, "server_error", "Please retry", "failed"),
        (INFO, 400, "invalid_request", "Invalid parameter credentialID", "credential-unusable"),
        (INFO, 400, "invalid_request", "The certificate is revoked", "credential-unusable"),
        (INFO, 400, "unauthorized_client", "Not for you", "login-refused"),
        (INFO, 400, "authentication_error", "Log in again", "login-refused"),
        (INFO, 400, "insufficient_scope", "Scope service is needed", "login-refused"),
        (SIGN, 400, "temporarily_unavailable", "Later", "busy"),
        (INFO, 404, "", "", "refused"),
        (INFO, 307, "", "", "refused"),
    ],
)
def test_code_of_refusal(method: str, status: int, error: str, words: str, code: str) -> None:
    """Status, error and words lead to one code, and what is free was never charged."""
    fault = refusal(answer(status, error, words), method)
    assert fault.code == f"service.{code}"
    assert fault.charge is Charge.NEVER
    assert f"HTTP status {status}" in fault.detail


@pytest.mark.parametrize(
    ("status", "error", "charge"),
    [
        (400, "invalid_request", Charge.NEVER),
        (402, "", Charge.NEVER),
        (404, "", Charge.NEVER),
        (409, "invalid_request", Charge.NEVER),
        (429, "", Charge.NEVER),
        (303, "", Charge.UNKNOWN),
        (408, "", Charge.UNKNOWN),
        (409, "", Charge.UNKNOWN),
        (500, "server_error", Charge.UNKNOWN),
        (502, "", Charge.UNKNOWN),
        (503, "quota_exceeded", Charge.UNKNOWN),
    ],
)
def test_charge_of_refused_paid_call(status: int, error: str, charge: Charge) -> None:
    """Only a refusal in so many words is certain to have cost nothing."""
    assert refusal(answer(status, error, paid=True), SIGN).charge is charge


def test_secrets_are_blotted_out() -> None:
    """What a service echoes of our secrets does not get into a fault, nor do line breaks."""
    words = "PIN 12345678 is wrong\r\n\x1b[31mfor token abc.def" + " and on" * 100
    fault = refusal(answer(400, "invalid_pin", words), AUTHORIZE, ("12345678", "abc.def", ""))
    assert "12345678" not in fault.detail
    assert "abc.def" not in fault.detail
    assert fault.detail.isprintable()
    assert len(fault.detail) < 300


def test_pending() -> None:
    """A poll is pending with 202, and with the error some services answer instead."""
    assert is_pending(answer(202))
    assert is_pending(answer(400, "accepted_request"))
    assert not is_pending(answer(400, "invalid_request"))
    assert not is_pending(answer(200))
