"""Read cross-reference sections as pyHanko does, but by columns.

pyHanko 0.38 undoes the predictor byte by byte and reads entries one at a time: of a document with
61,000 objects that was nearly all the time that anything took. Here whole columns go through C.
What this module does not recognise at once is left to pyHanko, bounded by `tables`: so every
verdict, and every error, stays theirs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, chain, compress
from typing import IO, Any

from pyhanko.pdf_utils import filters, generic, xref
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.xref import ObjStreamRef, XRefEntry, XRefSectionData, XRefType

from gateway.pdf import tables

_PNG_SLOWLY = filters._png_decode
_STREAM_SLOWLY = tables.parse_xref_stream
_TABLE_SLOWLY = tables.parse_xref_table
_PROCESS_SLOWLY = XRefSectionData.process_entries

_UP = 2
"""The PNG filter of rows that nearly every writer uses (PNG, 9.2; ISO 32000-2, 7.4.4.4)."""
_FREE, _STANDARD, _PACKED = 0, 1, 2
"""Types of entries of a stream (ISO 32000-2, table 18)."""
_CHOOSING = {kind: bytes(code == kind for code in range(256)) for kind in range(3)}
"""Translations of a column of types to ones where it has a type, and zeros elsewhere."""
_WIDEST = 7
"""Bytes of a number; wider ones are read slowly."""
_HIGHEST_GENERATION = 0xFFFF
_ROW = 20
"""Bytes of an entry of a table (ISO 32000-2, 7.5.4)."""
_MOST = 1_000_000
"""Entries of a section; longer ones, which may be lies, are read slowly."""
_HEAD = re.compile(rb"[\0\t\n\f\r ]*(\d{1,10}) (\d{1,8})[ ]?(?:\r\n|\n|\r)(?=\d)")
_TRAILER = re.compile(rb"[\0\t\n\f\r ]*trailer[\0\t\n\f\r ]*")


@dataclass(frozen=True)
class Columns:
    """The entries of a section, each column as long as the others; iterates as pyHanko's do."""

    numbers: list[int]
    """Of the objects, each greater than the one before."""
    kinds: bytes
    second: list[int]
    """Offsets in bytes, or numbers of object streams."""
    third: list[int]
    """Generations, or places in object streams."""

    def __iter__(self) -> Iterator[XRefEntry]:
        for number, kind, second, third in zip(
            self.numbers, self.kinds, self.second, self.third, strict=True
        ):
            if kind == _PACKED:
                place = ObjStreamRef(second, third)
                yield XRefEntry(XRefType.IN_OBJ_STREAM, place, number)
            elif kind == _STANDARD:
                yield XRefEntry(XRefType.STANDARD, second, number, third)
            else:
                yield XRefEntry(XRefType.FREE, None, number, third)

    def chosen(self, kind: int) -> tuple[list[int], list[int], list[int]]:
        """Return numbers, second and third column of the entries of a kind, but object 0's."""
        wanted = self.kinds.translate(_CHOOSING[kind])
        if self.numbers[:1] == [0]:
            wanted = b"\0" + wanted[1:]
        first, second, third = (
            list(compress(column, wanted)) for column in (self.numbers, self.second, self.third)
        )
        return first, second, third


class Packed(dict[int, Any]):
    """Places in object streams by object, kept as pairs and made when they are asked for."""

    def __getitem__(self, number: int) -> ObjStreamRef:
        pair = super().__getitem__(number)
        return pair if isinstance(pair, ObjStreamRef) else ObjStreamRef(*pair)


def decode_png(data: memoryview, columns: int) -> bytes:
    """Undo the PNG predictor of a stream; raises what pyHanko raises."""
    packed = bytes(data)
    width = columns + 1
    count, rest = divmod(len(packed), width) if columns > 0 else (0, 1)
    if rest or packed[::width].count(_UP) != count:
        plain: bytes = _PNG_SLOWLY(data, columns)
        return plain
    result = bytearray(count * columns)
    for column in range(columns):
        sums = accumulate(packed[column + 1 :: width])
        result[column::columns] = bytes([total & 255 for total in sums])
    return bytes(result)


def parse_stream(xref_stream: generic.StreamObject, strict: bool = True) -> Any:
    """Parse a cross-reference stream (ISO 32000-2, 7.5.8) into entries, of which `process` knows.

    Raises what pyHanko raises.
    """
    return _columns_of_stream(xref_stream) or _STREAM_SLOWLY(xref_stream, strict=strict)


def _columns_of_stream(stream: generic.StreamObject) -> Columns | None:
    """Return a stream's entries; None when there is anything unusual."""
    size, widths = _numbers([stream.get("/Size")]), _numbers(stream.get("/W"))
    runs = _numbers(stream.get("/Index")) if "/Index" in stream else [0, *(size or ())]
    if runs is None or len(runs) % 2 or widths is None or len(widths) != 3:
        return None
    starts, counts = runs[::2], runs[1::2]
    ends = [start + count for start, count in zip(starts, counts, strict=True)]
    if sum(counts) > _MOST or any(map(int.__gt__, ends, starts[1:])):
        return None
    if widths[0] != 1 or not 0 < widths[1] <= _WIDEST or widths[2] > _WIDEST:
        return None
    expected = sum(counts) * (sum(widths) + 1)
    data = stream.read_data(DecodePurpose.XREF_STREAM, expected_size=expected)
    kinds = data[:: sum(widths)]
    if len(data) != sum(counts) * sum(widths) or kinds.translate(None, b"\0\1\2"):
        return None
    numbers = list(chain.from_iterable(map(range, starts, ends)))
    return Columns(numbers, kinds, _column(data, widths, 1), _column(data, widths, 2))


