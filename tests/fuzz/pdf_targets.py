"""Documents, whole and in parts, as the child process reads them."""

from __future__ import annotations

import inspect
import io
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any

from PIL import Image
from pyhanko.pdf_utils import filters, generic, xref
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.xref import XRefSectionData

from gateway.core.facts import TextQuery, Wanted
from gateway.core.flow_definition import OutsideSigner
from gateway.core.matching import decide
from gateway.core.places import Place
from gateway.core.planning import plan
from gateway.core.rules import Profile, Rule, Rulebook, Seal
from gateway.pdf import cross_references, hex_strings, patches, tokens, wire
from gateway.pdf.facts import examine
from gateway.pdf.passwords import knowing
from gateway.pdf.repairing import repair
from gateway.pdf.returning import check_return
from gateway.pdf.sealing import embed, prepare
from gateway.pdf.signature_parts import signature_parts
from gateway.pdf.timestamp_tokens import TokenReader
from gateway.pdf.verify import verify
from gateway.ports import Credential, Expectation, Signer
from gateway.ports.returning import Awaited
from tests.e2e.pages import assembled
from tests.fuzz import authorities as made
from tests.fuzz.mutating import PDF_VALUE
from tests.fuzz.pdf_seeds import BETWEEN, OBJECTS, documents
from tests.fuzz.target import Target

_PATCHED: tuple[tuple[Any, str], ...] = (
    (generic, "read_hex_string_from_stream"),
    (generic, "_maybe_read_stream_payload"),
    (generic.StreamObject, "_encoded_data"),
    (generic.NameObject, "read_from_stream"),
    (generic.IndirectObject, "read_from_stream"),
    (generic.DictionaryObject, "read_from_stream"),
    (generic.FloatObject, "__repr__"),
    (filters, "_png_decode"),
    (xref, "parse_xref_stream"),
    (xref, "parse_xref_table"),
    (XRefSectionData, "process_entries"),
)
"""What the child process has read by modules of ours."""
_DEPTH = 600
"""Of calls, as in the child process."""
_WANTED = Wanted((TextQuery("page"), TextQuery("[A-Z]+", expression=True)), text_boxes=True)


@contextmanager
def as_in_the_child() -> Iterator[None]:
    """Read with the child process's readers and depth; afterwards as before."""
    before = [(holder, name, vars(holder).get(name)) for holder, name in _PATCHED]
    deepest = sys.getrecursionlimit()
    patches.install()
    sys.setrecursionlimit(len(inspect.stack(0)) + _DEPTH)
    try:
        with knowing(()):
            yield
    finally:
        sys.setrecursionlimit(deepest)
        for holder, name, value in before:
            if value is None:
                delattr(holder, name)
            else:
                setattr(holder, name, value)


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="sealgate-fuzz-"))
    Image.new("RGBA", (40, 30), (200, 0, 0, 255)).save(folder / "seal.png")
    (folder / "sent.pdf").write_bytes(documents()[2])
    return folder


def _written(data: bytes, name: str = "document.pdf") -> Path:
    path = _folder() / name
    path.write_bytes(data)
    return path


def _examine(data: bytes) -> None:
    path = _written(data)
    with as_in_the_child():
        told = wire.Answer(facts=examine(path, _WANTED))
    text = told.model_dump_json().encode("utf-8", "backslashreplace")
    assert wire.Answer.model_validate_json(text).facts is not None


def _objects(data: bytes) -> bytes:
    return assembled(data.split(BETWEEN))


def _seal(data: bytes) -> None:
    """Seal what can be examined and planned; what is sealed passes the gate or is refused."""
    original, draft, sealed = (_folder() / name for name in ("in.pdf", "draft", "out.pdf"))
    original.write_bytes(_objects(data))
    for made_before in (draft, sealed):
        made_before.unlink(missing_ok=True)
    signer = made.der(made.signer())
    seal = Seal("seal", "0" * 64, 40.0, 30.0, "nowhere")
    rule = Rule("r", "i", "seal", (Place(),), profile=Profile())
    rulebook = Rulebook("0" * 64, (rule,), (seal,))
    credential = Credential("test", (signer,), "ecdsa", "sha256")
    with as_in_the_child():
        facts = examine(original, rulebook.wanted("i"))
        decided = plan(rulebook, decide(rulebook, "i", "x.pdf", facts), facts, "x.pdf")
        artwork = (_folder() / "seal.png",) * len(decided.seals)
        prepared = prepare(original, draft, decided, artwork, Signer(credential, (signer,)))
        embed(draft, sealed, prepared.seam, made.signed_digest(prepared.digest), None)
        verify(sealed, (signer,), Expectation(original, decided, signer))


def _repair(data: bytes) -> None:
    path, draft = _written(data), _folder() / "repaired.pdf"
    draft.unlink(missing_ok=True)
    with as_in_the_child():
        repair(path, draft)
        examine(draft, _WANTED)


def _verify(data: bytes) -> None:
    path = _written(data)
    with as_in_the_child():
        verify(path, (made.der(made.root()),), None)
        signature_parts(path)


def _return(data: bytes) -> None:
    sent = _folder() / "sent.pdf"
    returned = _written(sent.read_bytes() + data, "returned.pdf")
    awaited = Awaited(OutsideSigner("Signer"), (made.der(made.root()),), "signed")
    with as_in_the_child():
        check_return(sent, returned, awaited)


