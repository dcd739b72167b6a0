"""What a seal looks like, as a picture: of a registered version, or of a design that is drawn."""

from __future__ import annotations

import tempfile
from pathlib import Path

from gateway.core.drawing import Drawing
from gateway.core.registry import ArtworkKind, SealVersion
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.seal_looks import sample_values
from gateway.ports import PagePictures

PIXELS = 480


def version_picture(equipment: Equipment, pictures: PagePictures, version: SealVersion) -> bytes:
    """Return a registered version as PNG; changing lines show samples.

    Raises `SiteFault` (`site.artifact-damaged`), `DocumentFault`.
    """
    path = equipment.artwork.path(version.artwork)
    if version.kind is ArtworkKind.PNG:
        return path.read_bytes()
    if version.kind is ArtworkKind.DESIGN:
        return design_picture(equipment, pictures, path.read_bytes())
    return _page_picture(pictures, path)


def design_picture(equipment: Equipment, pictures: PagePictures, design: bytes) -> bytes:
    """Return a design as PNG, with samples in its changing lines; raises as `SealArtist.draw`."""
    changing = equipment.designs().changing(design)
    values = sample_values(equipment.clock.now()) if changing else {}
    return _drawing_picture(equipment, pictures, equipment.artist().draw(design, values))


def _drawing_picture(equipment: Equipment, pictures: PagePictures, drawing: Drawing) -> bytes:
    with tempfile.TemporaryDirectory(prefix="sealgate-seal-") as folder:
        page = Path(folder) / "seal.pdf"
        equipment.pages.from_drawing(drawing, page)
        return _page_picture(pictures, page)


def _page_picture(pictures: PagePictures, page: Path) -> bytes:
    with tempfile.TemporaryDirectory(prefix="sealgate-seal-") as folder:
        png = Path(folder) / "seal.png"
        pictures.draw(page, 0, png, longest=PIXELS, paper=False)
        return png.read_bytes()
