"""An open PDF, read leniently but with its contradictions refused.

Lenient, because most files that viewers open have small faults; refused, because an update
appended to a document whose tables contradict themselves can change what is displayed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import IO

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.crypt import AuthStatus
from pyhanko.pdf_utils.reader import PdfFileReader

from gateway.core.errors import DocumentFault
from gateway.core.geometry import PageFrame
from gateway.pdf.faults import reading
from gateway.pdf.given import open_given
from gateway.pdf.passwords import candidates

_NUMBER = (int, float, Decimal)
"""What the library makes of numbers: reals are decimals."""

MOST_PAGES = 50_000
MOST_FIELDS = 50_000

_OF_ACROBAT_9 = 5
"""Revision of encryption that pyHanko reads as if it were 6; ISO 32000-2 deprecates it."""
_HIGHEST_NUMBER = 8_388_607
_LEFT_FOR_SEALS = 1 << 17
_LONGEST_HANDLER = 40
_LETTER = (0.0, 0.0, 612.0, 792.0)
"""What viewers assume for a page without /MediaBox."""


@contextmanager
def opened(path: Path, mode: str = "rb") -> Iterator[tuple[PdfFileReader, IO[bytes]]]:
    """Open a document for reading (or `r+b` for appending); refuse what we have no password for.

    Raises `DocumentFault`: `pdf.unreadable`, `pdf.encrypted`.
    """
    with open_given(path, mode) as stream:
        with reading():
            reader = PdfFileReader(stream, strict=False)
            _unlock(reader)
        try:
            yield reader, stream
        finally:
            _forget(reader)


def _forget(reader: PdfFileReader) -> None:
    """Let go of what was read; reader and objects know each other, and would stay for a while."""
    for past in reader._historical_resolver_cache.values():
        past.cache.clear()
    reader._historical_resolver_cache.clear()
    reader.resolved_objects.clear()


def _unlock(reader: PdfFileReader) -> None:
    """Open an encrypted document with a password we have, if its permissions let us seal it.

    The owner's password allows everything. With the user's, /P (ISO 32000-2, table 22) says
    what may be done: bit 4 allows changes, bit 6 annotations and signing.
    """
    if "/Encrypt" not in reader.trailer:
        return
    if "/AuthCode" in reader.trailer:
        raise DocumentFault("pdf.unsupported", "a code protects it from any change (ISO/TS 32004)")
    with reading("pdf.encrypted"):
        handler = str(reader.trailer["/Encrypt"].get("/Filter", "/Standard"))
        revision = reader.trailer["/Encrypt"].get("/R")
    if handler != "/Standard":
        told = handler.lstrip("/")[:_LONGEST_HANDLER]
        raise DocumentFault("pdf.encrypted", f"it is meant for certain recipients only ({told})")
    if revision == _OF_ACROBAT_9:
        raise DocumentFault("pdf.encrypted", "as only Acrobat 9 did it (/R 5), which is not read")
    opens = False
    for password in candidates():
        with reading("pdf.encrypted"):
            status = _status(reader, password)
            rights = reader.encrypt_dict or generic.DictionaryObject()
            allowed = int(rights.get("/P", -1)) & (1 << 3 | 1 << 5)
        if status is AuthStatus.OWNER or (status is AuthStatus.USER and allowed):
            return
        opens = opens or status is AuthStatus.USER
    if opens:
        raise DocumentFault("pdf.encrypted", "its author does not allow changes")
    raise DocumentFault("pdf.encrypted", "no password of this site opens it")


def _status(reader: PdfFileReader, password: str) -> AuthStatus:
    """Try a password; one that the file's kind of encryption cannot even express fits none."""
    try:
        return reader.decrypt(password).status
    except UnicodeError:
        return AuthStatus.FAILED


