"""Stand-ins for what makes pages of seals: a PNG stays the PNG that it is."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from PIL import Image

from gateway.core.drawing import Drawing
from gateway.ports import MadePage, Wish
from gateway.settings import LoadedSite
from gateway.wiring import Site, open_site


class PlainPages:
    """Takes PNG only; a drawing becomes a plain square."""

    def from_file(self, source: Path, page: Path, wish: Wish) -> MadePage:
        """Copy the picture."""
        shutil.copyfile(source, page)
        with Image.open(source) as picture:
            across, down = picture.size
        height = wish.height or wish.width * down / across
        return MadePage(wish.width, height, min(across / wish.width, down / height) * 72)

    def from_drawing(self, drawing: Drawing, page: Path) -> MadePage:
        """Paint a square."""
        Image.new("RGBA", (400, 400), (200, 0, 0, 255)).save(page, "PNG")
        return MadePage(drawing.width, drawing.height)


class PlainArtist:
    """Draws nothing, as large as asked for."""

    def draw(self, design: bytes, values: Mapping[str, str]) -> Drawing:
        """Return an empty drawing."""
        size = float(json.loads(design)["width"].removesuffix("mm")) / 25.4 * 72
        return Drawing(size, size, ())


class PlainDesigns:
    """Designs are what they were written as."""

    def design_from_options(
        self,
        *,
        design: object | None = None,
        template: str = "",
        words: Mapping[str, str | tuple[str, ...]] | None = None,
        changes: Mapping[str, object] | None = None,
    ) -> bytes:
        """Return the options as JSON."""
        if template == "unknown":
            raise ValueError("there is no template 'unknown'")
        given = design if isinstance(design, dict) else {"template": template}
        written = {"width": "40mm"} | given | dict(words or {}) | dict(changes or {})
        return json.dumps(written, sort_keys=True).encode()

    def changing(self, design: bytes) -> frozenset[str]:
        """Return the date where one is written."""
        return frozenset({"date"}) if b"{date}" in design else frozenset()


def open_with_stand_ins(root: Path, loaded: LoadedSite | None = None) -> Site:
    """Open a site as the program does, with the stand-ins connected."""
    site = open_site(root, loaded)
    return replace(site, pages=PlainPages(), artist=PlainArtist(), designs=PlainDesigns())
