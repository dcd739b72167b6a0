"""The store of seal artwork."""

from __future__ import annotations

import hashlib
import io
import os
import re
import stat
import struct
import tempfile
import zlib
from pathlib import Path

from PIL import Image

from gateway.core.errors import SiteFault
from gateway.core.registry import ArtworkKind
from gateway.ports import Artwork

_LARGEST = 20 * 1024 * 1024
_MOST_PIXELS = 25_000_000
"""Enough for the largest seal at 400 dots per inch; decoded, it takes 100 MB."""
_NAME = re.compile(r"[0-9a-f]{64}")
_UNREADABLE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)
"""What Pillow raises for files that are no pictures, damaged, or made to hurt."""


class ArtworkStore:
    """`ports.SealArtwork` in a folder: `HASH.KIND`, readable by nobody else."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, image: Path) -> Artwork:
        """Import a PNG; raises `ValueError` with a sentence when it cannot be used.

        A stored copy that was damaged meanwhile is replaced.
        """
        content = _content(image)
        width, height = _extent(content)
        return Artwork(self.store(content, ArtworkKind.PNG), width, height)

    def store(self, content: bytes, kind: ArtworkKind) -> str:
        """Keep the bytes of artwork that was checked before, durably; return their SHA-256."""
        name = hashlib.sha256(content).hexdigest()
        if self._intact(name) is None:
            self._write(self._folder / f"{name}.{kind}", content)
        return name

    def path(self, sha256: str) -> Path:
        """Return the file; raises `SiteFault` (`site.artifact-damaged`) when it is not intact."""
        path = self._intact(sha256)
        if path is None:
            raise SiteFault("site.artifact-damaged", f"seal artwork {sha256[:64]}")
        return path

    def _intact(self, name: str) -> Path | None:
        """Return the file of that hash when its bytes still have it."""
        if _NAME.fullmatch(name) is None:
            return None
        for path in (self._folder / f"{name}.{kind}" for kind in ArtworkKind):
            try:
                content = path.read_bytes()
            except OSError:
                continue
            if hashlib.sha256(content).hexdigest() == name:
                return path
        return None

    def _write(self, path: Path, content: bytes) -> None:
        """Write the file, whole and durably or not at all."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, draft = tempfile.mkstemp(prefix=".", suffix=".part", dir=self._folder)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                Path(draft).replace(path)
            except BaseException:
                Path(draft).unlink(missing_ok=True)
                raise
            _make_durable(self._folder)
        except OSError as error:
            raise ValueError(f"the picture cannot be kept: {error.strerror}") from error


def _make_durable(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _content(image: Path) -> bytes:
    """Read a plain file; a FIFO must not make us wait."""
    try:
        descriptor = os.open(image, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise ValueError("the picture is no plain file")
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise ValueError(f"the picture cannot be read: {error.strerror}") from error
    if len(content) > _LARGEST:
        raise ValueError(f"the picture is larger than {_LARGEST // 2**20} MiB")
    return content


def _extent(content: bytes) -> tuple[int, int]:
    """Return width and height in pixels of a picture that shows something."""
    try:
        with Image.open(io.BytesIO(content), formats=("PNG",)) as picture:
            width, height = picture.size
            small_enough = width * height <= _MOST_PIXELS
            # Decoded whole, so that a picture cut short is refused here and not while sealing.
            shown = small_enough and picture.convert("RGBA").getchannel("A").getbbox() is not None
    except _UNREADABLE as error:
        raise ValueError("the picture is not a PNG that can be read") from error
    if not small_enough:
        raise ValueError(f"the picture has more than {_MOST_PIXELS // 10**6} million pixels")
    if not shown:
        raise ValueError("the picture is fully transparent")
    return width, height
