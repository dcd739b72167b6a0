"""Take the paper out of a scanned seal, and leave its ink."""

from __future__ import annotations

from PIL import Image, ImageChops, ImageMath

from gateway.pdf.artwork.lighting import evenly_lit

_FLOOR = 0.12
"""Part of the ink's own strength that still counts as paper: grain, shadows, JPEG's noise."""
_SOLID = 0.92
"""Part of the ink's own strength from which on it covers the paper whole."""
_FAINTEST = 24
"""Of 255: a picture in which nothing differs more from its paper has no ink."""
_LIGHT = 128


def without_paper(picture: Image.Image) -> Image.Image:
    """Return an RGBA picture whose near-white paper is clear.

    A pixel is taken for a mixture of paper and ink, p = a·ink + (1 - a)·paper. The share `a` rises
    evenly with the distance from the paper, a little below its true value; the ink's own colour
    is then solved from the mixture, so that soft edges keep it instead of a grey or white rim.
    """
    colours = evenly_lit(picture.convert("RGB"))
    paper = _paper(colours)
    distance = _distance(colours, paper)
    strong = _strength(distance)
    if strong < _FAINTEST:
        share = Image.new("L", colours.size, 0)
    else:
        low, high = _FLOOR * strong, _SOLID * strong
        share = distance.point([_share((value - low) / (high - low)) for value in range(256)])
    bands = [_ink(band, level, share) for band, level in zip(colours.split(), paper, strict=True)]
    result = Image.merge("RGB", bands)
    if picture.mode == "RGBA":
        share = ImageChops.multiply(share, picture.getchannel("A"))
    result.putalpha(share)
    return result


def _paper(colours: Image.Image) -> tuple[int, ...]:
    """Return the colour of the paper: in each band the level most common among light pixels."""
    red, green, blue = colours.split()
    darkest = ImageChops.darker(ImageChops.darker(red, green), blue)
    light = darkest.point(lambda value: 255 if value >= _LIGHT else 0)
    if light.getbbox() is None:
        return (255, 255, 255)
    counts = [band.histogram(light) for band in (red, green, blue)]
    return tuple(count.index(max(count)) for count in counts)


def _distance(colours: Image.Image, paper: tuple[int, ...]) -> Image.Image:
    """Return how much darker than paper each pixel is, in its most different band, of 255."""
    apart = [
        band.point([round(max(0, level - value) * 255 / level) for value in range(256)])
        for band, level in zip(colours.split(), paper, strict=True)
    ]
    return ImageChops.lighter(ImageChops.lighter(apart[0], apart[1]), apart[2])


def _strength(distance: Image.Image) -> int:
    """Return how far the ink itself is from the paper: the middle of what differs clearly."""
    counts = distance.histogram()
    clear = [(value, counts[value]) for value in range(_FAINTEST, 256)]
    half, passed = sum(count for _, count in clear) / 2, 0
    for value, count in clear:
        passed += count
        if count and passed >= half:
            return value
    return 0


def _share(part: float) -> int:
    return round(255 * min(1.0, max(0.0, part)))


def _ink(band: Image.Image, paper: int, share: Image.Image) -> Image.Image:
    """Solve p = a·ink + (1 - a)·paper for the ink in one band."""
    solved: Image.Image = ImageMath.lambda_eval(
        lambda terms: terms["convert"](
            terms["min"](
                terms["max"](
                    (terms["float"](terms["band"]) - paper)
                    * 255
                    / terms["max"](terms["float"](terms["share"]), 1)
                    + (paper + 0.5),
                    0,
                ),
                255,
            ),
            "L",
        ),
        band=band,
        share=share,
    )
    return solved
