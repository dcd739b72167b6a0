"""Seals in signature fields that were in the document before."""

from __future__ import annotations

from pathlib import Path

import pypdfium2 as pdfium
import pytest
from asn1crypto import x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import (
    FieldMDPAction,
    FieldMDPSpec,
    MDPPerm,
    SeedLockDocument,
    SeedSignatureType,
    SigCertConstraintFlags,
    SigCertConstraints,
    SigFieldSpec,
    SigSeedSubFilter,
    SigSeedValFlags,
    SigSeedValueSpec,
)

from gateway.core.places import IntoField, Place
from gateway.core.profile import FieldLock, LockAction
from gateway.core.rules import Certify, Profile
from tests.e2e.pages import write_pdf
from tests.pdf.conftest import Bench, Key
from tests.pdf.making import (
    BOX,
    add_fields,
    judged_by_pdfsig,
    judged_by_pyhanko,
    refusal,
)
from tests.pdf.test_sealing import red_box

ONLY = Place(IntoField("only"))


def with_field(path: Path, **options: object) -> Path:
    """Write a document with one visible field called `Here`."""
    spec = SigFieldSpec("Here", **({"box": BOX} | options))  # type: ignore[arg-type]
    return add_fields(write_pdf(path), spec)


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("name", ["only", "Here"])
@pytest.mark.parametrize("box", [(100, 100, 400, 200), (100, 100, 200, 400)], ids=["wide", "tall"])
def test_fits_into_the_field(
    bench: Bench, key: Key, tmp_path: Path, rotate: int, name: str, box: tuple[int, ...]
) -> None:
    """The artwork keeps its 4:3, fills the field as far as it can, and stands centred upright."""
    original = write_pdf(tmp_path / "f.pdf", page_entries=f"/Rotate {rotate}")
    add_fields(original, SigFieldSpec("Here", box=box))  # type: ignore[arg-type]
    sealed, plan, reports = bench.seal(original, key, Place(IntoField(name)))
    assert (plan.field, plan.fills, reports[0].good) == ("Here", True, True)
    frame = bench.reader.examine(original).pages[0]
    field = frame.displayed(tuple(map(float, box)))  # type: ignore[arg-type]
    width, height = min(field.width, field.height * 4 / 3), min(field.height, field.width * 3 / 4)
    x, y = field.x + (field.width - width) / 2, field.y + (field.height - height) / 2
    expected = (x, y, x + width, y + height)
    extents = (frame.width, frame.height) * 2
    found, upper, lower = red_box(sealed)
    shares = [number / extent for number, extent in zip(expected, extents, strict=True)]
    assert found == pytest.approx(shares, abs=0.004)
    assert upper > lower
    assert judged_by_pdfsig(sealed) == ["Signature is Valid."]
    assert judged_by_pyhanko(sealed, key) == {"Here": True}


def test_widget_apart_from_its_field(bench: Bench, key: Key, tmp_path: Path) -> None:
    """A field whose widget is an object of its own, on another page than the first, is sealed."""
    original = write_pdf(tmp_path / "kid.pdf", ("One", "Two"))
    spec = SigFieldSpec("Part.Here", on_page=1, box=BOX, combine_annotation=False)
    add_fields(original, spec)
    (field,) = bench.reader.examine(original).empty_signature_fields
    assert (field.name, field.page, field.widgets) == ("Part.Here", 1, 1)
    sealed, plan, reports = bench.seal(original, key, Place(IntoField("Part.Here")))
    assert (plan.mark.page, reports[0].good) == (1, True)
    red_box(sealed, 1)


@pytest.mark.parametrize("box", [None, (0, 0, 0, 0)])
def test_invisible_field(bench: Bench, key: Key, tmp_path: Path, box: object) -> None:
    """A field without extent is signed, and no page changes."""
    original = with_field(tmp_path / "i.pdf", box=box)
    (field,) = bench.reader.examine(original).empty_signature_fields
    assert field.box is None
    before, after = original, bench.seal(original, key, ONLY)[0]
    pictures = [pdfium.PdfDocument(path)[0].render().to_pil().tobytes() for path in (before, after)]
    assert pictures[0] == pictures[1]
    assert judged_by_pdfsig(after) == ["Signature is Valid."]


