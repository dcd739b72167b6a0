"""Find words on pages, by pdfium, and where text stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pypdfium2 as pdfium

from gateway.core.facts import TextHit, TextQuery
from gateway.core.geometry import PageFrame
from gateway.pdf.pictures import picturing

_Rectangle = tuple[float, float, float, float]


def find_text(
    path: Path, frames: tuple[PageFrame, ...], queries: tuple[TextQuery, ...]
) -> tuple[TextHit, ...]:
    """Return where the words occur, in the order of the pages."""
    hits: list[TextHit] = []
    with picturing(path) as document:
        for index, frame in enumerate(frames):
            page = document[index]
            text = page.get_textpage()
            for query in queries:
                hits.extend(
                    TextHit(query, index, frame.displayed(rectangle), words)
                    for rectangle, words in _occurrences(text, query)
                )
            text.close()
            page.close()
    return tuple(hits)


def _occurrences(text: pdfium.PdfTextPage, query: TextQuery) -> Iterator[tuple[_Rectangle, str]]:
    pattern = query.words if query.expression else re.escape(query.words)
    for found in re.finditer(pattern, text.get_text_range()):
        boxes = [text.get_charbox(place) for place in range(*found.span())]
        if boxes:
            words = found.group(1) if found.re.groups and found.group(1) else found.group()
            yield (
                (
                    min(box[0] for box in boxes),
                    min(box[1] for box in boxes),
                    max(box[2] for box in boxes),
                    max(box[3] for box in boxes),
                ),
                words,
            )
