"""Documents that others signed before: every signature stays valid, or nothing is spent."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, MDPPerm, SigFieldSpec
from pyhanko.sign.signers import cms_embedder
from pyhanko.sign.signers.cms_embedder import SigMDPSetup

from gateway.core.pages import Pages
from gateway.core.places import AtCorner, Corner, IntoField, Place
from gateway.core.profile import FieldLock, LockAction
from gateway.core.rules import Certify, Profile
from tests.e2e.pages import write_pdf
from tests.pdf.conftest import Bench, Key
from tests.pdf.making import (
    BOX,
    add_fields,
    judged_by_pdfsig,
    judged_by_pyhanko,
    locked,
    refusal,
    sign,
    time_stamp,
    time_stamps_hold,
)

OTHER = (50, 100, 250, 200)
ALL = FieldMDPSpec(FieldMDPAction.ALL)


def delivered(bench: Bench, key: Key, other: Key, original: Path, place: Place, count: int) -> None:
    """Seal a document, and have pdfsig and pyHanko find every signature valid."""
    sealed, plan, reports = bench.seal(original, key, place)
    assert judged_by_pdfsig(sealed) == ["Signature is Valid."] * count
    found = judged_by_pyhanko(sealed, key, other)
    assert found[plan.field]
    assert all(found.values()), found
    assert sum(report.good for report in reports if report.field == plan.field) == 1


@pytest.mark.parametrize("field", [None, "Ours"])
def test_after_certification_without_changes(
    bench: Bench, key: Key, elliptic_key: Key, tmp_path: Path, field: str | None
) -> None:
    """A certification that allows no change refuses any seal, in a waiting field, too."""
    original = add_fields(write_pdf(tmp_path / "p1.pdf"), SigFieldSpec("Ours", box=BOX))
    sign(original, elliptic_key, "Author", MDPPerm.NO_CHANGES)
    assert refusal(bench, key, original, Place(IntoField(field))).code == "pdf.certified-no-changes"


@pytest.mark.parametrize("level", [MDPPerm.FILL_FORMS, MDPPerm.ANNOTATE])
def test_after_certification_in_a_waiting_field(
    bench: Bench, key: Key, elliptic_key: Key, tmp_path: Path, level: MDPPerm
) -> None:
    """A certification that allows form filling lets a waiting field be sealed."""
    original = add_fields(write_pdf(tmp_path / "p2.pdf"), SigFieldSpec("Ours", box=BOX))
    sign(original, elliptic_key, "Author", level)
    delivered(bench, key, elliptic_key, original, Place(IntoField("only")), 2)


@pytest.mark.parametrize("level", [MDPPerm.FILL_FORMS, MDPPerm.ANNOTATE])
def test_after_certification_in_a_new_field(
    bench: Bench, key: Key, elliptic_key: Key, tmp_path: Path, level: MDPPerm
) -> None:
    """A new field after a certification is refused, whatever it allows to fill in."""
    original = sign(write_pdf(tmp_path / "p2n.pdf"), elliptic_key, "Author", level)
    assert refusal(bench, key, original).code == "pdf.earlier-signature-affected"


@pytest.mark.parametrize(
    ("lock", "refused"),
    [
        (ALL, True),
        (FieldMDPSpec(FieldMDPAction.INCLUDE, ["Ours"]), True),
        (FieldMDPSpec(FieldMDPAction.INCLUDE, ["Name"]), False),
        (FieldMDPSpec(FieldMDPAction.EXCLUDE, ["Ours"]), False),
        (FieldMDPSpec(FieldMDPAction.EXCLUDE, ["Name"]), True),
    ],
    ids=str,
)
def test_after_a_field_lock(
    bench: Bench, key: Key, elliptic_key: Key, tmp_path: Path, lock: FieldMDPSpec, refused: bool
) -> None:
    """A waiting field is sealed unless an earlier signature has locked it."""
    original = write_pdf(tmp_path / "lock.pdf")
    add_fields(original, SigFieldSpec("Ours", box=BOX), locked("First", lock, OTHER))
    sign(original, elliptic_key, "First")
    if refused:
        fault = refusal(bench, key, original, Place(IntoField("Ours")))
        assert (fault.code, fault.detail) == ("pdf.earlier-signature-affected", "First")
    else:
        delivered(bench, key, elliptic_key, original, Place(IntoField("Ours")), 2)


def test_new_field_after_a_lock_of_all(
    bench: Bench, key: Key, elliptic_key: Key, tmp_path: Path
) -> None:
    """After a lock of all fields, a new visible field is refused."""
    original = add_fields(write_pdf(tmp_path / "all.pdf"), locked("First", ALL))
    sign(original, elliptic_key, "First")
    assert refusal(bench, key, original).code == "pdf.earlier-signature-affected"


def test_lock_that_the_signer_left_out(
    bench: Bench, key: Key, elliptic_key: Key, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A field's lock holds although the signature in it does not repeat it."""
    original = write_pdf(tmp_path / "left-out.pdf")
    add_fields(original, SigFieldSpec("Ours", box=BOX), locked("First", ALL, OTHER))
    monkeypatch.setattr(SigMDPSetup, "apply", lambda *_: None)
    sign(original, elliptic_key, "First")
    assert b"/FieldMDP" not in original.read_bytes()
    fault = refusal(bench, key, original, Place(IntoField("Ours")))
    assert (fault.code, fault.detail) == ("pdf.earlier-signature-affected", "First")


