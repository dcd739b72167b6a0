"""Changing one value of a YAML text, and not a single byte besides it.

Theory of operation: the text is never written anew. The nodes are found with their places, the
wanted value is compared with what stands there, and what differs is cut out, replaced or
inserted: a key's value, an entry, an item of a list. So comments, order, quotes and layout of all
else cannot change. A new key takes the place of a former one where there is one to spare. When
that would not say what is wanted (an anchor that others use, a layout that we cannot cut), the
value as a whole is written in one line; and whatever was done, the text is parsed again and must
say exactly what it said before, with the one value changed. Else nothing is returned.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass

import yaml

from gateway.settings.yaml_file import Location, parse_yaml
from gateway.settings.yaml_nodes import Entry, Kind, Node, Value, nodes_of
from gateway.settings.yaml_writing import flow, scalar


class CannotEdit(ValueError):
    """A text's layout does not allow a change to be made in it without touching something else."""


@dataclass(frozen=True)
class _Cut:
    """What takes the place of a part of the text; of nothing, where start and end are one."""

    start: int
    end: int
    instead: str = ""


def set_value(text: str, location: Location, value: Value) -> str:
    """Return the text with the value at a location set; raises `CannotEdit`.

    All steps of the location but the last must be there, none of them through an alias.
    """
    wanted = _with(_said(text), location, value)
    try:
        *way, last = location
        holder = nodes_of(text)
        for step in way:
            holder = _step(holder, step)
        changes = _Changes(text)
        for cuts in (changes.fine(holder, last, value), changes.coarse(holder, last, value)):
            changed = _applied(text, cuts)
            if changed is not None and _said(changed) == wanted:
                return changed
    except yaml.YAMLError as error:
        raise CannotEdit(str(error)) from error
    raise CannotEdit("the value is shared with others, or its layout is unusual")


def _said(text: str) -> object:
    """Return what a text says, as the loader reads it; nothing when it is no sound text."""
    file, problems = parse_yaml("", text)
    return None if file is None or problems else file.value


def _with(said: object, location: Location, value: Value) -> object:
    """Return what is said with the value at the location changed."""
    whole = deepcopy(said)
    holder = whole
    *way, last = location
    try:
        for step in way:
            holder = holder[step]  # type: ignore[index]
        holder[last] = deepcopy(value)  # type: ignore[index]
    except (KeyError, IndexError, TypeError) as error:
        raise CannotEdit(f"there is no {location}") from error
    return whole


def _step(node: Node, step: str | int) -> Node:
    found = None
    if node.kind is Kind.MAPPING and isinstance(step, str):
        found = node.entry(step)
    elif node.kind is Kind.LIST and isinstance(step, int) and step < len(node.entries):
        found = node.entries[step]
    if found is None:
        raise CannotEdit(f"{step} comes from elsewhere")
    return found.value


def _applied(text: str, cuts: Iterator[_Cut]) -> str | None:
    """Return the text with all cuts made; None when two of them meet."""
    parts: list[str] = []
    at = 0
    try:
        for cut in sorted(cuts, key=lambda one: (one.start, one.end)):
            if cut.start < at:
                return None
            parts += (text[at : cut.start], cut.instead)
            at = cut.end
    except CannotEdit:
        return None
    return "".join((*parts, text[at:]))


