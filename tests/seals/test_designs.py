"""Designs: what is refused and how it is said, and that every ready one draws."""

from __future__ import annotations

import base64
import io
import json
import re
from pathlib import Path

import pytest
from PIL import Image

from gateway.core.drawing import Colour, Drawing, Glyphs, Picture
from gateway.core.errors import DocumentFault
from gateway.ports import SealArtist
from gateway.seals.artist import DesignArtist
from gateway.seals.design_models import Design
from gateway.seals.designs import changing, parse_design
from gateway.seals.ready_designs import READY_DESIGNS
from gateway.seals.scaling import LENGTHS, SHARES
from gateway.seals.schema import FILE, schema
from gateway.seals.templates import design_from_options, template
from tests.seals.drawing import ARTIST, VALUES, draw, inked, shapes, written

_SCHEMA = Path(__file__).parents[2] / "docs" / "schema" / FILE
WORDS: dict[str, dict[str, str | tuple[str, ...]]] = {
    "limited-company": {"text": "北京某某科技有限公司", "serial": "1101081234567"},
    "joint-stock-company": {"text": "上海某某股份有限公司"},
    "contract": {"text": "北京某某科技有限公司"},
    "finance": {"text": "北京某某科技有限公司"},
    "department": {"text": "北京某某科技有限公司", "lower": "人力资源部"},
    "corporate": {"text": "NORTHWIND LTD.", "lower": "LONDON"},
    "invoice-oval": {"text": "北京某某科技有限公司", "serial": "91110108MA01ABCD2X"},
    "signature-block": {"content": "https://example.com/{receipt}"},
    "personal-name": {"text": "张三丰"},
    "handwritten": {"name": "Erika Mustermann", "strokes": ("M 0 0 C 5 9 9 9 20 0", "M 3 3 L 9 9")},
    "text-only": {},
    "qr": {"content": "https://example.com", "caption": "Scan"},
    "data-matrix": {"content": "{serial}"},
    "received-stamp": {"text": "Registry"},
}


def _objections(value: object) -> list[str]:
    with pytest.raises(ValueError, match=r".") as refused:
        parse_design(value)
    return str(refused.value).splitlines()


def _within(drawing: Drawing) -> None:
    """Check that all ink lies on the drawing."""
    for glyph in inked(drawing):
        for x, y in glyph.corners:
            assert -0.01 <= x <= drawing.width + 0.01, glyph.text
            assert -0.01 <= y <= drawing.height + 0.01, glyph.text
    for shape in shapes(drawing):
        numbers = [float(word) for word in re.findall(r"-?[\d.]+", shape.path)]
        reach = shape.line_width / 2 if shape.stroke else 0
        assert min(numbers) >= reach - 0.01
        assert max(numbers[0::2]) <= drawing.width - reach + 0.01
        assert max(numbers[1::2]) <= drawing.height - reach + 0.01


@pytest.mark.parametrize("name", READY_DESIGNS)
def test_every_template_draws(name: str) -> None:
    """Each ready design draws with its words, the same again, all of it inside its extent."""
    design = template(name, **WORDS[name])
    drawing = ARTIST.draw(design, VALUES)
    assert drawing.marks
    assert drawing == ARTIST.draw(design, VALUES)
    _within(drawing)


@pytest.mark.parametrize("name", [name for name in READY_DESIGNS if READY_DESIGNS[name].wants])
def test_every_template_asks_for_its_words(name: str) -> None:
    """A template without its words says which it wants."""
    with pytest.raises(ValueError, match=f"{name} wants {READY_DESIGNS[name].wants[0]}"):
        template(name)


def test_the_artist_is_one() -> None:
    """The artist has the port's shape."""
    artist: SealArtist = DesignArtist()
    assert artist.draw(template("personal-name", text="李四"), {}).width > 0


