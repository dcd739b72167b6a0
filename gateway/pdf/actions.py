"""What a document can do besides being shown: actions, scripts, files and films that it carries.

Looked for where viewers look: the catalog, its name trees and outline, pages, annotations and
form fields (ISO 32000-2, 12.6 and 7.11.4). Content streams can do nothing and are left alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from gateway.core.errors import DocumentFault
from gateway.core.findings import Finding
from gateway.core.names import display
from gateway.pdf.document import Pages, entry_of
from gateway.pdf.faults import reading

MOST_LOOKED_AT = 100_000
"""Dictionaries of a document that are looked at."""

_ACTIONS = {
    "/JavaScript": "javascript",
    "/Launch": "launch-action",
    "/SubmitForm": "form-submission",
    "/ImportData": "form-submission",
    "/Rendition": "rich-media",
    "/Movie": "rich-media",
    "/Sound": "rich-media",
    "/RichMediaExecute": "rich-media",
    "/GoTo3DView": "rich-media",
}
_ANNOTATIONS = {
    "/FileAttachment": "embedded-files",
    "/RichMedia": "rich-media",
    "/Movie": "rich-media",
    "/Sound": "rich-media",
    "/3D": "rich-media",
}
_UNSEEN = 1 << 1 | 1 << 5
"""Annotation flags Hidden and NoView (ISO 32000-2, table 167)."""
_MOST_NAMED = 3
_LONGEST_NAME = 80


def actions_of(reader: PdfFileReader, pages: Pages) -> tuple[Finding, ...]:
    """Return what a document can do and carries; what cannot be read does nothing."""
    look = _Look()
    look.at_catalog(reader.root)
    for index, page in enumerate(pages.dictionaries):
        look.at_page(page, index)
    return look.findings()


class _Look:
    """Looks at one dictionary after the other, at each once, and counts what it sees."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._where: dict[str, str] = {}
        self._seen: set[int] = set()
        self._left = MOST_LOOKED_AT
        self._files: list[str] = []

    def findings(self) -> tuple[Finding, ...]:
        """Return what was seen."""
        found = [self._finding(name) for name in self._counts]
        if self._left <= 0:
            found.append(Finding("not-all-examined", f"more than {MOST_LOOKED_AT} dictionaries"))
        return tuple(found)

    def _finding(self, name: str) -> Finding:
        count = self._counts[name]
        words = [f"{count} times"] * (count > 1)
        if name == "embedded-files":
            words += self._files[:_MOST_NAMED]
        elif name in self._where:
            words.append(self._where[name])
        return Finding(name, ", ".join(words))

    def _note(self, name: str, where: str) -> None:
        self._counts[name] += 1
        self._where.setdefault(name, where)

    def at_catalog(self, root: generic.DictionaryObject) -> None:
        """Look at what belongs to the document as a whole."""
        self._at_actions(root, "when it is opened", ("/OpenAction",))
        names = _dictionary(root, "/Names")
        for leaf, _ in self._leaves(_dictionary(names, "/JavaScript")):
            self._at_action(leaf, "for the whole document")
        for leaf, name in self._leaves(_dictionary(names, "/EmbeddedFiles")):
            self._at_file(leaf, name)
        for member in _members(root, "/AF"):
            self._at_file(_resolved(member), "")
        self._at_outline(_dictionary(root, "/Outlines"))
        form = _dictionary(root, "/AcroForm")
        if entry_of(form, "/XFA") is not None:
            self._note("xfa", "")
        self._at_fields(form)
        self._at_layers(_dictionary(root, "/OCProperties"))

    def at_page(self, page: generic.DictionaryObject, index: int) -> None:
        """Look at a page and what lies on it."""
        where = f"page {index + 1}"
        self._at_actions(page, where)
        for entry in _members(page, "/Annots"):
            annotation = _resolved(entry)
            if isinstance(annotation, generic.DictionaryObject) and self._is_new(annotation):
                self._at_annotation(annotation, where)
        for stream in (*_members(page, "/Contents"), entry_of(page, "/Contents")):
            self._at_stream(_resolved(stream), where)
        objects = _dictionary(_dictionary(page, "/Resources"), "/XObject")
        for name in objects:
            self._at_stream(entry_of(objects, name), where)

    def _at_annotation(self, annotation: generic.DictionaryObject, where: str) -> None:
        kind = str(_read(annotation, "/Subtype"))
        self._at_actions(annotation, where)
        if kind in _ANNOTATIONS and kind != "/FileAttachment":
            self._note(_ANNOTATIONS[kind], where)
        if kind == "/FileAttachment":
            self._at_file(_read(annotation, "/FS"), "")
        flags = _read(annotation, "/F")
        if isinstance(flags, int) and flags & _UNSEEN and kind != "/Popup":
            self._note("hidden-annotations", where)

    def _at_stream(self, stream: object, where: str) -> None:
        if not isinstance(stream, generic.StreamObject) or not self._is_new(stream):
            return
        if "/F" in stream or "/Ref" in stream:
            self._note("external-content", where)

    def _at_fields(self, form: generic.DictionaryObject) -> None:
        stack = list(_members(form, "/Fields"))
        while stack and self._left > 0:
            field = _resolved(stack.pop())
            if isinstance(field, generic.DictionaryObject) and self._is_new(field):
                name = _read(field, "/T")
                self._at_actions(field, f"field {display(str(name))[:_LONGEST_NAME]}")
                self._seen.discard(id(field))  # it may be an annotation, too
                stack += _members(field, "/Kids")

    def _at_outline(self, outline: generic.DictionaryObject) -> None:
        stack: list[object] = [entry_of(outline, "/First")]
        while stack and self._left > 0:
            item = _resolved(stack.pop())
            if isinstance(item, generic.DictionaryObject) and self._is_new(item):
                self._at_actions(item, "outline")
                stack += [_read(item, "/Next"), _read(item, "/First")]

    def _at_layers(self, layers: generic.DictionaryObject) -> None:
        usual = _dictionary(layers, "/D")
        off = len(_members(usual, "/OFF"))
        if _read(usual, "/BaseState") == "/OFF":
            off = max(1, len(_members(layers, "/OCGs")) - len(_members(usual, "/ON")))
        if off:
            self._counts["hidden-layers"] = off
        printed = sum(map(_differs_in_print, _members(layers, "/OCGs")[: self._left]))
        if printed:
            self._counts["layers-for-print"] = printed

    def _at_actions(
        self, holder: generic.DictionaryObject, where: str, keys: tuple[str, ...] = ("/A", "/PA")
    ) -> None:
        for key in keys:
            self._at_action(_read(holder, key), where)
        triggers = _dictionary(holder, "/AA")
        for key in triggers:
            self._at_action(_read(triggers, key), where)

    def _at_action(self, first: object, where: str) -> None:
        """Look at an action and those that follow it."""
        stack = [first]
        while stack and self._left > 0:
            action = _resolved(stack.pop())
            if isinstance(action, generic.ArrayObject):
                stack += list(action)[: self._left]
                self._left -= len(action)
            elif isinstance(action, generic.DictionaryObject) and self._is_new(action):
                kind = str(_read(action, "/S"))
                if kind in _ACTIONS:
                    self._note(_ACTIONS[kind], where)
                if kind != "/JavaScript" and _read(action, "/JS") is not None:
                    self._note("javascript", where)
                stack.append(_read(action, "/Next"))

    def _at_file(self, described: object, name: str) -> None:
        if isinstance(described, generic.DictionaryObject) and self._is_new(described):
            if not isinstance(_read(described, "/EF"), generic.DictionaryObject):
                return
            called = _read(described, "/UF") or _read(described, "/F") or name
            self._files.append(display(str(called))[:_LONGEST_NAME])
            self._note("embedded-files", "")

    def _leaves(self, tree: generic.DictionaryObject) -> Iterator[tuple[object, str]]:
        """Yield values and names of a name tree (ISO 32000-2, 7.9.6)."""
        stack: list[object] = [tree]
        while stack and self._left > 0:
            node = _resolved(stack.pop())
            if not isinstance(node, generic.DictionaryObject) or not self._is_new(node):
                continue
            stack += _members(node, "/Kids")
            entries = _members(node, "/Names")
            for name, value in zip(entries[::2], entries[1::2], strict=False):
                yield _resolved(value), str(_resolved(name))

    def _is_new(self, node: generic.DictionaryObject) -> bool:
        """Tell whether a dictionary has not been looked at; objects are kept by their reader."""
        self._left -= 1
        if id(node) in self._seen:
            return False
        self._seen.add(id(node))
        return True


