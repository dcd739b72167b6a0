"""One YAML file: its values as they are written, and where in the text each of them stands.

Every scalar stays the text its author wrote; the models decide what it means. So a credential
`00123` is not the octal number 83, `1:30` is no count of minutes, and an inbox may be called `no`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from gateway.core.errors import Problem
from gateway.settings.yaml_text import printable, read_text

_MOST_NODES = 50_000
"""Values after expanding aliases; a file that needs more is made to hurt."""
_STRING, _NULL, _MERGE, _MAPPING, _LIST = (
    f"tag:yaml.org,2002:{kind}" for kind in ("str", "null", "merge", "map", "seq")
)

Location = tuple[str | int, ...]


class _Loader(yaml.SafeLoader):
    """Knows text, nothing (`~`, `null` or empty) and merging (`<<`), and guesses no types."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag in (_NULL, _MERGE)]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True)
class YamlFile:
    """A parsed file."""

    name: str
    """Path below the site's root, as problems show it."""
    root: yaml.Node
    value: object

    def position(self, location: Location, *, key: bool = False) -> tuple[int, int]:
        """Return line and column (from 1) of the value at a location, or of its key.

        Where the location leads to nothing (a missing key), the nearest value around it counts.
        """
        node, mark = self.root, self.root.start_mark
        for index, step in enumerate(location):
            if isinstance(node, yaml.MappingNode) and isinstance(step, int):
                continue  # an entry may stand for a list of one
            if isinstance(node, yaml.SequenceNode) and isinstance(step, str) and node.value:
                node = node.value[0]  # a list of one may stand for its entry
            if isinstance(node, yaml.MappingNode):
                # The last one counts: it overrides merged and duplicate keys before it.
                pair = next((p for p in reversed(node.value) if p[0].value == str(step)), None)
                if pair is None:
                    break
                last = index == len(location) - 1
                mark, node = pair[0 if key and last else 1].start_mark, pair[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
                if step >= len(node.value):
                    break
                node = node.value[step]
                mark = node.start_mark
        return mark.line + 1, mark.column + 1

    def problem(
        self, location: Location, code: str, message: str, remedy: str, *, key: bool = False
    ) -> Problem:
        """Return a problem at a location."""
        line, column = self.position(location, key=key)
        return Problem(self.name, line, column, code, printable(message), printable(remedy))


def read_yaml(path: Path, name: str) -> tuple[YamlFile | None, tuple[Problem, ...]]:
    """Read a file whose top is a mapping; return it if it is one, and what is wrong with it."""
    text = read_text(path, name)
    if isinstance(text, Problem):
        return None, (text,)
    return parse_yaml(name, text)


def parse_yaml(name: str, text: str) -> tuple[YamlFile | None, tuple[Problem, ...]]:
    """Parse a text whose top is a mapping; return it if it is one, and what is wrong with it."""
    try:
        return _parse(name, text)
    except (yaml.reader.ReaderError, yaml.MarkedYAMLError, RecursionError) as error:
        return None, (_broken(name, text, error),)


def _parse(name: str, text: str) -> tuple[YamlFile | None, tuple[Problem, ...]]:
    loader = _Loader(text)
    try:
        root = loader.get_single_node()
        fatal = tuple(_fatal(root, name))
        if root is None or fatal:
            return None, fatal
        twice = tuple(_duplicates(root, name))  # first: merging rewrites the nodes
        return YamlFile(name, root, loader.construct_document(root)), twice
    finally:
        loader.dispose()


def _broken(name: str, text: str, error: Exception) -> Problem:
    """Return what the parser found, without repeating more of the text than it names."""
    if isinstance(error, yaml.reader.ReaderError):
        line = text.count("\n", 0, error.position) + 1
        column = error.position - text.rfind("\n", 0, error.position)
        what = f"The character U+{ord(text[error.position]):04X} cannot stand in YAML."
        return Problem(name, line, column, "settings.syntax", what, "Remove it.")
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        what = f"This is not valid YAML: {error.problem or error.context}."
        remedy = "Check indentation (spaces, no tabs), quotes and colons."
        return _syntax(name, mark, what, remedy)
    return _syntax(name, None, "This is nested too deeply.", "Write it flatter.")


def _syntax(name: str, mark: yaml.Mark | None, what: str, remedy: str) -> Problem:
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    return Problem(name, line, column, "settings.syntax", printable(what), remedy)


def _fatal(root: yaml.Node | None, name: str) -> Iterator[Problem]:
    """Yield what makes a file as a whole useless."""
    remedy = "Write keys and values, such as `name: Example`."
    if root is None:
        yield _syntax(name, None, "The file is empty.", remedy)
    elif not isinstance(root, yaml.MappingNode):
        yield _syntax(name, root.start_mark, "The file is not a mapping of keys.", remedy)
    elif _too_many(root):
        what = "Aliases make this file too large."
        yield _syntax(name, None, what, "Write values out instead of multiplying them.")
    else:
        yield from _foreign_nodes(root, name)


def _foreign_nodes(root: yaml.Node, name: str) -> Iterator[Problem]:
    """Yield tags and keys that this configuration has no use for."""
    for node in _nodes(root):
        if node.tag not in (_STRING, _NULL, _MERGE, _MAPPING, _LIST):
            what = "A tag such as !!int has no meaning here."
            yield _syntax(name, node.start_mark, what, "Write the plain value.")
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            if key.tag not in (_STRING, _MERGE):
                yield _syntax(name, key.start_mark, "A key must be a text.", "Name it.")


def _children(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield key
            yield value
    elif isinstance(node, yaml.SequenceNode):
        yield from node.value


def _too_many(root: yaml.Node) -> bool:
    """Count values as if aliases were written out, no further than the limit."""
    count, stack = 0, [root]
    while stack:
        count += 1
        if count > _MOST_NODES:
            return True
        stack.extend(_children(stack.pop()))
    return False


def _nodes(root: yaml.Node) -> Iterator[yaml.Node]:
    """Yield every node once, whatever aliases lead to it."""
    stack, seen = [root], set()
    while stack:
        node = stack.pop()
        if id(node) not in seen:
            seen.add(id(node))
            stack.extend(_children(node))
            yield node


def _duplicates(root: yaml.Node, name: str) -> Iterator[Problem]:
    for node in _nodes(root):
        first: dict[str, int] = {}
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            line, column = key.start_mark.line + 1, key.start_mark.column + 1
            if key.value in first:
                what = f"The key {key.value} stands here twice (first in line {first[key.value]})."
                remedy = "Remove one of them."
                yield Problem(name, line, column, "settings.duplicate-key", printable(what), remedy)
            first.setdefault(key.value, line)
