"""The kinds of seals that can be drawn: what may stand in a design."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Literal

from pydantic import Field, RootModel, StringConstraints, field_validator, model_validator

from gateway.seals.design_parts import (
    ArcPart,
    CodePart,
    DatePart,
    Extent,
    FontPart,
    Gap,
    HashPart,
    Ink,
    Middle,
    Part,
    PathData,
    RingPart,
    SecondRimPart,
    SerialPart,
    SideCodePart,
    Size,
    TextPart,
    Thickness,
    Tracking,
    Words,
)

_PNG = b"\x89PNG\r\n\x1a\n"
_LARGEST_PICTURE = 6_000_000


class SealDesign(Part):
    """What the designs of all kinds have."""

    colour: Ink = "seal-red"
    """The ink: #rrggbb or a name such as seal-red, stamp-blue, black."""
    opacity: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Of the whole seal: 1 hides what is below."""
    multiply: bool = False
    """The seal darkens what is below it, as ink does, so that text below stays readable."""
    turn: Annotated[float, Field(ge=-180, le=180)] = 0.0
    """Degrees, counter-clockwise, as a seal set by hand; the extent grows with it."""
    date: DatePart = DatePart()
    """How {date} and {time} are written."""
    serial: SerialPart = SerialPart()
    """How {serial} is written."""
    hash: HashPart = HashPart()
    """How {hash} is written."""


class RoundDesign(SealDesign):
    """A round seal: text along the rim, something in the middle."""

    kind: Literal["round"]
    """A round seal."""
    width: Extent = 40.0
    """Its diameter in mm."""
    rim: Annotated[Thickness, Field(le=5)] = 1.0
    """Width of the outer rim in mm."""
    second_rim: SecondRimPart | None = None
    """A thin line inside the rim."""
    ring: RingPart | None = None
    """A ring about the middle."""
    upper: ArcPart | None = None
    """Text along the upper arc, usually the name."""
    lower: ArcPart | None = None
    """Text along the lower arc, read from left to right, such as a number."""
    middle: Middle | None = None
    """What stands in the middle."""
    line: TextPart | None = None
    """Straight text below the middle, such as the seal's purpose."""
    separator: Literal["none", "star", "dot", "diamond"] = "none"
    """What stands on both sides between upper and lower text."""

    @model_validator(mode="after")
    def _shows_something(self) -> RoundDesign:
        if not any((self.upper, self.lower, self.middle, self.line)):
            raise ValueError("it shows nothing: give it upper, lower, middle or line")
        return self


class OvalDesign(SealDesign):
    """An oval seal: text along the rim, lines in the middle."""

    kind: Literal["oval"]
    """An oval seal."""
    width: Extent = 45.0
    """In mm."""
    height: Extent = 30.0
    """In mm."""
    rim: Annotated[Thickness, Field(le=5)] = 1.0
    """Width of the outer rim in mm."""
    second_rim: SecondRimPart | None = None
    """A thin line inside the rim."""
    upper: ArcPart | None = None
    """Text along the upper arc."""
    lower: ArcPart | None = None
    """Text along the lower arc, read from left to right."""
    middle: Annotated[tuple[TextPart, ...], Field(max_length=6)] = ()
    """Straight lines in the middle, from top to bottom."""
    line: TextPart | None = None
    """Straight text below the middle, such as the seal's purpose."""
    separator: Literal["none", "star", "dot", "diamond"] = "none"
    """What stands on both sides between upper and lower text."""

    @model_validator(mode="after")
    def _can_be(self) -> OvalDesign:
        if not any((self.upper, self.lower, self.middle, self.line)):
            raise ValueError("it shows nothing: give it upper, lower, middle or line")
        if not 0.4 <= self.height / self.width <= 2.5:
            raise ValueError("it is too flat: neither side may be more than 2.5 times the other")
        return self


class BlockTextPart(Part):
    """A line of a block; it is broken when it is too long."""

    text: Words
    """May hold {date} {time} {serial} {signer} {reason} {hash} {receipt} {name}."""
    size: Size | None = None
    """Of its type, in mm or pt (9pt); as large as fits when not given."""
    share: Annotated[float, Field(ge=0.4, le=4)] = 1.0
    """Its size by that of the other lines, when size is not given."""
    font: FontPart = FontPart()
    """What it is set in."""
    tracking: Tracking = 0.0
    """White between letters, as a share of the letters' size."""
    colour: Ink | None = None
    """Another colour than the seal's."""


BlockLines = Annotated[tuple[BlockTextPart, ...], Field(max_length=12)]


class BorderPart(Part):
    """The border of a block."""

    line: Thickness = 0.5
    """Its width in mm."""
    corner: Gap = 0.0
    """Radius of its corners in mm."""
    second: SecondRimPart | None = None
    """A thin line inside it."""