def _differs_in_print(entry: object) -> bool:
    """Tell whether a layer's usage says another thing for paper than for the screen.

    See ISO 32000-2, 8.11.4.4.
    """
    layer = _resolved(entry)
    if not isinstance(layer, generic.DictionaryObject):
        return False
    usage = _dictionary(layer, "/Usage")
    shown = _read(_dictionary(usage, "/View"), "/ViewState")
    printed = _read(_dictionary(usage, "/Print"), "/PrintState")
    return printed is not None and str(printed) != str(shown or "/ON")


def _resolved(value: object) -> object:
    """Return what a reference stands for, decrypted; None where it cannot be read."""
    try:
        with reading():
            if isinstance(value, generic.IndirectObject):
                value = value.get_object()
            return value.decrypted if isinstance(value, generic.DecryptedObjectProxy) else value
    except DocumentFault as fault:
        if fault.code != "pdf.unreadable":
            raise
        return None


def _read(holder: generic.DictionaryObject, key: str) -> object:
    try:
        with reading():
            return entry_of(holder, key)
    except DocumentFault as fault:
        if fault.code != "pdf.unreadable":
            raise
        return None


def _dictionary(holder: generic.DictionaryObject, key: str) -> generic.DictionaryObject:
    found = _read(holder, key)
    return found if isinstance(found, generic.DictionaryObject) else generic.DictionaryObject()


def _members(holder: generic.DictionaryObject, key: str) -> list[object]:
    found = _read(holder, key)
    return list(found) if isinstance(found, generic.ArrayObject) else []