class _Changes:
    """Finds what has to be cut in one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._newline = "\r\n" if "\r\n" in text else "\n"

    def coarse(self, holder: Node, last: str | int, value: Value) -> Iterator[_Cut]:
        """Yield the cut that writes the value as a whole."""
        yield self._whole(_step(holder, last), value)

    def fine(self, holder: Node, last: str | int, value: Value) -> Iterator[_Cut]:
        """Yield cuts that change nothing that is said already."""
        if holder.kind is Kind.MAPPING and holder.entry(str(last)) is None:
            yield self._appended(holder, holder.entries[-1], {str(last): value})
            return
        yield from self._changed(_step(holder, last), value, within_flow=holder.flow)

    def _whole(self, node: Node, value: Value) -> _Cut:
        instead = scalar(value, node.style) if isinstance(value, str) else flow(value)
        blank = " " if node.start == node.end else ""
        return _Cut(node.start, node.end, blank + instead)

    def _changed(self, node: Node, value: Value, *, within_flow: bool) -> Iterator[_Cut]:
        if node.value == value:
            return
        match node.kind, value:
            case Kind.MAPPING, dict() if self._is_kept(node, value):
                yield from self._mapping(node, value)
            case Kind.LIST, list() if value and node.entries:
                yield from self._list(node, value)
            case Kind.MAPPING, [dict() as first, *others] if not within_flow:
                yield from self._as_list(node, first, others)
            case _:
                yield self._whole(node, value)

    @staticmethod
    def _is_kept(node: Node, value: dict[str, Value]) -> bool:
        """Tell whether any entry stays, so that there is something to hold on to."""
        return any(node.entry(key) is not None for key in value)

    def _mapping(self, node: Node, value: dict[str, Value]) -> Iterator[_Cut]:
        present = {one.key.text: one for one in node.entries if one.key is not None}
        gone = [one for key, one in present.items() if key not in value and key != "<<"]
        new = [(key, one) for key, one in value.items() if key not in present]
        for key, entry in present.items():
            if key in value:
                yield from self._changed(entry.value, value[key], within_flow=node.flow)
        for entry, (key, one) in zip(gone, new, strict=False):
            yield _Cut(entry.start, entry.end, f"{scalar(key)}: {flow(one)}")
        paired = min(len(gone), len(new))
        if len(new) > paired:
            yield self._appended(node, node.entries[-1], dict(new[paired:]))
        yield from self._without(node, gone[paired:])

    def _list(self, node: Node, value: list[Value]) -> Iterator[_Cut]:
        """Change a list: what is alike at both ends stays, what is between is changed."""
        old = [one.value.value for one in node.entries]
        before = _alike(old, value)
        after = min(_alike(old[::-1], value[::-1]), min(len(old), len(value)) - before)
        entries = node.entries[before : len(old) - after]
        wanted = value[before : len(value) - after]
        for entry, one in zip(entries, wanted, strict=False):
            yield from self._changed(entry.value, one, within_flow=node.flow)
        paired = min(len(entries), len(wanted))
        if len(wanted) > paired:
            yield self._inserted(node, before + paired, wanted[paired:])
        yield from self._without(node, list(entries[paired:]))

    def _as_list(self, node: Node, first: Value, others: Sequence[Value]) -> Iterator[_Cut]:
        """Make a list of a mapping that stood for a list of one, which stays its first item."""
        yield from self._changed(node, first, within_flow=False)
        if node.flow:
            indent = self._indent(self._line(node.start)) + "  "
            after = len(self._text[: node.start].rstrip(" "))
            yield _Cut(after, node.start, f"{self._newline}{indent}- ")
        else:
            indent = " " * self._column(node.start)
            yield _Cut(node.start, node.start, "- ")
            at = self._text.find("\n", node.start) + 1
            while 0 < at < node.end:
                yield _Cut(at, at, "  ")
                at = self._text.find("\n", at) + 1
        items = "".join(f"{self._newline}{indent}- {flow(one)}" for one in others)
        yield _Cut(node.end, node.end, items)

    def _appended(self, node: Node, last: Entry, new: dict[str, Value]) -> _Cut:
        """Add entries behind the last one of a mapping."""
        written = [f"{scalar(key)}: {flow(one)}" for key, one in new.items()]
        if node.flow:
            return _Cut(last.end, last.end, "".join(f", {one}" for one in written))
        indent = " " * self._column(node.entries[0].start)
        at = self._line_end(last.end)
        return _Cut(at, at, "".join(f"{self._newline}{indent}{one}" for one in written))

    def _inserted(self, node: Node, index: int, new: Sequence[Value]) -> _Cut:
        """Insert items into a list before the one with this index, or at its end."""
        if node.flow:
            if index:
                at = node.entries[index - 1].end
                return _Cut(at, at, "".join(f", {flow(one)}" for one in new))
            at = node.entries[0].start
            return _Cut(at, at, "".join(f"{flow(one)}, " for one in new))
        first = self._dash(node.entries[0])
        indent = " " * self._column(first)
        if index:
            at = self._line_end(node.entries[index - 1].end)
            return _Cut(at, at, "".join(f"{self._newline}{indent}- {flow(one)}" for one in new))
        return _Cut(first, first, "".join(f"- {flow(one)}{self._newline}{indent}" for one in new))

    def _without(self, node: Node, gone: Sequence[Entry]) -> Iterator[_Cut]:
        """Take entries out, with the comment that ends their last line."""
        kept = [one for one in node.entries if one not in gone]
        for entry in gone:
            if node.flow:
                yield self._from_flow(node, entry, kept)
                continue
            start = entry.start if entry.key is not None else self._dash(entry)
            line = self._line(start)
            if not self._text[line:start].strip():
                yield _Cut(line, min(len(self._text), self._line_end(entry.end) + self._width))
                continue
            following = next((one for one in kept if one.start > start), None)
            if following is None or self._text[entry.end : following.start].strip():
                raise CannotEdit("a comment stands in the way")
            yield _Cut(start, following.start)

    @property
    def _width(self) -> int:
        return len(self._newline)

    @staticmethod
    def _from_flow(node: Node, entry: Entry, kept: Sequence[Entry]) -> _Cut:
        index = node.entries.index(entry)
        if any(one.start > entry.start for one in kept):
            return _Cut(entry.start, node.entries[index + 1].start)
        return _Cut(node.entries[index - 1].end, entry.end)

    def _dash(self, item: Entry) -> int:
        """Return where the dash of a block list's item stands."""
        at = self._text.rfind("-", self._line(item.start), item.start)
        if at < 0:
            raise CannotEdit("the item stands apart from its dash")
        return at

    def _line(self, at: int) -> int:
        return self._text.rfind("\n", 0, at) + 1

    def _line_end(self, at: int) -> int:
        """Return where a line ends, before what ends it."""
        end = self._text.find("\n", at)
        end = len(self._text) if end < 0 else end
        return end - 1 if self._text[end - 1 : end] == "\r" and end > at else end

    def _column(self, at: int) -> int:
        return at - self._line(at)

    def _indent(self, line: int) -> str:
        rest = self._text[line:]
        return rest[: len(rest) - len(rest.lstrip(" "))]


def _alike(one: Sequence[object], other: Sequence[object]) -> int:
    """Return how many values are equal from the start on."""
    count = 0
    while count < min(len(one), len(other)) and one[count] == other[count]:
        count += 1
    return count
