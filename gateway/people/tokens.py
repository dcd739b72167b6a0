"""Random tokens. What is stored of one is its SHA-256: at 256 random bits nobody can guess back."""

from __future__ import annotations

import hashlib
import hmac
import secrets

API_PREFIX = "sealgate_"
"""So that secret scanners, and people, know an API token when they see one."""


def new_token(prefix: str = "") -> str:
    """Return 256 random bits, in characters that URLs and headers carry as they are."""
    return prefix + secrets.token_urlsafe(32)


def new_id() -> str:
    """Return a public id: unique, and of no use to anybody."""
    return secrets.token_hex(8)


def hash_of(token: str) -> str:
    """Return what is stored of a token, in hex."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def csrf_of(token: str) -> str:
    """Return what forms of a session bring back; the session's token cannot be told from it."""
    return hmac.new(token.encode("utf-8", "surrogatepass"), b"csrf", "sha256").hexdigest()
