"""Extend a signed file for the long term: validation data (DSS) and a document time-stamp.

ETSI EN 319 142-1, 5.4 and 5.5: a B-LT file holds, in an update after the signature, the
certificates and revocation data with which it can be validated without asking anybody; a
B-LTA file a time-stamp over all of that. Each is an incremental update of its own, so what
was signed stays the bytes that it was.
"""

from __future__ import annotations

from pathlib import Path

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509
from pydantic import BaseModel, ConfigDict
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import DocumentTimestamp, PreparedByteRangeDigest
from pyhanko.sign.validation.dss import DocumentSecurityStore

from gateway.core.errors import DocumentFault
from gateway.pdf.document import field_names, opened
from gateway.pdf.embedded import Signature
from gateway.pdf.faults import reading
from gateway.pdf.given import open_given
from gateway.pdf.signatures import signature_fields
from gateway.pdf.writing import SealingWriter, copied, end_with_newline
from gateway.ports import Evidence, Extension

_TOKEN = 16384
"""Bytes kept for a document time-stamp's token with its certificates."""
_STAMPED_WITH = "sha256"


class Hole(BaseModel):
    """Where the token of a document time-stamp goes; JSON, kept beside the extended file."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64"
    )

    document_digest: bytes
    start: int
    end: int


def extend(
    signed: Path, draft: Path, evidence: Evidence, *, vri_field: str, stamp: bool
) -> Extension | None:
    """Write the file with validation data to `draft`; with `stamp`, room for a time-stamp too.

    With `vri_field`, the data are also listed for the signature in that field. Returns the
    digest that the time-stamp is to be over, in SHA-256, and what `fill` needs.
    """
    copied(signed, draft)
    with reading("pdf.unsupported"):
        _add_store(draft, evidence, vri_field)
        return _add_stamp_hole(draft) if stamp else None


def fill(extended: Path, draft: Path, hole_text: bytes, token: bytes) -> None:
    """Put the token into the room that was kept for it."""
    with reading("pdf.unsupported"):
        hole = Hole.model_validate_json(hole_text)
        copied(extended, draft)
        if 2 * len(token) > hole.end - hole.start - 2:
            raise DocumentFault("sign.answer-too-large", f"a time-stamp of {len(token)} bytes")
        prepared = PreparedByteRangeDigest(hole.document_digest, hole.start, hole.end)
        with open_given(draft, "r+b") as stream:
            prepared.fill_with_cms(stream, token)


def last_token(path: Path) -> bytes:
    """Return the DER token of the newest document time-stamp; empty when there is none."""
    with opened(path) as (reader, _), reading():
        stamps = document_stamps(reader)
        return bytes(stamps[-1].pkcs7_content) if stamps else b""


def document_stamps(reader: PdfFileReader) -> list[Signature]:
    """Return the document time-stamps, oldest first."""
    found = [Signature(reader, field, name) for name, field in signature_fields(reader)]
    stamps = [one for one in found if one.sig_object_type == "/DocTimeStamp"]
    return sorted(stamps, key=covered_to)


def covered_to(embedded: Signature) -> int:
    """Return the offset in bytes to which a signature covers its file."""
    return int(embedded.byte_range[2]) + int(embedded.byte_range[3])


def _add_store(draft: Path, evidence: Evidence, vri_field: str) -> None:
    """Append the document security store (ISO 32000-2, 12.8.4.3), or add to it."""
    with opened(draft, "r+b") as (reader, stream):
        contents = None
        if vri_field:
            contents = dict(signature_fields(reader))[vri_field]["/V"].raw_get("/Contents")
        end_with_newline(stream)
        writer = SealingWriter(stream, reader)
        DocumentSecurityStore.supply_dss_in_writer(
            writer,
            contents.hex().encode("ascii") if contents is not None else None,
            certs=[x509.Certificate.load(der) for der in evidence.certificates],
            ocsps=[asn1_ocsp.OCSPResponse.load(der) for der in evidence.ocsps],
            crls=[asn1_crl.CertificateList.load(der) for der in evidence.crls],
        )
        writer.write_in_place()  # type: ignore[no-untyped-call]
        stream.flush()


def _add_stamp_hole(draft: Path) -> Extension:
    with opened(draft, "r+b") as (reader, stream):
        end_with_newline(stream)
        name = _free_name(reader)
        writer = SealingWriter(stream, reader)
        steps = PdfCMSEmbedder().write_cms(name, writer)
        next(steps)
        steps.send(SigObjSetup(sig_placeholder=DocumentTimestamp(bytes_reserved=2 * _TOKEN)))
        prepared, _ = steps.send(SigIOSetup(md_algorithm=_STAMPED_WITH, in_place=True))
        assert isinstance(prepared, PreparedByteRangeDigest)  # noqa: S101  # narrows a generator
        stream.flush()
    start, end = prepared.reserved_region_start, prepared.reserved_region_end
    hole = Hole(document_digest=prepared.document_digest, start=start, end=end)
    return Extension(prepared.document_digest, hole.model_dump_json().encode())


def _free_name(reader: PdfFileReader) -> str:
    taken = {name.split(".")[0] for name in field_names(reader)}
    taken |= {name.split(".")[0] for name, _ in signature_fields(reader)}
    number = 1
    while f"SealgateTime{number}" in taken:
        number += 1
    return f"SealgateTime{number}"
