"""Cross-reference sections read by columns are those that pyHanko reads entry by entry."""

from __future__ import annotations

import io
import random
from typing import Any

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.misc import PdfError

from gateway.pdf import cross_references
from gateway.pdf.cross_references import Columns, decode_png, parse_stream, parse_table, process

LINE = b"%010d %05d %s\r\n"


def told(read: Any, fill: Any) -> tuple[Any, ...]:
    """Return what is known after a section was read, or how it was refused."""
    data = cross_references.XRefSectionData()
    try:
        entries, position = read()
        highest = fill(data, entries, False)
    except (PdfError, ValueError, AssertionError, TypeError, IndexError) as refusal:
        return (type(refusal), str(refusal))
    packed = {number: data.xrefs_in_objstm[number] for number in data.xrefs_in_objstm}
    explicit, used = data.explicit_refs_in_revision, data.obj_streams_used
    return highest, data.freed, data.standard_xrefs, packed, explicit, used, position()


def table(rows: bytes, head: bytes = b"0 3\n", end: bytes = b"trailer\n<< /Size 3 >>") -> bytes:
    """Return a table's text behind its first word."""
    return b"\n" + head + rows + end


ROWS = b"".join([LINE % (0, 65535, b"f"), LINE % (17, 0, b"n"), LINE % (81, 3, b"n")])
TABLES = {
    "plain": table(ROWS),
    "spaces": table(ROWS.replace(b"\r\n", b" \n")),
    "two runs": table(ROWS, end=b"7 1\n0000000005 00000 n \ntrailer<<"),
    "runs backwards": table(ROWS, b"5 3\n", b"1 1\n0000000005 00000 n \ntrailer<<"),
    "short lines": table(ROWS.replace(b"\r\n", b"\n")),
    "long lines": table(ROWS.replace(b"\r\n", b" \r\n")),
    "high generation": table(ROWS.replace(b"00003 n", b"70000 n")),
    "strange marker": table(ROWS.replace(b"n\r\n", b"x\r\n", 1)),
    "no digits": table(ROWS.replace(b"0000000017", b"000000001x")),
    "padded": table(ROWS.replace(b"0000000017", b"        17")),
    "too few": table(ROWS, b"0 4\n"),
    "too many": table(ROWS, b"0 2\n"),
    "far too many": table(ROWS, b"0 99999999\n"),
    "none": table(b"", b"0 0\n"),
    "no trailer": table(ROWS, end=b""),
    "end of the file": table(LINE % (0, 65535, b"f"), b"0 1\n", b"7 1\n000<<"),
    "end amid a run": table(ROWS[:-9], end=b"\n0 3\n"),
}


@pytest.mark.parametrize("name", sorted(TABLES))
def test_tables(name: str) -> None:
    """Entries, refusal and the place behind a table are the same, however it is written."""

    def read(parse: Any) -> Any:
        stream = io.BytesIO(TABLES[name])
        entries = parse(stream, False)
        return lambda: (entries, stream.tell)

    slowly = told(read(cross_references._TABLE_SLOWLY), cross_references._PROCESS_SLOWLY)
    assert told(read(parse_table), process) == slowly


def stream_of(rows: bytes, widths: list[int], **entries: Any) -> generic.StreamObject:
    """Return a cross-reference stream."""
    made = generic.StreamObject(stream_data=rows)
    made[pdf_name("/W")] = generic.ArrayObject(map(generic.NumberObject, widths))
    for key, value in entries.items():
        listed = isinstance(value, list)
        made[pdf_name(f"/{key}")] = (
            generic.ArrayObject(map(generic.NumberObject, value))
            if listed
            else generic.NumberObject(value)
        )
    return made


def rows_of(count: int, widths: list[int], kinds: int = 3) -> bytes:
    """Return that many entries of all types, by chance."""
    chance = random.Random(7)
    return b"".join(
        bytes([chance.randrange(kinds)])[: widths[0]] + chance.randbytes(sum(widths[1:]))
        for _ in range(count)
    )


STREAMS = {
    "plain": stream_of(rows_of(300, [1, 3, 1]), [1, 3, 1], Size=300),
    "runs": stream_of(rows_of(9, [1, 2, 2]), [1, 2, 2], Size=99, Index=[0, 4, 10, 5]),
    "no third": stream_of(rows_of(9, [1, 2, 0]), [1, 2, 0], Size=9),
    "no first": stream_of(rows_of(9, [0, 2, 1]), [0, 2, 1], Size=9),
    "wide": stream_of(rows_of(9, [1, 8, 1]), [1, 8, 1], Size=9),
    "high generation": stream_of(rows_of(90, [1, 2, 3]), [1, 2, 3], Size=90),
    "unknown types": stream_of(rows_of(90, [1, 2, 1], 5), [1, 2, 1], Size=90),
    "too short": stream_of(rows_of(8, [1, 2, 1]), [1, 2, 1], Size=9),
    "too long": stream_of(rows_of(10, [1, 2, 1]), [1, 2, 1], Size=9),
    "overlapping": stream_of(rows_of(9, [1, 2, 1]), [1, 2, 1], Size=9, Index=[0, 5, 3, 4]),
    "odd runs": stream_of(rows_of(9, [1, 2, 1]), [1, 2, 1], Size=9, Index=[0, 5, 3]),
    "two widths": stream_of(rows_of(9, [1, 2]), [1, 2], Size=9),
    "no size": stream_of(rows_of(9, [1, 2, 1]), [1, 2, 1]),
}


@pytest.mark.parametrize("name", sorted(STREAMS))
def test_streams(name: str) -> None:
    """Entries and refusals of a stream are the same, however strange it is."""

    def read(parse: Any) -> Any:
        return lambda: (parse(STREAMS[name], strict=False), lambda: 0)

    slowly = told(read(cross_references._STREAM_SLOWLY), cross_references._PROCESS_SLOWLY)
    assert told(read(parse_stream), process) == slowly


def test_columns_are_what_is_usually_read() -> None:
    """Plain sections are not left to pyHanko, and iterate as its own do."""
    read = parse_stream(STREAMS["plain"], strict=False)
    assert isinstance(read, Columns)
    assert list(read) == list(cross_references._STREAM_SLOWLY(STREAMS["plain"], strict=False))
    assert isinstance(parse_table(io.BytesIO(TABLES["plain"]), strict=False), Columns)


@pytest.mark.parametrize("filters", ["222", "000", "2212", "22x", "4"])
@pytest.mark.parametrize("columns", [1, 5])
def test_predictor(filters: str, columns: int) -> None:
    """Rows of any filter come out as pyHanko has them."""
    chance = random.Random(3)
    kinds = {"x": b""}
    rows = b"".join(
        kinds.get(kind, bytes([int(kind, 36)])) + chance.randbytes(columns) for kind in filters
    )
    stories = []
    for decode in (cross_references._PNG_SLOWLY, decode_png):
        try:
            stories.append(decode(memoryview(rows), columns))
        except (AssertionError, NotImplementedError) as refusal:
            stories.append((type(refusal), str(refusal)))
    assert stories[0] == stories[1]
