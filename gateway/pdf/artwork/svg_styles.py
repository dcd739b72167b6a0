"""The style sheets inside an SVG, resolved to plain attributes of its elements.

Only selectors by name, class and id; a sheet that needs more is refused, because a rule left
out would change the picture in silence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from gateway.core.errors import DocumentFault

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SELECTOR = re.compile(r"(\*|[A-Za-z][\w-]*)?((?:[.#][\w-]+)*)")
_PART = re.compile(r"[.#][\w-]+")
_MOST_RULES = 2000


@dataclass(frozen=True)
class _Rule:
    """One selector with its declarations."""

    name: str
    classes: frozenset[str]
    identifier: str
    declarations: tuple[tuple[str, str], ...]

    @property
    def weight(self) -> tuple[int, int, int]:
        """Return the selector's specificity: ids, classes, names."""
        return (int(bool(self.identifier)), len(self.classes), int(self.name not in ("", "*")))

    def fits(self, name: str, classes: frozenset[str], identifier: str) -> bool:
        """Tell whether the selector means this element."""
        return (
            self.name in ("", "*", name)
            and self.classes <= classes
            and self.identifier in ("", identifier)
        )


def resolve(root: Element) -> None:
    """Write what style sheets and style attributes say into attributes of their own.

    Raises `DocumentFault` (`seal.artwork-unsupported`) for a sheet that needs more.
    """
    rules: list[_Rule] = []
    for element in root.iter():
        if _local(element) == "style":
            rules += _rules("".join(element.itertext()))
    if len(rules) > _MOST_RULES:
        _refuse("too many rules")
    rules.sort(key=lambda rule: rule.weight)
    for element in root.iter():
        name, identifier = _local(element), element.get("id", "")
        classes = frozenset(element.get("class", "").split())
        for rule in rules:
            if rule.fits(name, classes, identifier):
                element.attrib.update(rule.declarations)
        element.attrib.update(_declarations(element.attrib.pop("style", "")))
        element.attrib.pop("class", None)


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _rules(sheet: str) -> list[_Rule]:
    sheet = _COMMENT.sub(" ", sheet).strip()
    if "@" in sheet:
        at_rule = sheet[sheet.index("@") :].split(None, 1)[0][:20]
        _refuse(at_rule)
    rules: list[_Rule] = []
    for block in sheet.split("}"):
        if not block.strip():
            continue
        selectors, brace, body = block.partition("{")
        if not brace:
            _refuse("a broken rule")
        declarations = _declarations(body)
        rules += [_rule(selector.strip(), declarations) for selector in selectors.split(",")]
    return rules


def _rule(selector: str, declarations: tuple[tuple[str, str], ...]) -> _Rule:
    match = _SELECTOR.fullmatch(selector)
    if match is None or not selector:
        _refuse(f"the selector {selector[:40]}")
        raise AssertionError
    parts = _PART.findall(match.group(2))
    identifiers = [part[1:] for part in parts if part[0] == "#"]
    classes = frozenset(part[1:] for part in parts if part[0] == ".")
    return _Rule(match.group(1) or "", classes, "".join(identifiers[:1]), declarations)


def _declarations(body: str) -> tuple[tuple[str, str], ...]:
    """Read `key: value; key: value`."""
    pairs = []
    for declaration in _COMMENT.sub(" ", body).split(";"):
        key, colon, value = declaration.partition(":")
        if not colon:
            continue
        if "!" in value or "var(" in value or "calc(" in value:
            _refuse(value.strip()[:40])
        pairs.append((key.strip().lower(), value.strip()))
    return tuple(pair for pair in pairs if re.fullmatch(r"[a-z][a-z-]*", pair[0]))


def _refuse(what: str) -> None:
    raise DocumentFault(
        "seal.artwork-unsupported", f"{what} in a style sheet: write styles as attributes"
    )
