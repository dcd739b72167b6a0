"""Prepare and embed: the two halves of a seal, either side of the seam."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import (
    FieldMDPSpec,
    MDPPerm,
    SigFieldSpec,
    SigSeedSubFilter,
    enumerate_sig_fields,
)
from pyhanko.sign.signers.cms_embedder import (
    PdfCMSEmbedder,
    SigIOSetup,
    SigMDPSetup,
    SigObjSetup,
)
from pyhanko.sign.signers.pdf_byterange import (
    BuildProps,
    PreparedByteRangeDigest,
    SignatureObject,
)

from gateway.core.errors import DocumentFault
from gateway.core.geometry import PageFrame, UserSpacePlace
from gateway.core.plan import Mark, SealingPlan, seal_box
from gateway.core.rules import Certify
from gateway.pdf.artwork.forms import SealForm, shared_form
from gateway.pdf.attributes import DOCMDP, attribute_settings, attributes_size
from gateway.pdf.demands import check_demands
from gateway.pdf.document import Pages, opened
from gateway.pdf.embedded import APPLICATION, PIECE
from gateway.pdf.faults import reading
from gateway.pdf.fields import lock_of, lock_permission, lock_spec, widgets
from gateway.pdf.form import drop_missing_fields, form_flags, keep_form_flags, own_annotations
from gateway.pdf.given import open_given
from gateway.pdf.keeping import check_kept
from gateway.pdf.objects import rectangle
from gateway.pdf.pictures import compare
from gateway.pdf.rehearsal import refuse_disturbance, rehearse
from gateway.pdf.seam import Seam, assemble, digest_to_sign, make_seam, reserve, to_stamp
from gateway.pdf.signatures import earlier_signatures, signature_fields
from gateway.pdf.stamping import check_stamps, stamp
from gateway.pdf.tagging import tag_widget
from gateway.pdf.trust import check_credential
from gateway.pdf.widget import show, show_nothing
from gateway.pdf.writing import SealingWriter, copied, end_with_newline
from gateway.ports import AnswerForm, Credential, Prepared, Signer


def prepare(
    original: Path, draft: Path, plan: SealingPlan, artwork: tuple[Path, ...], signer: Signer
) -> Prepared:
    """Write original plus update with an empty hole to `draft`; see `ports.Documents.prepare`."""
    made = _write(original, draft, plan, artwork, signer)
    check_kept(draft, plan, tagged=made.tagged)
    if made.drawn:
        with opened(draft) as (reader, _), reading("pdf.unsupported"):
            check_stamps(Pages(reader), made.drawn, len(plan.seals))
    if made.signed_before:
        refuse_disturbance(draft, (plan.field,))
    if plan.profile.level.long_term:
        rehearse(draft, plan.field, plan.profile.level, signer.credential.chain)
    compare(original, draft, plan.marks, made.frames)
    return Prepared(digest_to_sign(made.seam), made.seam.model_dump_json().encode(), made.notes)


@dataclass(frozen=True)
class _Made:
    """A placeholder file that was written: what its checks want to know.

    No object of the document is kept for them: of a long one they take much memory.
    """

    seam: Seam
    frames: tuple[PageFrame, ...]
    signed_before: bool
    tagged: bool
    drawn: tuple[Mark, ...]
    notes: tuple[str, ...]


def _write(
    original: Path, draft: Path, plan: SealingPlan, artwork: tuple[Path, ...], signer: Signer
) -> _Made:
    credential = signer.credential
    _refuse_attributes_of_others(plan, credential)
    path = check_credential(credential.chain, signer.anchors)
    copied(original, draft)
    with opened(draft, "r+b") as (reader, stream), reading("pdf.unsupported"):
        signed_before = bool(earlier_signatures(reader))
        end_with_newline(stream)
        writer = SealingWriter(stream, reader)
        pages = pages_of(reader, writer, plan)
        if plan.fills:
            check_demands(_field(reader, plan.field), plan.profile, credential, path)
        put = put_seals(writer, plan, pages, artwork)
        prepared = _describe(put, plan, credential)
        seam = make_seam(prepared, credential, attribute_settings(plan.profile))
        stream.flush()
    return _Made(seam, tuple(pages.frames), signed_before, put.tagged, put.drawn, put.notes)


def _refuse_attributes_of_others(plan: SealingPlan, credential: Credential) -> None:
    """Refuse what the gate would miss: a service that returns a CMS makes the attributes."""
    profile = plan.profile
    if credential.answer is AnswerForm.CMS and (profile.commitment or profile.policy):
        raise DocumentFault("plan.profile-not-possible", plan.rule)


def pages_of(reader: PdfFileReader, writer: SealingWriter, plan: SealingPlan) -> Pages:
    """Read the pages; refuse what would show a seal on another page than the planned one.

    That is where pyHanko would choose another page for the field than we do, and where one page
    object stands for several pages.
    """
    pages = Pages(reader)
    times = Counter(pages.references)
    for mark in plan.marks:
        if times[pages.references[mark.page]] > 1:
            raise DocumentFault("pdf.page-tree", f"page {mark.page + 1} is there more than once")
    index = plan.mark.page
    chosen, _ = writer.find_page_for_modification(index)
    if chosen.reference != pages.references[index]:
        raise DocumentFault("pdf.page-tree", f"page {index + 1} is ambiguous")
    return pages


def _field(reader: PdfFileReader, name: str) -> generic.DictionaryObject:
    """Find the empty field that the plan fills."""
    for _, _, entry in enumerate_sig_fields(reader, filled_status=False, with_name=name):
        field: generic.DictionaryObject = entry.get_object()
        return field
    raise DocumentFault("plan.field-missing", name)


@dataclass(frozen=True)
class PutSeals:
    """Seals that have been put into an update, and what is needed to sign it."""

    entry: generic.IndirectObject
    """The signature field."""
    steps: Generator[Any, Any, Any]
    """What pyHanko still has to do: it waits for the signature's description."""
    tagged: bool
    """Whether a new widget was put into the structure tree."""
    drawn: tuple[Mark, ...]
    """The marks that are page content."""
    notes: tuple[str, ...]
    """What was left out of the seals because the document forbids it."""


