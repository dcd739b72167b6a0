"""The store of seal artwork."""

from __future__ import annotations

import os
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


def test_damaged_copy_is_replaced(tmp_path: Path) -> None:
    """Importing a picture again mends a stored copy that was damaged."""
    picture = tmp_path / "seal.png"
    Image.new("RGBA", (30, 20), (200, 0, 0, 255)).save(picture)
    store = ArtworkStore(tmp_path / "store")
    kept = store.keep(picture)
    store.path(kept.sha256).write_bytes(b"other")
    store.keep(picture)
    assert store.path(kept.sha256).read_bytes() == picture.read_bytes()


def test_store_is_private_and_tidy(tmp_path: Path) -> None:
    """Copies are readable by their owner only, and no draft is left."""
    picture = tmp_path / "seal.png"
    Image.new("RGBA", (30, 20), (200, 0, 0, 255)).save(picture)
    store = ArtworkStore(tmp_path / "store")
    kept = store.keep(picture)
    assert store.path(kept.sha256).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "store").iterdir()] == [f"{kept.sha256}.png"]


@pytest.mark.parametrize("name", ["", "../seal", "A" * 64, "0" * 63])
def test_only_hashes_are_names(tmp_path: Path, name: str) -> None:
    """Nothing but a hash leads to a file."""
    (tmp_path / "seal.png").write_bytes(b"not ours to serve")
    with pytest.raises(SiteFault):
        ArtworkStore(tmp_path / "store").path(name)


def test_hurtful_pictures(tmp_path: Path) -> None:
    """A picture cut short, one of absurd extent, one too large and a FIFO are refused at once."""
    good = tmp_path / "good.png"
    Image.effect_noise((64, 64), 80).save(good)
    content = good.read_bytes()
    (tmp_path / "short.png").write_bytes(content[: len(content) // 2])
    Image.new("1", (6000, 6000), 1).save(tmp_path / "wide.png")
    (tmp_path / "large.png").write_bytes(content + b"\0" * (21 * 1024 * 1024))
    os.mkfifo(tmp_path / "pipe.png")
    store = ArtworkStore(tmp_path / "store")
    assert store.keep(good).width == 64
    for name in ("short.png", "wide.png", "large.png", "pipe.png"):
        with pytest.raises(ValueError, match="picture"):
            store.keep(tmp_path / name)
