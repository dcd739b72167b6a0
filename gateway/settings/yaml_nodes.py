"""The nodes of a YAML text with their exact places in it, so that one can be changed alone.

Parsed from events, not composed: an alias is a node of its own here, with the place of its
`*name`, and a block ends where its last value ends, before comments that follow.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import yaml

_NULL = frozenset({"", "~", "null", "Null", "NULL"})

Value = str | None | dict[str, "Value"] | list["Value"]
"""What a configuration file says: texts, nothing, mappings and lists."""


class Kind(StrEnum):
    """What a node is."""

    SCALAR = "scalar"
    MAPPING = "mapping"
    LIST = "list"
    ALIAS = "alias"


@dataclass(frozen=True)
class Entry:
    """A key with its value, or an item of a list (without a key)."""

    value: Node
    key: Node | None = None

    @property
    def start(self) -> int:
        """Return where it begins: its key, or its value."""
        return self.key.start if self.key is not None else self.value.start

    @property
    def end(self) -> int:
        """Return where its value ends."""
        return self.value.end


@dataclass(frozen=True)
class Node:
    """A node; places are indexes in the text."""

    kind: Kind
    start: int
    """With its anchor and tag."""
    end: int
    flow: bool = True
    """Written in brackets or as a scalar in one piece, not as an indented block."""
    text: str = ""
    """Of a scalar."""
    style: str = ""
    """Of a scalar: its quote, or empty when it is plain."""
    entries: tuple[Entry, ...] = ()

    def entry(self, key: str) -> Entry | None:
        """Return the entry of a mapping that counts: the last one with this key."""
        found = (one for one in reversed(self.entries) if one.key and one.key.text == key)
        return next(found, None)

    @property
    def value(self) -> object:
        """Return what it says; an alias equals nothing, and what it merges is left out."""
        match self.kind:
            case Kind.SCALAR:
                return None if not self.style and self.text in _NULL else self.text
            case Kind.MAPPING:
                keyed = ((one.key, one.value) for one in self.entries if one.key is not None)
                return {key.text: node.value for key, node in keyed}
            case Kind.LIST:
                return [one.value.value for one in self.entries]
            case Kind.ALIAS:
                return object()


def nodes_of(text: str) -> Node:
    """Return the top node of a text with one document; raises `yaml.YAMLError`."""
    loader = yaml.SafeLoader(text)
    try:
        events = _events(loader)
        return _node(next(events), events, text)
    finally:
        loader.dispose()


def _events(loader: yaml.SafeLoader) -> Iterator[yaml.Event]:
    while loader.check_event():
        event: yaml.Event = loader.get_event()  # type: ignore[no-untyped-call]
        if not isinstance(event, yaml.StreamStartEvent | yaml.DocumentStartEvent):
            yield event


def _node(event: yaml.Event, events: Iterator[yaml.Event], text: str) -> Node:
    start, end = _extent(event)
    match event:
        case yaml.AliasEvent():
            return Node(Kind.ALIAS, start, end)
        case yaml.ScalarEvent():
            style = event.style or ""
            if style in ("|", ">"):
                end = start + len(text[start:end].rstrip())
            return Node(Kind.SCALAR, start, end, text=event.value, style=style)
        case yaml.MappingStartEvent():
            return _collection(event, Kind.MAPPING, events, text)
        case yaml.SequenceStartEvent():
            return _collection(event, Kind.LIST, events, text)
        case _:
            raise yaml.YAMLError("the file is empty")


def _collection(
    begin: yaml.CollectionStartEvent, kind: Kind, events: Iterator[yaml.Event], text: str
) -> Node:
    entries: list[Entry] = []
    for event in events:
        if isinstance(event, yaml.CollectionEndEvent):
            break
        key = _node(event, events, text) if kind is Kind.MAPPING else None
        value = _node(event if key is None else next(events), events, text)
        entries.append(Entry(value, key))
    flow = bool(begin.flow_style)
    # A block's own end mark stands before whatever comes next, comments passed over.
    end = _extent(event)[1] if flow or not entries else entries[-1].end
    return Node(kind, _extent(begin)[0], end, flow=flow, entries=tuple(entries))


def _extent(event: yaml.Event) -> tuple[int, int]:
    """Return where an event begins and ends; those of a text always say so."""
    if event.start_mark is None or event.end_mark is None:
        raise yaml.YAMLError("a part of the file has no place")
    return event.start_mark.index, event.end_mark.index
