"""A contract from the fields made in advance to the last seal, which locks the document."""

from __future__ import annotations

import asyncio
import hashlib
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature, async_validate_pdf_timestamp
from pyhanko_certvalidator import ValidationContext

from gateway.core.admission import admit
from gateway.core.errors import DocumentFault
from gateway.core.flow_definition import (
    FieldRoom,
    FlowDefinition,
    OutsideSigner,
    Party,
    Stage,
    Step,
    StepKind,
)
from gateway.core.flow_fields import (
    field_of,
    fields_in_advance,
    other_fields,
    sealing_of,
    signs_last,
    wanted_for_fields,
)
from gateway.core.matching import decide
from gateway.core.places import AtCorner, Corner, Place
from gateway.core.planning import plan
from gateway.core.profile import FieldLock, LockAction
from gateway.core.rules import Certify, Level, Profile, Rule, Rulebook
from gateway.pdf.reader import ReaderDocuments
from gateway.ports import Credential, Evidence, Expectation, Proof, SignatureReport, Signer
from gateway.ports.returning import Awaited
from tests.e2e.pages import write_pdf
from tests.pdf import tampering
from tests.pdf.conftest import SMALL
from tests.pdf.making import judged_by_pdfsig
from tests.pdf.parties import Holder, sign_outside

TENANT = "tenant"


@dataclass
class Site:
    """Our side of the contract: keys, time-stamps, evidence, and the pdf room."""

    reader: ReaderDocuments
    artwork: Path
    folder: Path
    root: Holder
    key: Holder
    tsa: Holder
    revoked: bytes
    """The root's list of revoked certificates: there are none."""

    @property
    def anchors(self) -> tuple[bytes, ...]:
        """Return whom the site trusts."""
        return (self.root.der,)

    def seal(self, original: Path, rule: Rule) -> tuple[Path, tuple[SignatureReport, ...]]:
        """Seal a document as the pipeline does, up to the release gate."""
        rulebook = Rulebook("0" * 64, (rule,), (SMALL,))
        facts = self.reader.examine(original, rulebook.wanted(rule.inbox))
        admit(facts)
        decided = plan(rulebook, decide(rulebook, rule.inbox, "x.pdf", facts), facts, "x.pdf")
        credential = Credential("test", (self.key.der, self.root.der), "ecdsa", "sha256")
        draft, sealed = (self.folder / f"{rule.name}.{kind}" for kind in ("prepared", "pdf"))
        signer = Signer(credential, self.anchors)
        made = self.reader.prepare(original, draft, decided, (self.artwork,), signer)
        assert isinstance(self.key.private, ec.EllipticCurvePrivateKey)
        signature = self.key.private.sign(made.digest, ec.ECDSA(utils.Prehashed(hashes.SHA256())))
        stamped = self.reader.to_stamp(made.seam, signature)
        assert stamped is not None
        token = self._token(hashlib.sha256(stamped).digest())
        self.reader.embed(draft, sealed, made.seam, signature, token)
        if decided.profile.level is Level.B_LTA:
            sealed = self._extend(sealed, decided.field)
        expected = Expectation(original, decided, self.key.der)
        return sealed, self.reader.verify(sealed, self.anchors, expected)

    def _extend(self, sealed: Path, field: str) -> Path:
        certificates = (self.key.der, self.root.der, self.tsa.der)
        evidence = Evidence(certificates, (), (self.revoked,))
        extended, final = (sealed.with_suffix(f".{kind}") for kind in ("extended", "final.pdf"))
        added = self.reader.extend(sealed, extended, evidence, vri_field=field, stamp=True)
        assert added is not None
        self.reader.fill(extended, final, added.hole, self._token(added.digest))
        return final

    def _token(self, digest: bytes) -> bytes:
        token: bytes = asyncio.run(self.tsa.stamps.async_timestamp(digest, "sha256")).dump()
        return token