class BlockDesign(SealDesign):
    """A rectangle with lines of text: a signature block, a received stamp."""

    kind: Literal["block"]
    """A rectangular block."""
    width: Extent = 70.0
    """In mm."""
    height: Extent = 25.0
    """In mm."""
    border: BorderPart | None = None
    """Its border; none when not given."""
    background: Ink | None = None
    """Colour below the text; none when not given."""
    padding: Gap = 2.0
    """White inside the border, in mm."""
    title: BlockTextPart | None = None
    """A line above the others."""
    lines: BlockLines = ()
    """From top to bottom."""
    align: Literal["left", "centre", "right"] = "left"
    """Where lines begin or end."""
    rule: Thickness | None = None
    """Width in mm of a thin line below the title; none when not given."""
    rules: Thickness | None = None
    """Width in mm of thin lines between the lines; none when not given."""
    code: SideCodePart | None = None
    """A code at a side."""

    @model_validator(mode="after")
    def _shows_something(self) -> BlockDesign:
        if not (self.title or self.lines):
            raise ValueError("it shows nothing: give it a title or lines")
        return self


class TextDesign(SealDesign):
    """Lines of text alone."""

    kind: Literal["text"]
    """Text without a border."""
    width: Extent = 60.0
    """In mm."""
    height: Extent = 15.0
    """In mm."""
    lines: Annotated[BlockLines, Field(min_length=1)]
    """From top to bottom."""
    align: Literal["left", "centre", "right"] = "left"
    """Where lines begin or end."""


class NameDesign(SealDesign):
    """A personal name seal, square or rectangular."""

    kind: Literal["name"]
    """A name seal."""
    width: Extent = 18.0
    """In mm."""
    height: Extent | None = None
    """In mm; as the width when not given."""
    text: Annotated[Words, StringConstraints(max_length=24)]
    """Two to four Chinese characters, or initials or a name in Latin letters."""
    ground: Literal["white", "red"] = "white"
    """white: coloured letters in a border (阳文); red: white letters on the ink (阴文)."""
    order: Literal["columns-from-right", "columns-from-left", "rows"] = "columns-from-right"
    """How Chinese characters follow each other; the tradition is columns from the right."""
    border: Thickness = 0.8
    """Width of the border in mm."""
    corner: Gap = 0.8
    """Radius of the corners in mm."""
    font: FontPart = FontPart()
    """What it is set in."""


class HandwritingDesign(SealDesign):
    """A signature by hand, above a line with the name in print."""

    kind: Literal["handwriting"]
    """A signature by hand."""
    width: Extent = 60.0
    """In mm."""
    height: Extent = 25.0
    """In mm."""
    strokes: Annotated[tuple[PathData, ...], Field(max_length=500)] = ()
    """Strokes of the pen as path data of SVG, all in one frame."""
    pen: Thickness = 0.5
    """Width of the strokes in mm."""
    filled: bool = False
    """The strokes are outlines that are filled, not lines along which the pen goes."""
    picture: Annotated[str, StringConstraints(max_length=_LARGEST_PICTURE)] | None = None
    """A PNG instead of strokes, in base64, best with transparent background."""
    line: Thickness | None = 0.2
    """Width in mm of the line below the signature; none when null."""
    lines: BlockLines = ()
    """Print below the line, such as name and date."""
    print_colour: Ink = "ink-black"
    """Colour of line and print; the signature has the seal's."""

    @field_validator("strokes", mode="before")
    @classmethod
    def _one_is_enough(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @field_validator("picture")
    @classmethod
    def _is_png(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                png = base64.b64decode(value, validate=True)
            except (binascii.Error, ValueError) as error:
                raise ValueError("write the PNG in base64") from error
            if not png.startswith(_PNG) or len(png) < 33:
                raise ValueError("this is no PNG in base64")
        return value

    @model_validator(mode="after")
    def _one_signature(self) -> HandwritingDesign:
        if bool(self.strokes) == (self.picture is not None):
            raise ValueError("give it strokes or a picture, one of them")
        if self.picture is not None and self.turn:
            raise ValueError("a picture is not turned: turn the picture itself")
        return self


class CodeDesign(SealDesign):
    """A QR code or Data Matrix alone."""

    kind: Literal["code"]
    """A code."""
    width: Extent = 25.0
    """In mm, quiet zone included."""
    code: CodePart
    """What it says."""
    caption: TextPart | None = None
    """A line below it."""
    background: Ink | None = None
    """Colour below the code; a light one, or none when not given."""
    colour: Ink = "black"
    """The ink: a dark one, so that scanners read it."""


AnyDesign = (
    RoundDesign
    | OvalDesign
    | BlockDesign
    | NameDesign
    | HandwritingDesign
    | TextDesign
    | CodeDesign
)


class Design(RootModel[Annotated[AnyDesign, Field(discriminator="kind")]]):
    """A design of a seal. Lengths are in mm, or with their unit: 40mm, 9pt, 1.5in."""