class Pages:
    """The pages of a document in order: references, dictionaries and frames.

    The tree is walked without recursion and each inner node is visited once, so that neither loops
    nor depth can hold us up; counts written in the tree are not believed.
    """

    def __init__(self, reader: PdfFileReader) -> None:
        self.references: list[generic.Reference] = []
        self.dictionaries: list[generic.DictionaryObject] = []
        self.frames: list[PageFrame] = []
        self.flat = False
        """Whether all pages are in one list, so that no count in the tree leads anywhere else."""
        if "/Pages" not in reader.root:
            raise DocumentFault("pdf.no-pages")
        self._walk(reader.root.raw_get("/Pages"))
        if not self.frames:
            raise DocumentFault("pdf.no-pages")

    def _walk(self, root: object) -> None:
        stack: list[tuple[object, dict[str, object]]] = [(root, {})]
        seen: set[generic.Reference] = set()
        while stack:
            entry, inherited = stack.pop()
            if not isinstance(entry, generic.IndirectObject):
                raise DocumentFault("pdf.page-tree", "a page is not an object of its own")
            if len(self.frames) + len(seen) > MOST_PAGES:
                raise DocumentFault("pdf.too-costly", f"more than {MOST_PAGES} pages")
            node = entry.get_object()
            if not isinstance(node, generic.DictionaryObject):
                raise DocumentFault("pdf.page-tree", "a page is missing")
            here = _inherit(node, inherited)
            kids = entry_of(node, "/Kids")
            if kids is not None:
                if not isinstance(kids, generic.ArrayObject):
                    raise DocumentFault("pdf.page-tree", "it has no list of pages")
                if entry.reference in seen:
                    raise DocumentFault("pdf.page-tree", "it loops")
                seen.add(entry.reference)
                stack.extend((kid, here) for kid in reversed(list(kids)))
            else:
                self.references.append(entry.reference)
                self.dictionaries.append(node)
                self.frames.append(_frame(here, node))
        self.flat = len(seen) == 1


def _inherit(node: generic.DictionaryObject, inherited: dict[str, object]) -> dict[str, object]:
    own = {key: entry_of(node, key) for key in ("/MediaBox", "/CropBox", "/Rotate")}
    return inherited | {key: value for key, value in own.items() if value is not None}