def put_seals(
    writer: SealingWriter, plan: SealingPlan, pages: Pages, artwork: tuple[Path, ...]
) -> PutSeals:
    """Put everything into the update that can be seen: stamps, and the field with its seal."""
    flags = form_flags(writer)
    forms = _seal_forms(writer, plan, artwork)
    signed = any(True for _ in signature_fields(writer.prev))
    if not signed:
        drop_missing_fields(writer)
    # Some viewers would show nothing in our field. Once somebody signed, the page stays as it is.
    by_page = plan.mark.visible and bool(flags.get("/NeedAppearances", False)) and not signed
    drawn = (*plan.stamps, plan.mark) if by_page else plan.stamps
    stamp(writer, pages, drawn, forms)
    if not plan.fills:
        own_annotations(writer, pages, plan.mark.page)
    place = pages.frames[plan.mark.page].place(plan.mark.box)
    embedder = PdfCMSEmbedder(new_field_spec=_new_field(plan, place))
    steps = embedder.write_cms(plan.field, writer, existing_fields_only=plan.fills)
    entry = next(steps)
    keep_form_flags(writer, flags, signed=signed)
    tagged = False
    if plan.mark.visible:
        (reference,) = widgets(entry)
        widget = reference.get_object()
        if not plan.fills:
            widget[pdf_name("/Rect")] = rectangle(*place.rect)
            # After a signature, difference analysis takes any change of the tree for a disturbance.
            if plan.claims.tagged and not signed:
                page = pages.references[plan.mark.page]
                tagged = tag_widget(writer, widget, reference, page)
        if by_page:
            show_nothing(writer, widget, place)
        else:
            show(writer, widget, plan.mark, place, forms[plan.mark.seal])
    notes = tuple(dict.fromkeys(note for form in forms.values() for note in form.notes))
    return PutSeals(entry, steps, tagged, drawn, notes)


