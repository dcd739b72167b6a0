"""Small PDF objects: dictionaries, numbers, forms, as this house writes them."""

from __future__ import annotations

import math

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name


def form_object(
    content: bytes,
    resources: generic.DictionaryObject,
    box: tuple[float, float, float, float],
) -> generic.StreamObject:
    """Return a form XObject in its own frame; `box` is left, bottom, right, top."""
    return compressed(
        {
            "/Type": pdf_name("/XObject"),
            "/Subtype": pdf_name("/Form"),
            "/BBox": rectangle(*box),
            "/Resources": resources,
        },
        content,
    )


def group_form(
    content: bytes,
    resources: generic.DictionaryObject,
    box: tuple[float, float, float, float],
) -> generic.StreamObject:
    """Return a form that is painted as one: a transparency group (ISO 32000-2, 11.6.6)."""
    form = form_object(content, resources, box)
    form[pdf_name("/Group")] = dictionary(
        S=pdf_name("/Transparency"), I=generic.BooleanObject(True)
    )
    return form


def compressed(entries: dict[str, generic.PdfObject], data: bytes) -> generic.StreamObject:
    """Return a stream with these entries, deflated."""
    stream = generic.StreamObject(
        {pdf_name(key): value for key, value in entries.items()}, stream_data=data
    )
    stream.compress()
    return stream


def stored(entries: dict[str, generic.PdfObject], deflated: bytes) -> generic.StreamObject:
    """Return a stream with these entries, of bytes that were deflated before."""
    named = {pdf_name(key): value for key, value in entries.items()}
    return generic.StreamObject(
        {**named, pdf_name("/Filter"): pdf_name("/FlateDecode")}, encoded_data=deflated
    )


def dictionary(**entries: generic.PdfObject) -> generic.DictionaryObject:
    """Return a dictionary with these keys, written here without their slash."""
    return generic.DictionaryObject({pdf_name(f"/{key}"): entries[key] for key in entries})


def rectangle(left: float, bottom: float, right: float, top: float) -> generic.ArrayObject:
    """Return a rectangle as an array."""
    return generic.ArrayObject([real(edge) for edge in (left, bottom, right, top)])


def real(value: float) -> generic.FloatObject:
    """Return a number in the plain notation that PDF knows."""
    return generic.FloatObject(number(value))


def numbers(*values: float) -> bytes:
    """Return numbers for a content stream, with blanks between them."""
    return " ".join(number(value) for value in values).encode("ascii")


def number(value: float) -> str:
    """Write a number with up to six decimals, without exponent."""
    if not math.isfinite(value):
        raise ValueError("a length is not finite")
    written = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if written in ("-0", "") else written
