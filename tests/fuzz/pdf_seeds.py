"""Small documents, each as a list of objects, that have much of what documents can have."""

from __future__ import annotations

from collections.abc import Iterable

from tests.e2e.pages import assembled

BETWEEN = b"\n%%\n"
"""Stands between the objects of an input; the first of them is the catalog."""

_PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
_PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 400] /Contents 4 0 R %s >>"
_FONT = b"/Resources << /Font << /F 5 0 R >> >>"


def stream(data: bytes, entries: bytes = b"") -> bytes:
    """Return a stream object."""
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), entries, data)


_WORDS = stream(b"BT /F 14 Tf 60 200 Td (A page: Seal here) Tj ET 0 0 m 9 9 l S")
_HELVETICA = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"


def _document(catalog: bytes = b"", page: bytes = b"", more: Iterable[bytes] = ()) -> bytes:
    first = b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog
    return BETWEEN.join((first, _PAGES, _PAGE % (_FONT + page), _WORDS, _HELVETICA, *more))


_PLAIN = _document()
_TURNED = _document(page=b" /Rotate 90 /CropBox [10 10 200.5 300] /UserUnit 2 /Group << /S /X >>")
_FORM = _document(
    b"/AcroForm 6 0 R",
    b"/Annots [7 0 R 8 0 R]",
    (
        b"<< /Fields [7 0 R 8 0 R] /SigFlags 3 /NeedAppearances true /DA (/F 0 Tf) >>",
        b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (name) /V (Anna) /Rect [9 9 99 29] /F 4 "
        b"/P 3 0 R >>",
        b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (signed) /Rect [9 40 99 60] /F 132 "
        b"/P 3 0 R /Lock << /Type /SigFieldLock /Action /Include /Fields [(name)] >> "
        b"/SV << /Type /SV /Ff 0 /SubFilter [/ETSI.CAdES.detached] >> >>",
    ),
)
_ACTIVE = _document(
    b"/OpenAction 6 0 R /AA << /WC 6 0 R >> /Outlines 7 0 R /Names 8 0 R /Lang (en) "
    b"/OCProperties << /OCGs [10 0 R] /D << /OFF [10 0 R] /BaseState /ON >> >>",
    b"/Annots [11 0 R]",
    (
        b"<< /S /JavaScript /JS (app.alert\\(1\\)) /Next [<< /S /Launch /F (x) >>] >>",
        b"<< /First 12 0 R /Last 12 0 R /Count 1 >>",
        b"<< /EmbeddedFiles << /Names [(a) 9 0 R] >> /JavaScript << /Kids [] >> >>",
        b"<< /Type /Filespec /F (a.txt) /UF (a.txt) /EF << /F 13 0 R >> >>",
        b"<< /Type /OCG /Name (Layer) >>",
        b"<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /F 2 /A << /S /URI /URI (u) >> >>",
        b"<< /Title (T) /Parent 7 0 R /A 6 0 R >>",
        stream(b"text", b"/Type /EmbeddedFile"),
    ),
)
_XMP = (
    b'<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
    b'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    b'xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" pdfaid:part="2" pdfaid:conformance="B"/>'
    b'</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)
_TAGGED = _document(
    b"/MarkInfo << /Marked true >> /StructTreeRoot 6 0 R /Metadata 8 0 R /OutputIntents [<< "
    b"/S /GTS_PDFA1 >>] /ViewerPreferences << /DisplayDocTitle true >> /Perms << >>",
    b"/StructParents 0 /Tabs /S",
    (
        b"<< /Type /StructTreeRoot /K 7 0 R /ParentTree << /Nums [0 [7 0 R]] >> "
        b"/ParentTreeNextKey 1 >>",
        b"<< /Type /StructElem /S /Document /P 6 0 R /Pg 3 0 R /K 0 >>",
        stream(_XMP, b"/Type /Metadata /Subtype /XML"),
    ),
)
OBJECTS = (_PLAIN, _TURNED, _FORM, _ACTIVE, _TAGGED)


def documents() -> tuple[bytes, ...]:
    """Return whole documents."""
    return tuple(assembled(one.split(BETWEEN)) for one in OBJECTS)
