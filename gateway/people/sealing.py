"""Encryption of the few secrets that must be read again, with a key that is not in the ledger.

A copy of the ledger alone, such as a backup or an export, tells nobody an authenticator's secret.
"""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.core.errors import SiteFault
from gateway.core.system_faults import site_fault

_KEY = 32
_NONCE = 12


class KeyFile:
    """Encrypts by AES-256-GCM; the key is made when it is first needed.

    Each method raises `SiteFault`: `site.people-key`, `site.denied`, `site.disk-full`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def encrypt(self, secret: bytes, about: str) -> bytes:
        """Return a secret encrypted; it is decrypted only with the same words `about` it."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + AESGCM(self._key(make=True)).encrypt(nonce, secret, about.encode())

    def decrypt(self, kept: bytes, about: str) -> bytes:
        """Return what was encrypted."""
        try:
            cipher = AESGCM(self._key(make=False))
            return cipher.decrypt(kept[:_NONCE], kept[_NONCE:], about.encode())
        except (InvalidTag, ValueError) as error:
            raise SiteFault("site.people-key", f"{self._path} is not the key of {about}") from error

    def _key(self, *, make: bool) -> bytes:
        try:
            key = self._read()
            if key is None and make:
                self._write()
                key = self._read()
        except OSError as error:
            raise site_fault(error, self._path) from error
        if key is None or len(key) != _KEY:
            raise SiteFault("site.people-key", f"{self._path} is missing or damaged")
        return key

    def _read(self) -> bytes | None:
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or status.st_mode & 0o077:
                detail = f"{self._path} can be read by others: chmod 600"
                raise SiteFault("site.people-key", detail)
            return os.read(descriptor, _KEY + 1)
        finally:
            os.close(descriptor)

    def _write(self) -> None:
        """Make the key, whole or not at all; another process may be first."""
        draft = self._path.with_name(f".{self._path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            os.write(descriptor, secrets.token_bytes(_KEY))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        try:
            os.link(draft, self._path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
