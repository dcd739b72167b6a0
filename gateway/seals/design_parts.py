"""What the designs of all kinds of seals are made of.

These models are an edge: they parse what authors write, and their JSON Schema is published
(`docs/schema/design.schema.json`), so each key says what it is. Lengths are kept in millimetres.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)

from gateway.core.lengths import POINTS_PER_MILLIMETRE, Length
from gateway.seals.colours import INKS, plain
from gateway.seals.dates import check_pattern, zone
from gateway.seals.paths import from_svg
from gateway.seals.placeholders import used


class Part(BaseModel):
    """A mapping in which every key is known."""

    model_config = ConfigDict(
        defer_build=True,
        extra="forbid",
        frozen=True,
        validate_default=True,
        use_attribute_docstrings=True,
        allow_inf_nan=False,
    )


_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")


def _millimetres(value: object) -> object:
    # YAML is read as it was written: a number without a unit comes as text, too.
    if not isinstance(value, str) or _NUMBER.fullmatch(value.strip()):
        return value
    length = Length.parse(value)
    if length.unit == "%":
        raise ValueError("write a number of millimetres, or a length like 40mm, 9pt or 1.5in")
    return round(length.points(0) / POINTS_PER_MILLIMETRE, 4)


def _shown(value: str) -> str:
    if re.search(r"[\x00-\x1f\x7f\u2028\u2029]", value):
        raise ValueError("it has a character that cannot be seen; each line is a text of its own")
    used(value)
    return value


def _pattern(value: str) -> str:
    check_pattern(value)
    return value


def _zone(value: str) -> str:
    zone(value)
    return value


def _path_data(value: str) -> str:
    from_svg(value)
    return value


_MILLIMETRES = {
    "anyOf": [
        {"type": "number"},
        {"type": "string", "pattern": r"^\s*[+-]?(\d+(\.\d*)?|\.\d+)\s*(mm|pt|in)\s*$"},
    ]
}
_Millimetres = Annotated[
    float, BeforeValidator(_millimetres), WithJsonSchema(_MILLIMETRES, mode="validation")
]
Extent = Annotated[_Millimetres, Field(ge=5, le=300)]
Thickness = Annotated[_Millimetres, Field(ge=0.05, le=10)]
Gap = Annotated[_Millimetres, Field(ge=0, le=50)]
Height = Annotated[_Millimetres, Field(ge=1.2, le=100)]
Words = Annotated[
    str, StringConstraints(min_length=1, max_length=300, pattern=r"\S"), AfterValidator(_shown)
]
Ink = Annotated[
    str,
    AfterValidator(plain),
    Field(json_schema_extra={"examples": [*INKS, "#c8161d"]}),
]
Size = Annotated[_Millimetres, Field(ge=1.75, le=100)]
Tracking = Annotated[float, Field(ge=-0.1, le=2)]
PathData = Annotated[
    str, StringConstraints(min_length=1, max_length=100_000), AfterValidator(_path_data)
]


class FontPart(Part):
    """What a text is set in."""

    families: Annotated[
        tuple[Annotated[str, StringConstraints(min_length=1, max_length=100)], ...],
        Field(max_length=20),
    ] = ()
    """Families tried first; one of them at least must be installed. What they lack comes from the
    usual ones."""
    style: Literal["serif", "sans"] | None = None
    """Which of the usual families: serif (Song) or sans (Hei); as the kind of seal has it when not
    given."""
    weight: Literal["light", "regular", "medium", "bold", "black"] | None = None
    """How dark the letters are; as the kind of seal has it when not given."""


class TextPart(Part):
    """A text, and how it is set."""

    text: Words
    """May hold {date} {time} {serial} {signer} {reason} {hash} {receipt} {name}."""
    height: Height | None = None
    """Of capitals or Chinese characters, in mm; less where the text would not fit. From the seal's
    size when not given."""
    font: FontPart = FontPart()
    """What it is set in."""
    tracking: Tracking | None = None
    """White between letters, as a share of the letters' size."""


class ArcPart(TextPart):
    """A text along the inside of the rim."""

    span: Annotated[float, Field(ge=20, le=340)] | None = None
    """Degrees it may take at most, seen from the centre."""


class StarPart(Part):
    """A five-pointed star."""

    shape: Literal["star"]
    """A star."""
    diameter: Height | None = None
    """Of the circle through its points, in mm; 35 % of the seal's when not given."""


class EmblemPart(Part):
    """A figure of your own."""

    shape: Literal["emblem"]
    """A figure."""
    path: PathData
    """Path data as in SVG, filled; scaled to its size."""
    size: Height | None = None
    """Of its longer side, in mm; 40 % of the seal's when not given."""
    even_odd: bool = False
    """Holes are where it covers itself twice (fill-rule: evenodd)."""


class MiddleTextPart(Part):
    """Lines of text in the middle."""

    shape: Literal["text"]
    """Text."""
    lines: Annotated[tuple[TextPart, ...], Field(min_length=1, max_length=6)]
    """From top to bottom."""


Middle = Annotated[StarPart | EmblemPart | MiddleTextPart, Field(discriminator="shape")]


class SecondRimPart(Part):
    """A thin line inside the rim."""

    line: Thickness = 0.25
    """Its width in mm."""
    gap: Gap = 0.6
    """White between it and the rim, in mm."""


class RingPart(Part):
    """A ring about the middle; texts along the rim stand outside it."""

    size: Annotated[float, Field(ge=0.2, le=0.9)] = 0.62
    """Its diameter as a share of the seal's."""
    line: Thickness = 0.3
    """Its width in mm."""


class CodePart(Part):
    """A two-dimensional code."""

    content: Words
    """What it says, such as an address; may hold placeholders."""
    symbology: Literal["qr", "data-matrix"] = "qr"
    """Which code."""
    correction: Literal["low", "medium", "quartile", "high"] = "medium"
    """How much of a QR code may be damaged: 7, 15, 25, 30 %. Data Matrix has its own."""
    quiet: Annotated[int, Field(ge=1, le=10)] | None = None
    """White modules around it; 4 for QR and 2 for Data Matrix when not given."""


class SideCodePart(CodePart):
    """A code at a side of a block."""

    side: Literal["left", "right"] = "right"
    """Where it stands."""


class DatePart(Part):
    """How {date} and {time} are written."""

    format: Annotated[
        str, StringConstraints(min_length=1, max_length=80), AfterValidator(_pattern)
    ] = "yyyy-MM-dd"
    """Pattern of {date}, such as yyyy-MM-dd, dd.MM.yyyy, yyyy年M月d日 or d MMMM yyyy."""
    time: Annotated[
        str, StringConstraints(min_length=1, max_length=80), AfterValidator(_pattern)
    ] = "HH:mm"
    """Pattern of {time}, such as HH:mm:ss or HH:mm xxx."""
    locale: Literal["en", "zh", "ja", "de", "fr", "es", "it", "pl"] = "en"
    """Language of months and days of the week."""
    time_zone: Annotated[str, StringConstraints(max_length=64), AfterValidator(_zone)] = "UTC"
    """Where the day begins and ends: a name of the tz database, such as Asia/Shanghai."""


class SerialPart(Part):
    """How {serial} is written."""

    digits: Annotated[int, Field(ge=1, le=20)] = 6
    """At least so many, filled with zeros."""


class HashPart(Part):
    """How {hash} is written."""

    digits: Annotated[int, Field(ge=6, le=128)] = 12
    """So many hexadecimal digits, from its beginning."""
