"""What may stand below `profile:` of a rule."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, WrapValidator, model_validator

from gateway.settings.written import Part, Text, Words

_OID = re.compile(r"^[0-2](\.(0|[1-9]\d{0,38})){1,40}$")
_HASH = re.compile(r"^(sha256|sha384|sha512):((?:[0-9A-Fa-f]{2})+)$")
_HEX_DIGITS = {"sha256": 64, "sha384": 96, "sha512": 128}
_ASCII = re.compile(r"^[\x21-\x7e]{1,500}$")


def _oid(value: str) -> str:
    if not _OID.match(value):
        raise ValueError("write an object identifier like 1.3.6.1.4.1.99999.1")
    return value


def _hash(value: str) -> str:
    found = _HASH.match(value)
    if found is None or len(found.group(2)) != _HEX_DIGITS[found.group(1)]:
        raise ValueError("write the algorithm and the hash in hex, like sha256:0a1b… (64 digits)")
    return value.lower()


def _uri(value: str) -> str:
    if not _ASCII.match(value) or ":" not in value:
        raise ValueError("write an address like https://example.com/policy.pdf, in ASCII")
    return value


def _everything(value: object, check: Callable[[object], LockPart | None]) -> LockPart | None:
    """Let one word stand for a lock without any list."""
    if value in ("all", "document"):
        kind = LockPart if value == "all" else DocumentLock
        return kind.model_construct(include=None, exclude=None)
    if value is not None and not isinstance(value, dict):
        raise ValueError(_WRITE_LOCK)
    return check(value)


_WRITE_LOCK = "write all, or document, or {include: [NAMES]}, or {exclude: [NAMES]}"

FieldNames = Annotated[tuple[Words, ...], Field(min_length=1, max_length=1000)]


class PolicyPart(Part):
    """An explicit signature policy."""

    oid: Annotated[str, AfterValidator(_oid)]
    """Its object identifier, dotted."""
    hash: Annotated[str, AfterValidator(_hash)]
    """Hash of its document: sha256:HEX, sha384:HEX or sha512:HEX."""
    uri: Annotated[str, AfterValidator(_uri)] | None = None
    """Where its document can be had."""


class LockPart(Part):
    """Form fields that nobody may change after the seal."""

    include: FieldNames | None = None
    """These fields, each with all below it."""
    exclude: FieldNames | None = None
    """All fields but these."""

    @model_validator(mode="after")
    def _exactly_one(self) -> LockPart:
        if (self.include is None) == (self.exclude is None):
            raise ValueError(_WRITE_LOCK)
        return self


class DocumentLock(LockPart):
    """All form fields, and the rest of the document."""


def _with_words(schema: dict[str, Any]) -> None:
    """Let the published schema take the words, too."""
    choices = schema.pop("anyOf")
    schema["anyOf"] = [{"const": "all"}, {"const": "document"}, *choices]


Lock = Annotated[LockPart | None, WrapValidator(_everything), Field(json_schema_extra=_with_words)]


class ProfilePart(Part):
    """PAdES level and options."""

    level: Literal["B-B", "B-T", "B-LT", "B-LTA"] = "B-B"
    """B-T adds a time-stamp, B-LT revocation data, B-LTA a time-stamp over all of it."""
    vri: bool = False
    """For B-LT and B-LTA: list the validation data by signature, too (VRI)."""
    certify: Literal["no", "no-changes", "form-filling", "annotations"] = "no"
    """Certification (DocMDP): what others may still change."""
    reason: Text = ""
    """Shown by viewers with the signature."""
    location: Text = ""
    """Shown by viewers with the signature."""
    contact: Text = ""
    """Shown by viewers with the signature."""
    name: Text = ""
    """Who seals, for viewers; the certificate says it when not given."""
    commitment: (
        Literal[
            "proof-of-origin",
            "proof-of-receipt",
            "proof-of-delivery",
            "proof-of-sender",
            "proof-of-approval",
            "proof-of-creation",
        ]
        | None
    ) = None
    """What the seal commits to, instead of a reason."""
    policy: PolicyPart | None = None
    """The signature policy it was made under, instead of a reason."""
    lock: Lock = None
    """What nobody may change afterwards: all fields, document, {include: […]} or {exclude: […]}."""
