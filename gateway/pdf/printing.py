"""Printed reports as PDF: every character can be searched and copied, fonts are embedded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path
from string import digits
from typing import BinaryIO

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.embed import (
    EmbeddedFileObject,
    EmbeddedFileParams,
    FileSpec,
    embed_file,
)
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter

from gateway.core.drawing import Colour
from gateway.core.printed_page import A4, Block, Mark, Page, Words
from gateway.core.system_faults import site_fault
from gateway.pdf.artwork.composite_fonts import add_font, cids
from gateway.pdf.objects import compressed, dictionary, number, numbers
from gateway.ports import About, Attached, Lettering, SetGlyph

_CIRCLE = 0.5523
"""How far the control points of a quarter of a circle are from its ends, in radii."""


class PdfPrinter:
    """The port `Printer`."""

    def print(
        self,
        pages: Callable[[int], Iterable[Page]],
        lettering: Lettering,
        about: About,
        target: Path,
    ) -> int:
        """Write a new PDF and return how many pages it has; see the port."""
        for bold in (False, True):
            lettering.note(digits, bold)  # the number of pages is known only later
        count = 0
        for count, page in enumerate(pages(0), 1):  # noqa: B007  # the last count is the answer
            for mark in page:
                if isinstance(mark, Words):
                    lettering.note(mark.text, mark.bold)
        book = _Book(lettering, about)
        for page in pages(count):
            book.add(page)
        try:
            with target.open("xb") as file:
                _whole(book, file, target)
        except OSError as error:
            raise site_fault(error, target) from error
        return count


def _whole(book: _Book, file: BinaryIO, target: Path) -> None:
    """Write a file, or leave none."""
    try:
        book.write(file)
        file.flush()
    except OSError:
        target.unlink(missing_ok=True)
        raise


class _Book:
    """A file being made: of the pages before, only their compressed contents are in memory."""

    def __init__(self, lettering: Lettering, about: About) -> None:
        self._lettering = lettering
        self._fonts = lettering.fonts()
        self._codes = [cids(font) for font in self._fonts]
        self._texts: list[dict[int, str]] = [{} for _ in self._fonts]
        self._writer = PdfFileWriter(info=_information(about))
        self._own_fonts = dictionary()
        self._resources = self._writer.add_object(dictionary(Font=self._own_fonts))
        root = self._writer.root
        if about.attached is not None:
            _attach(self._writer, about.attached)
        root[pdf_name("/Lang")] = pdf_string(about.language)
        root[pdf_name("/ViewerPreferences")] = dictionary(
            DisplayDocTitle=generic.BooleanObject(True)
        )

    def add(self, page: Page) -> None:
        """Draw a page."""
        content = "\n".join(piece for mark in page for piece in self._drawn(mark))
        stream = self._writer.add_object(compressed({}, content.encode("ascii")))
        self._writer.insert_page(PageObject(stream, (0, 0, *A4), self._resources))

    def write(self, target: BinaryIO) -> None:
        """Write the file."""
        for index, font in enumerate(self._fonts):
            added = add_font(self._writer, font, self._codes[index], self._texts[index])
            self._own_fonts[pdf_name(f"/F{index}")] = added
        self._writer.write(target)

    def _drawn(self, mark: Mark) -> Iterator[str]:
        if isinstance(mark, Block):
            yield f"{_colour(mark.fill)} rg {_outline(mark)} f"
            return
        size, place = number(mark.size), numbers(mark.x, A4[1] - mark.y).decode()
        yield f"BT {_colour(mark.colour)} rg {place} Td"
        glyphs = self._lettering.glyphs(mark.text, mark.bold)
        for font, run in groupby(glyphs, key=lambda glyph: glyph.font):
            yield f"/F{font} {size} Tf"
            yield from self._shown(font, run)
        yield "ET"

    def _shown(self, font: int, run: Iterable[SetGlyph]) -> Iterator[str]:
        """Yield what shows glyphs of one font; see ISO 32000-2, 14.9.4, for those in a span."""
        texts, codes = self._texts[font], self._codes[font]
        for plain, some in groupby(
            run, key=lambda one: texts.setdefault(one.number, one.shown) == one.text
        ):
            glyphs = list(some)
            shown = f"<{''.join(f'{codes[glyph.number]:04X}' for glyph in glyphs)}> Tj"
            if plain:
                yield shown
                continue
            actual = "\ufeff" + "".join(glyph.text for glyph in glyphs)
            written = actual.encode("utf-16-be", "replace").hex().upper()
            yield f"/Span << /ActualText <{written}> >> BDC {shown} EMC"


def _information(about: About) -> generic.DictionaryObject:
    return dictionary(
        Title=pdf_string(about.title),
        Author=pdf_string(about.author),
        Creator=pdf_string("Sealgate"),
    )


def _attach(writer: PdfFileWriter, attached: Attached) -> None:
    """Put a file inside, as the data from which the pages were made (ISO 32000-2, 14.13)."""
    data = EmbeddedFileObject.from_file_data(
        writer, attached.content, params=EmbeddedFileParams(), mime_type=attached.kind
    )
    spec = FileSpec(
        attached.name,
        file_name=attached.name,
        embedded_data=data,
        af_relationship=pdf_name("/Data"),
    )
    embed_file(writer, spec)


def _colour(colour: Colour) -> str:
    return numbers(colour.red, colour.green, colour.blue).decode()


def _outline(block: Block) -> str:
    left, bottom = block.x, A4[1] - block.y - block.height
    width, height = block.width, block.height
    radius = min(block.radius, width / 2, height / 2)
    if radius <= 0:
        return numbers(left, bottom, width, height).decode() + " re"
    right, top, bend = left + width, bottom + height, radius * (1 - _CIRCLE)
    near, far = left + radius, right - radius
    low, high = bottom + radius, top - radius
    steps = (
        ((near, bottom), "m"),
        ((far, bottom), "l"),
        ((right - bend, bottom, right, bottom + bend, right, low), "c"),
        ((right, high), "l"),
        ((right, top - bend, right - bend, top, far, top), "c"),
        ((near, top), "l"),
        ((left + bend, top, left, top - bend, left, high), "c"),
        ((left, low), "l"),
        ((left, bottom + bend, left + bend, bottom, near, bottom), "c"),
    )
    return " ".join(f"{numbers(*points).decode()} {operator}" for points, operator in steps) + " h"
