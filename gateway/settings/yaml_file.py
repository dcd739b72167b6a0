"""One YAML file: its values, and where in the text each of them stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from gateway.core.errors import Problem

_LARGEST = 1 << 20
_MOST_NODES = 50_000
"""Values after expanding aliases; a file that needs more is made to hurt."""

Location = tuple[str | int, ...]


@dataclass(frozen=True)
class YamlFile:
    """A parsed file."""

    name: str
    """Path below the site's root, as problems show it."""
    root: yaml.Node
    value: object

    def position(self, location: Sequence[str | int], *, key: bool = False) -> tuple[int, int]:
        """Return line and column (from 1) of the value at a location, or of its key.

        Where the location leads to nothing (a missing key), the nearest value around it counts.
        """
        node, mark = self.root, self.root.start_mark
        for index, step in enumerate(location):
            last = index == len(location) - 1
            if isinstance(node, yaml.MappingNode):
                pair = next((p for p in node.value if _key(p[0]) == str(step)), None)
                if pair is None:
                    break
                mark = pair[0].start_mark if key and last else pair[1].start_mark
                node = pair[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
                if step >= len(node.value):
                    break
                node = node.value[step]
                mark = node.start_mark
        return mark.line + 1, mark.column + 1

    def problem(
        self,
        location: Sequence[str | int],
        code: str,
        message: str,
        remedy: str,
        *,
        key: bool = False,
    ) -> Problem:
        """Return a problem at a location."""
        line, column = self.position(location, key=key)
        return Problem(self.name, line, column, code, message, remedy)


def read_yaml(path: Path, name: str) -> tuple[YamlFile | None, tuple[Problem, ...]]:
    """Read a file whose top is a mapping; return it if it is one, and what is wrong with it."""
    text, problems = _text(path, name)
    if text is None:
        return None, problems
    loader = yaml.SafeLoader(text)
    try:
        root = loader.get_single_node()
        if root is None or not isinstance(root, yaml.MappingNode):
            line, column = _mark(root.start_mark) if root else (1, 1)
            remedy = "Write keys and values, such as `name: Example`."
            what = "The file is empty." if root is None else "The file is not a mapping of keys."
            return None, (Problem(name, line, column, "settings.syntax", what, remedy),)
        if _too_many(root):
            what = "Aliases make this file too large."
            return None, (Problem(name, 1, 1, "settings.syntax", what, "Write values out."),)
        twice = tuple(_duplicates(root, name))
        value = loader.construct_document(root)
    except yaml.MarkedYAMLError as error:
        return None, (_syntax(name, error),)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        what = f"This is not valid YAML: {str(error).splitlines()[0]}"
        remedy = "Check indentation, quotes and dates."
        return None, (Problem(name, 1, 1, "settings.syntax", what, remedy),)
    finally:
        loader.dispose()
    return YamlFile(name, root, value), twice


def _text(path: Path, name: str) -> tuple[str | None, tuple[Problem, ...]]:
    try:
        if path.is_symlink() or not path.is_file():
            raise OSError(0, "not a plain file")
        content = path.read_bytes()
        if len(content) > _LARGEST:
            raise OSError(0, "larger than 1 MiB")
        return content.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - (content.rfind(b"\n", 0, error.start) + 1) + 1
        what = "This byte is not UTF-8."
        remedy = "Save the file with the encoding UTF-8."
        return None, (Problem(name, line, column, "settings.syntax", what, remedy),)
    except OSError as error:
        what = f"The file cannot be read: {error.strerror}."
        remedy = "Check name and permissions."
        return None, (Problem(name, 0, 0, "settings.unreadable", what, remedy),)


def _syntax(name: str, error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    line, column = _mark(mark) if mark else (1, 1)
    what = f"This is not valid YAML: {error.problem or error.context}."
    remedy = "Check indentation (spaces, no tabs), quotes and colons."
    return Problem(name, line, column, "settings.syntax", what, remedy)


def _mark(mark: yaml.Mark) -> tuple[int, int]:
    return mark.line + 1, mark.column + 1


def _key(node: yaml.Node) -> str:
    return str(node.value)


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


def _duplicates(root: yaml.Node, name: str) -> Iterator[Problem]:
    stack, seen = [root], set()
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        stack.extend(_children(node))
        if isinstance(node, yaml.MappingNode):
            yield from _twice_in(node, name)


def _twice_in(node: yaml.MappingNode, name: str) -> Iterator[Problem]:
    first: dict[str, yaml.Node] = {}
    for key, _ in node.value:
        if _key(key) not in first:
            first[_key(key)] = key
            continue
        line, column = _mark(key.start_mark)
        before = first[_key(key)].start_mark.line + 1
        what = f"The key {_key(key)} stands here twice (first in line {before})."
        yield Problem(name, line, column, "settings.duplicate-key", what, "Remove one of them.")
