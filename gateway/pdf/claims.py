"""What a document says of itself: PDF/A in its metadata, and that it is tagged."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from typing import TypeVar
from xml.parsers import expat

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from gateway.core.errors import DocumentFault
from gateway.core.facts import Claims
from gateway.pdf.document import entry_of
from gateway.pdf.faults import reading

_Told = TypeVar("_Told")

LARGEST = 1 << 20
"""Bytes of a metadata packet; of a larger one nothing is believed."""

_IDENTIFICATION = "http://www.aiim.org/pdfa/ns/id/ "
"""The schema by which a document says which PDF/A it is (ISO 19005-1, 6.7.11), and a separator."""


def claims_of(reader: PdfFileReader) -> Claims:
    """Read what the catalog and the document's metadata claim; what cannot be read claims nothing.

    Tagged is a document whose content is marked and that has a structure tree (ISO 32000-2, 14.8).
    """
    return Claims(
        pdfa=_pdfa(_where_readable(_packet, reader) or b""),
        tagged=bool(_where_readable(_tagged, reader)),
    )


def _where_readable(read: Callable[[PdfFileReader], _Told], reader: PdfFileReader) -> _Told | None:
    try:
        with reading():
            return read(reader)
    except DocumentFault as fault:
        if fault.code != "pdf.unreadable":
            raise
        return None


def _tagged(reader: PdfFileReader) -> bool:
    mark, tree = entry_of(reader.root, "/MarkInfo"), entry_of(reader.root, "/StructTreeRoot")
    marked = entry_of(mark, "/Marked") if isinstance(mark, generic.DictionaryObject) else None
    said = isinstance(marked, generic.BooleanObject) and bool(marked)
    return said and isinstance(tree, generic.DictionaryObject)


def _packet(reader: PdfFileReader) -> bytes:
    """Return the metadata packet; empty when there is none or it is larger than is believed."""
    stream = _stream(reader)
    if not isinstance(stream, generic.StreamObject):
        return b""
    packed: bytes = stream.encoded_data
    filters = entry_of(stream, "/Filter") or ()
    names = [str(name) for name in ((filters,) if isinstance(filters, str) else _members(filters))]
    # What /Crypt leaves alone (its identity filter) is plain; anything else cannot be parsed.
    match [name for name in names if name != "/Crypt"]:
        case []:
            data = packed
        case ["/FlateDecode"] if len(packed) <= LARGEST:
            data = zlib.decompressobj().decompress(packed, LARGEST + 1)
        case _:
            return b""
    return data if len(data) <= LARGEST else b""


def _stream(reader: PdfFileReader) -> object:
    """Return the metadata stream.

    pyHanko decrypts it even in documents that say that it is not encrypted.
    """
    handler = reader.security_handler
    if handler is None or handler.encrypt_metadata:
        return entry_of(reader.root, "/Metadata")
    entry = reader.root.raw_get("/Metadata") if "/Metadata" in reader.root else None
    if not isinstance(entry, generic.IndirectObject):
        return None
    found = reader.get_object(entry.reference, transparent_decrypt=False)
    return found.raw_object if isinstance(found, generic.DecryptedObjectProxy) else found


def _members(value: object) -> tuple[object, ...]:
    return tuple(value) if isinstance(value, generic.ArrayObject) else ()


def _pdfa(packet: bytes) -> str:
    """Return part and conformance from a metadata packet; empty when it claims none."""
    listener = _Listener()
    if not packet or not listener.read(packet):
        return ""
    part, conformance = listener.said.get("part", ""), listener.said.get("conformance", "")
    if not re.fullmatch("[1-9]", part) or not re.fullmatch("[A-Za-z]?", conformance):
        return ""
    return part + conformance.lower()


class _Listener:
    """Hears what a packet says in the identification schema, as elements or as attributes."""

    def __init__(self) -> None:
        self.said: dict[str, str] = {}
        self._open = ""
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._refuse

    def read(self, packet: bytes) -> bool:
        """Parse a packet; tell whether it is sound and declares no entities."""
        try:
            self._parser.Parse(packet.strip(b"\0") if packet[:1] == b"<" else packet, True)
        except (expat.ExpatError, _DoctypeError, LookupError, ValueError):
            return False
        self.said = {key: value.strip() for key, value in self.said.items()}
        return True

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        for attribute, value in attributes.items():
            if attribute.startswith(_IDENTIFICATION):
                self.said.setdefault(attribute.removeprefix(_IDENTIFICATION), value)
        key = name.removeprefix(_IDENTIFICATION)
        self._open = key if key != name and key not in self.said else ""
        if self._open:
            self.said[self._open] = ""

    def _characters(self, text: str) -> None:
        if self._open:
            self.said[self._open] += text

    def _end(self, _name: str) -> None:
        self._open = ""

    def _refuse(self, *_: object) -> None:
        raise _DoctypeError


class _DoctypeError(Exception):
    """A packet declares a document type, which could bring entities."""
