"""Signature fields that a flow makes before anybody signs."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm, SigFieldSpec

from gateway.core.errors import DocumentFault
from gateway.core.flow_fields import FieldInAdvance
from gateway.core.geometry import Box
from gateway.core.places import IntoField, Place
from gateway.core.profile import FieldLock, LockAction
from gateway.core.rules import Certify, Profile
from gateway.pdf.writing import SealingWriter
from tests.e2e.pages import write_pdf
from tests.pdf import tampering
from tests.pdf.conftest import Bench, Key
from tests.pdf.making import (
    BOX,
    add_fields,
    judged_by_pdfsig,
    judged_by_pyhanko,
    refusal,
    sign,
)

SHOWN = Box(100.0, 50.0, 160.0, 90.0)


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_where_they_are(bench: Bench, key: Key, tmp_path: Path, rotate: int) -> None:
    """Fields stand where they were placed on the page as displayed; others show nothing."""
    entries = f"/Rotate {rotate} /CropBox [20 30 500 700] /UserUnit 2"
    original = write_pdf(tmp_path / "o.pdf", ("One", "Two"), page_entries=entries)
    draft = tmp_path / "draft.pdf"
    lock = FieldLock(LockAction.EXCLUDE, ("Hidden",))
    fields = (
        FieldInAdvance("Shown", 1, SHOWN, lock, "Acme Ltd"),
        FieldInAdvance("Hidden", lock=FieldLock(LockAction.DOCUMENT)),
    )
    bench.reader.prepare_fields(original, draft, fields)
    assert draft.read_bytes().startswith(original.read_bytes())
    shown, hidden = bench.reader.examine(draft).empty_signature_fields
    assert (shown.name, shown.page, shown.lock) == ("Shown", 1, "all fields but Hidden")
    assert shown.box is not None
    placed = (shown.box.x, shown.box.y, shown.box.width, shown.box.height)
    assert placed == pytest.approx((100, 50, 160, 90), abs=0.02)
    assert (hidden.box, hidden.lock) == (None, "all fields; document permission 1")
    certified, _, _ = bench.seal(draft, key, profile=Profile(certify=Certify.FORMS))
    for name in ("Shown", "Hidden"):
        certified, _, reports = bench.seal(certified, key, Place(IntoField(name)))
        assert all(report.good for report in reports)
    assert judged_by_pdfsig(certified) == ["Signature is Valid."] * 3
    assert all(judged_by_pyhanko(certified, key).values())
    assert refusal(bench, key, certified).code == "pdf.certified-no-changes"


def test_beside_a_form(bench: Bench, key: Key, tmp_path: Path) -> None:
    """A form keeps its fields, and what it says of itself."""
    original = add_fields(write_pdf(tmp_path / "o.pdf"), SigFieldSpec("Theirs", box=BOX))
    tampering.add_text_field(original)
    draft = tmp_path / "draft.pdf"
    bench.reader.prepare_fields(original, draft, (FieldInAdvance("Ours", 0, SHOWN),))
    facts = bench.reader.examine(draft)
    assert facts.form_fields == ("Amount", "Ours", "Theirs")
    for name in ("Theirs", "Amount"):
        with pytest.raises(DocumentFault) as caught:
            bench.reader.prepare_fields(original, draft, (FieldInAdvance(name),))
        assert caught.value.code == "flow.field-taken"
    sealed, _, _ = bench.seal(draft, key, Place(IntoField("Theirs")))
    assert judged_by_pyhanko(sealed, key) == {"Theirs": True}


def test_in_signed_documents(bench: Bench, key: Key, elliptic_key: Key, tmp_path: Path) -> None:
    """Fields are added to a signed document as far as its signatures allow."""
    fields = (FieldInAdvance("Ours", 0, SHOWN), FieldInAdvance("Hidden"))
    draft = tmp_path / "draft.pdf"
    original = sign(write_pdf(tmp_path / "plain.pdf"), elliptic_key, "First")
    bench.reader.prepare_fields(original, draft, fields)
    assert judged_by_pyhanko(draft, elliptic_key) == {"First": True}
    original = sign(write_pdf(tmp_path / "p2.pdf"), elliptic_key, "First", MDPPerm.FILL_FORMS)
    with pytest.raises(DocumentFault) as caught:
        bench.reader.prepare_fields(original, draft, fields)
    assert caught.value.code == "pdf.earlier-signature-affected"


def test_lock_of_the_document(bench: Bench, key: Key, tmp_path: Path) -> None:
    """A seal that locks the document, in a field of its own, allows no seal after it."""
    profile = Profile(lock=FieldLock(LockAction.DOCUMENT))
    sealed, plan, _ = bench.seal(write_pdf(tmp_path / "o.pdf"), key, profile=profile)
    assert judged_by_pdfsig(sealed) == ["Signature is Valid."]
    (facts,) = bench.reader.examine(sealed).signatures
    assert (facts.field, facts.docmdp) == (plan.field, 1)
    assert refusal(bench, key, sealed).code == "pdf.certified-no-changes"
    tampering.updated(sealed, tampering.annotation)
    assert not judged_by_pyhanko(sealed, key)[plan.field]


def test_nobody_could_tell_later(bench: Bench, tmp_path: Path) -> None:
    """A document in which difference analysis finds fault by itself is refused at once."""
    original = write_pdf(tmp_path / "o.pdf")
    kind = {pdf_name("/Type"): pdf_name("/Metadata"), pdf_name("/Subtype"): pdf_name("/XML")}
    with original.open("r+b") as stream:
        writer = SealingWriter(stream, PdfFileReader(stream))  # which leaves metadata alone
        writer.root["/Metadata"] = writer.add_object(generic.StreamObject(kind, b"no XML"))
        writer.update_root()
        writer.write_in_place()
    with pytest.raises(DocumentFault) as caught:
        bench.reader.prepare_fields(original, tmp_path / "draft.pdf", (FieldInAdvance("Ours"),))
    assert caught.value.code == "pdf.cannot-extend"
