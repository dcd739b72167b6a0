"""Subsets of fonts as composite fonts: every glyph by its number, and back to text.

Type 0 fonts with Identity-H (ISO 32000-2, 9.7), the font program embedded as it is. A code in a
text string is the glyph's CID: its number, or what a CID-keyed CFF's own charset says it is.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping

from fontTools.cffLib import CFFFontSet
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.writer import PdfFileWriter

from gateway.core.drawing import FontSubset
from gateway.pdf.objects import compressed, dictionary, real

_SYMBOLIC = 4
_STEM = 80
"""Width of vertical stems, which nobody measures; only substitutes for fonts look at it."""


def cids(font: FontSubset) -> tuple[int, ...]:
    """Return the CID of each glyph, by its number.

    Of TrueType and of a CFF that is not CID-keyed the number itself (ISO 32000-2, 9.7.4.2).
    """
    plain = tuple(range(len(font.widths)))
    if font.outlines != "cff":
        return plain
    fonts = CFFFontSet()
    fonts.decompile(io.BytesIO(font.program), None)
    top = fonts[0]
    if not hasattr(top, "ROS"):
        return plain
    named = (0, *(int(name[3:]) for name in top.charset[1:] if name[:3] == "cid"))
    return named if len(named) >= len(plain) else plain


def add_font(
    writer: PdfFileWriter, font: FontSubset, codes: tuple[int, ...], texts: Mapping[int, str]
) -> generic.IndirectObject:
    """Add a composite font; `texts` says what glyphs stand for, by their number."""
    name = pdf_name(f"/{_tag(font)}+{_plain(font.name)}")
    descendant = dictionary(
        Type=pdf_name("/Font"),
        Subtype=pdf_name("/CIDFontType2" if font.outlines == "truetype" else "/CIDFontType0"),
        BaseFont=name,
        CIDSystemInfo=dictionary(
            Registry=pdf_string("Adobe"),
            Ordering=pdf_string("Identity"),
            Supplement=generic.NumberObject(0),
        ),
        FontDescriptor=writer.add_object(_descriptor(writer, font, name, codes)),
        DW=generic.NumberObject(1000),
        W=_widths(font, codes),
    )
    if font.outlines == "truetype":
        descendant[pdf_name("/CIDToGIDMap")] = pdf_name("/Identity")
    whole = dictionary(
        Type=pdf_name("/Font"),
        Subtype=pdf_name("/Type0"),
        BaseFont=name,
        Encoding=pdf_name("/Identity-H"),
        DescendantFonts=generic.ArrayObject([writer.add_object(descendant)]),
        ToUnicode=writer.add_object(_to_unicode({codes[one]: texts[one] for one in texts})),
    )
    return writer.add_object(whole)


def _descriptor(
    writer: PdfFileWriter, font: FontSubset, name: generic.NameObject, codes: tuple[int, ...]
) -> generic.DictionaryObject:
    box = [real(_thousandth(font, edge)) for edge in font.bounds]
    descriptor = dictionary(
        Type=pdf_name("/FontDescriptor"),
        FontName=name,
        Flags=generic.NumberObject(_SYMBOLIC),
        FontBBox=generic.ArrayObject(box),
        ItalicAngle=generic.NumberObject(0),
        Ascent=real(_thousandth(font, font.ascent)),
        Descent=real(_thousandth(font, font.descent)),
        CapHeight=real(_thousandth(font, font.capital)),
        StemV=generic.NumberObject(_STEM),
        CIDSet=writer.add_object(_cid_set(codes)),
    )
    if font.outlines == "truetype":
        length: dict[str, generic.PdfObject] = {"/Length1": generic.NumberObject(len(font.program))}
        descriptor[pdf_name("/FontFile2")] = writer.add_object(compressed(length, font.program))
    else:
        kind: dict[str, generic.PdfObject] = {"/Subtype": pdf_name("/CIDFontType0C")}
        descriptor[pdf_name("/FontFile3")] = writer.add_object(compressed(kind, font.program))
    return descriptor


def _tag(font: FontSubset) -> str:
    """Return six letters that follow from the subset (ISO 32000-2, 9.9.2)."""
    value = int.from_bytes(hashlib.sha256(font.program).digest()[:8], "big")
    letters = []
    for _ in range(6):
        value, letter = divmod(value, 26)
        letters.append(chr(ord("A") + letter))
    return "".join(letters)


def _plain(name: str) -> str:
    kept = "".join(one for one in name if one.isascii() and (one.isalnum() or one in "-_"))
    return kept or "Font"


def _thousandth(font: FontSubset, value: int) -> float:
    return round(value * 1000 / font.units, 2)


def _widths(font: FontSubset, codes: tuple[int, ...]) -> generic.ArrayObject:
    """Return /W: runs of neighbouring CIDs with the width of each (ISO 32000-2, 9.7.4.3)."""
    array = generic.ArrayObject()
    before = -2
    for cid, width in sorted(zip(codes, font.widths, strict=False)):
        if cid != before + 1:
            array.append(generic.NumberObject(cid))
            array.append(generic.ArrayObject())
        array[-1].append(real(_thousandth(font, width)))
        before = cid
    return array


def _cid_set(codes: tuple[int, ...]) -> generic.StreamObject:
    """Return the bit map of CIDs in the subset, which PDF/A-1 asks for (ISO 19005-1, 6.3.5)."""
    bits = bytearray(max(codes) // 8 + 1)
    for cid in codes:
        bits[cid // 8] |= 0x80 >> cid % 8
    return compressed({}, bytes(bits))


def _to_unicode(texts: Mapping[int, str]) -> generic.StreamObject:
    """Return the CMap from codes to text (ISO 32000-2, 9.10.3)."""
    rows = [
        f"<{code:04X}> <{text.encode('utf-16-be').hex().upper()}>"
        for code, text in sorted(texts.items())
        if text
    ]
    lines = [
        "/CIDInit /ProcSet findresource begin",
        "12 dict begin",
        "begincmap",
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        "/CMapName /Adobe-Identity-UCS def",
        "/CMapType 2 def",
        "1 begincodespacerange",
        "<0000> <FFFF>",
        "endcodespacerange",
    ]
    for start in range(0, len(rows), 100):
        part = rows[start : start + 100]
        lines += [f"{len(part)} beginbfchar", *part, "endbfchar"]
    lines += ["endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end"]
    return compressed({}, "\n".join(lines).encode("ascii"))