def test_every_objection_at_once() -> None:
    """All that is wrong with a design is said in one go, each with the place of its key."""
    said = _objections(
        {
            "kind": "round",
            "widht": 40,
            "width": "4km",
            "colour": "seal red",
            "opacity": 2,
            "upper": {"text": "Acme {signet}", "font": {"style": "script"}},
            "middle": {"shape": "emblem", "path": "nonsense"},
            "date": {"format": "YYYY", "time_zone": "Mars/Olympus"},
        }
    )
    places = [line.partition(":")[0] for line in said]
    assert sorted(places) == [
        "colour",
        "date.format",
        "date.time_zone",
        "middle.path",
        "opacity",
        "upper.font.style",
        "upper.text",
        "widht",
        "width",
    ]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (b"{", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        ({}, "must say its kind"),
        ({"kind": "square"}, "kind is not known"),
        ([1], "keys and values"),
        ({"kind": "round"}, "shows nothing"),
        ({"kind": "round", "upper": {"text": "  "}}, "upper.text: write something"),
        ({"kind": "round", "upper": {"text": "a{"}}, "single brace"),
        ({"kind": "round", "upper": {"text": "a\nb"}}, "cannot be seen"),
        ({"kind": "round", "middle": {}}, "its shape"),
        ({"kind": "oval", "width": 100, "height": 10, "upper": {"text": "a"}}, "too flat"),
        ({"kind": "handwriting"}, "strokes or a picture"),
        ({"kind": "handwriting", "picture": "R0lGODdh"}, "no PNG"),
        ({"kind": "name", "text": "x" * 30}, "too long"),
        ({"kind": "round", "width": float("nan"), "upper": {"text": "a"}}, "finite"),
    ],
)
def test_refusals_say_why(value: object, words: str) -> None:
    """Each wrong design is refused with a sentence."""
    assert words in " ".join(_objections(value))


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"null", b'{"kind":"round"}'])
def test_a_damaged_design_fails_one_document(content: bytes) -> None:
    """A stored design that cannot be read is a fault of the document, with its code."""
    for act in (lambda: ARTIST.draw(content, VALUES), lambda: changing(content)):
        with pytest.raises(DocumentFault) as refused:
            act()
        assert refused.value.code == "seal.design-invalid"


def test_canonical() -> None:
    """The same design in another order and other units has the same bytes, and reads back."""
    one = parse_design({"kind": "round", "width": 40, "upper": {"text": "a"}})
    other = parse_design('{"upper": {"text": "a"}, "width": "40mm", "kind": "round"}')
    assert one == other
    assert parse_design(one) == one


@pytest.mark.parametrize("width", ["1in", "72 pt", "25.4", 25.4])
def test_lengths(width: object) -> None:
    """Lengths may be written with their unit; without one, and as text as YAML has it, in mm."""
    read = Design.model_validate({"kind": "round", "width": width, "upper": {"text": "a"}}).root
    assert read.width == pytest.approx(25.4)


def test_one_stroke() -> None:
    """A single text will do for the strokes of a signature, as a command line has it."""
    design = template("handwritten", name="Erika", strokes="M 0 0 L 9 9 M 9 0 L 0 9")
    assert json.loads(design)["strokes"] == ["M 0 0 L 9 9 M 9 0 L 0 9"]


@pytest.mark.parametrize(
    ("design", "what"),
    [
        ({"kind": "round", "width": 5, "rim": 2.4, "upper": {"text": "a"}}, "rim"),
        (
            {"kind": "block", "width": 5, "height": 5, "padding": 9, "lines": [{"text": "a"}]},
            "text",
        ),
        ({"kind": "name", "width": 5, "border": 2, "text": "a"}, "border"),
    ],
)
def test_parts_without_room(design: dict[str, object], what: str) -> None:
    """A design whose parts leave no room for each other is refused, not drawn wrongly."""
    with pytest.raises(DocumentFault, match=what) as refused:
        draw(**design)
    assert refused.value.code == "seal.design-invalid"


def test_schema_is_current_and_complete() -> None:
    """docs/schema/ has what the models say, and every key has a description."""
    assert _SCHEMA.read_text(encoding="utf-8") == schema()
    value = json.loads(schema())
    for part in value["$defs"].values():
        for key, definition in part["properties"].items():
            referred = value["$defs"].get(str(definition.get("$ref")).rpartition("/")[2], {})
            assert {**referred, **definition}.get("description"), key


def test_options_make_designs() -> None:
    """A template or a design, with what the command line changes about it."""
    changes = {"width": "42mm", "colour": "stamp-blue", "time_zone": "Asia/Shanghai"}
    words = {"text": "北京某某科技有限公司", "lower": "合同专用章", "serial": "1101081234567"}
    made = json.loads(design_from_options(template="limited-company", words=words, changes=changes))
    assert made["width"] == 42
    assert made["colour"] == "#1f3f94"
    assert made["date"]["time_zone"] == "Asia/Shanghai"
    assert made["line"]["text"] == "合同专用章"
    same = json.loads(design_from_options(design=made, changes={"turn": 3}))
    assert same == {**made, "turn": 3}