def _describe(put: PutSeals, plan: SealingPlan, credential: Credential) -> PreparedByteRangeDigest:
    """Write the signature's description with its empty hole; return what is to be signed."""
    lock, permission = lock_of(put.entry.get_object())
    put.steps.send(_signature_object(plan, credential, lock, permission))
    settings = SigIOSetup(md_algorithm=credential.digest_algorithm, in_place=True, chunk_size=PIECE)
    prepared, _ = put.steps.send(settings)
    assert isinstance(prepared, PreparedByteRangeDigest)  # noqa: S101  # narrows a generator's type
    return prepared


def _seal_forms(
    writer: SealingWriter, plan: SealingPlan, artwork: tuple[Path, ...]
) -> dict[int, SealForm]:
    """Add one form for each seal that is shown, by its index; what PDF/A forbids is left out."""
    return {
        index: shared_form(
            writer,
            artwork[index],
            *_largest(plan, index),
            opaque=plan.claims.pdfa.startswith("1"),
            calibrated=bool(plan.claims.pdfa),
        )
        for index in sorted({mark.seal for mark in plan.marks if mark.visible})
    }


def _largest(plan: SealingPlan, index: int) -> tuple[float, float]:
    """Return the extent of a seal where it is largest, so that a picture is fine enough there."""
    seal = plan.seals[index]
    ratio = seal.width / seal.height
    shown = (seal_box(mark, ratio).width for mark in plan.marks if mark.seal == index)
    share = max(1.0, *(width / seal.width for width in shown))
    return seal.width * share, seal.height * share


def _new_field(plan: SealingPlan, place: UserSpacePlace) -> SigFieldSpec | None:
    if plan.fills:
        return None
    return SigFieldSpec(
        sig_field_name=plan.field,
        on_page=plan.mark.page,
        box=place.rect,  # type: ignore[arg-type]  # floats are written as they are
        readable_field_name=_readable(plan),
        field_mdp_spec=lock_spec(plan.profile.lock),
        doc_mdp_update_value=lock_permission(plan.profile.lock),
    )


def _readable(plan: SealingPlan) -> str:
    """Name the field for people, with the seal's version, so that the document tells it."""
    version = f", version {plan.seal.version}" if plan.seal.version else ""
    return f"Seal: {plan.seal.name}{version}"


def _signature_object(
    plan: SealingPlan,
    credential: Credential,
    lock: FieldMDPSpec | None,
    permission: MDPPerm | None,
) -> SigObjSetup:
    profile = plan.profile
    timestamped = profile.level.time_stamped
    size = reserve(credential, timestamped, attributes_size(profile))
    placeholder = SignatureObject(
        timestamp=datetime.now(UTC).replace(microsecond=0),
        subfilter=SigSeedSubFilter.PADES,
        reason=profile.reason or None,
        location=profile.location or None,
        contact_info=profile.contact or None,
        name=profile.name or None,
        app_build_props=BuildProps(APPLICATION, plan.labels),
        bytes_reserved=2 * size,
    )
    mdp = SigMDPSetup(
        md_algorithm=credential.digest_algorithm,
        certify=profile.certify is not Certify.NO,
        field_lock=lock or lock_spec(profile.lock),
        docmdp_perms=DOCMDP.get(profile.certify) or permission or lock_permission(profile.lock),
    )
    return SigObjSetup(sig_placeholder=placeholder, mdp_setup=mdp)


def value_to_stamp(seam_text: bytes, signature: bytes) -> bytes | None:
    """Return what a time-stamp is to be over; see `ports.Documents.to_stamp`."""
    with reading("pdf.unsupported"):
        return to_stamp(Seam.model_validate_json(seam_text), signature)


def embed(
    prepared: Path, draft: Path, seam_text: bytes, signature: bytes, timestamp: bytes | None
) -> None:
    """Write the signed file to `draft`; see `ports.Documents.embed`."""
    with reading("pdf.unsupported"):
        seam = Seam.model_validate_json(seam_text)
        content = assemble(seam, signature, timestamp)
        copied(prepared, draft)
        hole = PreparedByteRangeDigest(seam.document_digest, seam.hole_start, seam.hole_end)
        with open_given(draft, "r+b") as stream:
            hole.fill_with_cms(stream, content)
