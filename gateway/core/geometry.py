"""Pages as displayed, and the way from there to PDF user space.

The displayed frame of a page has its origin at the top left of CropBox ∩ MediaBox after
/Rotate, x to the right, y down, in true points (1/72 inch): UserUnit is applied. PDF user
space is the file's own frame (ISO 32000-2, 8.3.2.3): y up, unrotated, in units of
UserUnit/72 inch. A seal's appearance is turned by the /Matrix of its form XObject, so
that it stands upright on a page that is displayed rotated.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Box:
    """A rectangle in the displayed frame: top-left corner and extent, in points."""

    x: float
    y: float
    width: float
    height: float

    def within(self, width: float, height: float, slack: float = 0.01) -> bool:
        """Tell whether the box lies on a page of the given displayed extent in points."""
        return (
            self.x >= -slack
            and self.y >= -slack
            and self.x + self.width <= width + slack
            and self.y + self.height <= height + slack
        )


def turned_extent(width: float, height: float, rotation: float) -> tuple[float, float]:
    """Return the extent of the upright box around a rectangle that is turned by degrees."""
    if rotation % 90 == 0:
        return (height, width) if rotation % 180 else (width, height)
    cosine, sine = (abs(turn(math.radians(rotation))) for turn in (math.cos, math.sin))
    return width * cosine + height * sine, width * sine + height * cosine


def unturned(box: Box, ratio: float, rotation: float) -> Box:
    """Return the largest rectangle of a ratio, width to height, that fits into a box when turned.

    It is returned as it is before it is turned by degrees about its centre, which is the box's.
    """
    across, down = turned_extent(ratio, 1.0, rotation)
    height = min(box.width / across, box.height / down)
    width = height * ratio
    return Box(box.x + (box.width - width) / 2, box.y + (box.height - height) / 2, width, height)


@dataclass(frozen=True)
class UserSpacePlace:
    """Where an annotation goes in the file: /Rect, and the six numbers of its form's /Matrix."""

    rect: tuple[float, float, float, float]
    matrix: tuple[float, float, float, float, float, float]
    form_width: float
    """Width of the appearance's /BBox, in user space units, before the matrix."""
    form_height: float

    def carrying(
        self, width: float, height: float
    ) -> tuple[float, float, float, float, float, float]:
        """Return the matrix that puts a form of this extent, origin at its bottom left, here.

        It is for page content (`cm`), where no viewer fits anything by itself.
        """
        across, down = self.form_width / width, self.form_height / height
        a, b, c, d = self.matrix[:4]
        a, b, c, d = a * across, b * across, c * down, d * down
        x = self.rect[0] - min(0.0, a * width) - min(0.0, c * height)
        y = self.rect[1] - min(0.0, b * width) - min(0.0, d * height)
        return a, b, c, d, x, y


@dataclass(frozen=True)
class PageFrame:
    """A page's visible box in user space units (left, bottom, right, top), rotation and unit."""

    left: float
    bottom: float
    right: float
    top: float
    rotate: int = 0
    """Clockwise, one of 0, 90, 180, 270."""
    user_unit: float = 1.0

    @property
    def width(self) -> float:
        """Return the displayed width in points."""
        across = self.right - self.left if self.rotate in (0, 180) else self.top - self.bottom
        return across * self.user_unit

    @property
    def height(self) -> float:
        """Return the displayed height in points."""
        down = self.top - self.bottom if self.rotate in (0, 180) else self.right - self.left
        return down * self.user_unit

    def place(self, box: Box) -> UserSpacePlace:
        """Carry a displayed box into user space, with the matrix that keeps its content upright.

        The matrices follow from ISO 32000-2, 12.5.5 (algorithm: appearance streams): the
        viewer fits the transformed /BBox into /Rect, so only the turn matters here.
        """
        x, y = box.x / self.user_unit, box.y / self.user_unit
        w, h = box.width / self.user_unit, box.height / self.user_unit
        x0, y0, x1, y1 = self.left, self.bottom, self.right, self.top
        match self.rotate:
            case 0:
                rect = (x0 + x, y1 - y - h, x0 + x + w, y1 - y)
                matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
            case 90:
                rect = (x0 + y, y0 + x, x0 + y + h, y0 + x + w)
                matrix = (0.0, 1.0, -1.0, 0.0, 0.0, 0.0)
            case 180:
                rect = (x1 - x - w, y0 + y, x1 - x, y0 + y + h)
                matrix = (-1.0, 0.0, 0.0, -1.0, 0.0, 0.0)
            case _:
                rect = (x1 - y - h, y1 - x - w, x1 - y, y1 - x)
                matrix = (0.0, -1.0, 1.0, 0.0, 0.0, 0.0)
        return UserSpacePlace(rect, matrix, w, h)

    def displayed(self, rect: tuple[float, float, float, float]) -> Box:
        """Carry a user space rectangle (left, bottom, right, top) into the displayed frame."""
        left, bottom, right, top = rect
        x0, y0, x1, y1, unit = self.left, self.bottom, self.right, self.top, self.user_unit
        match self.rotate:
            case 0:
                x, y, w, h = left - x0, y1 - top, right - left, top - bottom
            case 90:
                x, y, w, h = bottom - y0, left - x0, top - bottom, right - left
            case 180:
                x, y, w, h = x1 - right, bottom - y0, right - left, top - bottom
            case _:
                x, y, w, h = y1 - top, x1 - right, top - bottom, right - left
        return Box(x * unit, y * unit, w * unit, h * unit)