@pytest.mark.parametrize("flag", [2, 32], ids=["hidden", "no-view"])
def test_hidden_field(bench: Bench, key: Key, tmp_path: Path, flag: int) -> None:
    """A field that has a place but is never shown is signed without drawing anything."""
    original = with_field(tmp_path / "h.pdf")
    with original.open("r+b") as stream:
        writer = IncrementalPdfFileWriter(stream)
        (field,) = writer.root["/AcroForm"]["/Fields"]
        field.get_object()["/F"] = generic.NumberObject(flag)
        writer.mark_update(field.reference)
        writer.write_in_place()
    sealed, plan, reports = bench.seal(original, key, ONLY)
    assert (plan.mark.visible, reports[0].good) == (False, True)
    assert judged_by_pyhanko(sealed, key) == {"Here": True}


def test_which_field(bench: Bench, key: Key, tmp_path: Path) -> None:
    """A field that is missing, signed, or one of several is said to be so."""
    plain = write_pdf(tmp_path / "none.pdf")
    assert refusal(bench, key, plain, ONLY).code == "plan.field-missing"
    one = with_field(tmp_path / "one.pdf")
    assert refusal(bench, key, one, Place(IntoField("There"))).code == "plan.field-missing"
    signed, _, _ = bench.seal(one, key, ONLY)
    assert refusal(bench, key, signed, Place(IntoField("Here"))).code == "plan.field-signed"
    add_fields(one, SigFieldSpec("There", box=(50, 100, 250, 200)))
    fault = refusal(bench, key, one, ONLY)
    assert (fault.code, fault.detail) == ("plan.field-ambiguous", "Here, There")


def test_field_shown_in_two_places(bench: Bench, key: Key, tmp_path: Path) -> None:
    """A signature field with two widgets (PDF 2.0 forbids them) is not sealed."""
    original = with_field(tmp_path / "two.pdf", combine_annotation=False)
    with original.open("r+b") as stream:
        writer = IncrementalPdfFileWriter(stream)
        (field,) = writer.root["/AcroForm"]["/Fields"]
        kids = field.get_object()["/Kids"]
        kids.append(writer.add_object(generic.DictionaryObject(dict(kids[0]))))
        writer.update_container(kids)
        writer.write_in_place()
    assert refusal(bench, key, original, ONLY).code == "plan.field-unusable"


def test_field_off_its_page(bench: Bench, key: Key, tmp_path: Path) -> None:
    """A field that is partly off its page is not sealed: the seal would be cut off."""
    original = with_field(tmp_path / "off.pdf", box=(500, 100, 700, 200))
    assert refusal(bench, key, original, ONLY).code == "plan.seal-off-page"


_F = SigSeedValFlags


@pytest.mark.parametrize(
    ("seeds", "profile", "missed"),
    [
        (SigSeedValueSpec(_F.SUBFILTER, subfilters=[SigSeedSubFilter.PADES]), Profile(), ""),
        (
            SigSeedValueSpec(_F.SUBFILTER, subfilters=[SigSeedSubFilter.ADOBE_PKCS7_DETACHED]),
            Profile(),
            "an encoding of /adbe.pkcs7.detached",
        ),
        (SigSeedValueSpec(subfilters=[SigSeedSubFilter.ADOBE_PKCS7_DETACHED]), Profile(), ""),
        (SigSeedValueSpec(_F.DIGEST_METHOD, digest_methods=["SHA256"]), Profile(), ""),
        (
            SigSeedValueSpec(_F.DIGEST_METHOD, digest_methods=["SHA512"]),
            Profile(),
            "a digest of sha512, where ours is sha256",
        ),
        (SigSeedValueSpec(_F.REASONS, reasons=["One", "Two"]), Profile(reason="Two"), ""),
        (SigSeedValueSpec(_F.REASONS, reasons=["One", "Two"]), Profile(), "a reason of: One, Two"),
        (SigSeedValueSpec(_F.REASONS, reasons=["."]), Profile(reason="Two"), "no reason"),
        (SigSeedValueSpec(_F.REASONS), Profile(reason="Two"), "no reason"),
        (SigSeedValueSpec(reasons=["One"]), Profile(reason="Two"), ""),
        (SigSeedValueSpec(_F.ADD_REV_INFO, add_rev_info=True), Profile(), "revocation data"),
        (SigSeedValueSpec(_F.ADD_REV_INFO, add_rev_info=False), Profile(), ""),
        (SigSeedValueSpec(_F.APPEARANCE_FILTER, appearance="Fancy"), Profile(), "Fancy"),
        (
            SigSeedValueSpec(timestamp_server_url="https://tsa.invalid", timestamp_required=True),
            Profile(),
            "use level B-T",
        ),
        (
            SigSeedValueSpec(seed_signature_type=SeedSignatureType(MDPPerm.FILL_FORMS)),
            Profile(),
            "certify: form-filling",
        ),
        (
            SigSeedValueSpec(seed_signature_type=SeedSignatureType(MDPPerm.FILL_FORMS)),
            Profile(certify=Certify.FORMS),
            "",
        ),
        (
            SigSeedValueSpec(seed_signature_type=SeedSignatureType()),
            Profile(certify=Certify.FORMS),
            "certify: no",
        ),
        (
            SigSeedValueSpec(_F.LOCK_DOCUMENT, lock_document=SeedLockDocument.LOCK),
            Profile(),
            "to lock the document",
        ),
        (
            SigSeedValueSpec(_F.LOCK_DOCUMENT, lock_document=SeedLockDocument.LOCK),
            Profile(certify=Certify.NO_CHANGES),
            "",
        ),
        (
            SigSeedValueSpec(_F.LEGAL_ATTESTATION, legal_attestations=["I have seen it"]),
            Profile(certify=Certify.FORMS),
            "a legal attestation",
        ),
        (SigSeedValueSpec(_F.V, sv_dict_version=4), Profile(), "version 4"),
        (SigSeedValueSpec(sv_dict_version=4), Profile(), "version 4"),
    ],
)
def test_seed_values(
    bench: Bench, key: Key, tmp_path: Path, seeds: SigSeedValueSpec, profile: Profile, missed: str
) -> None:
    """What is required is met or refused, unpaid; what is only recommended binds nobody."""
    original = with_field(tmp_path / "sv.pdf", seed_value_dict=seeds)
    if missed:
        fault = refusal(bench, key, original, ONLY, profile)
        assert fault.code == "pdf.field-demands"
        assert missed in fault.detail
    else:
        sealed, _, reports = bench.seal(original, key, ONLY, profile)
        assert reports[0].good
        assert judged_by_pdfsig(sealed) == ["Signature is Valid."]