def test_two_approvals_before(bench: Bench, key: Key, elliptic_key: Key, tmp_path: Path) -> None:
    """Two plain signatures in a row stay valid under a third."""
    original = sign(write_pdf(tmp_path / "two.pdf"), elliptic_key, "First", box=BOX)
    sign(original, key, "Second", box=OTHER)
    delivered(bench, key, elliptic_key, original, Place(pages=Pages("first")), 3)


def test_after_a_document_time_stamp(
    bench: Bench, key: Key, elliptic_key: Key, tmp_path: Path
) -> None:
    """A signature and a document time-stamp over it stay valid under a seal."""
    original = sign(write_pdf(tmp_path / "lta.pdf"), elliptic_key, "First", box=BOX)
    time_stamp(original, key)
    before = bench.reader.examine(original).signatures
    assert [(one.timestamp, one.intact) for one in before] == [(False, True), (True, True)]
    sealed, plan, _ = bench.seal(original, key)
    assert judged_by_pyhanko(sealed, key, elliptic_key) == {"First": True, plan.field: True}
    assert time_stamps_hold(sealed)
    # This pdfsig knows no document time-stamps.
    assert judged_by_pdfsig(sealed).count("Signature is Valid.") == 2


@pytest.mark.parametrize("flags", [None, 1, 3])
def test_flags_of_a_signed_form(
    bench: Bench,
    key: Key,
    elliptic_key: Key,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    flags: int | None,
) -> None:
    """Whatever flags the form has, they stay as the first signer left them."""

    def leave(writer: IncrementalPdfFileWriter, **_: object) -> None:
        form = writer.root["/AcroForm"]
        form.pop("/SigFlags", None)
        if flags is not None:
            form["/SigFlags"] = generic.NumberObject(flags)

    monkeypatch.setattr(cms_embedder, "ensure_sig_flags", leave)
    original = sign(write_pdf(tmp_path / "flags.pdf"), elliptic_key, "First", box=BOX)
    delivered(bench, key, elliptic_key, original, Place(pages=Pages("first")), 2)


def test_over_a_damaged_revision(bench: Bench, key: Key, elliptic_key: Key, tmp_path: Path) -> None:
    """A document whose signed bytes were changed is refused."""
    original = sign(write_pdf(tmp_path / "bad.pdf", ("Once",)), elliptic_key, "First")
    original.write_bytes(original.read_bytes().replace(b"(Once)", b"(Else)"))
    assert refusal(bench, key, original).code == "pdf.earlier-signature-broken"


def test_changed_after_a_signature(
    bench: Bench, key: Key, elliptic_key: Key, tmp_path: Path
) -> None:
    """A document whose pages were changed after a signature is refused."""
    original = sign(write_pdf(tmp_path / "changed.pdf"), elliptic_key, "First")
    with original.open("r+b") as stream:
        writer = IncrementalPdfFileWriter(stream)
        page, _ = writer.find_page_for_modification(0)
        page.get_object()["/Rotate"] = generic.NumberObject(90)
        writer.mark_update(page)
        writer.write_in_place()
    assert refusal(bench, key, original).code == "pdf.earlier-signature-broken"


