"""The signing log as a file for others: CSV for a spreadsheet, JSON lines for a program."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from typing import TextIO

from gateway.core.chain import LogEntry

COLUMNS = ("sequence", "at", "event", "job", "actor", "details", "previous", "hash")


def write_csv(entries: Iterable[LogEntry], target: TextIO) -> int:
    """Write entries as CSV (RFC 4180, but ending lines in LF); return how many.

    Details are one JSON object in one cell: each entry is one line, and no text that comes
    from a file's name can begin a cell, where a spreadsheet would take it for a formula.
    """
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(COLUMNS)
    count = 0
    for count, entry in enumerate(entries, 1):  # noqa: B007  # the last count is the answer
        record = _record(entry)
        details = json.dumps(record["details"], ensure_ascii=False)
        writer.writerow(details if key == "details" else record[key] for key in COLUMNS)
    return count


def write_json_lines(entries: Iterable[LogEntry], target: TextIO) -> int:
    """Write entries as one JSON object a line; return how many.

    What is written is all that the hashes cover, so the chain can be checked elsewhere.
    """
    count = 0
    for count, entry in enumerate(entries, 1):  # noqa: B007  # the last count is the answer
        target.write(json.dumps(_record(entry), ensure_ascii=False) + "\n")
    return count


def _record(entry: LogEntry) -> dict[str, object]:
    return {key: getattr(entry, key) for key in COLUMNS} | {"details": dict(entry.details)}
