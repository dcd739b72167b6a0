"""From the body of a digest service's answer to the bytes of the signature in it."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass

from asn1crypto import pem

from gateway.core.json_pointer import find
from gateway.core.services import AnswerSettings
from gateway.services.http import Answer


@dataclass(frozen=True)
class Found:
    """What an answer holds."""

    signature: bytes
    request_id: str = ""
    """The service's name of the call, printable and short; empty where it has none."""

    @property
    def call(self) -> str:
        """Return words that name the call in a complaint."""
        return f" (request {self.request_id})" if self.request_id else ""


def read(answer: Answer, settings: AnswerSettings) -> Found:
    """Read an answer; raises `ServiceFault` (`service.protocol`) without quoting it."""
    document: object = None
    if settings.at or settings.request_id:
        try:
            document = json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            raise answer.protocol_fault("the answer is not JSON") from error
    written = _text(answer, document, settings.at) if settings.at else answer.body
    try:
        signature = _decode(written, settings)
    except (binascii.Error, ValueError) as error:
        where = settings.at or "the body"
        raise answer.protocol_fault(f"{where} is not {settings.encoding}") from error
    if not signature:
        raise answer.protocol_fault(f"{settings.at or 'the body'} is empty")
    return Found(signature, _request_id(document, settings.request_id))


def _text(answer: Answer, document: object, pointer: str) -> bytes:
    try:
        value = find(document, pointer)
    except LookupError as error:
        raise answer.protocol_fault(f"there is nothing at {pointer}") from error
    if not isinstance(value, str):
        raise answer.protocol_fault(f"{pointer} is not a text")
    return value.encode("utf-8", "surrogatepass")


def _decode(written: bytes, settings: AnswerSettings) -> bytes:
    prefix = settings.prefix.encode()
    if settings.encoding != "der":
        written = written.strip()
    if not written.startswith(prefix):
        raise ValueError("it does not begin with its prefix")
    written = written[len(prefix) :]
    match settings.encoding:
        case "der":
            return written
        case "pem":
            der: bytes = pem.unarmor(written)[2]
            return der
        case "hex":
            return bytes.fromhex(written.decode("ascii"))
        case "base64url":
            plain = written.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
            return base64.b64decode(plain + b"=" * (-len(plain) % 4), validate=True)
        case _:
            return base64.b64decode(b"".join(written.split()), validate=True)


def _request_id(document: object, pointer: str) -> str:
    """Return the service's name of the call; one that is missing is no reason to complain."""
    if not pointer:
        return ""
    try:
        value = find(document, pointer)
    except LookupError:
        return ""
    return "".join(c for c in str(value) if c.isprintable())[:100]
