"""What stands on pages, by pdfium: where words are found, and where any text is.

Theory of operation
-------------------
pdfium gives a page's characters in reading order, with spaces and line ends of its own where it
sees gaps. They are read one by one, by index, because its strings count UTF-16 units and leave
characters out, so that an index into a string need not be one into the page. They are folded
(`letters`) and searched (`queries`); the fold's map leads back to characters and their boxes.

A character's box is the font's: as high as the font is between its ascender and its descender,
as wide as the character's advance. The glyph's own box would be tighter, but its centre goes up
and down with the letters ("ace" stands lower than "fill"), and a seal that is centred over a
word would go with it. Of a word that runs over several lines, the box is that of its last line,
because a seal is put where a phrase ends.
"""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from gateway.core.facts import TextHit, TextQuery, Wanted
from gateway.core.geometry import Box, PageFrame
from gateway.core.pages import asked_for
from gateway.pdf.letters import SOFT_HYPHEN, Letters, fold
from gateway.pdf.pictures import picturing
from gateway.pdf.queries import pattern_of
from gateway.pdf.runs import last_line, merged, union

MOST_HITS = 2000
"""Hits of one query in one document; what comes after them is not looked for."""
LONGEST_TEXT = 1000
"""Characters of a hit's text that are kept."""

_LINE_ENDS = frozenset("\r\n")
_HYPHENS = frozenset("-\u2010\u00ad")
_GENERATED_HYPHEN = "\x02"


@dataclass(frozen=True)
class PageTexts:
    """What was found in a document's text."""

    hits: tuple[TextHit, ...]
    """In the order of the pages and of the text."""
    boxes: tuple[tuple[Box, ...], ...]
    """Where text stands, by page; empty unless it was wanted."""
    textless: bool
    """No page that was looked at has any character, be it visible or not."""


def read_texts(path: Path, frames: tuple[PageFrame, ...], wanted: Wanted) -> PageTexts:
    """Look for the wanted words, and for where text stands when that is wanted.

    Pages about which nothing is asked are not read: of a long document that is most of the time.

    Raises `DocumentFault` (`pdf.unrenderable`) when pdfium cannot read a page.
    """
    search = _Search(wanted.queries, len(frames))
    boxes: list[tuple[Box, ...]] = []
    any_text: set[bool] = set()
    with picturing(path) as document:
        for index, frame in enumerate(frames):
            if not (wanted.text_boxes or search.asks(index)):
                continue
            page = document[index]
            text = page.get_textpage()
            letters = _PageLetters(text, frame)
            any_text.add(letters.any)
            search.look(index, letters)
            if wanted.text_boxes:
                boxes.append(letters.lines())
            text.close()
            page.close()
    return PageTexts(tuple(search.hits), tuple(boxes), any_text == {False})


class _Search:
    """Several queries, on one page after another."""

    def __init__(self, queries: tuple[TextQuery, ...], count: int) -> None:
        patterns = ((query, pattern_of(query)) for query in dict.fromkeys(queries))
        self._patterns = [(query, pattern) for query, pattern in patterns if pattern is not None]
        self._pages = [asked_for(query.pages, count) for query, _ in self._patterns]
        self._counts = [0] * len(self._patterns)
        self.hits: list[TextHit] = []

    def asks(self, page: int) -> bool:
        """Tell whether a query is about this page that has not found as much as it may."""
        return any(
            page in pages and count < MOST_HITS
            for pages, count in zip(self._pages, self._counts, strict=True)
        )

    def look(self, page: int, letters: _PageLetters) -> None:
        """Add a page's hits, in the order of its text."""
        found: list[tuple[int, int, TextHit]] = []
        for order, (query, pattern) in enumerate(self._patterns):
            asked = page in self._pages[order]
            for start, text, box in letters.occurrences(pattern) if asked else ():
                if self._counts[order] >= MOST_HITS:
                    break
                self._counts[order] += 1
                found.append((start, order, TextHit(query, page, box, text)))
        self.hits.extend(hit for _, _, hit in sorted(found, key=lambda entry: entry[:2]))


