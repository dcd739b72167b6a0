"""Stamps: seals that are page content, and how they are found again.

Whatever a page draws is put between `q` and `Q`, and what it leaves open is closed, so that nothing
of it can move or hide what follows; then each stamp is drawn as an artifact (ISO 32000-2,
14.8.2.2), which is what it is to a structure tree. All stamps of a seal, and the signature field,
show one form XObject.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name

from gateway.core.errors import DocumentFault
from gateway.core.geometry import PageFrame
from gateway.core.plan import WHOLE, Mark, by_page, seal_box
from gateway.pdf.artwork.forms import SealForm, turned
from gateway.pdf.document import Pages, entry_of
from gateway.pdf.open_content import OpenContent, joined, left_open, without
from gateway.pdf.writing import SealingWriter

_DEEPEST = 100
"""Inner nodes of a page tree above a page."""
_NAME = re.compile(rb"/Sealgate\w+")
_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
_TOLERANCE = 0.01
"""User space units by which a written number may differ from the planned one."""


def stamp(
    writer: SealingWriter, pages: Pages, marks: Iterable[Mark], forms: Mapping[int, SealForm]
) -> None:
    """Draw the marks as content of their pages; `forms` by the index of their seals."""
    streams = _Streams(writer)
    for index, on_page in by_page(marks).items():
        page = writer.get_object(pages.references[index])
        names = _name_forms(writer, page, {mark.seal: forms[mark.seal] for mark in on_page})
        frame = pages.frames[index]
        drawn = b"".join(
            b"\n" + operators(frame, mark, names[mark.seal], forms[mark.seal]) for mark in on_page
        )
        page[pdf_name("/Contents")] = _behind(_contents(page), drawn, streams)
        writer.mark_update(pages.references[index])


def _behind(
    old: list[generic.IndirectObject], drawn: bytes, streams: _Streams
) -> generic.ArrayObject:
    """Return a page's content with something drawn behind the old one, in the page's own state."""
    content = joined(old)
    left = left_open(content) if content is not None else OpenContent()
    if content is not None and left.surplus:
        # What viewers pass over would restore the state that is saved here.
        old = [streams.of(without(content, left.surplus))]
    # Content may end in a comment, and not every viewer starts another line for another stream.
    after = b"\n" + left.closing + drawn
    return generic.ArrayObject([streams.of(b"q"), *old, streams.of(after)])


def operators(frame: PageFrame, mark: Mark, name: str, form: SealForm) -> bytes:
    """Return the content stream operators that draw one mark."""
    clip = b""
    if mark.part != WHOLE:
        left, bottom, right, top = frame.place(mark.box).rect
        clip = b"%.4f %.4f %.4f %.4f re W n " % (left, bottom, right - left, top - bottom)
    whole = seal_box(mark, form.width / form.height)
    upright = frame.place(whole).carrying(form.width, form.height)
    matrix = turned(upright, form, mark.rotation)
    moved = b" ".join(b"%.6f" % number for number in matrix)
    return b"/Artifact BMC q %b%b cm %b Do Q EMC" % (clip, moved, name.encode("ascii"))


def check_stamps(pages: Pages, marks: Iterable[Mark], seals: int) -> None:
    """Hold what pages draw last against the planned stamps.

    Raises `DocumentFault` (`gate.seal-misplaced`).
    """
    shown: dict[int, object] = {}
    for index, on_page in by_page(marks).items():
        page = pages.dictionaries[index]
        last = _contents(page)[-1:]
        content = last[0].get_object() if last else None
        text = content.data if isinstance(content, generic.StreamObject) else b""
        drawn = text.split(b"\n")[2:]
        if len(drawn) != len(on_page):
            raise DocumentFault("gate.seal-misplaced", f"page {index + 1}: {len(drawn)} stamps")
        for line, mark in zip(drawn, on_page, strict=True):
            _check_stamp(line, mark, pages, shown)
    if len({repr(reference) for reference in shown.values()}) > seals:
        raise DocumentFault("gate.seal-misplaced", "a seal is there more than once")


def _check_stamp(line: bytes, mark: Mark, pages: Pages, shown: dict[int, object]) -> None:
    name = _NAME.search(line)
    forms = _forms(pages.dictionaries[mark.page])
    key = pdf_name(name.group().decode("ascii")) if name else None
    if key is None or forms is None or key not in forms:
        raise DocumentFault("gate.seal-misplaced", f"page {mark.page + 1}: no seal is named")
    reference = forms.raw_get(key)
    if shown.setdefault(mark.seal, reference) != reference:
        raise DocumentFault("gate.seal-misplaced", f"page {mark.page + 1}: another seal")
    box = reference.get_object()["/BBox"]
    form = SealForm(reference, float(box[2]), float(box[3]))
    planned = operators(pages.frames[mark.page], mark, str(key), form)
    found, wanted = (_NUMBER.findall(_NAME.sub(b"", text)) for text in (line, planned))
    if len(found) != len(wanted) or any(
        abs(float(one) - float(other)) > _TOLERANCE
        for one, other in zip(found, wanted, strict=True)
    ):
        raise DocumentFault("gate.seal-misplaced", f"page {mark.page + 1}: at another place")


class _Streams:
    """Content streams; pages that draw the same share one."""

    def __init__(self, writer: SealingWriter) -> None:
        self._writer = writer
        self._made: dict[bytes, generic.IndirectObject] = {}

    def of(self, content: bytes) -> generic.IndirectObject:
        if content not in self._made:
            stream = generic.StreamObject(stream_data=content)
            if len(content) > 200:
                stream.compress()
            self._made[content] = self._writer.add_object(stream)
        return self._made[content]


def _contents(page: generic.DictionaryObject) -> list[generic.IndirectObject]:
    """Return the streams of a page's content, in order.

    What is none is left out: some viewers show nothing of a page that lists it.
    """
    value = entry_of(page, "/Contents")
    if value is None:
        return []
    if not isinstance(value, generic.ArrayObject):
        entries = [page.raw_get("/Contents")]
    else:
        entries = [value.raw_get(place) for place in range(len(value))]
    return [one for one in entries if isinstance(_resolved(one), generic.StreamObject)]


def _resolved(entry: object) -> object:
    """Return what a reference leads to; None when it is none, or leads nowhere."""
    try:
        return entry.get_object() if isinstance(entry, generic.IndirectObject) else None
    except KeyError:
        return None


def _resources(page: generic.DictionaryObject) -> generic.DictionaryObject | None:
    """Return a page's resources, its own or inherited."""
    node: object = page
    for _ in range(_DEEPEST):
        if not isinstance(node, generic.DictionaryObject):
            return None
        found = entry_of(node, "/Resources")
        if found is not None:
            return found if isinstance(found, generic.DictionaryObject) else None
        node = entry_of(node, "/Parent")
    return None


def _forms(page: generic.DictionaryObject) -> generic.DictionaryObject | None:
    resources = _resources(page)
    forms = entry_of(resources, "/XObject") if resources is not None else None
    return forms if isinstance(forms, generic.DictionaryObject) else None


def _name_forms(
    writer: SealingWriter, page: generic.DictionaryObject, forms: Mapping[int, SealForm]
) -> dict[int, str]:
    """Put the seals among a page's resources; return the name of each.

    Resources that pages share are changed where they are: the names are new ones, and copies
    would make the update larger.
    """
    resources = _resources(page)
    if resources is None:
        resources = generic.DictionaryObject()
        page[pdf_name("/Resources")] = resources
    named = _forms(page)
    if named is None:
        named = generic.DictionaryObject()
        resources[pdf_name("/XObject")] = named
        writer.update_container(resources)
    names: dict[int, str] = {}
    for seal, form in forms.items():
        number = 1
        while (name := f"/Sealgate{number}") in named and named.raw_get(name) != form.reference:
            number += 1
        named[pdf_name(name)] = form.reference
        names[seal] = name
    writer.update_container(named)
    return names