@pytest.fixture(scope="module")
def site(reader: ReaderDocuments, artwork: Path, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Return a site with an authority of its own."""
    root = Holder.authority("Our CA")
    return Site(
        reader,
        artwork,
        tmp_path_factory.mktemp("chain"),
        root,
        root.issue("Our seal"),
        root.time_stamping("Our clock"),
        root.revocations(),
    )


def corner(place: Corner) -> tuple[Place, ...]:
    """Return a place in a corner of the last page."""
    return (Place(AtCorner(place)),)


def lease(partner: OutsideSigner) -> FlowDefinition:
    """Write a contract of three parties: the first certifies, the last locks the document."""
    first = Profile(level=Level.B_T, certify=Certify.FORMS)
    last = Profile(level=Level.B_LTA, lock=FieldLock(LockAction.DOCUMENT))
    room = FieldRoom(corner(Corner.BOTTOM_LEFT), 150.0, 60.0)
    steps = (
        Step(
            "owner",
            StepKind.SEAL,
            "owner",
            sealing=Rule("owner", "i", SMALL.name, corner(Corner.TOP_LEFT), profile=first),
        ),
        Step("signs", StepKind.SIGN_OUTSIDE, TENANT, signer=partner, field="Tenant", room=room),
        Step(
            "notary",
            StepKind.APPROVE,
            "notary",
            sealing=Rule("notary", "i", SMALL.name, corner(Corner.BOTTOM_RIGHT), profile=last),
        ),
    )
    parties = tuple(Party(name) for name in ("owner", TENANT, "notary"))
    stages = tuple(Stage((step,)) for step in steps)
    return FlowDefinition("lease", "lease", parties, stages, seals=(SMALL,))


def judged_strictly(path: Path, *roots: Holder) -> dict[str, bool]:
    """Let pyHanko, strict, judge every signature and time-stamp with difference analysis."""
    anchors = [asn1_x509.Certificate.load(root.der) for root in roots]
    context = ValidationContext(trust_roots=anchors, allow_fetching=False)
    with path.open("rb") as stream:
        reader = PdfFileReader(stream, strict=True)
        found = {
            one.field_name: asyncio.run(async_validate_pdf_signature(one, context))
            for one in reader.embedded_regular_signatures
        }
        stamps = {
            one.field_name: asyncio.run(async_validate_pdf_timestamp(one, context))
            for one in reader.embedded_timestamp_signatures
        }
        good = {name: status.bottom_line for name, status in found.items()}
        return good | {
            name: status.intact
            and status.valid
            and status.trusted
            and status.docmdp_ok is not False
            for name, status in stamps.items()
        }


def test_whole_chain(site: Site, tmp_path: Path) -> None:
    """Three parties sign a certified contract in fields made in advance; all judges agree."""
    theirs = Holder.authority("Partner CA")
    tenant = theirs.issue("Tenant")
    flow = lease(tenant.expected)
    original = write_pdf(tmp_path / "lease.pdf", ("Terms", "Signatures"))
    facts = site.reader.examine(original, wanted_for_fields(flow))
    fields = fields_in_advance(flow, facts, "lease.pdf")
    assert [(one.name, one.page, one.box is not None) for one in fields] == [
        ("Tenant", 1, True),
        ("flow-notary", 1, True),
    ]
    prepared = tmp_path / "prepared.pdf"
    site.reader.prepare_fields(original, prepared, fields)
    owner, outside, notary = flow.steps
    first = sealing_of(flow, owner)
    assert first is not None
    assert first.places == corner(Corner.TOP_LEFT)
    certified, (report,) = site.seal(prepared, first)
    assert (report.good, report.timestamped) == (True, True)

    returned = sign_outside(certified, tmp_path / "returned.pdf", tenant, "Tenant")
    awaited = Awaited(
        tenant.expected,
        site.anchors,
        field_of(flow, outside),
        other_fields(flow, outside),
        signs_last(flow, outside),
    )
    found = site.reader.check_return(certified, returned, awaited)
    assert (found.signer, found.field, found.level) == ("Tenant", "Tenant", "B-B")

    last = sealing_of(flow, notary)
    assert last is not None
    final, reports = site.seal(returned, last)
    notarys = next(one for one in reports if one.field == "flow-notary")
    assert (notarys.good, notarys.proof) == (True, Proof.ARCHIVED)
    assert judged_by_pdfsig(final).count("Signature is Valid.") == 3
    assert all(judged_strictly(final, site.root, theirs).values())
    subprocess.run(("qpdf", "--check", final), check=True, capture_output=True)
    refused_afterwards(site, final, tenant, tmp_path, last)


def refused_afterwards(site: Site, final: Path, tenant: Holder, folder: Path, rule: Rule) -> None:
    """Nothing may be changed any more: no seal is put on, and all judges see a change."""
    with pytest.raises(DocumentFault) as caught:
        site.seal(final, replace(rule, places=corner(Corner.TOP_RIGHT)))
    assert caught.value.code == "pdf.certified-no-changes"
    again = sign_outside(final, folder / "again.pdf", tenant, "Again", new=True)
    annotated = folder / "annotated.pdf"
    annotated.write_bytes(final.read_bytes())
    tampering.updated(annotated, tampering.annotation)
    for changed in (again, annotated):
        reports = {one.field: one for one in site.reader.verify(changed, site.anchors)}
        assert not reports["flow-notary"].good
