"""Templates of requests to digest services: what may stand in them, and how they are filled.

A placeholder is a known name in braces. Braces around anything else are text, so that JSON
can be written as it is; a name that looks like a placeholder but is none is refused.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

DIGEST = ("digest.base64", "digest.base64url", "digest.hex")
"""The digest in its encodings; base64url without padding (RFC 7515, 2)."""
CALL = ("request-id", "time", "time.seconds", "time.milliseconds")
"""Known of every call: a fresh UUID, the time (ISO 8601 in UTC, or since the epoch)."""
BODY = (*DIGEST, *CALL)
"""What a body or header may hold."""
SIGNED = (
    *BODY,
    "method",
    "host",
    "path",
    "query",
    "body",
    "body.sha256.hex",
    "body.sha256.base64",
)
"""What a keyed hash may be over."""

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9.-]*)\}")
_NO_DIGEST = bytes(32)
_SAMPLE_TIME = datetime(2026, 1, 1, tzinfo=UTC)
_SAMPLE_ID = "00000000-0000-4000-8000-000000000000"

ENCODINGS: dict[str, Callable[[bytes], str]] = {
    "hex": lambda value: value.hex(),
    "base64": lambda value: base64.b64encode(value).decode(),
    "base64url": lambda value: base64.urlsafe_b64encode(value).rstrip(b"=").decode(),
}
"""Ways to write bytes as text."""


def call_values(digest: bytes, request_id: str, now: datetime) -> dict[str, str]:
    """Return what the placeholders of one call stand for."""
    written = {f"digest.{name}": write(digest) for name, write in ENCODINGS.items()}
    seconds = now.timestamp()
    return written | {
        "request-id": request_id,
        "time": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "time.seconds": str(int(seconds)),
        "time.milliseconds": str(int(seconds * 1000)),
    }


def fill(template: str, values: Mapping[str, str]) -> str:
    """Put values in the place of their names, once: what is put in is not looked at again."""
    return _PLACEHOLDER.sub(lambda found: values.get(found.group(1), found.group(0)), template)


def check(template: str, known: tuple[str, ...]) -> None:
    """Refuse a placeholder that is not known; raises `ValueError` with a sentence."""
    for name in _PLACEHOLDER.findall(template):
        if name not in known:
            listed = ", ".join("{" + one + "}" for one in known)
            raise ValueError(f"{{{name}}} is not known; there are {listed}")


def check_body(template: str, content_type: str) -> None:
    """Refuse a body without a digest, or that is not JSON though its type says so.

    Raises `ValueError` with a sentence.
    """
    check(template, BODY)
    if not any("{" + name + "}" in template for name in DIGEST):
        listed = ", ".join("{" + one + "}" for one in DIGEST)
        raise ValueError(f"the request must hold the digest: {listed}")
    if is_json(content_type):
        try:
            json.loads(fill(template, call_values(_NO_DIGEST, _SAMPLE_ID, _SAMPLE_TIME)))
        except ValueError as error:
            raise ValueError(f"the filled request is not JSON: {error}") from error


def is_json(content_type: str) -> bool:
    """Tell whether a media type is JSON, or is built on it: `…+json`, `x-amz-json-1.1`."""
    kind = content_type.partition(";")[0].strip().lower()
    return "json" in kind
