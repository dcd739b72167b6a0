"""What a document's permissions dictionary says about it (/Perms, ISO 32000-2, 12.8.6)."""

from __future__ import annotations

from collections.abc import Iterator

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields

from gateway.core.errors import DocumentFault
from gateway.core.facts import UsageRights
from gateway.pdf.document import entry_of
from gateway.pdf.embedded import decrypted


def usage_rights(reader: PdfFileReader) -> UsageRights | None:
    """Read the rights of a rights-enabled document: a change beyond them breaks its UR3 signature.

    Rights that cannot be read are none.
    """
    permissions = _permissions(reader)
    kind = next((key for key in ("/UR3", "/UR") if entry_of(permissions, key) is not None), None)
    if kind is None:
        return None
    granted: dict[str, tuple[str, ...]] = {}
    for parameters in _transforms(permissions[kind]):
        for key in ("/Form", "/Signature"):
            rights = parameters.get(key)
            if isinstance(rights, generic.ArrayObject):
                granted[key] = tuple(str(right) for right in rights)
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
    if entry_of(permissions, "/DocMDP") is None:
        return
    certification = permissions.raw_get("/DocMDP")
    for _, value, entry in enumerate_sig_fields(reader, filled_status=True):
        if value is not None and entry.get_object().raw_get("/V") == certification:
            return
    raise DocumentFault("pdf.earlier-signature-broken", "its certification is in no field")


def _transforms(signature: object) -> Iterator[generic.DictionaryObject]:
    if not isinstance(signature, generic.DictionaryObject) or "/Reference" not in signature:
        return
    references = decrypted(signature["/Reference"])
    for reference in references if isinstance(references, generic.ArrayObject) else ():
        if isinstance(reference, generic.DictionaryObject):
            parameters = reference.get("/TransformParams")
            if isinstance(parameters, generic.DictionaryObject):
                yield parameters


def _permissions(reader: PdfFileReader) -> generic.DictionaryObject:
    value = entry_of(reader.root, "/Perms")
    return value if isinstance(value, generic.DictionaryObject) else generic.DictionaryObject()