@pytest.mark.parametrize(
    ("form", "signature", "place", "code"),
    [
        ("", "", Place(), "pdf.usage-rights"),
        ("", "/Modify", Place(), "pdf.usage-rights"),
        ("/Add", "/Modify", Place(), ""),
        ("", "/Modify", Place(IntoField("only")), ""),
        ("/Add", "", Place(IntoField("only")), "pdf.usage-rights"),
    ],
)
def test_usage_rights(
    bench: Bench, key: Key, tmp_path: Path, form: str, signature: str, place: Place, code: str
) -> None:
    """A rights-enabled document is sealed only within the rights that it grants."""
    original = add_fields(write_pdf(tmp_path / "ur.pdf"), SigFieldSpec("Ours", box=BOX))
    with original.open("r+b") as stream:
        writer = IncrementalPdfFileWriter(stream)
        rights = {"/Form": form, "/Signature": signature}
        parameters = generic.DictionaryObject(
            {
                pdf_name(key_): generic.ArrayObject([pdf_name(right)])
                for key_, right in rights.items()
                if right
            }
        )
        reference = generic.DictionaryObject(
            {
                pdf_name("/TransformMethod"): pdf_name("/UR3"),
                pdf_name("/TransformParams"): parameters,
            }
        )
        signed = generic.DictionaryObject(
            {pdf_name("/Reference"): generic.ArrayObject([reference])}
        )
        writer.root["/Perms"] = generic.DictionaryObject({pdf_name("/UR3"): signed})
        writer.update_root()
        writer.write_in_place()
    if code:
        assert refusal(bench, key, original, place).code == code
    else:
        assert bench.seal(original, key, place)[2][0].good


def test_certification_in_no_field(bench: Bench, key: Key, tmp_path: Path) -> None:
    """A document that claims a certification which no field holds is refused."""
    original = write_pdf(tmp_path / "stray.pdf")
    with original.open("r+b") as stream:
        writer = IncrementalPdfFileWriter(stream)
        stray = writer.add_object(generic.DictionaryObject({pdf_name("/Type"): pdf_name("/Sig")}))
        writer.root["/Perms"] = generic.DictionaryObject({pdf_name("/DocMDP"): stray})
        writer.update_root()
        writer.write_in_place()
    assert refusal(bench, key, original).code == "pdf.earlier-signature-broken"


@pytest.mark.parametrize("certify", [Certify.NO_CHANGES, Certify.FORMS, Certify.ANNOTATIONS])
def test_our_certification(bench: Bench, key: Key, tmp_path: Path, certify: Certify) -> None:
    """Each level of our own certification is in the file, and good for all judges."""
    original = write_pdf(tmp_path / "c.pdf")
    sealed, plan, _ = bench.seal(original, key, profile=Profile(certify=certify))
    assert judged_by_pdfsig(sealed) == ["Signature is Valid."]
    assert judged_by_pyhanko(sealed, key) == {plan.field: True}
    (facts,) = bench.reader.examine(sealed).signatures
    assert facts.docmdp == {"no-changes": 1, "form-filling": 2, "annotations": 3}[certify.value]


def test_our_certification_with_a_waiting_field(bench: Bench, key: Key, tmp_path: Path) -> None:
    """We certify for form filling, then seal the field that was there: both stay valid."""
    original = add_fields(write_pdf(tmp_path / "both.pdf"), SigFieldSpec("Second", box=OTHER))
    profile = Profile(certify=Certify.FORMS)
    first, _, _ = bench.seal(original, key, Place(AtCorner(Corner.TOP_LEFT)), profile)
    delivered(bench, key, key, first, Place(IntoField("Second")), 2)


@pytest.mark.parametrize(
    ("lock", "code"),
    [
        (FieldLock(LockAction.ALL), "pdf.earlier-signature-affected"),
        (FieldLock(LockAction.INCLUDE, ("Second",)), "pdf.earlier-signature-affected"),
        (FieldLock(LockAction.EXCLUDE, ("Second",)), ""),
    ],
)
def test_our_lock(bench: Bench, key: Key, tmp_path: Path, lock: FieldLock, code: str) -> None:
    """What our seal locks, a second seal may not fill; what it leaves open, it may."""
    original = add_fields(write_pdf(tmp_path / "l.pdf"), SigFieldSpec("Second", box=OTHER))
    first, _, _ = bench.seal(original, key, profile=Profile(lock=lock))
    assert judged_by_pyhanko(first, key) == {"Sealgate1": True}
    written = first.read_bytes()
    assert re.search(rb"/TransformMethod\s*/FieldMDP", written)
    assert re.search(rb"/Type\s*/SigFieldLock", written)
    if code:
        assert refusal(bench, key, first, Place(IntoField("Second"))).code == code
    else:
        delivered(bench, key, key, first, Place(IntoField("Second")), 2)
