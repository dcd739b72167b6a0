"""SVG becomes vector that looks like it, or is refused with the element that cannot be."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.pdf.reader import ReaderDocuments
from tests.pdf.drawings import apart, by_pdfium, by_poppler, plain
from tests.pdf.test_artwork_import import Importer

HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'xmlns:i="urn:editor" viewBox="0 0 100 80">'
)


@pytest.fixture
def importer(reader: ReaderDocuments, tmp_path: Path) -> Importer:
    """Return an importer with a folder of its own."""
    return Importer(reader, tmp_path)


def svg(body: str) -> bytes:
    """Return an SVG of 100 by 80."""
    return f"{HEAD}{body}</svg>".encode()


def test_shapes_look_right(importer: Importer) -> None:
    """Shapes, arcs, groups, transforms, uses, styles, dashes and holes come where they belong."""
    made = importer.take(
        svg("""
        <i:page units="mm"/><title>Seal</title><metadata><i:x/></metadata>
        <defs><rect id="box" width="10" height="10"/><linearGradient id="left-over"/></defs>
        <circle class="line" cx="50" cy="40" r="30"/>
        <g transform="translate(50 40) rotate(90)"><rect x="10" y="-5" width="10" height="10"
          fill="#0000ff"/></g>
        <use xlink:href="#box" x="2" y="2" fill="green"/>
        <use href="#box" transform="translate(98 2) scale(-1 1)" fill="rgb(255, 0, 255)"/>
        <path d="M2 60h16v16h-16zM6 64h8v8h-8z" fill-rule="evenodd" id="frame"/>
        <path d="M80 76 A 10 10 0 0 1 100 76 Z" fill="orange"/>
        <g style="display:none"><text>hidden</text></g>
        <style>.line { fill: none; stroke: #c80000 } circle { stroke-width: 4px }
          #frame { fill: #008080 }</style>
        """),
        width=100.0,
    )
    assert (made.width, made.height, made.dots) == (100, 80, None)
    for picture in (by_pdfium(importer.page), by_poppler(importer.page)):
        at = {
            (100, 20): (200, 0, 0),
            (100, 110): (0, 0, 255),
            (14, 14): (0, 128, 0),
            (186, 14): (255, 0, 255),
            (8, 136): (0, 128, 128),
            (20, 136): (255, 255, 255),
            (180, 140): (255, 165, 0),
            (100, 80): (255, 255, 255),
        }
        assert {place: picture.getpixel(place) for place in at} == at
    assert b"/Image" not in plain(importer.page)


def test_opacity(importer: Importer) -> None:
    """Opacity of fills, of shapes and of groups is kept; in a faint group nothing shows through."""
    importer.take(
        svg("""
        <rect width="20" height="20" fill="red" fill-opacity=".5"/>
        <g opacity="50%"><rect x="30" width="40" height="20" fill="blue"/>
          <rect x="50" width="40" height="20" fill="red"/></g>
        <rect x="10" y="40" width="30" height="20" fill="lime" stroke="black" stroke-width="8"
          style="opacity:.5"/>
        """),
        width=100.0,
    )
    for picture in (by_pdfium(importer.page), by_poppler(importer.page)):
        for place, faint in (((20, 20), 0), ((120, 20), 0), ((80, 20), 2), ((50, 100), 1)):
            seen = picture.getpixel(place)
            assert isinstance(seen, tuple)
            assert [band > 200 for band in seen] == [band == faint for band in range(3)], place
            assert all(band > 120 for band in seen)
        assert picture.getpixel((22, 100)) == picture.getpixel((18, 100)), "inner half of a line"


def test_sizes(importer: Importer) -> None:
    """An SVG's shape comes from its size or viewBox, and a wanted height stretches it."""
    head = '<svg xmlns="http://www.w3.org/2000/svg"'
    body = '><rect width="100%" height="100%" fill="red"/></svg>'
    made = importer.take(f'{head} width="20mm" height="10mm"{body}'.encode(), width=80.0)
    assert (made.width, made.height) == (80, 40)
    assert by_pdfium(importer.page).getpixel((155, 75)) == (255, 0, 0)
    made = importer.take(f'{head} viewBox="5 5 10 20"{body}'.encode(), width=80.0, height=20.0)
    assert (made.width, made.height) == (80, 20)
    assert importer.refused(f"{head}{body}".encode())[0] == "seal.artwork-unsupported"


def test_lines_scale_with_their_shape(importer: Importer) -> None:
    """Stroke widths, dashes and mitres follow the transforms, uneven ones too."""
    importer.take(
        svg('<path d="M5 10 h40" stroke="red" stroke-width="10" transform="scale(2 .5)"/>'),
        width=100.0,
    )
    picture = by_pdfium(importer.page)
    assert apart(picture, by_poppler(importer.page)) < 2
    column = [picture.getpixel((100, y)) == (255, 0, 0) for y in range(160)]
    assert sum(column) == 10, "ten, halved, at two pixels a point"


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ('<text x="1" y="9">Hi</text>', "convert text to paths"),
        ('<rect width="9" height="9" fill="url(#g)"/><linearGradient id="g"/>', "fill"),
        ('<rect width="9" height="9" filter="url(#f)"/>', "filter"),
        ('<rect width="9" height="9" style="mask:url(#m)"/>', "mask"),
        ('<g clip-path="url(#c)"><rect width="9" height="9"/></g>', "clip-path"),
        ('<image href="file:///etc/passwd" width="9" height="9"/>', "image"),
        ('<use href="http://example.org/a.svg#b"/>', "use"),
        ('<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>', "itself"),
        ('<foreignObject width="9" height="9"/>', "foreignObject"),
        ("<script>alert(1)</script>", "script"),
        ('<rect width="9" height="9" fill="icc-color(x)"/>', "#rrggbb"),
        ("<style>@import url(http://example.org/a.css);</style>", "@import"),
        ('<style>g > rect {fill: red}</style><rect width="9" height="9"/>', "g > rect"),
        ('<rect width="9" height="9" style="mix-blend-mode:multiply"/>', "mix-blend-mode"),
        ('<svg width="9" height="9"><rect width="5" height="5"/></svg>', "inner drawing"),
        ("<g>" * 100 + "</g>" * 100, "too many"),
    ],
)
def test_what_cannot_be_drawn(importer: Importer, body: str, named: str) -> None:
    """What would look different, or reach elsewhere, is refused by its name."""
    code, detail = importer.refused(svg(body))
    assert code == "seal.artwork-unsupported"
    assert named in detail


