"""Passwords: what is kept is an Argon2id hash (RFC 9106), and which ones are taken."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from gateway.core.errors import AccessFault, UsageFault

_LONGEST = 1024
_LOOKED_AT = 72
"""Characters by which a password's strength is told; to look at more takes long."""
_STRONG = 3
"""Of 0 to 4: more than a hundred million guesses, each of which costs an Argon2 hash."""
_PATIENCE = 10.0
"""Seconds to wait for a turn."""
_AT_ONCE = 2
"""Hashes computed at the same time: each takes 64 MiB, and whoever asks is not logged in yet."""


class Passwords:
    """Hashes and checks passwords, always with the same work.

    Both raise `AccessFault` (`access.busy`) when too many are asked for at the same moment.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        # The library's own parameters are the second choice of RFC 9106, 4: t=3, m=64 MiB, p=4.
        self._hasher = hasher or PasswordHasher()
        self._turns = BoundedSemaphore(_AT_ONCE)
        self._nobodys = ""

    def hash(self, password: str) -> str:
        """Return what is kept of a password."""
        with self._turn():
            return self._hasher.hash(_normal(password))

    def fits(self, password: str, kept: str) -> bool:
        """Tell whether a password is the one that was hashed.

        Without a hash, because there is no such user or no such password, the same work is done:
        how long it takes tells nobody which logins there are.
        """
        if not self._nobodys:
            self._nobodys = self.hash("nobody's")
        with self._turn():
            try:
                fitting = self._hasher.verify(kept or self._nobodys, _normal(password))
            except (Argon2Error, InvalidHashError):
                return False
        return fitting and bool(kept)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._turns.acquire(timeout=_PATIENCE):
            raise AccessFault("access.busy")
        try:
            yield
        finally:
            self._turns.release()

    def outdated(self, kept: str) -> bool:
        """Tell whether a hash was made with other parameters than those in use."""
        return self._hasher.check_needs_rehash(kept)


def check_password(password: str, least: int, *personal: str) -> None:
    """Refuse a password that is too short, or soon guessed by whoever knows the person.

    Length counts, and no mixture of characters is asked for (NIST SP 800-63B, 3.1.1.2); what is
    common, repeated, beside each other on the keyboard, or the person's own name, counts little.
    Raises `UsageFault` (`usage.weak-password`).
    """
    from zxcvbn import zxcvbn  # noqa: PLC0415  # its dictionaries, only when one is set

    normal = _normal(password)
    if len(normal) < least:
        raise UsageFault("usage.weak-password", f"at least {least} characters are needed")
    if len(normal) > _LONGEST:
        raise UsageFault("usage.weak-password", f"at most {_LONGEST} characters are possible")
    found = zxcvbn(normal[:_LOOKED_AT], user_inputs=[word for word in personal if word])
    if found["score"] < _STRONG:
        advice = found["feedback"]["warning"] or "it is common, or close to the login or name"
        raise UsageFault("usage.weak-password", advice.rstrip("."))


def _normal(password: str) -> str:
    """Let the same characters be the same, whatever keyboard they come from."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "replace").decode()
