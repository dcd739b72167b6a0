"""What parties bring back: accepted only if it is the revision sent out and one good signature."""

from __future__ import annotations

import asyncio
import datetime
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.sign.fields import (
    FieldMDPAction,
    FieldMDPSpec,
    MDPPerm,
    SigFieldSpec,
    SigSeedSubFilter,
    append_signature_field,
)
from pyhanko.stamp import TextStampStyle

from gateway.core.errors import DocumentFault
from gateway.core.flow_definition import OutsideSigner
from gateway.pdf.reader import ReaderDocuments
from gateway.ports import Evidence
from gateway.ports.returning import Awaited, Returned
from tests.e2e.pages import write_pdf
from tests.pdf import tampering
from tests.pdf.conftest import Key
from tests.pdf.making import BOX, add_fields, sign
from tests.pdf.parties import Holder, sign_outside

AGREEMENT = x509.KeyUsage(False, False, False, False, True, False, False, False, False)
"""For key agreement only."""


@dataclass
class Desk:
    """Where a document was sent out and comes back."""

    reader: ReaderDocuments
    sent: Path
    authority: Holder
    partner: Holder
    awaited: Awaited

    @property
    def returned(self) -> Path:
        """Return where the party's file lies."""
        return self.sent.with_name("returned.pdf")

    def check(self, path: Path | None = None, **other: object) -> Returned:
        """Judge what came back."""
        awaited = replace(self.awaited, **other)  # type: ignore[arg-type]
        return self.reader.check_return(self.sent, path or self.returned, awaited)

    def refusal(self, path: Path | None = None, **other: object) -> DocumentFault:
        """Return why it is refused."""
        with pytest.raises(DocumentFault) as caught:
            self.check(path, **other)
        return caught.value


@pytest.fixture(scope="module")
def authority() -> Holder:
    """Return the partner's authority."""
    return Holder.authority("Partner CA")


@pytest.fixture(scope="module")
def partner(authority: Holder) -> Holder:
    """Return the partner."""
    return authority.issue("Partner")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory, key: Key) -> Path:
    """Make a contract with two fields, signed by the first party."""
    path = write_pdf(tmp_path_factory.mktemp("contract") / "sent.pdf", ("Contract", "Terms"))
    add_fields(path, SigFieldSpec("Partner", box=BOX), SigFieldSpec("Third"))
    tampering.add_text_field(path)
    return sign(path, key, "First", box=(50, 100, 250, 200))


@pytest.fixture
def desk(
    reader: ReaderDocuments, tmp_path: Path, original: Path, authority: Holder, partner: Holder
) -> Desk:
    """Return a desk at which a copy of the contract was sent out."""
    sent = tmp_path / "sent.pdf"
    sent.write_bytes(original.read_bytes())
    awaited = Awaited(partner.expected, (), "Partner", ("Third",))
    return Desk(reader, sent, authority, partner, awaited)


def test_accepted(desk: Desk) -> None:
    """A signature by the expected certificate in the prepared field is accepted and described."""
    sign_outside(desk.sent, desk.returned, desk.partner)
    found = desk.check()
    assert (found.signer, found.field, found.level) == ("Partner", "Partner", "B-B")
    assert found.fingerprint == desk.partner.fingerprint


def signed(desk: Desk, **options: object) -> Path:
    """Sign as the partner should, or with something that it should not do."""
    return sign_outside(desk.sent, desk.returned, desk.partner, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (tampering.other_content, "outside.changed"),
        (tampering.swapped_content, "outside.changed"),
        (tampering.orphan, "outside.changed"),
        (tampering.annotation, "outside.changed"),
        (tampering.filled_in, "outside.changed"),
        (tampering.script, "outside.changed"),
        (tampering.moved("Partner"), "outside.changed"),
        (tampering.moved("First"), "outside.changed"),
        (tampering.emptied("First"), "outside.signature-removed"),
    ],
)
@pytest.mark.parametrize("when", ["before", "within", "after"])
def test_more_than_signed(desk: Desk, change: tampering.Change, code: str, when: str) -> None:
    """Whatever else is done, before, with or after signing, is refused."""
    if when == "within":
        signed(desk, change=change)
    else:
        changed = desk.sent.with_name("changed.pdf")
        changed.write_bytes(desk.sent.read_bytes())
        if when == "before":
            tampering.updated(changed, change)
            sign_outside(changed, desk.returned, desk.partner)
        else:
            signed(desk)
            tampering.updated(desk.returned, change)
    assert desk.refusal().code == code


def test_form_drawn_anew(desk: Desk) -> None:
    """After signing, nobody may ask viewers to draw the form's fields by themselves."""
    tampering.updated(signed(desk), tampering.drawn_anew)
    assert desk.refusal().code == "outside.changed"