def test_bombs(importer: Importer) -> None:
    """Entities and uses that multiply without end are refused before they do."""
    levels = "".join(
        f'<g id="l{level + 1}">' + f'<use href="#l{level}"/>' * 10 + "</g>" for level in range(12)
    )
    bomb = svg(f'<g id="l0"><rect width="1" height="1"/></g>{levels}')
    assert importer.refused(bomb)[0] == "seal.artwork-unsupported"
    entities = "".join(f'<!ENTITY e{level + 1} "{f"&e{level};" * 10}">' for level in range(12))
    document = f'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY e0 "ha">{entities}]>'
    for encoding in ("utf-8", "utf-16"):
        laugh = f"{document}{HEAD}<title>&e12;</title></svg>".encode(encoding)
        code, detail = importer.refused(laugh)
        assert code == "seal.artwork-unsupported"
        assert "DOCTYPE" in detail


def test_damaged(importer: Importer) -> None:
    """XML that ends early, paths that lead nowhere and drawings of nothing are refused."""
    assert importer.refused(svg("<g>"))[0] == "seal.artwork-unreadable"
    assert importer.refused(svg('<path d="M 1 2 L x"/>'))[0] == "seal.artwork-unreadable"
    assert importer.refused(b"<html><body/></html>")[0] == "seal.artwork-unreadable"
    assert importer.refused(svg(""))[0] == "seal.artwork-empty"
    assert importer.refused(svg('<rect width="9" height="9" fill="none"/>'))[0].endswith("empty")


def test_same_svg_same_page(importer: Importer) -> None:
    """The same artwork with the same wish gives the same bytes."""
    content = svg('<circle cx="9" cy="9" r="5" opacity=".4"/>')
    importer.take(content)
    first = importer.page.read_bytes()
    importer.take(content)
    assert importer.page.read_bytes() == first
    assert not re.search(rb"/CreationDate|/ModDate|/Producer", first)