def _frame(attributes: dict[str, object], page: generic.DictionaryObject) -> PageFrame:
    """Build the frame viewers display: CropBox ∩ MediaBox, or MediaBox where that is empty."""
    media = rectangle_of(attributes.get("/MediaBox")) or _LETTER
    crop = rectangle_of(attributes.get("/CropBox")) or media
    left, bottom = max(media[0], crop[0]), max(media[1], crop[1])
    right, top = min(media[2], crop[2]), min(media[3], crop[3])
    if right <= left or top <= bottom:
        left, bottom, right, top = media
    turn = attributes.get("/Rotate", 0)
    rotate = int(turn) % 360 if isinstance(turn, _NUMBER) else 0
    unit = page.get("/UserUnit", 1)
    user_unit = float(unit) if isinstance(unit, _NUMBER) and unit > 0 else 1.0
    return PageFrame(left, bottom, right, top, rotate // 90 * 90, user_unit)


def rectangle_of(value: object) -> tuple[float, float, float, float] | None:
    """Read a rectangle as left, bottom, right, top; None when it is none or has no extent."""
    if not isinstance(value, generic.ArrayObject) or len(value) != 4:
        return None
    members = [value[place] for place in range(4)]
    numbers = [float(number) for number in members if isinstance(number, _NUMBER)]
    if len(numbers) != 4:
        return None
    left, right = sorted((numbers[0], numbers[2]))
    bottom, top = sorted((numbers[1], numbers[3]))
    return (left, bottom, right, top) if right > left and top > bottom else None


def highest_object_number(reader: PdfFileReader) -> int:
    """Return the highest number that any revision's cross-reference names.

    A trailer's /Size may be too small; numbering new objects from it would overwrite live ones.
    """
    sections = (reader.xrefs.get_xref_data(at) for at in range(reader.xrefs.total_revisions))
    parts = (part for one in sections for part in (one, one.hybrid and one.hybrid.xref_data))
    return max(
        (number for part in parts if part for number, _ in part.explicit_refs_in_revision),
        default=0,
    )


def refuse_high_numbers(reader: PdfFileReader) -> None:
    """Refuse a document that leaves no numbers for new objects that every viewer takes.

    The highest is 8,388,607 (ISO 32000-1, table C.1); MuPDF shows nothing of what is beyond.
    Raises `DocumentFault` (`pdf.unsafe-structure`).
    """
    said = reader.trailer["/Size"] if "/Size" in reader.trailer else 0
    highest = max(highest_object_number(reader), said - 1 if isinstance(said, int) else 0)
    if highest > _HIGHEST_NUMBER - _LEFT_FOR_SEALS:
        raise DocumentFault("pdf.unsafe-structure", f"its objects are numbered up to {highest}")


def refuse_broken_form(reader: PdfFileReader) -> None:
    """Refuse a form into which no field can be put. Raises `DocumentFault` (`pdf.unsupported`)."""
    form = entry_of(reader.root, "/AcroForm")
    if form is None:
        return
    if not isinstance(form, generic.DictionaryObject):
        raise DocumentFault("pdf.unsupported", "its form is no dictionary")
    fields = entry_of(form, "/Fields")
    if fields is None:
        return
    if not isinstance(fields, generic.ArrayObject):
        raise DocumentFault("pdf.unsupported", "its form has no list of fields")
    if not all(isinstance(field, generic.IndirectObject) for field in fields.iterate()):
        raise DocumentFault("pdf.unsupported", "a field of its form is not an object of its own")


def field_dictionary(reader: PdfFileReader) -> generic.DictionaryObject:
    """Return the form (/AcroForm); an empty dictionary where there is none."""
    form = entry_of(reader.root, "/AcroForm")
    return form if isinstance(form, generic.DictionaryObject) else generic.DictionaryObject()


def _array(dictionary: generic.DictionaryObject, key: str) -> generic.ArrayObject:
    """Return an entry that should be an array, resolved; empty when it is missing or is none."""
    value = entry_of(dictionary, key)
    return value if isinstance(value, generic.ArrayObject) else generic.ArrayObject()


def entry_of(dictionary: generic.DictionaryObject, key: str) -> object:
    """Return an entry, resolved; None when it is missing or is null, which means the same."""
    try:
        value: object = dictionary[key]
    except KeyError:
        return None
    return value


def field_names(reader: PdfFileReader) -> tuple[str, ...]:
    """Return the fully qualified names of all form fields, without recursion."""
    names: list[str] = []
    stack = [(kid, "") for kid in _array(field_dictionary(reader), "/Fields")]
    seen: set[object] = set()
    while stack:
        entry, parent = stack.pop()
        if isinstance(entry, generic.IndirectObject):
            if entry.reference in seen:
                raise DocumentFault("pdf.unreadable", "its form fields form a loop")
            seen.add(entry.reference)
        field = entry.get_object()
        if len(names) > MOST_FIELDS:
            raise DocumentFault("pdf.too-costly", f"more than {MOST_FIELDS} form fields")
        if not isinstance(field, generic.DictionaryObject):
            continue
        own = _text_of(field, "/T")
        name = f"{parent}.{own}" if parent and own else parent or own
        kids = [kid for kid in _array(field, "/Kids") if _is_field(kid.get_object())]
        if kids:
            stack.extend((kid, name) for kid in kids)
        elif name:
            names.append(name)
    return tuple(sorted(names))


def _text_of(field: generic.DictionaryObject, key: str) -> str:
    value = entry_of(field, key)
    return "" if value is None else str(value)


def _is_field(kid: object) -> bool:
    """Tell a field from a widget, which has no name of its own (ISO 32000-2, 12.7.4.1)."""
    return isinstance(kid, generic.DictionaryObject) and "/T" in kid