def _numbers(value: object) -> list[int] | None:
    """Return a list of plain numbers, none below 0; None when it is something else."""
    if not isinstance(value, list):
        return None
    numbers = [int(one) for one in value if isinstance(one, generic.NumberObject) and one >= 0]
    return numbers if len(numbers) == len(value) else None


def _column(data: bytes, widths: list[int], which: int) -> list[int]:
    """Return the big-endian numbers of a column; zeros where it is no byte wide."""
    row, width = sum(widths), widths[which]
    first = sum(widths[:which])
    cells = bytearray(len(data) // row * width)
    for place in range(width):
        cells[place::width] = data[first + place :: row]
    if width < 2:
        return list(cells) if width else [0] * (len(data) // row)
    read = int.from_bytes
    return [read(cells[at : at + width]) for at in range(0, len(cells), width)]


def parse_table(stream: IO[bytes], strict: bool) -> Any:
    """Parse a cross-reference table (ISO 32000-2, 7.5.4) into entries, of which `process` knows.

    Leaves the stream where the trailer's dictionary begins. Raises what pyHanko raises.
    """
    start = stream.tell()
    columns = _columns_of_table(stream)
    if columns is not None:
        return columns
    stream.seek(start)
    return _TABLE_SLOWLY(stream, strict)


def _columns_of_table(stream: IO[bytes]) -> Columns | None:
    """Return a table's entries; None, the stream anywhere, when there is anything unusual."""
    numbers: list[int] = []
    rows: list[bytes] = []
    while True:
        start = stream.tell()
        ahead = stream.read(64)
        found = _HEAD.match(ahead)
        if found is None:
            break
        number, count = int(found[1]), int(found[2])
        if not 0 < count <= _MOST:
            return None
        stream.seek(start + found.end())
        rows.append(stream.read(count * _ROW))
        if len(rows[-1]) != count * _ROW:
            return None
        numbers.extend(range(number, number + count))
    table = b"".join(rows)
    trailer = _TRAILER.match(ahead)
    if trailer is None or trailer.end() == len(ahead) or not table or not _is_plain(table):
        return None
    if any(map(int.__ge__, numbers, numbers[1:])):
        return None
    stream.seek(start + trailer.end())
    kinds = table[17::_ROW].translate(bytes.maketrans(b"fn", b"\0\1"))
    offsets = [int(table[at : at + 10]) for at in range(0, len(table), _ROW)]
    generations = [int(table[at : at + 5]) for at in range(11, len(table), _ROW)]
    return Columns(numbers, kinds, offsets, generations)


def _is_plain(table: bytes) -> bool:
    """Tell whether every row is as the standard has it."""
    digits = [table[place::_ROW] for place in (*range(10), *range(11, 16))]
    return (
        not b"".join(digits).translate(None, b"0123456789")
        and not (table[10::_ROW] + table[16::_ROW]).strip(b" ")
        and not table[17::_ROW].translate(None, b"fn")
        and not table[18::_ROW].translate(None, b" \r")
        and not table[19::_ROW].translate(None, b"\r\n")
    )


def process(self: XRefSectionData, entries: Iterable[XRefEntry], strict: bool) -> int:
    """Put entries into the tables of their section; raises what pyHanko raises.

    Returns the highest number of an object.
    """
    if not isinstance(entries, Columns):
        return int(_PROCESS_SLOWLY(self, iter(entries), strict))
    freed, _, nexts = entries.chosen(_FREE)
    standard, offsets, generations = entries.chosen(_STANDARD)
    packed, streams, places = entries.chosen(_PACKED)
    if max(chain(nexts, generations), default=0) > _HIGHEST_GENERATION:
        return int(_PROCESS_SLOWLY(self, iter(entries), strict))
    self.freed.update(zip(freed, nexts, strict=True))
    self.standard_xrefs.update(zip(standard, zip(generations, offsets, strict=True), strict=True))
    self.xrefs_in_objstm = Packed(zip(packed, zip(streams, places, strict=True), strict=True))
    self.obj_streams_used.update(streams)
    explicit = self.explicit_refs_in_revision
    explicit.update(zip(standard, generations, strict=True))
    explicit.update(zip(packed, [0] * len(packed), strict=True))
    explicit.update(zip(freed, [following - 1 for following in nexts], strict=True))
    return max(entries.numbers, default=0)


def install() -> None:
    """Let pyHanko read cross-reference sections by this module, in this process."""
    filters._png_decode = decode_png
    xref.parse_xref_stream = parse_stream
    xref.parse_xref_table = parse_table
    XRefSectionData.process_entries = process  # type: ignore[method-assign]
