"""Even out the light on photographed paper, so that its shaded parts are paper, too."""

from __future__ import annotations

from PIL import Image, ImageChops, ImageFilter, ImageMath, ImageStat

_LIGHT = 128
_EVEN = 160
"""Level at which paper of average light is kept: there is room for lighter parts above."""
_DARKEST = 80
"""Half of the average light; what is darker is ink."""
_TINTED = 14
"""Bands of ink are further apart than this, measured by those of the paper."""
_SIDE = 100
"""Pixels of the longer side at which the light is looked at: strokes vanish, shadows stay."""
_SOFT = 2


def evenly_lit(colours: Image.Image) -> Image.Image:
    """Return an RGB picture in which paper is everywhere as bright as at its brightest.

    The light is that of the paper nearby; below ink, that of the paper nearest to it.
    """
    light = _light(colours)
    if light is None:
        return colours
    best = light.getextrema()[1]
    bands = [
        ImageMath.lambda_eval(
            lambda terms: terms["convert"](
                terms["min"](terms["band"] * best / terms["max"](terms["light"], 1), 255), "L"
            ),
            band=band,
            light=light,
        )
        for band in colours.split()
    ]
    return Image.merge("RGB", bands)


def _light(colours: Image.Image) -> Image.Image | None:
    """Return how much light each pixel has; None where there is no paper to tell it by."""
    red, green, blue = colours.split()
    darkest = ImageChops.darker(ImageChops.darker(red, green), blue)
    bright = darkest.point(lambda value: 255 if value >= _LIGHT else 0)
    if bright.getbbox() is None:
        return None
    levels = ImageStat.Stat(colours, bright).mean
    small = colours.copy()
    small.thumbnail((_SIDE, _SIDE), Image.Resampling.BOX)
    paper = _paper_alone(small, levels).filter(ImageFilter.MaxFilter(5))
    if paper.getbbox() is None:
        return None
    spread = _spread(paper).filter(ImageFilter.GaussianBlur(_SOFT))
    return spread.resize(colours.size, Image.Resampling.BICUBIC)


def _paper_alone(small: Image.Image, levels: list[float]) -> Image.Image:
    """Return the light on pixels that have the paper's tint, and nothing for others."""
    red, green, blue = (
        band.point([min(255, round(value * _EVEN / level)) for value in range(256)])
        for band, level in zip(small.split(), levels, strict=True)
    )
    low = ImageChops.darker(ImageChops.darker(red, green), blue)
    high = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    same = ImageChops.subtract(high, low).point(lambda apart: 255 if apart <= _TINTED else 0)
    lit = low.point(lambda value: 255 if value >= _DARKEST else 0)
    return ImageChops.darker(low, ImageChops.darker(same, lit))


def _spread(paper: Image.Image) -> Image.Image:
    """Let every pixel without light have that of its nearest neighbour that has some."""
    while paper.getextrema()[0] == 0:
        grown = paper.filter(ImageFilter.MaxFilter(3))
        paper = Image.composite(paper, grown, paper.point(lambda value: 255 if value else 0))
    return paper
