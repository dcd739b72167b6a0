"""What commands print: rich tables on a terminal, plain lines in a pipe, JSON when asked."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

Cell = str | int | float | bool | None


def say(text: str = "") -> None:
    """Print one line for the person at the terminal."""
    print(text, flush=True)


def complain(text: str) -> None:
    """Print one line about what went wrong."""
    print(f"sealgate: {text}", file=sys.stderr, flush=True)


def show(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[Cell]], *, as_json: bool
) -> None:
    """Print a table: JSON objects keyed by column, or columns for eyes, or tabs for a pipe."""
    if as_json:
        keys = [column.replace(" ", "_") for column in columns]
        say(json.dumps([dict(zip(keys, row, strict=True)) for row in rows], ensure_ascii=False))
        return
    if not sys.stdout.isatty():
        for row in rows:
            say("\t".join(_text(cell) for cell in row))
        return
    table = Table(title=title, title_justify="left", header_style="bold", box=None)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(_text(cell) for cell in row))
    Console().print(table)


def show_value(value: object) -> None:
    """Print one JSON value."""
    say(json.dumps(value, ensure_ascii=False, indent=1))


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return str(cell).replace("\t", " ").replace("\n", " ")
