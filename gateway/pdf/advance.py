"""Signature fields made before anybody signs, so that certified documents can be signed later.

They go into a revision of their own, which everything that follows builds on. That revision is
already judged as the later ones will be: a document in which difference analysis finds fault
although nobody has changed it is refused here, before anything is spent or sent out.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from pyhanko.sign.fields import SigFieldSpec, append_signature_field, enumerate_sig_fields

from gateway.core.errors import DocumentFault
from gateway.core.flow_fields import FieldInAdvance
from gateway.core.rules import Level
from gateway.pdf.claims import claims_of
from gateway.pdf.document import Pages, field_names, opened
from gateway.pdf.faults import reading
from gateway.pdf.fields import lock_permission, lock_spec, widgets
from gateway.pdf.form import form_flags, keep_form_flags, own_annotations
from gateway.pdf.objects import rectangle
from gateway.pdf.pictures import compare_outside
from gateway.pdf.rehearsal import refuse_disturbance, rehearse
from gateway.pdf.signatures import signature_fields
from gateway.pdf.tagging import tag_widget
from gateway.pdf.writing import SealingWriter, copied, end_with_newline


def prepare_fields(original: Path, draft: Path, fields: tuple[FieldInAdvance, ...]) -> None:
    """Write the document with empty signature fields; see `ports.returning.FieldMaking`."""
    copied(original, draft)
    with opened(draft, "r+b") as (reader, stream), reading("pdf.unsupported"):
        _check_names(frozenset(field_names(reader)), fields)
        signed = any(True for _ in signature_fields(reader))
        pages = Pages(reader)
        _check_pages(pages, fields)
        tagged = claims_of(reader).tagged and not signed
        end_with_newline(stream)
        writer = SealingWriter(stream, reader)
        flags = form_flags(writer)
        for field in fields:
            _make(writer, pages, field, tagged=tagged)
        keep_form_flags(writer, flags, signed=signed)
        writer.write_in_place()  # type: ignore[no-untyped-call]
        stream.flush()
    if signed:
        refuse_disturbance(draft, ())
    rehearse(draft, "", Level.B_LT, ())
    try:
        compare_outside(original, draft, {}, tuple(pages.frames))
    except DocumentFault as fault:
        raise DocumentFault("pdf.unsupported", fault.sentence) from fault


def _check_names(taken: frozenset[str], fields: tuple[FieldInAdvance, ...]) -> None:
    for name, times in Counter(field.name for field in fields).items():
        if name in taken or times > 1:
            raise DocumentFault("flow.field-taken", name)


def _check_pages(pages: Pages, fields: tuple[FieldInAdvance, ...]) -> None:
    """Refuse a page that is there more than once: the field would show on each."""
    times = Counter(pages.references)
    for field in fields:
        if times[pages.references[field.page]] > 1:
            raise DocumentFault("pdf.page-tree", f"page {field.page + 1} is there more than once")


def _make(writer: SealingWriter, pages: Pages, field: FieldInAdvance, *, tagged: bool) -> None:
    place = pages.frames[field.page].place(field.box) if field.box is not None else None
    own_annotations(writer, pages, field.page)
    append_signature_field(
        writer,
        SigFieldSpec(
            sig_field_name=field.name,
            on_page=field.page,
            box=place.rect if place is not None else None,  # type: ignore[arg-type]
            readable_field_name=field.label or field.name,
            field_mdp_spec=lock_spec(field.lock),
            doc_mdp_update_value=lock_permission(field.lock),
        ),
    )
    ((_, _, entry),) = enumerate_sig_fields(writer, with_name=field.name)
    if place is None:
        return
    (reference,) = widgets(entry)
    widget = reference.get_object()
    widget["/Rect"] = rectangle(*place.rect)
    writer.update_container(widget)
    if tagged:
        tag_widget(writer, widget, reference, pages.references[field.page])