EOF = b"%%EOF\n"
OBJECT = b"99 0 obj\n<< /Hidden true >>\nendobj\n"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (tampering.replaced(b"/ByteRange", b"/ByteSpans"), "invalid"),
        (tampering.unranged, "invalid"),
        (tampering.ranged(0, 0, 0, 0), "invalid"),
        (tampering.ranged(0, 10), "invalid"),
        (tampering.ranged(0, -1, 5, 5), "invalid"),
        (tampering.ranged(0, 100, 200, 999999), "invalid"),
        (tampering.replaced(b"/Contents <", b"/Content  <"), "invalid"),
        (tampering.replaced(b"/ETSI.CAdES.detached", b"/adbe.x509.rsa_sha1"), "invalid"),
        (tampering.replaced(b"/ETSI.CAdES.detached", b"/ETSI.RFC3161"), "invalid"),
        (tampering.replaced(b"/Type /Sig", b"/Type /Xyz"), "invalid"),
        (tampering.wrapped, "changed"),
        (tampering.without_table, "unreadable"),
        (tampering.followed(b"\n% a comment\n"), "changed"),
        (tampering.followed(b"x" * 2000), "unreadable"),
        (tampering.followed(OBJECT), "changed"),
        (tampering.followed(OBJECT + b"trailer\n<< /Root 99 0 R >>\n" + EOF), "unreadable"),
        (tampering.followed(b"startxref\n9\n" + EOF), "unreadable"),
        (tampering.detached, "changed"),
        (tampering.encrypted, "unreadable"),
        (lambda content: content[:-300], "unreadable"),
        (lambda content: content[:-7], "unreadable"),
        (lambda content: content[:20], "altered"),
        (lambda _: b"", "altered"),
        (lambda _: b"not a PDF" * 10000, "altered"),
        (lambda content: content.replace(b"Terms", b"Other", 1), "altered"),
    ],
)
def test_forged(desk: Desk, change: tampering.Raw, code: str) -> None:
    """Known forgeries of signatures in PDF, and damaged files, are refused."""
    desk.returned.write_bytes(change(signed(desk).read_bytes()))
    assert desk.refusal().code == f"outside.{code}"


def test_hidden_object(desk: Desk) -> None:
    """An object that no table lists, for readers that mend files, is refused though signed."""
    signed(desk)
    tampering.unlisted(desk.returned)
    fault = desk.refusal()
    assert (fault.code, "that no table lists" in fault.detail) == ("outside.changed", True)


def refused_signer(desk: Desk, holder: Holder, **other: object) -> str:
    """Let somebody sign, and return the code of the refusal."""
    sign_outside(desk.sent, desk.returned, holder)
    return desk.refusal(**other).code


def test_wrong_signers(desk: Desk, authority: Holder, partner: Holder) -> None:
    """Each key of what was agreed must hold: subject, certificate and authority."""
    stranger = Holder.authority("Other CA").issue("Partner")
    namesake = authority.issue("Partner")
    pinned = replace(partner.expected, fingerprint=partner.fingerprint)
    assert refused_signer(desk, authority.issue("Somebody")) == "outside.wrong-signer"
    assert refused_signer(desk, stranger) == "outside.untrusted"
    assert refused_signer(desk, Holder.by_itself("Partner")) == "outside.untrusted"
    assert refused_signer(desk, namesake, signer=pinned) == "outside.wrong-signer"
    assert refused_signer(desk, partner, signer=OutsideSigner()) == "outside.untrusted"
    only = OutsideSigner(fingerprint=partner.fingerprint)
    assert refused_signer(desk, partner, signer=only) == "outside.untrusted"
    sign_outside(desk.sent, desk.returned, partner)
    spaced = OutsideSigner("  PARTNER   Ltd ", partner.fingerprint.upper())
    assert desk.check(signer=spaced, anchors=(authority.der,)).signer == "Partner"
    assert desk.check(signer=pinned).fingerprint == partner.fingerprint


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"begins": -30, "ends": -1}, "outside.expired"),
        ({"begins": 1}, "outside.expired"),
        ({"usage": AGREEMENT}, "outside.not-for-signing"),
        ({"purposes": (ExtendedKeyUsageOID.SERVER_AUTH,)}, "outside.not-for-signing"),
        ({"purposes": (ExtendedKeyUsageOID.TIME_STAMPING,)}, "outside.not-for-signing"),
    ],
)
def test_unfit_certificates(
    desk: Desk, authority: Holder, options: dict[str, Any], code: str
) -> None:
    """A certificate out of its time, or made for something else, is refused."""
    assert refused_signer(desk, authority.issue("Partner", **options)) == code