def test_other_sizes() -> None:
    """A seal of half the width is the same seal at half the size; a design that is given both
    sides keeps its lines and letters as the smaller one needs them."""
    words = {"text": "北京某某科技有限公司", "serial": "91110108MA01ABCD2X"}
    small = json.loads(
        design_from_options(template="invoice-oval", words=words, changes={"width": "20mm"})
    )
    assert (small["width"], small["height"], small["rim"]) == (20, 15, 0.5)
    star = design_from_options(
        template="limited-company", words={"text": "某某公司"}, changes={"width": "20mm"}
    )
    assert json.loads(star)["middle"]["diameter"] == 7
    own = {"kind": "block", "width": 40, "height": 20, "lines": [{"text": "a", "size": 4}]}
    both = json.loads(design_from_options(design=own, changes={"width": "80mm", "height": "30mm"}))
    assert (both["width"], both["height"], both["padding"]) == (80, 30, 3)
    assert both["lines"][0]["size"] == 6
    large, plain = (
        ARTIST.draw(design_from_options(design=own, changes=changes), {})
        for changes in ({"width": "80mm"}, {})
    )
    grown = zip(inked(large), inked(plain), strict=True)
    assert all(
        one == pytest.approx(2 * other)
        for letter, original in grown
        for one, other in zip(letter.corners[2], original.corners[2], strict=True)
    )


def test_every_length_is_scaled() -> None:
    """What is a length by the schema grows with the seal, and nothing else does."""
    parts = json.loads(schema())["$defs"]
    for name, part in parts.items():
        parent = "ring" if name == "RingPart" else ""
        for key, definition in part["properties"].items():
            written = json.dumps(definition)
            if '"number"' in written:
                scaled = key in LENGTHS and (parent, key) not in SHARES
                assert scaled == ("(mm|pt|in)" in written), (name, key)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "one of them"),
        ({"template": "no-such"}, "there is no template"),
        ({"template": "qr", "words": {"content": "a", "colour": "b"}}, "qr has no colour"),
        ({"template": "qr", "words": {"content": "a"}, "changes": {"shape": "b"}}, "shape"),
        ({"template": "qr", "words": {"content": "a"}, "changes": {"width": "wide"}}, "length"),
        ({"design": {"kind": "x"}, "words": {"text": "a"}}, "words belong to a template"),
    ],
)
def test_options_that_cannot_be(options: dict[str, object], words: str) -> None:
    """Options that make no design are refused with a sentence."""
    with pytest.raises(ValueError, match=words):
        design_from_options(**options)  # type: ignore[arg-type]


def test_white_on_red() -> None:
    """A name seal of the second kind has white letters on the ink."""
    drawing = ARTIST.draw(template("personal-name", text="王伟之印", ground="red"), {})
    assert shapes(drawing)[0].fill == Colour(0.7843, 0.0863, 0.1137)
    letters = [mark for mark in drawing.marks if isinstance(mark, Glyphs)]
    assert [mark.fill for mark in letters] == [Colour(1.0, 1.0, 1.0)]


def test_names_run_in_columns_from_the_right() -> None:
    """The first character stands at the top right, the last at the bottom left."""
    drawing = draw(kind="name", text="王伟之印")
    places = {
        glyph.text: tuple(sum(values) / 4 for values in zip(*glyph.corners, strict=True))
        for glyph in inked(drawing)
    }
    middle = drawing.width / 2
    assert {text: (x > middle, y > middle) for text, (x, y) in places.items()} == {
        "王": (True, True),
        "伟": (True, False),
        "之": (False, True),
        "印": (False, False),
    }


def test_long_lines_are_broken_not_lost() -> None:
    """A long reason takes several lines of a block, whole and inside it."""
    reason = "The contract was examined by the legal department and is approved without reservation"
    design = {
        "kind": "block",
        "width": 50,
        "height": 20,
        "border": {},
        "lines": [{"text": "{reason}"}, {"text": "已审核并批准本合同全部条款及其附件内容"}],
    }
    drawing = ARTIST.draw(parse_design(design), {**VALUES, "reason": reason})
    assert written(drawing).startswith(reason.split(" ", maxsplit=1)[0])
    assert written(drawing).replace(" ", "").startswith(reason.replace(" ", ""))
    _within(drawing)


def test_a_picture_of_a_signature() -> None:
    """A PNG keeps its shape and its bytes, above the line."""
    buffer = io.BytesIO()
    Image.new("RGBA", (300, 100), (0, 0, 90, 255)).save(buffer, "PNG")
    drawing = draw(kind="handwriting", picture=base64.b64encode(buffer.getvalue()).decode())
    (picture,) = [mark for mark in drawing.marks if isinstance(mark, Picture)]
    left, bottom, width, height = picture.box
    assert picture.png == buffer.getvalue()
    assert width / height == pytest.approx(3)
    assert left + width <= drawing.width
    assert bottom + height <= drawing.height
