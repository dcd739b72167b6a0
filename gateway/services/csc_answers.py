"""What a CSC service answers (API v2.0.0.2), as far as it is used; other members are ignored."""

from __future__ import annotations

import base64
import binascii
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.services.http import Answer


class CscAnswer(BaseModel):
    """An answer: immutable, tolerant of members that we do not use."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Info(CscAnswer):
    """`info` (11.1): the only mandatory method; says which others there are."""

    methods: tuple[str, ...]


class CredentialList(CscAnswer):
    """`credentials/list` (11.4)."""

    credential_ids: tuple[str, ...] = Field(alias="credentialIDs")


class Key(CscAnswer):
    """The `key` member of `credentials/info` (11.5)."""

    status: str
    algo: tuple[str, ...]


class Certificate(CscAnswer):
    """The `cert` member of `credentials/info` (11.5)."""

    status: str | None = None
    certificates: tuple[str, ...] = ()


class AuthorizationObject(CscAnswer):
    """One thing that whoever uses the credential must present (11.5): `PIN`, an OTP, …"""

    id: str = ""
    type: str = ""


class AuthorizationMode(CscAnswer):
    """The `auth` member of `credentials/info` (11.5)."""

    mode: str = "explicit"
    objects: tuple[AuthorizationObject, ...] = ()


class Presence(CscAnswer):
    """Of PIN or OTP in version 1 (11.5): `true`, `false` or `optional`."""

    presence: str = "false"


class CredentialInfo(CscAnswer):
    """`credentials/info` (11.5), in the words of either version."""

    key: Key
    cert: Certificate
    auth: AuthorizationMode = AuthorizationMode()
    auth_mode: str = Field(default="", alias="authMode")
    """Version 1."""
    pin: Presence = Field(default=Presence(), alias="PIN")
    otp: Presence = Field(default=Presence(), alias="OTP")
    multisign: int = 1


class Authorized(CscAnswer):
    """`credentials/authorize`, `authorizeCheck` (11.6, 11.7): a SAD, or a handle to ask with."""

    sad: str | None = Field(default=None, alias="SAD", repr=False)
    handle: str | None = None
    expires_in: float = Field(default=3600.0, alias="expiresIn", allow_inf_nan=False)
    """Seconds."""


class Signatures(CscAnswer):
    """`signatures/signHash` and `signPolling` (11.10, 11.12): signatures, or where to ask."""

    signatures: tuple[str, ...] | None = None
    response_id: str | None = Field(default=None, alias="responseID")


class CscError(CscAnswer):
    """The body of a refusal (10.1)."""

    error: str = ""
    error_description: str = ""


AnswerType = TypeVar("AnswerType", bound=CscAnswer)


def read(kind: type[AnswerType], answer: Answer) -> AnswerType:
    """Read an answer's body; raises `ServiceFault` (`service.protocol`) without quoting it."""
    try:
        return kind.model_validate(answer.json())
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        what = f"{kind.__name__}: {where} is not as specified"
        raise answer.protocol_fault(what) from error


def error_of(answer: Answer) -> CscError:
    """Read the error members of a refusal; empty ones where there are none."""
    try:
        return CscError.model_validate_json(answer.body)
    except ValidationError:
        return CscError()


def from_base64(text: str) -> bytes | None:
    """Decode Base64, which some services break into lines; None when it is not."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None


def to_base64(values: tuple[bytes, ...]) -> list[str]:
    """Encode digests for a request."""
    return [base64.b64encode(value).decode() for value in values]