def test_weak_algorithms(desk: Desk, authority: Holder) -> None:
    """A signature over SHA-1, or with a short key, proves nothing."""
    signed(desk, md_algorithm="sha1")
    assert desk.refusal().code == "outside.invalid"
    key = rsa.generate_private_key(65537, 1024)  # noqa: S505  # that is the point
    short = authority.issue("Partner", private=key)
    sign_outside(desk.sent, desk.returned, short)
    assert desk.refusal().code == "outside.invalid"


def test_revoked(desk: Desk, authority: Holder, partner: Holder) -> None:
    """A certificate that is revoked, by a list that the file brings, is refused."""
    signed(desk)
    for revoked, code in (((), ""), ((partner,), "outside.expired")):
        extended = desk.sent.with_name(f"extended{len(revoked)}.pdf")
        evidence = Evidence((partner.der,), (), (authority.revocations(*revoked),))
        desk.reader.extend(desk.returned, extended, evidence, vri_field="", stamp=False)
        if code:
            assert desk.refusal(extended).code == code
        else:
            assert desk.check(extended).level == "B-B"


def test_time_stamp_outlives_the_certificate(desk: Desk, authority: Holder) -> None:
    """A trusted time-stamp from the certificate's time proves a signature made with it."""
    clock = authority.time_stamping("Clock")
    brief = authority.issue("Partner", begins=-30, ends=-1)
    then = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=5)
    sign_outside(desk.sent, desk.returned, brief, stamper=clock.stamps_at(then))
    found = desk.check()
    assert (found.level, found.timestamped, found.signed_at[:10]) == (
        "B-T",
        True,
        then.date().isoformat(),
    )
    strange = Holder.authority("Clock CA").time_stamping("Clock").stamps_at(then)
    sign_outside(desk.sent, desk.returned, brief, stamper=strange)
    assert desk.refusal().code == "outside.expired"


def test_long_term(desk: Desk, authority: Holder, partner: Holder) -> None:
    """Evidence and a document time-stamp behind the signature are part of signing."""
    clock = authority.time_stamping("Clock")
    signed(desk, stamper=clock.stamps)
    extended, final = desk.sent.with_name("extended.pdf"), desk.sent.with_name("final.pdf")
    evidence = Evidence((partner.der, clock.der), (), (authority.revocations(),))
    desk.reader.extend(desk.returned, extended, evidence, vri_field="", stamp=False)
    assert desk.check(extended).level == "B-LT"
    added = desk.reader.extend(desk.returned, extended, evidence, vri_field="Partner", stamp=True)
    assert added is not None
    token = asyncio.run(clock.stamps.async_timestamp(added.digest, "sha256")).dump()
    desk.reader.fill(extended, final, added.hole, token)
    assert desk.check(final).level == "B-LTA"


def test_fields(desk: Desk) -> None:
    """The signature is in the field that was made for it, and in nobody else's."""
    signed(desk, field="Third")
    assert desk.refusal().code == "outside.wrong-field"
    assert desk.refusal(field="").code == "outside.wrong-field"
    assert desk.check(field="", others=()).field == "Third"
    signed(desk, field="Mine", new=True)
    assert desk.refusal().code == "outside.wrong-field"
    assert desk.check(field="").field == "Mine"
    signed(desk, field="Mine", box=(20, 20, 220, 120))
    assert desk.check(field="").field == "Mine"
    signed(desk, field="Mine", box=(20, 20, 520, 520))
    assert desk.refusal(field="").code == "outside.changed"


@pytest.mark.parametrize("opacity", [1, 0.3])
def test_words_are_not_covered(desk: Desk, opacity: float) -> None:
    """A signature of its own making may lie over words, and may not hide them."""
    style = TextStampStyle(
        stamp_text="Signed",
        background=RawContent(b"0.9 0.9 0.6 rg 0 0 2000 2000 re f", box=BoxConstraints(300, 60)),
        background_opacity=opacity,
    )
    over = (40, 400, 340, 460)
    sign_outside(desk.sent, desk.returned, desk.partner, "Mine", box=over, stamp_style=style)
    if opacity == 1:
        fault = desk.refusal(field="")
        assert (fault.code, fault.detail) == ("outside.changed", "page 1 is covered")
    else:
        assert desk.check(field="").field == "Mine"


def test_other_metadata(desk: Desk) -> None:
    """Tools may say that they changed a file, and not what it is."""

    def retitled(writer: IncrementalPdfFileWriter) -> None:
        writer.set_info(generic.DictionaryObject({"/Title": generic.TextStringObject("Other")}))

    def claimed(writer: IncrementalPdfFileWriter) -> None:
        marked = generic.DictionaryObject({"/Marked": generic.BooleanObject(True)})
        writer.root["/MarkInfo"] = marked
        writer.update_root()

    signed(desk, change=retitled)
    assert desk.refusal().detail == "another Title"
    signed(desk, change=claimed)
    assert desk.check().field == "Partner"