class _PageLetters:
    """The characters of one page."""

    def __init__(self, text: pdfium.PdfTextPage, frame: PageFrame) -> None:
        self._raw = text.raw
        self._frame = frame
        self._rectangle = pdfium_c.FS_RECTF()
        self._characters = _characters(text.raw)
        self._folds = tuple(_folds(self._characters))

    @property
    def any(self) -> bool:
        """Tell whether there is anything but space."""
        return any(letters.text for letters in self._folds)

    def occurrences(self, pattern: re.Pattern[str]) -> Iterator[tuple[int, str, Box]]:
        """Yield each place where a pattern is found: first index, text, box."""
        seen: set[tuple[int, int]] = set()
        for letters in self._folds:
            for found in pattern.finditer(letters.text):
                if found.start() == found.end():
                    continue
                span = (letters.first[found.start()], letters.last[found.end() - 1])
                box = self._ending(*span)
                if box is None or span in seen:
                    continue
                seen.add(span)
                words = (found.group(1) if pattern.groups else "") or found.group()
                yield span[0], words.replace("\n", " ")[:LONGEST_TEXT], box

    def lines(self) -> tuple[Box, ...]:
        """Return where text is seen, by lines or larger parts.

        Invisible text counts where a page has no other: it lies over a scanned picture of itself.
        """
        shown: list[Box] = []
        hidden: list[Box] = []
        for first, last, visible in self._pieces():
            ends = [box for index in (first, last) if (box := self.box(index)) is not None]
            box = union(ends) if ends else None
            if box is not None and box.width > 0 and box.height > 0 and self._on_page(box):
                (shown if visible else hidden).append(box)
        return merged(shown or hidden)

    def _pieces(self) -> Iterator[tuple[int, int, bool]]:
        """Yield the page's pieces of straight text: first and last character, and if it is seen."""
        object_of, mode_of = pdfium_c.FPDFText_GetTextObject, pdfium_c.FPDFTextObj_GetTextRenderMode
        current = first = last = -1
        visible = True
        for index, character in enumerate(self._characters):
            drawn = None if character.isspace() else object_of(self._raw, index)
            if not drawn:
                continue
            address = ctypes.addressof(drawn.contents)
            if address != current:
                if current != -1:
                    yield first, last, visible
                current, first = address, index
                visible = mode_of(drawn) != pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE
            last = index
        if current != -1:
            yield first, last, visible

    def box(self, index: int) -> Box | None:
        """Return a character's box as displayed, perhaps a mere point; None when it has none."""
        rectangle = self._rectangle
        if not pdfium_c.FPDFText_GetLooseCharBox(self._raw, index, rectangle):
            return None
        edges = (rectangle.left, rectangle.bottom, rectangle.right, rectangle.top)
        if not all(map(math.isfinite, edges)) or edges[2] < edges[0] or edges[3] < edges[1]:
            return None
        return self._frame.displayed(edges)

    def _ending(self, first: int, last: int) -> Box | None:
        """Return the box of the last line of some characters; None when it is off the page."""
        spaceless = (
            index for index in range(first, last + 1) if not self._characters[index].isspace()
        )
        boxes = [box for index in spaceless if (box := self.box(index)) is not None]
        extended = [box for box in boxes if box.width > 0 and box.height > 0]
        if not boxes:
            return None
        box = union(last_line(extended or boxes))
        return box if self._on_page(box) else None

    def _on_page(self, box: Box) -> bool:
        x, y = box.x + box.width / 2, box.y + box.height / 2
        return 0 <= x <= self._frame.width and 0 <= y <= self._frame.height


def _characters(raw: ctypes.c_void_p) -> list[str]:
    """Read a page's characters one by one, with hyphens at line ends marked as such."""
    count = max(0, pdfium_c.FPDFText_CountChars(raw))
    read = pdfium_c.FPDFText_GetUnicode
    codes = (read(raw, index) for index in range(count))
    characters = [chr(code) if code < 0x110000 else "\ufffd" for code in codes]
    for index, character in enumerate(characters):
        if character == _GENERATED_HYPHEN and pdfium_c.FPDFText_IsHyphen(raw, index) == 1:
            characters[index] = SOFT_HYPHEN
    return characters


def _folds(characters: Sequence[str]) -> Iterator[Letters]:
    """Fold a page's text with its optional hyphens, and where it has any, without them, too."""
    joined = _joined(characters)
    yield fold(joined)
    if SOFT_HYPHEN in joined:
        yield fold(joined, hyphens=False)


def _joined(characters: Sequence[str]) -> list[str]:
    """Make a hyphen that ends a line an optional one, and take the line's end after it away."""
    result = list(characters)
    for index in range(1, len(result) - 2):
        if result[index] in _HYPHENS and result[index + 1] in _LINE_ENDS:
            after = index + 1
            while after < len(result) and result[after] in _LINE_ENDS:
                after += 1
            if result[index - 1].isalpha() and after < len(result) and result[after].isalpha():
                result[index] = SOFT_HYPHEN
                result[index + 1 : after] = ["\u200b"] * (after - index - 1)
    return result
