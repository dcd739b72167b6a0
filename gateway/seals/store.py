"""The store of seal artwork."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path

from PIL import Image

from gateway.core.errors import SiteFault
from gateway.ports import Artwork

_LARGEST = 20 * 1024 * 1024
_MOST_PIXELS = 50_000_000


class ArtworkStore:
    """`ports.SealArtwork` in a folder: `HASH.png`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, image: Path) -> Artwork:
        """Import a PNG; raises `ValueError` with a sentence when it cannot be used."""
        try:
            with image.open("rb") as file:
                content = file.read(_LARGEST + 1)
        except OSError as error:
            raise ValueError(f"the picture cannot be read: {error.strerror}") from error
        if len(content) > _LARGEST:
            raise ValueError(f"the picture is larger than {_LARGEST // 2**20} MiB")
        width, height = _extent(content)
        name = hashlib.sha256(content).hexdigest()
        self._write(self._folder / f"{name}.png", content)
        return Artwork(name, width, height)

    def path(self, sha256: str) -> Path:
        """Return the file; raises `SiteFault` (`site.artifact-damaged`) when it is not intact."""
        path = self._folder / f"{sha256}.png"
        try:
            intact = hashlib.sha256(path.read_bytes()).hexdigest() == sha256
        except OSError as error:
            raise SiteFault("site.artifact-damaged", f"seal artwork {path.name}") from error
        if not intact:
            raise SiteFault("site.artifact-damaged", f"seal artwork {path.name}")
        return path

    def _write(self, path: Path, content: bytes) -> None:
        """Write the file unless it is there: whole, or not at all."""
        if path.exists():
            return
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            fresh = path.with_name(f".{path.name}.{os.getpid()}")
            with fresh.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
        except OSError as error:
            raise ValueError(f"the picture cannot be kept: {error.strerror}") from error


def _extent(content: bytes) -> tuple[int, int]:
    """Return width and height in pixels of a picture that shows something."""
    try:
        with Image.open(io.BytesIO(content), formats=("PNG",)) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                raise ValueError("the picture has too many pixels")
            shown = picture.convert("RGBA").getchannel("A").getbbox()
            extent = picture.width, picture.height
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError("the picture is not a PNG that can be read") from error
    if shown is None:
        raise ValueError("the picture is fully transparent")
    return extent
