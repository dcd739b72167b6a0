"""From the seals of `gateway.yaml` to seals with their artwork."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from gateway.core.rules import Seal
from gateway.ports import Artwork, SealArtwork
from gateway.settings.parsing import Notes
from gateway.settings.problems import did_you_mean
from gateway.settings.site_models import SealPart
from gateway.settings.yaml_file import Location

_MILLIMETRE = 72 / 25.4
_SMALLEST, _LARGEST = 5 * _MILLIMETRE, 300 * _MILLIMETRE
_TOLERANCE = 0.001
"""Points: 5mm computed one way is not 5mm computed another."""
_FEWEST_DOTS = 100


class SealBuilder:
    """Builds the seals, checking service, size and picture of each."""

    def __init__(
        self,
        notes: Notes,
        artwork: SealArtwork,
        services: Sequence[str],
        path: Callable[[str], Path],
    ) -> None:
        self._notes = notes
        self._artwork = artwork
        self._services = services
        self._path = path

    def build(self, name: str, part: SealPart) -> Seal:
        """Return a seal; look at the notes before using it."""
        here: Location = ("seals", name)
        if part.service not in self._services:
            what = f"There is no service {part.service}."
            remedy = f"Define it under services.{did_you_mean(part.service, self._services)}"
            self._notes.add((*here, "service"), "settings.unknown-name", what, remedy)
        picture = self._picture((*here, "image"), name, part)
        width, fits = part.width.points(0.0), self._fits((*here, "width"), part.width.points(0.0))
        if part.height is not None:
            height = part.height.points(0.0)
            fits = self._fits((*here, "height"), height) and fits
        else:
            height = width * picture.height / picture.width
            fits = fits and self._fits((*here, "width"), height, "At this width, its height")
        if fits:
            self._check_dots((*here, "image"), picture, width, height)
        return Seal(name, picture.sha256, width, height, part.service)

    def _picture(self, here: Location, name: str, part: SealPart) -> Artwork:
        try:
            return self._artwork.keep(self._path(part.image))
        except ValueError as error:
            what = f"The picture of seal {name} cannot be used: {error}."
            remedy = "Name a PNG, best with a transparent background."
            self._notes.add(here, "settings.wrong-value", what, remedy)
            return Artwork("", _ANY_PIXELS, _ANY_PIXELS)

    def _fits(self, here: Location, points: float, subject: str = "It") -> bool:
        if _SMALLEST - _TOLERANCE <= points <= _LARGEST + _TOLERANCE:
            return True
        what = f"A seal's size must be between 5 and 300 mm. {subject} is {_millimetres(points)}."
        self._notes.add(here, "settings.wrong-value", what, "Write it in mm, such as 40mm.")
        return False

    def _check_dots(self, here: Location, picture: Artwork, width: float, height: float) -> None:
        dots = min(picture.width / (width / 72), picture.height / (height / 72))
        if dots < _FEWEST_DOTS:
            what = f"At its size on paper the picture has {dots:.0f} dots per inch."
            remedy = f"Use a larger picture: at least {_FEWEST_DOTS} dots per inch."
            self._notes.add(here, "settings.wrong-value", what, remedy)


_ANY_PIXELS = 10_000
"""Enough dots for any seal: a picture that cannot be read is not also too coarse."""


def _millimetres(points: float) -> str:
    return f"{points / _MILLIMETRE:.4g} mm"
