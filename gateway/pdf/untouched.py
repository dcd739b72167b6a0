"""Pages that an update cannot have changed: proven from what they are made of, instead of drawn.

Theory of operation
-------------------
A sealed file begins with every byte of its original. So a page can only look other than before when
something that it is drawn from has another definition in the update, or a first one. The numbers
that the update defines are known; the objects that a page is drawn from are found by following its
references. When no page but those with seals leads to one of these numbers, and catalog and form
say the same as before, then those pages look as they did: in every viewer, at every resolution, and
all of them. That is more than comparing pictures of a sample shows, and costs no drawing.

It holds as long as readers agree about the file. Where anything could make one go its own way
(tables that must be rebuilt, which pdfium tells; hybrid or linearized files; another `startxref`;
encryption; whatever pyHanko warns of, such as an entry that is there twice), where a page leads to
what the update defines, or where following the references would cost more than drawing, nothing is
claimed, and pages are compared as pictures.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Iterable
from contextlib import suppress
from io import BytesIO
from pathlib import Path

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.xref import TrailerDictionary

from gateway.core.errors import DocumentFault
from gateway.pdf.document import Pages, entry_of, opened
from gateway.pdf.faults import reading
from gateway.pdf.given import open_given, size_of
from gateway.pdf.payloads import without_payloads

_MOST_OBJECTS = 2500
"""Objects that are looked at: about what drawing the sample of pages costs."""
_DEEPEST = 40
_HEAD_WITHIN = 2048
_TAIL_WITHIN = 4096
_STARTXREF = re.compile(rb"startxref\s+(\d+)\s")

_OF_CATALOG = frozenset({"/AcroForm", "/DSS", "/Extensions", "/Perms", "/StructTreeRoot"})
_OF_FORM = frozenset({"/Fields", "/SigFlags"})
"""Entries of catalog and form in which they may differ: no page without a seal is drawn by them."""
_AWAY = frozenset({"/P", "/Dest", "/A", "/AA", "/B", "/Kids", "/Metadata", "/PieceInfo"})
"""Entries that lead away from what a page is drawn from."""


def only_marked_change(original: Path, later: Path, marked: Collection[int]) -> bool:
    """Tell whether no page but the marked ones can look other than in the original.

    `later` begins with all bytes of the original, of which whoever calls has made sure; it is read
    afresh. False says no more than that it was not shown.
    """
    with (
        _Warnings() as warnings,
        suppress(DocumentFault),
        without_payloads(),
        opened(later) as (after, _),
        reading(),
    ):
        revision = _revision(original, after)
        if revision is None or not _Update(after, revision).spares(Pages(after), marked):
            return False
        return not warnings.any
    return False


class _Warnings(logging.Handler):
    """Hears whether pyHanko warns of anything."""

    _SOURCE = logging.getLogger("pyhanko")

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.any = False

    def emit(self, record: logging.LogRecord) -> None:
        """Note that there was one."""
        self.any = True

    def __enter__(self) -> _Warnings:
        self._SOURCE.addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        self._SOURCE.removeHandler(self)


def _revision(original: Path, after: PdfFileReader) -> int | None:
    """Return the revision of a file that is its original; None where readers might see another."""
    size = size_of(original)
    if "/Encrypt" in after.trailer or after.xrefs.hybrid_xrefs_present:
        return None
    with open_given(original) as stream:
        head = stream.read(_HEAD_WITHIN)
        stream.seek(max(0, size - _TAIL_WITHIN))
        starts = _STARTXREF.findall(stream.read() + b"\n")
    if not head.startswith(b"%PDF-") or b"/Linearized" in head or not starts:
        return None
    total = after.xrefs.total_revisions
    ends = [after.xrefs.get_xref_container_info(at).end_location for at in range(total)]
    known = sum(end <= size for end in ends)
    if not known or max(ends[:known]) > size or min(ends[known:], default=size) < size:
        return None
    last = after.xrefs.get_startxref_for_revision(known - 1)
    return known - 1 if int(starts[-1]) == last else None


class _NotShown(Exception):
    """Something leads to what the update defines, or there is too much to look at."""


class _Update:
    """What came after a revision."""

    def __init__(self, after: PdfFileReader, revision: int) -> None:
        self._after = after
        self._before = after.get_historical_resolver(revision)
        newer = range(revision + 1, after.xrefs.total_revisions)
        self._defined = {
            number
            for at in newer
            for number, _ in after.xrefs.get_xref_data(at).explicit_refs_in_revision
        }
        older = map(after.xrefs.object_streams_used_in, range(revision + 1))
        self._packed = {reference.idnum for used in older for reference in used}
        """Object streams of the original."""
        self._seen: set[int] = set()

    def spares(self, pages: Pages, marked: Collection[int]) -> bool:
        """Tell whether no unmarked page is drawn from anything that the update defines."""
        if self._packed & self._defined:
            return False
        try:
            self._look_at_catalog()
            widgets = False
            for index, page in enumerate(pages.dictionaries):
                if index not in marked:
                    self._refuse(pages.references[index])
                    for key in page.keys() - _AWAY - {"/Parent"}:
                        self._follow(page.raw_get(key), 1)
                    self._inherited(page)
                    widgets = widgets or _has_widgets(page)
            if widgets:
                self._look_at_form()
        except _NotShown:
            return False
        return True

    def _refuse(self, reference: generic.Reference) -> None:
        if reference.idnum in self._defined:
            raise _NotShown

    def _look_at_catalog(self) -> None:
        """See that nothing in the catalog changed that could show on every page."""
        trailers = self._before.trailer_view, self._after.trailer
        if len({_written(trailer, "/Root") for trailer in trailers}) > 1:
            raise _NotShown
        new = self._after.root
        _compare(self._before.trailer_view["/Root"], new, _OF_CATALOG)
        if "/OCProperties" in new:
            self._follow(new.raw_get("/OCProperties"), 0)

    def _look_at_form(self) -> None:
        """See that fields are drawn as before: by their form's fonts and flags."""
        root = self._before.trailer_view["/Root"]
        old, new = entry_of(root, "/AcroForm"), entry_of(self._after.root, "/AcroForm")
        if not isinstance(old, generic.DictionaryObject):
            raise _NotShown
        if not isinstance(new, generic.DictionaryObject):
            raise _NotShown
        _compare(old, new, _OF_FORM)
        for key in new:
            if key not in _OF_FORM:
                self._follow(new.raw_get(key), 0)

    def _inherited(self, page: generic.DictionaryObject) -> None:
        """Follow what a page has from the nodes above it."""
        node: object = page
        for _ in range(_DEEPEST):
            assert isinstance(node, generic.DictionaryObject)  # noqa: S101
            if "/Parent" not in node:
                return
            above = node.raw_get("/Parent")
            if not isinstance(above, generic.IndirectObject):
                raise _NotShown
            self._refuse(above.reference)
            if above.reference.idnum in self._seen:
                return
            self._seen.add(above.reference.idnum)
            node = above.get_object()
            if not isinstance(node, generic.DictionaryObject):
                raise _NotShown
            if "/Resources" in node:
                self._follow(node.raw_get("/Resources"), 0)
        raise _NotShown

    def _follow(self, value: object, depth: int) -> None:
        """Follow all references of a value."""
        if depth > _DEEPEST:
            raise _NotShown
        if isinstance(value, generic.IndirectObject):
            if value.reference.idnum in self._seen:
                return
            value = self._resolved(value.reference)
        if isinstance(value, generic.DictionaryObject):
            if value.get("/Type") in ("/Page", "/Pages", "/Catalog"):
                raise _NotShown
            parts: Iterable[object] = [value.raw_get(key) for key in value if key not in _AWAY]
        else:
            parts = value.iterate() if isinstance(value, generic.ArrayObject) else ()
        for part in parts:
            if isinstance(part, generic.IndirectObject | dict | list):
                self._follow(part, depth + 1)

    def _resolved(self, reference: generic.Reference) -> object:
        """Return an object of the original that was not seen before."""
        self._refuse(reference)
        self._seen.add(reference.idnum)
        if len(self._seen) > _MOST_OBJECTS:
            raise _NotShown
        return reference.get_object()


def _compare(
    old: generic.DictionaryObject, new: generic.DictionaryObject, ignored: Collection[str]
) -> None:
    for key in {*old, *new} - set(ignored):
        if key not in old or key not in new or _written(old, key) != _written(new, key):
            raise _NotShown


def _written(holder: generic.DictionaryObject | TrailerDictionary, key: str) -> bytes:
    """Return an entry as it would be written."""
    text = BytesIO()
    holder.raw_get(key).write_to_stream(text)
    return text.getvalue()


def _has_widgets(page: generic.DictionaryObject) -> bool:
    annotations = entry_of(page, "/Annots")
    if not isinstance(annotations, generic.ArrayObject):
        return False
    return any(
        isinstance(one, generic.DictionaryObject) and entry_of(one, "/Subtype") == "/Widget"
        for one in annotations
    )