def test_field_that_acts(desk: Desk) -> None:
    """A new signature field with an action of its own is refused."""

    def act(writer: IncrementalPdfFileWriter) -> None:
        field = append_signature_field(writer, SigFieldSpec("Mine", box=(20, 20, 220, 120)))
        for entry in writer.root["/AcroForm"]["/Fields"]:
            if entry.get_object()["/T"] == "Mine":
                entry.get_object()["/AA"] = generic.DictionaryObject()
        assert field is None

    signed(desk, field="Mine", change=act)
    fault = desk.refusal(field="")
    assert (fault.code, "/AA" in fault.detail) == ("outside.changed", True)


def test_several_and_none(desk: Desk, partner: Holder) -> None:
    """Exactly one signature is new."""
    desk.returned.write_bytes(desk.sent.read_bytes())
    assert desk.refusal().code == "outside.unsigned"
    desk.returned.write_bytes(desk.sent.read_bytes() + b"\n% nothing\n")
    assert desk.refusal().code in ("outside.unsigned", "outside.unreadable")
    tampering.updated(desk.returned, tampering.annotation)
    assert desk.refusal().code in ("outside.unsigned", "outside.unreadable")
    signed(desk)
    twice = sign_outside(desk.returned, desk.sent.with_name("twice.pdf"), partner, "Third")
    assert desk.refusal(twice).code == "outside.several"


def test_locks(desk: Desk) -> None:
    """A signature that certifies, or locks what is not its own to lock, is refused."""
    write_pdf(desk.sent)
    lock = FieldMDPSpec(FieldMDPAction.ALL)
    add_fields(desk.sent, SigFieldSpec("Partner", field_mdp_spec=lock), SigFieldSpec("Third"))
    signed(desk, certify=True, docmdp_permissions=MDPPerm.FILL_FORMS)
    assert desk.refusal().code == "outside.locks"
    signed(desk)
    assert desk.check().field == "Partner"

    def locked(writer: IncrementalPdfFileWriter) -> None:
        whole = SigFieldSpec("Mine", field_mdp_spec=lock, doc_mdp_update_value=MDPPerm.NO_CHANGES)
        append_signature_field(writer, whole)

    signed(desk, field="Mine", change=locked)
    assert desk.refusal(field="").code == "outside.locks"
    assert desk.check(field="", last=True).field == "Mine"


def test_other_documents(desk: Desk, key: Key, partner: Holder, tmp_path: Path) -> None:
    """Another contract, an earlier version and a file written anew are none of what was sent."""
    other = sign(write_pdf(tmp_path / "other.pdf", ("Contract", "Better")), key, "First")
    sign_outside(other, desk.returned, partner, new=True)
    assert desk.refusal().code == "outside.altered"
    former = tmp_path / "former.pdf"
    former.write_bytes(desk.sent.read_bytes()[: desk.sent.read_bytes().index(b"%%EOF") + 6])
    sign_outside(former, desk.returned, partner, new=True)
    assert desk.refusal().code == "outside.altered"
    anew = tmp_path / "anew.pdf"
    subprocess.run(("qpdf", signed(desk), anew), check=False)
    assert desk.refusal(anew).code == "outside.altered"


def test_too_large(desk: Desk) -> None:
    """A file that grew by far more than a signature is not even opened."""
    with signed(desk).open("r+b") as stream:
        stream.truncate(desk.sent.stat().st_size + (65 << 20))
    assert desk.refusal().code == "outside.too-large"


def test_document_without_a_form(desk: Desk) -> None:
    """A document that nobody has signed and that has no form is signed outside, too."""
    write_pdf(desk.sent, ("Contract",))
    desk.awaited = replace(desk.awaited, field="", others=())
    signed(desk, field="Mine", box=(20, 20, 220, 120))
    assert desk.check().field == "Mine"
    signed(desk, field="Mine", new=True, subfilter=SigSeedSubFilter.ADOBE_PKCS7_DETACHED)
    assert desk.check().level == "CMS"
    for change in (tampering.other_content, tampering.script, tampering.annotation):
        signed(desk, field="Mine", new=True, change=change)
        assert desk.refusal().code == "outside.changed"


def test_nothing_raw_escapes(desk: Desk) -> None:
    """Whatever byte of the new part is damaged, the answer is a refusal that we know."""
    whole, start = signed(desk).read_bytes(), desk.sent.stat().st_size
    random = Random(7)
    for _ in range(100):
        damaged = bytearray(whole)
        for _ in range(random.choice((1, 1, 1, 8))):
            damaged[random.randrange(start, len(whole))] = random.randrange(256)
        desk.returned.write_bytes(damaged)
        assert outcome(desk).startswith("outside.")


def outcome(desk: Desk) -> str:
    """Return the refusal's code; bytes that nobody signed, in the hole's rest, may be damaged."""
    try:
        return f"outside.accepted: {desk.check().signer}"
    except DocumentFault as fault:
        return fault.code
