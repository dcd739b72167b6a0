"""The store of seal artwork."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from gateway.core.errors import SiteFault
from gateway.seals.store import ArtworkStore


def test_kept_by_hash(tmp_path: Path) -> None:
    """Artwork is kept under its hash and stays when the picture changes."""
    picture = tmp_path / "seal.png"
    Image.new("RGBA", (30, 20), (200, 0, 0, 255)).save(picture)
    store = ArtworkStore(tmp_path / "store")
    kept = store.keep(picture)
    assert (kept.width, kept.height) == (30, 20)
    first = picture.read_bytes()
    Image.new("RGBA", (30, 20), (0, 0, 200, 255)).save(picture)
    assert store.keep(picture).sha256 != kept.sha256
    assert store.path(kept.sha256).read_bytes() == first


def test_damage_is_noticed(tmp_path: Path) -> None:
    """Artwork that was changed or is missing is not used."""
    picture = tmp_path / "seal.png"
    Image.new("RGBA", (30, 20), (200, 0, 0, 255)).save(picture)
    store = ArtworkStore(tmp_path / "store")
    kept = store.keep(picture)
    store.path(kept.sha256).write_bytes(b"other")
    for name in (kept.sha256, "0" * 64):
        with pytest.raises(SiteFault) as refused:
            store.path(name)
        assert refused.value.code == "site.artifact-damaged"


def test_unfit_pictures(tmp_path: Path) -> None:
    """What is no PNG, shows nothing or is missing is refused with a sentence."""
    store = ArtworkStore(tmp_path / "store")
    (tmp_path / "words.png").write_text("not a picture")
    Image.new("RGB", (9, 9)).save(tmp_path / "photo.jpg")
    Image.new("RGBA", (9, 9), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    for name in ("words.png", "photo.jpg", "clear.png", "gone.png"):
        with pytest.raises(ValueError, match=r"picture"):
            store.keep(tmp_path / name)
