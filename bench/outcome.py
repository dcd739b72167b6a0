"""What a benchmark found: tables of figures, and goals with what was reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.measuring import say


@dataclass(frozen=True)
class Table:
    """Figures side by side; the first column names the row."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def lines(self) -> list[str]:
        """Return the table in Markdown, its columns aligned."""
        widths = [
            max(len(row[place]) for row in (self.columns, *self.rows))
            for place in range(len(self.columns))
        ]
        rule = [
            "-" * width if not place else "-" * (width - 1) + ":"
            for place, width in enumerate(widths)
        ]
        return [_line(self.columns, widths), _line(rule, widths)] + [
            _line(row, widths) for row in self.rows
        ]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first = cells[0].ljust(widths[0])
    others = (cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True))
    return f"| {' | '.join((first, *others))} |"


@dataclass(frozen=True)
class Goal:
    """Something to be reached, and what was."""

    name: str
    wanted: float
    reached: float
    unit: str = ""
    at_most: bool = False

    @property
    def is_met(self) -> bool:
        """Tell whether it was reached."""
        return self.reached <= self.wanted if self.at_most else self.reached >= self.wanted

    def line(self) -> str:
        """Return goal and result in a sentence."""
        sign = "≤" if self.at_most else "≥"
        unit = f" {self.unit}" if self.unit else ""
        wanted, reached = f"{figure(self.wanted)}{unit}", f"{figure(self.reached)}{unit}"
        said = f"{self.name}: goal {sign} {wanted}, reached {reached}"
        if self.is_met:
            return f"{said}: met"
        factor = (
            self.reached / self.wanted if self.at_most else self.wanted / max(self.reached, 1e-9)
        )
        return f"{said}: NOT met, short by a factor of {figure(factor)}"


@dataclass
class Outcome:
    """All that one benchmark found."""

    name: str
    title: str
    tables: list[Table] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    raw: dict[str, Any] = field(default_factory=dict)

    def markdown(self) -> str:
        """Return it as a section of a page."""
        parts = [f"## {self.title}"]
        for table in self.tables:
            parts.append("\n".join([f"**{table.title}**", "", *table.lines()]))
        if self.notes:
            parts.append("\n".join(f"- {note}" for note in self.notes))
        if self.goals:
            parts.append("\n".join(["Goals:", "", *(f"- {goal.line()}" for goal in self.goals)]))
        return "\n\n".join(parts) + "\n"

    def show(self) -> None:
        """Print it."""
        say(f"\n{self.markdown()}")


def figure(value: float) -> str:
    """Return a figure with three digits that count."""
    if value == 0:
        return "0"
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 0.1 else 3
    return f"{value:,.{digits}f}"
