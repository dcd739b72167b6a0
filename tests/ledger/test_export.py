"""The signing log as files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import pytest

from gateway.core.chain import LogEntry, digest_of
from gateway.ledger import Ledger
from gateway.ledger.export import COLUMNS, write_csv, write_json_lines
from gateway.ports import Clock
from tests.ledger.making import WAY, StandingClock, travelled


@pytest.fixture
def told(open_ledger: Callable[[Clock], Ledger], clock: StandingClock) -> Ledger:
    """Return a ledger whose log quotes, breaks lines and speaks Chinese."""
    ledger = open_ledger(clock)
    travelled(ledger, "one")
    ledger.record("rules.rejected", {"first": '=SUM(A1);"quoted"\nsecond line, 盖章处'})
    return ledger


def test_csv_holds_every_entry_on_one_line(told: Ledger) -> None:
    """A spreadsheet reads each entry as one row, with its details in one cell."""
    target = io.StringIO()
    assert write_csv(told.entries(), target) == len(WAY) + 2
    assert len(target.getvalue().splitlines()) == len(WAY) + 3
    rows = list(csv.DictReader(io.StringIO(target.getvalue())))
    assert tuple(rows[0]) == COLUMNS
    assert [row["event"] for row in rows[:2]] == ["job.claimed", "job.accepted"]
    details = json.loads(rows[-1]["details"])
    assert details == {"first": '=SUM(A1);"quoted"\nsecond line, 盖章处'}


def test_no_cell_begins_a_formula(told: Ledger) -> None:
    """No text from outside stands at the start of a cell."""
    target = io.StringIO()
    write_csv(told.entries(), target)
    cells = [cell for row in csv.reader(io.StringIO(target.getvalue())) for cell in row if cell]
    assert not [cell for cell in cells if cell[0] in "=+-@\t"]


def test_json_lines_can_be_checked_elsewhere(told: Ledger) -> None:
    """Each line holds all that its hash covers, so the chain can be followed from the file."""
    target = io.StringIO()
    assert write_json_lines(told.entries(), target) == len(WAY) + 2
    previous = "0" * 64
    for line in target.getvalue().splitlines():
        record = json.loads(line)
        details = tuple(sorted(record.pop("details").items()))
        entry = LogEntry(**record, details=details)
        assert entry.previous == previous
        assert digest_of(entry) == entry.hash
        previous = entry.hash


def test_export_of_nothing(ledger: Ledger) -> None:
    """An empty log is a file with a heading, or an empty one."""
    table, lines = io.StringIO(), io.StringIO()
    assert write_csv(ledger.entries(), table) == 0
    assert write_json_lines(ledger.entries(), lines) == 0
    assert table.getvalue() == ",".join(COLUMNS) + "\n"
    assert lines.getvalue() == ""
