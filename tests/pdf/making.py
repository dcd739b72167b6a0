"""Documents with fields and earlier signatures, made and judged by programs that are not ours."""

from __future__ import annotations

import asyncio
import re
import subprocess
from pathlib import Path

from asn1crypto import keys
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import (
    FieldMDPSpec,
    MDPPerm,
    SigFieldSpec,
    SigSeedSubFilter,
    append_signature_field,
)
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, PdfTimeStamper, SimpleSigner
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko.sign.validation import async_validate_pdf_signature, async_validate_pdf_timestamp
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from gateway.core.admission import admit
from gateway.core.errors import DocumentFault
from gateway.core.places import Place
from gateway.core.rules import Profile
from tests.pdf.conftest import Bench, Key, Placed

BOX = (300, 100, 500, 200)
"""Where fields are put that are to be seen."""


def add_fields(path: Path, *specs: SigFieldSpec) -> Path:
    """Append empty signature fields."""
    with path.open("r+b") as stream:
        writer = IncrementalPdfFileWriter(stream)
        for spec in specs:
            append_signature_field(writer, spec)
        writer.write_in_place()
    return path


def sign(
    path: Path, key: Key, name: str, docmdp: MDPPerm | None = None, *, box: object = None
) -> Path:
    """Sign a document with pyHanko, certifying it when `docmdp` is given."""
    metadata = PdfSignatureMetadata(
        field_name=name,
        certify=docmdp is not None,
        docmdp_permissions=docmdp or MDPPerm.FILL_FORMS,
        subfilter=SigSeedSubFilter.PADES,
    )
    spec = SigFieldSpec(name, box=box) if box is not None else None  # type: ignore[arg-type]
    with path.open("r+b") as stream:
        writer = IncrementalPdfFileWriter(stream)
        signer = PdfSigner(metadata, signer=_signer(key), new_field_spec=spec)
        signer.sign_pdf(writer, in_place=True)
    return path


def time_stamp(path: Path, key: Key) -> Path:
    """Append a document time-stamp."""
    stamper = PdfTimeStamper(DummyTimeStamper(_certificate(key), _private(key)))
    with path.open("r+b") as stream:
        stamper.timestamp_pdf(
            IncrementalPdfFileWriter(stream), "sha256", in_place=True, validation_context=None
        )
    return path


def locked(name: str, lock: FieldMDPSpec, box: tuple[int, ...] = BOX) -> SigFieldSpec:
    """Describe a field that locks."""
    return SigFieldSpec(name, box=box, field_mdp_spec=lock)  # type: ignore[arg-type]


def refusal(
    bench: Bench, key: Key, original: Path, place: Placed = Place(), profile: Profile = Profile()
) -> DocumentFault:
    """Take a document as far as nothing is spent, and return why it goes no further."""
    try:
        facts = bench.reader.examine(original)
        admit(facts)
        decided = bench.plan(facts, place, profile)
        draft = bench.folder / "refused.prepared"
        artwork = (bench.artwork,) * len(decided.seals)
        bench.reader.prepare(original, draft, decided, artwork, key.signer)
    except DocumentFault as fault:
        return fault
    raise AssertionError("it would have been sent to be signed")


def judged_by_pdfsig(pdf: Path, *options: str | bytes) -> list[str]:
    """Return pdfsig's verdict on each signature."""
    done = subprocess.run(
        ("pdfsig", "-nocert", *options, pdf), capture_output=True, text=True, check=False
    )
    return re.findall(r"Signature Validation: (.*)", done.stdout)


def judged_by_pyhanko(pdf: Path, *keys_: Key) -> dict[str, bool]:
    """Return pyHanko's bottom line on each signature that is no time-stamp, by its field."""
    context = ValidationContext(
        trust_roots=[_certificate(key) for key in keys_], allow_fetching=False
    )
    with pdf.open("rb") as stream:
        reader = PdfFileReader(stream)
        return {
            signature.field_name: asyncio.run(
                async_validate_pdf_signature(signature, context)
            ).bottom_line
            for signature in reader.embedded_regular_signatures
        }


def time_stamps_hold(pdf: Path) -> bool:
    """Let pyHanko judge the document time-stamps: whether they fit, and what came after them."""
    with pdf.open("rb") as stream:
        found = PdfFileReader(stream).embedded_timestamp_signatures
        stamps = [
            asyncio.run(async_validate_pdf_timestamp(one, ValidationContext(trust_roots=[])))
            for one in found
        ]
    return bool(stamps) and all(
        stamp.intact and stamp.valid and stamp.docmdp_ok is not False for stamp in stamps
    )


def _signer(key: Key) -> SimpleSigner:
    return SimpleSigner(
        signing_cert=_certificate(key),
        signing_key=_private(key),
        cert_registry=SimpleCertificateStore(),
    )


def _certificate(key: Key) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(key.certificate)


def _private(key: Key) -> keys.PrivateKeyInfo:
    return keys.PrivateKeyInfo.load(
        key.private.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
