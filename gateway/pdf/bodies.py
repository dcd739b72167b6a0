"""The bodies of objects as they lie in the file, whatever its tables say.

Two readers that believe different tables, or mend a broken one by searching, show different
documents where an object has two bodies. That is what shadow attacks on signed documents use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pyhanko.pdf_utils.reader import PdfFileReader

from gateway.pdf.mapped import MappedFile, mapped

MOST_LOOKED_AT = 2_000_000
"""Bodies and streams of a file that are looked at."""

_TOKEN = re.compile(
    rb"(?<![0-9.+-])(\d{1,10})[ \t\r\n\f\0]{1,9}\d{1,5}[ \t\r\n\f\0]{1,9}obj\b"
    rb"|\bstream\r?\n|/ByteRange[ \t\r\n\f\0]{0,256}\[([\d \t\r\n\f\0]{7,80})\]"
)
_LENGTH = re.compile(
    rb"/Length[ \t\r\n\f\0]*(\d{1,12})(?![0-9])([ \t\r\n\f\0]+\d+[ \t\r\n\f\0]+R)?"
)
_NUMBER = re.compile(rb"\s*\d+\s+\d+\s+obj\s*(\d{1,12})\s*endobj")
_END = re.compile(rb"[ \t\r\n\f\0]{0,4}endstream")
_BLANK = b" \t\r\n\f\0"
_MOST_BLANKS = 256
_LONGEST_DICTIONARY = 1 << 16
_LONGEST_BODY = 1 << 20
"""Bytes of bodies that are compared."""


@dataclass(frozen=True)
class Bodies:
    """What a search through a file found."""

    shadows: tuple[int, ...] = ()
    """Numbers of objects of which a second body lies in the file that no table has ever listed."""
    wrong_lengths: int = 0
    """Streams that do not end where their /Length says."""
    covered: frozenset[int] = frozenset()
    """Offsets just behind what signatures cover, or once covered."""
    complete: bool = True


def bodies_in(path: Path, reader: PdfFileReader) -> Bodies:
    """Search a file for bodies of objects and hold them against its tables."""
    with mapped(path) as data:
        return _Search(data, _Listed.of(reader, data)).found()


@dataclass(frozen=True)
class _Listed:
    """What all tables of all revisions say."""

    offsets: dict[int, int]
    """Where the newest body of an object begins, by its number."""
    places: frozenset[int]
    """Where any body begins that any revision has listed."""
    numbers: frozenset[int]
    """Objects that are in use."""

    @classmethod
    def of(cls, reader: PdfFileReader, data: MappedFile) -> _Listed:
        offsets: dict[int, int] = {}
        places: set[int] = set()
        numbers: set[int] = set()
        for revision in range(reader.xrefs.total_revisions):
            meta = reader.xrefs.get_xref_container_info(revision)
            places.add(_begin(data, meta.start_location))
            section = reader.xrefs.get_xref_data(revision)
            if section.hybrid is not None:
                places.add(_begin(data, section.hybrid.meta_info.start_location))
            both = (section.hybrid.xref_data,) if section.hybrid is not None else ()
            for part in (*both, section):
                numbers -= part.freed.keys()
                numbers |= part.standard_xrefs.keys() | part.xrefs_in_objstm.keys()
                for number, (_, offset) in part.standard_xrefs.items():
                    offsets[number] = begin = _begin(data, offset)
                    places.add(begin)
        return cls(offsets, frozenset(places), frozenset(numbers))


def _begin(data: MappedFile, offset: int) -> int:
    """Return where an object really begins that a table puts there, or on blanks before it."""
    near = data.part(offset, offset + _MOST_BLANKS)
    return offset + len(near) - len(near.lstrip(_BLANK))


class _Search:
    """Goes once through a file, from body to body, and never into a stream."""

    def __init__(self, data: MappedFile, listed: _Listed) -> None:
        self._data = data
        self._listed = listed
        self._from = 0
        """Where the body begins in which the search is; behind its streams so far."""
        self._streams = self._wrong = 0
        self._covered: set[int] = set()

    def found(self) -> Bodies:
        """Return what is found."""
        shadows: list[int] = []
        for count, token in enumerate(self._tokens()):
            if count >= MOST_LOOKED_AT:
                self._streams = count
                break
            number = int(token[1])
            known = token.start() in self._listed.places or number not in self._listed.numbers
            if not known and not self._repeats(token.start(), number):
                shadows.append(number)
        complete = self._streams < MOST_LOOKED_AT
        covered = frozenset(self._covered)
        return Bodies(tuple(dict.fromkeys(shadows)), self._wrong, covered, complete=complete)

    def _repeats(self, place: int, number: int) -> bool:
        """Tell whether a body is the same, byte for byte, as the one that counts."""
        listed = self._listed.offsets.get(number)
        return listed is not None and self._body(place) == self._body(listed)

    def _body(self, place: int) -> bytes:
        end = self._data.find(b"endobj", place, place + _LONGEST_BODY)
        return self._data.part(place, end if end >= 0 else place + _LONGEST_BODY)

    def _tokens(self) -> Iterator[re.Match[bytes]]:
        """Yield the heads of bodies."""
        at = 0
        while (token := self._data.search(_TOKEN, at)) is not None:
            at = token.end()
            if token[2] is not None:
                numbers = [int(number) for number in token[2].split()]
                self._covered |= {sum(numbers[2:4])} if len(numbers) == 4 else set()
                continue
            if token[1] is None:
                at = self._end_of_stream(token)
                self._streams += 1
                if self._streams >= MOST_LOOKED_AT:
                    return
                continue
            self._from = token.start()
            yield token

    def _end_of_stream(self, token: re.Match[bytes]) -> int:
        start = token.end()
        near = max(self._from, token.start() - _LONGEST_DICTIONARY)
        if (
            not self._data.part(max(near, token.start() - 16), token.start())
            .rstrip()
            .endswith(b">>")
        ):
            return start
        said = self._length(self._data.part(near, token.start()))
        if said is not None and self._data.match(_END, start + said):
            self._from = start + said
        else:
            self._wrong += said is not None
            end = self._data.find(b"endstream", start)
            self._from = end if end >= 0 else len(self._data)
        return self._from

    def _length(self, dictionary: bytes) -> int | None:
        """Return what a stream's dictionary says of its length; None when it is not plain."""
        found = _LENGTH.findall(dictionary)
        if len(found) != 1:
            return None
        number, reference = found[0]
        if not reference:
            return int(number)
        offset = self._listed.offsets.get(int(number))
        written = self._data.match(_NUMBER, offset) if offset is not None else None
        return int(written[1]) if written is not None else None