@pytest.mark.parametrize("whose", ["ours", "another's"])
@pytest.mark.parametrize("constraint", ["subjects", "issuers"])
def test_certificate_that_is_asked_for(
    bench: Bench, key: Key, elliptic_key: Key, tmp_path: Path, whose: str, constraint: str
) -> None:
    """A field that names certificates takes ours only if it is among them."""
    certificate = x509.Certificate.load((key if whose == "ours" else elliptic_key).certificate)
    flags = {
        "subjects": SigCertConstraintFlags.SUBJECT,
        "issuers": SigCertConstraintFlags.ISSUER,
    }
    constraints = SigCertConstraints(flags[constraint], **{constraint: [certificate]})
    seeds = SigSeedValueSpec(cert=constraints)
    original = with_field(tmp_path / "cert.pdf", seed_value_dict=seeds)
    if whose == "ours":
        assert judged_by_pyhanko(bench.seal(original, key, ONLY)[0], key) == {"Here": True}
    else:
        fault = refusal(bench, key, original, ONLY)
        assert fault.code == "pdf.field-demands"
        assert "another certificate" in fault.detail


def test_lock_of_the_field(bench: Bench, key: Key, tmp_path: Path) -> None:
    """The lock that a field brings, with its document permission, becomes our signature's."""
    lock = FieldMDPSpec(FieldMDPAction.EXCLUDE, ["Later"])
    original = write_pdf(tmp_path / "lock.pdf")
    here = SigFieldSpec(
        "Here", box=BOX, field_mdp_spec=lock, doc_mdp_update_value=MDPPerm.FILL_FORMS
    )
    others = (SigFieldSpec("Later", box=(50, 100, 250, 200)), SigFieldSpec("Never"))
    add_fields(original, here, *others)
    found = bench.reader.examine(original).empty_signature_fields
    assert [field.lock for field in found] == [
        "all fields but Later; document permission 2",
        "",
        "",
    ]
    sealed, _, _ = bench.seal(original, key, Place(IntoField("Here")))
    assert b"/FieldMDP" in sealed.read_bytes()
    again, _, reports = bench.seal(sealed, key, Place(IntoField("Later")))
    assert [report.good for report in reports] == [True, True]
    assert judged_by_pdfsig(again) == ["Signature is Valid."] * 2
    assert refusal(bench, key, sealed, Place(IntoField("Never"))).code == (
        "pdf.earlier-signature-affected"
    )


def test_two_locks(bench: Bench, key: Key, tmp_path: Path) -> None:
    """A field with a lock of its own takes no second one from the rule."""
    lock = FieldMDPSpec(FieldMDPAction.ALL)
    original = with_field(tmp_path / "locks.pdf", field_mdp_spec=lock)
    profile = Profile(lock=FieldLock(LockAction.ALL))
    assert refusal(bench, key, original, ONLY, profile).code == "pdf.field-demands"
