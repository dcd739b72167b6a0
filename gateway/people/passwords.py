"""Passwords: what is kept is an Argon2id hash (RFC 9106), and which ones are taken."""

from __future__ import annotations

import unicodedata
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from gateway.core.errors import UsageFault

_LONGEST = 1024
_FEWEST_DIFFERENT = 5
_AT_ONCE = 2
"""Hashes computed at the same time: each takes 64 MiB, and whoever asks is not logged in yet."""


class Passwords:
    """Hashes and checks passwords, always with the same work."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        # The library's own parameters are the second choice of RFC 9106, 4: t=3, m=64 MiB, p=4.
        self._hasher = hasher or PasswordHasher()
        self._turns = BoundedSemaphore(_AT_ONCE)
        self._nobodys = ""

    def hash(self, password: str) -> str:
        """Return what is kept of a password."""
        with self._turns:
            return self._hasher.hash(_normal(password))

    def fits(self, password: str, kept: str) -> bool:
        """Tell whether a password is the one that was hashed.

        Without a hash, because there is no such user or no such password, the same work is done:
        how long it takes tells nobody which logins there are.
        """
        if not self._nobodys:
            self._nobodys = self.hash("nobody's")
        with self._turns:
            try:
                fitting = self._hasher.verify(kept or self._nobodys, _normal(password))
            except (Argon2Error, InvalidHashError):
                return False
        return fitting and bool(kept)

    def outdated(self, kept: str) -> bool:
        """Tell whether a hash was made with other parameters than those in use."""
        return self._hasher.check_needs_rehash(kept)


def check_password(password: str, least: int, *personal: str) -> None:
    """Refuse a password that is too short, or holds what everybody knows of the person.

    As NIST SP 800-63B, 3.1.1.2, has it: length counts, and no mixture of characters is asked
    for. Raises `UsageFault` (`usage.weak-password`).
    """
    normal = _normal(password)
    if len(normal) < least:
        raise UsageFault("usage.weak-password", f"at least {least} characters are needed")
    if len(normal) > _LONGEST:
        raise UsageFault("usage.weak-password", f"at most {_LONGEST} characters are possible")
    if len(set(normal)) < _FEWEST_DIFFERENT:
        detail = f"at least {_FEWEST_DIFFERENT} of its characters have to differ"
        raise UsageFault("usage.weak-password", detail)
    folded = normal.casefold()
    for word in personal:
        if len(word) >= 3 and len(folded.replace(word.casefold(), "")) < least // 2:
            raise UsageFault("usage.weak-password", "it is hardly more than the login or name")


def _normal(password: str) -> str:
    """Let the same characters be the same, whatever keyboard they come from."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "replace").decode()
