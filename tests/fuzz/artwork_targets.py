"""Pictures that people import as seals, made into pages as the child process does."""

from __future__ import annotations

import io
import tempfile
from functools import cache
from pathlib import Path

from PIL import Image, PngImagePlugin

from gateway.pdf.artwork.pages import from_file
from gateway.ports.seals import Wish
from tests.e2e.pages import assembled
from tests.fuzz.mutating import PDF_VALUE, SVG_VALUE
from tests.fuzz.pdf_seeds import stream
from tests.fuzz.pdf_targets import as_in_the_child
from tests.fuzz.target import Target

_WISH = Wish(90.0, opacity=0.8, turn=15.0)
_SCAN = Wish(40.0, 30.0, whiteness="transparent", multiply=True)


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="sealgate-fuzz-"))


def _imported(data: bytes, wish: Wish) -> None:
    source, page = _folder() / "seal", _folder() / "page.pdf"
    source.write_bytes(data)
    with as_in_the_child():
        made = from_file(source, page, wish)
    assert min(made.width, made.height) > 0


_SVG = b"""\
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
 width="40mm" viewBox="0 0 100 100" opacity="90%"><title>T</title><style>.a { fill: #c00 }</style>
<defs><path id="p" d="M1 1h9v9A5 3 30 0 1 20 20Q1 2 3 4T9 9S1 2 3 4z"/></defs>
<g transform="rotate(15 5 5) translate(2,3) skewX(3)" style="stroke-width: 2px; stroke: rgb(9,9,9)">
<circle cx="50" cy="50" r="40" fill="none" stroke="red" stroke-dasharray="3 1,2"/>
<use xlink:href="#p" x="5" class="a" fill-rule="evenodd"/></g>
<a><polygon points="1,2 3,4 5,9" fill="hsl(120, 50%, 50%)" fill-opacity=".5"/></a>
<rect x="1" y="1" width="50%" height="9" rx="2" stroke-linejoin="round"
 stroke-miterlimit="2"/></svg>
"""
_SVG_WORDS = (
    *(b"1e999", b"NaN", b"-1", b"100%", b"url(#p)", b"inherit", b"<g>", b"</g>", b'id="p" '),
    *(b'href="#p" ', b'd="M0 0A0 0 0 0 0 1 1" ', b'transform="matrix(0 0 0 0 0 0)" ', b"none"),
)


def _pictures() -> tuple[bytes, ...]:
    """Return pictures of the kinds that are told apart."""
    plain = Image.new("RGBA", (12, 9), (200, 0, 0, 128))
    grey = Image.new("I;16", (5, 4), 999)
    few = Image.new("P", (6, 5), 1)
    chunks = PngImagePlugin.PngInfo()
    chunks.add_text("a", "b", zip=True)
    return (
        *(_saved(plain, "PNG", pnginfo=chunks, dpi=(300, 300)), _saved(grey, "PNG")),
        _saved(few, "PNG", transparency=0),
        _saved(Image.new("RGB", (16, 8), (9, 200, 9)), "JPEG", quality=50),
        _saved(Image.new("CMYK", (8, 8), (9, 200, 9, 0)), "JPEG"),
    )


def _saved(picture: Image.Image, form: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()


_DRAWN = assembled(
    [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 300 400] /Rotate 90 >>",
        b"<< /Type /Page /Parent 2 0 R /CropBox [10 10 200.5 300] /UserUnit 2 /Contents [4 0 R] "
        b"/Resources << /ExtGState << /G << /ca 0.5 /BM [/Multiply] >> >> /XObject << /X 5 0 R "
        b"/I 6 0 R >> /ColorSpace << /C [/ICCBased 7 0 R] >> >> /Group << /S /Transparency >> >>",
        stream(b"q /G gs 1 0 0 rg 20 20 90 90 re f /X Do 9 0 0 9 50 50 cm /I Do Q"),
        stream(b"0 0 m 99 99 l S", b"/Type /XObject /Subtype /Form /BBox [0 0 99 99]"),
        stream(
            b"\xff\0\0",
            b"/Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 "
            b"/ColorSpace /DeviceRGB",
        ),
        stream(b"none", b"/N 3"),
    ]
)

ARTWORK_TARGETS = (
    Target(
        "artwork-svg",
        lambda data: _imported(data, _WISH),
        lambda: (_SVG,),
        _SVG_WORDS,
        SVG_VALUE,
        tries=150,
        translates_all=True,
    ),
    Target(
        "artwork-picture",
        lambda data: _imported(data, _SCAN),
        _pictures,
        (b"IHDR", b"tRNS", b"iCCP", b"eXIf", b"\xff\xe1", b"\xff\xc0", b"\xff\xff\xff\xff"),
        tries=150,
        translates_all=True,
    ),
    Target(
        "artwork-pdf",
        lambda data: _imported(data, _WISH),
        lambda: (_DRAWN,),
        (b"/MediaBox ", b"/Resources ", b"/Group ", b"/Annots ", b"/Rotate ", b"/Contents "),
        PDF_VALUE,
        tries=60,
        translates_all=True,
    ),
)
