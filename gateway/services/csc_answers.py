"""What a CSC service answers (API v2.0.0.2), as far as it is used; other members are ignored."""

from __future__ import annotations

import base64
import binascii
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.core.errors import Charge, ServiceFault
from gateway.services.http import Answer


class CscAnswer(BaseModel):
    """An answer: immutable, tolerant of members that we do not use."""

    model_config = ConfigDict(frozen=True, extra="ignore")


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


class CredentialInfo(CscAnswer):
    """`credentials/info` (11.5)."""

    key: Key
    cert: Certificate
    multisign: int = 1


class Authorized(CscAnswer):
    """`credentials/authorize`, `authorizeCheck` (11.6, 11.7): a SAD, or a handle to ask with."""

    sad: str = Field(default="", alias="SAD")
    handle: str = ""


class Signatures(CscAnswer):
    """`signatures/signHash` and `signPolling` (11.10, 11.12): signatures, or where to ask."""

    signatures: tuple[str, ...] = ()
    response_id: str = Field(default="", alias="responseID")


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
        raise ServiceFault(
            "service.protocol",
            f"{kind.__name__}: {where} is not as specified",
            charge=Charge.UNKNOWN,
        ) from error


def from_base64(text: str) -> bytes:
    """Decode Base64; raises `ServiceFault` (`service.protocol`)."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ServiceFault("service.protocol", "not Base64", charge=Charge.UNKNOWN) from error
