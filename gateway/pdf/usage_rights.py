"""What a document's permissions dictionary says about it (/Perms, ISO 32000-2, 12.8.6)."""

from __future__ import annotations

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields

from gateway.core.errors import DocumentFault
from gateway.core.facts import UsageRights


def usage_rights(reader: PdfFileReader) -> UsageRights | None:
    """Read the rights of a rights-enabled document: a change beyond them breaks its UR3 signature.

    Rights that cannot be read are none.
    """
    permissions = _permissions(reader)
    if "/UR3" not in permissions:
        return None
    signature = permissions["/UR3"]
    granted: dict[str, tuple[str, ...]] = {}
    signed = isinstance(signature, generic.DictionaryObject) and "/Reference" in signature
    references = signature["/Reference"] if signed else None
    for entry in references if isinstance(references, generic.ArrayObject) else ():
        reference = entry.get_object()
        if isinstance(reference, generic.DictionaryObject) and "/TransformParams" in reference:
            parameters = reference["/TransformParams"]
            for key in ("/Document", "/Form", "/Signature"):
                rights = parameters[key] if key in parameters else ()
                if isinstance(rights, generic.ArrayObject):
                    granted[key] = tuple(str(right) for right in rights)
    # Both need a full save, as every incremental update with a signature is one.
    return UsageRights(
        sign="/Modify" in granted.get("/Signature", ()),
        add_fields="/Add" in granted.get("/Form", ()),
    )


def refuse_stray_certification(reader: PdfFileReader) -> None:
    """Refuse a document whose certification is in no signature field.

    Nobody could say what it allows, nor whether it still holds. Raises `DocumentFault`
    (`pdf.earlier-signature-broken`).
    """
    permissions = _permissions(reader)
    if "/DocMDP" not in permissions:
        return
    certification = permissions.raw_get("/DocMDP")
    for _, value, entry in enumerate_sig_fields(reader, filled_status=True):
        if value is not None and entry.get_object().raw_get("/V") == certification:
            return
    raise DocumentFault("pdf.earlier-signature-broken", "its certification is in no field")


def _permissions(reader: PdfFileReader) -> generic.DictionaryObject:
    value = reader.root["/Perms"] if "/Perms" in reader.root else None
    return value if isinstance(value, generic.DictionaryObject) else generic.DictionaryObject()
