"""What a document claims to be is still true when it is sealed, as far as that can be seen here.

Looked at is what the update adds: nothing else has changed. PDF/A (ISO 19005) forbids fonts that
are not embedded, transparency in part 1, and annotations that are not printed; a tagged document
wants its widgets in the structure tree.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from gateway.core.errors import DocumentFault
from gateway.core.plan import SealingPlan
from gateway.core.rules import Keep
from gateway.pdf.claims import claims_of
from gateway.pdf.document import entry_of, opened, rectangle_of
from gateway.pdf.faults import reading

_PRINT = 1 << 2
_UNSEEN = 1 << 0 | 1 << 1 | 1 << 5
"""Annotation flags Invisible, Hidden and NoView (ISO 32000-2, table 167)."""
_FONT_FILES = ("/FontFile", "/FontFile2", "/FontFile3")


def check_kept(prepared: Path, plan: SealingPlan, *, tagged: bool) -> None:
    """Refuse a prepared file that lost a claim on which the rule insists.

    `tagged` tells whether the new widget is in the structure tree. Raises `DocumentFault`
    (`pdf.claims-lost`), naming what is wrong.
    """
    if not plan.keep or plan.claims == type(plan.claims)():
        return
    wrong: list[str] = []
    with opened(prepared) as (reader, _), reading("pdf.unsupported"):
        now = claims_of(reader)
        if now != plan.claims:
            wrong.append("its metadata or its catalog say something else now")
        pdfa = plan.claims.pdfa if Keep.PDFA in plan.keep else ""
        if pdfa:
            wrong += dict.fromkeys(_against_pdfa(reader, pdfa))
        structured = Keep.TAGGED in plan.keep or pdfa.endswith("a")
        if plan.claims.tagged and structured and not (tagged or plan.fills):
            wrong.append("its structure tree could not take the signature field")
    if wrong:
        raise DocumentFault("pdf.claims-lost", "; ".join(wrong))


def _against_pdfa(reader: PdfFileReader, claim: str) -> Iterator[str]:
    for reference in reader.xrefs.explicit_refs_in_revision(reader.xrefs.total_revisions - 1):
        added = reference.get_object()
        if not isinstance(added, generic.DictionaryObject):
            continue
        if claim.startswith("1") and _is_transparent(added):
            yield "the seal needs transparency, which part 1 forbids"
        if _is_font(added) and not _is_embedded(added):
            yield f"the font {added.get('/BaseFont', '')} is not embedded"
        if added.get("/Subtype") == "/Widget" and added.get("/FT", "/Sig") == "/Sig":
            yield from _about_widget(added)
    if entry_of(_part(reader.root, "/AcroForm"), "/NeedAppearances"):
        yield "its form asks viewers to draw the fields"


def _is_transparent(added: generic.DictionaryObject) -> bool:
    """Tell whether an object is, or holds a graphics state that is, transparent."""
    if isinstance(entry_of(added, "/SMask"), generic.DictionaryObject):
        return True
    if entry_of(_part(added, "/Group"), "/S") == "/Transparency":
        return True
    states = _part(_part(added, "/Resources"), "/ExtGState")
    found = [_part(states, name) for name in states]
    return any(_is_see_through(state) for state in (*found, added))


def _is_see_through(state: generic.DictionaryObject) -> bool:
    opacity = [entry_of(state, key) for key in ("/ca", "/CA")]
    blended = entry_of(state, "/BM") not in (None, "/Normal", "/Compatible")
    masked = isinstance(entry_of(state, "/SMask"), generic.DictionaryObject)
    return blended or masked or any(one not in (None, 1) for one in opacity)


def _part(whole: generic.DictionaryObject, key: str) -> generic.DictionaryObject:
    """Return a dictionary inside another; an empty one where there is none."""
    found = entry_of(whole, key)
    return found if isinstance(found, generic.DictionaryObject) else generic.DictionaryObject()


def _is_font(added: generic.DictionaryObject) -> bool:
    return added.get("/Type") == "/Font" and "/DescendantFonts" not in added


def _is_embedded(font: generic.DictionaryObject) -> bool:
    described = _part(font, "/FontDescriptor")
    return font.get("/Subtype") == "/Type3" or any(key in described for key in _FONT_FILES)


def _about_widget(widget: generic.DictionaryObject) -> Iterator[str]:
    flags = widget.get("/F", 0)
    if isinstance(flags, int) and (flags & _UNSEEN or not flags & _PRINT):
        yield "the signature field would not be printed"
    seen = rectangle_of(entry_of(widget, "/Rect")) is not None
    if seen and "/AP" not in widget:
        yield "the signature field has no appearance"