def _token(data: bytes) -> None:
    TokenReader().judge(data, (made.der(made.root()),))
    TokenReader().token_in(data)


def _same(ours: Callable[..., Any], theirs: Callable[..., Any], data: bytes) -> None:
    """Compare what is read, of which kind, and where the stream stands then; or the refusal."""
    one, other = (_outcome(read, data) for read in (ours, theirs))
    assert one == other, f"{one} is not {other}"


def _outcome(read: Callable[..., Any], data: bytes) -> tuple[object, ...]:
    stream = io.BytesIO(data)
    try:
        value = read(stream)
    except (
        PdfError,
        ValueError,
        ArithmeticError,
        AssertionError,
        TypeError,
        IndexError,
    ) as refusal:
        return (type(refusal), str(refusal))
    kind = generic.NameObject if isinstance(value, tokens.SharedName) else type(value)
    return kind, value, stream.tell()


def _table(fill: bool, stream: io.BytesIO) -> tuple[object, ...]:
    read = cross_references.parse_table if fill else cross_references._TABLE_SLOWLY
    process = cross_references.process if fill else cross_references._PROCESS_SLOWLY
    data = XRefSectionData()
    highest = process(data, read(stream, False), False)
    packed = {number: data.xrefs_in_objstm[number] for number in data.xrefs_in_objstm}
    return highest, dict(data.freed), dict(data.standard_xrefs), packed


_HOLDER = generic.TrailerReference(None)
_PDF = (
    *(b" obj\n", b"endobj", b"stream\n", b"endstream", b"xref\n", b"trailer\n", b"startxref\n"),
    *(b"<<", b">>", b"[", b"]", b"(", b")", b"/", b" 0 R ", b"%%EOF\n", b"null", b"true"),
    *(b"/Kids ", b"/Parent ", b"/Type /Page ", b"/Length ", b"/Filter /FlateDecode ", b"/Prev "),
    *(b"/Size ", b"/Root 1 0 R ", b"/MediaBox [0 0 9 9] ", b"/Rotate ", b"/UserUnit ", b"/Annots "),
    *(b"/AcroForm ", b"/Fields ", b"/FT /Sig ", b"/V ", b"/Contents ", b"/ByteRange ", b"/Perms "),
    *(b"/OpenAction ", b"/AA ", b"/JS ", b"/Names ", b"/EmbeddedFiles ", b"/OCProperties "),
    *(b"/StructTreeRoot ", b"/Metadata ", b"/Lang ", b"/Outlines ", b"/XFA ", b"/Encrypt "),
)

PDF_TARGETS = (
    Target(
        "pdf-examine", _examine, documents, _PDF, tries=200, part=PDF_VALUE, translates_all=True
    ),
    Target(
        "pdf-objects",
        lambda data: _examine(_objects(data)),
        lambda: OBJECTS,
        (*_PDF, BETWEEN),
        tries=200,
        part=PDF_VALUE,
        translates_all=True,
    ),
    Target(
        "pdf-seal",
        _seal,
        lambda: OBJECTS,
        (*_PDF, BETWEEN),
        tries=30,
        part=PDF_VALUE,
        translates_all=True,
    ),
    Target("pdf-repair", _repair, documents, _PDF, tries=60, part=PDF_VALUE, translates_all=True),
    Target(
        "pdf-verify",
        _verify,
        lambda: documents()[2:3],
        _PDF,
        tries=60,
        part=PDF_VALUE,
        translates_all=True,
    ),
    Target(
        "pdf-return",
        _return,
        tuple,
        _PDF,
        tries=40,
        part=PDF_VALUE,
        translates_all=True,
    ),
    Target(
        "log-token", _token, lambda: (made.token(), made.response()), tries=100, translates_all=True
    ),
    Target(
        "pdf-name",
        partial(_same, tokens.read_name, tokens._NAME_SLOWLY),
        lambda: (b"/Type ", b"/A#20B>", b"/" + b"x" * 50 + b"("),
        (b"#", b"\0", b"%", b"\x80"),
    ),
    Target(
        "pdf-reference",
        partial(
            _same,
            partial(tokens.read_reference, container_ref=_HOLDER),
            partial(tokens._REFERENCE_SLOWLY, container_ref=_HOLDER),
        ),
        lambda: (b"1 0 R ", b"12\n3 R/X", b"1 0 %c\nR "),
        (b" ", b"\r", b"0", b"R", b"%"),
    ),
    Target(
        "pdf-hex-string",
        partial(_same, hex_strings.read_hex_string, hex_strings._READ_SLOWLY),
        lambda: (b"<48 65>", b"<FEFF0041>", b"<4%c\n8>", b"<414>"),
        (b"<", b">", b" ", b"FEFF", b"EFBBBF", b"\0"),
    ),
    Target(
        "pdf-table",
        partial(_same, partial(_table, True), partial(_table, False)),
        lambda: (
            b"\n0 3\n0000000000 65535 f\r\n0000000017 00000 n\r\n0000000081 00003 n\r\ntrailer",
            b"\n0 1\n0000000000 65535 f \n7 1\n0000000005 00000 n \ntrailer<<",
        ),
        (b"\r\n", b" \n", b"trailer", b"0000000009 00000 n\r\n", b"1 1\n"),
    ),
)
