"""What examining a document finds in it, by the names of `core.findings`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pyhanko.sign.fields import SigFieldSpec

from gateway.core.admission import admit
from gateway.core.errors import DocumentFault
from gateway.core.findings import KINDS, NAMES, FindingCondition, Severity, refused
from gateway.pdf.reader import ReaderDocuments
from tests.e2e.pages import assembled, write_pdf
from tests.pdf import tampering
from tests.pdf.conftest import Bench, Key
from tests.pdf.making import BOX, add_fields, judged_by_pdfsig, sign
from tests.pdf.tampering import Raw

DOCS = Path(__file__).parents[2] / "docs"


def made(*more: bytes, catalog: bytes = b"", page: bytes = b"", pages: bytes = b"1") -> bytes:
    """Return a document of one page with further entries, and objects from number 5 on."""
    content = b"<< /Length 14 >>\nstream\n0 0 99 99 re f\nendstream"
    return assembled(
        [
            b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
            b"<< /Type /Pages /Kids [3 0 R] /Count %s >>" % pages,
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R %s >>" % page,
            content,
            *more,
        ]
    )


def with_second_body() -> bytes:
    """Put a second body of the page's content before the table, which does not list it."""
    whole = made()
    head, table = whole[: whole.rindex(b"xref\n0")], whole[whole.rindex(b"xref\n0") :]
    second = b"4 0 obj\n<< /Length 13 >>\nstream\n0 0 9 9 re f  \nendstream\nendobj\n"
    moved = table.replace(b"startxref\n%d" % len(head), b"startxref\n%d" % len(head + second))
    return head + second + moved


def with_repeated_body() -> bytes:
    """Put the page's content there once more, word for word."""
    whole = with_second_body()
    first, second = whole.index(b"4 0 obj"), whole.rindex(b"4 0 obj")
    body = whole[first : whole.index(b"endobj", first)]
    other = whole[second : whole.index(b"endobj", second)]
    assert len(body) == len(other)
    return whole[:second] + body + whole[second + len(body) :]


def hybrid() -> bytes:
    """Let the trailer point to a cross-reference stream, too."""
    whole = made()
    place = whole.rindex(b"xref\n0")
    stream = b"5 0 obj\n<< /Type /XRef /Size 6 /W [1 4 1] /Index [5 1] /Length 6 /Root 1 0 R >>\n"
    stream += b"stream\n\x01%s\x00\nendstream\nendobj\n" % place.to_bytes(4, "big")
    table = whole[place:].replace(b"/Root 1 0 R", b"/Root 1 0 R /XRefStm %d" % place)
    table = table.replace(b"startxref\n%d" % place, b"startxref\n%d" % (place + len(stream)))
    table = table.replace(b"/Size 5", b"/Size 6")
    return whole[:place] + stream + table


SCRIPT = b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>"
SHAPES: dict[str, tuple[Callable[[], bytes], str]] = {
    "plain": (made, ""),
    "trailing": (lambda: made() + b"\nmore\n", "trailing-bytes (4 bytes)"),
    "zeros": (lambda: made() + bytes(500), ""),
    "size": (
        lambda: made().replace(b"/Size 5", b"/Size 3"),
        "size-too-small (/Size 3, highest object 4)",
    ),
    "count": (lambda: made(pages=b"0"), "page-count-wrong (0 instead of 1)"),
    "length": (
        lambda: made(b"<< /Length 9 >>\nstream\n0 0 99 99 re f\nendstream"),
        "stream-length-wrong (1 streams)",
    ),
    "second": (with_second_body, "shadow-objects (object 4)"),
    "repeated": (with_repeated_body, ""),
    "hybrid": (hybrid, "hybrid-cross-reference"),
    "opening": (lambda: made(catalog=b"/OpenAction " + SCRIPT), "javascript (when it is opened)"),
    "named": (
        lambda: made(catalog=b"/Names << /JavaScript << /Names [(a) " + SCRIPT + b"] >> >>"),
        "javascript (for the whole document)",
    ),
    "trigger": (lambda: made(page=b"/AA << /O " + SCRIPT + b" >>"), "javascript (page 1)"),
    "next": (
        lambda: made(
            b"<< /S /GoTo /D [3 0 R /Fit] /Next [5 0 R << /S /Launch /F (x.exe) >>] >>",
            catalog=b"/OpenAction 5 0 R",
        ),
        "launch-action (when it is opened)",
    ),
    "submit": (
        lambda: made(
            page=b"/Annots [<< /Subtype /Link /Rect [0 0 9 9] /A << /S /SubmitForm /F (x) >> >>]"
        ),
        "form-submission (page 1)",
    ),
    "film": (
        lambda: made(page=b"/Annots [<< /Subtype /Movie /Rect [0 0 9 9] >>]"),
        "rich-media (page 1)",
    ),
    "attached": (
        lambda: made(
            b"<< /Type /Filespec /F (a.txt) /EF << /F 6 0 R >> >>",
            b"<< /Length 1 >>\nstream\nx\nendstream",
            catalog=b"/Names << /EmbeddedFiles << /Kids [<< /Names [(a) 5 0 R] >>] >> >>",
        ),
        "embedded-files (a.txt)",
    ),
    "layer": (
        lambda: made(
            b"<< /Type /OCG /Name (x) >>",
            catalog=b"/OCProperties << /OCGs [5 0 R] /D << /OFF [5 0 R] >> >>",
        ),
        "hidden-layers",
    ),
    "layer-for-print": (
        lambda: made(
            b"<< /Type /OCG /Name (x) /Usage << /Print << /PrintState /OFF >> >> >>",
            catalog=b"/OCProperties << /OCGs [5 0 R] /D << >> >>",
        ),
        "layers-for-print",
    ),
    "comment": (
        lambda: made(page=b"/Annots [<< /Subtype /Square /Rect [0 0 9 9] /F 2 >>]"),
        "hidden-annotations (page 1)",
    ),
    "outside": (
        lambda: made(
            b"<< /Length 0 /Type /XObject /Subtype /Image /F (other.jpg) >>\nstream\n\nendstream",
            page=b"/Resources << /XObject << /I 5 0 R >> >>",
        ),
        "external-content (page 1)",
    ),
    "xfa": (lambda: made(catalog=b"/AcroForm << /Fields [] /XFA (x) >>"), "xfa"),
}


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_shape(reader: ReaderDocuments, tmp_path: Path, shape: str) -> None:
    """Each shape of a document is found for what it is, and for nothing else."""
    make, expected = SHAPES[shape]
    path = tmp_path / "x.pdf"
    path.write_bytes(make())
    found = [one.words for one in reader.examine(path).findings]
    assert found == ([expected] if expected else [])


TAMPERED: dict[str, tuple[Raw | tampering.Change, str]] = {
    "changed": (tampering.other_content, "changed-after-signature"),
    "covered": (tampering.annotation, "changed-after-signature"),
    "wrapped": (tampering.wrapped, "signature-wrapped"),
    "unranged": (tampering.unranged, "signature-broken"),
    "rotated": (tampering.replaced(b"(Once)", b"(Else)"), "signature-broken"),
}


@pytest.mark.parametrize("how", sorted(TAMPERED))
def test_tampered(reader: ReaderDocuments, elliptic_key: Key, tmp_path: Path, how: str) -> None:
    """What was done to a signed document is named, and refused whatever the rule says."""
    path = add_fields(write_pdf(tmp_path / "x.pdf", ("Once",)), SigFieldSpec("First", box=BOX))
    sign(path, elliptic_key, "First")
    change, expected = TAMPERED[how]
    if how in ("changed", "covered"):
        tampering.updated(path, change)  # type: ignore[arg-type]
    else:
        path.write_bytes(change(path.read_bytes()))  # type: ignore[arg-type]
    facts = reader.examine(path)
    assert expected in [one.name for one in facts.findings]
    with pytest.raises(DocumentFault) as fault:
        admit(facts)
    assert (fault.value.code, fault.value.detail) == (
        "pdf.earlier-signature-broken",
        f"{expected}: First",
    )


def test_removed_signature(reader: ReaderDocuments, elliptic_key: Key, tmp_path: Path) -> None:
    """A document from which a signature was taken is refused unless the rule allows it."""
    path = sign(write_pdf(tmp_path / "x.pdf"), elliptic_key, "First", box=BOX)
    tampering.updated(path, tampering.emptied("First"))
    found = reader.examine(path).findings
    assert [one.words for one in refused(found)] == ["signature-removed (1)"]
    assert not refused(found, allow=("signature-removed",))


def test_signed_document(reader: ReaderDocuments, elliptic_key: Key, tmp_path: Path) -> None:
    """A sound signature is told, and is nothing to be refused."""
    path = sign(write_pdf(tmp_path / "x.pdf"), elliptic_key, "First", box=BOX)
    facts = reader.examine(path)
    assert [one.words for one in facts.findings] == [
        "updated (2 sections)",
        "signed (First)",
        "form (1 fields)",
    ]
    assert not refused(facts.findings)


@pytest.mark.parametrize(
    ("allow", "refuse", "names"),
    [
        ((), (), ["launch-action"]),
        (("active-content",), (), []),
        (("active-content",), ("javascript",), ["javascript"]),
        (("javascript",), ("active-content",), ["launch-action"]),
        ((), ("updated",), ["launch-action", "updated"]),
    ],
)
def test_what_a_rule_refuses(
    reader: ReaderDocuments,
    tmp_path: Path,
    allow: tuple[str, ...],
    refuse: tuple[str, ...],
    names: list[str],
) -> None:
    """Danger is refused by default; of two words of a rule the more particular one counts."""
    path = tmp_path / "x.pdf"
    action = b"/OpenAction << /S /Launch /F (x) /Next " + SCRIPT + b" >>"
    path.write_bytes(made(catalog=action))
    tampering.updated(path, tampering.orphan)
    found = reader.examine(path).findings
    assert {"launch-action", "javascript", "updated"} <= {one.name for one in found}
    assert sorted(one.name for one in refused(found, allow=allow, refuse=refuse)) == names
    assert FindingCondition("active-content").holds(found)
    assert not FindingCondition("javascript", absent=True).holds(found)


def test_page_of_findings() -> None:
    """docs/examination.md has every finding with its weight and meaning, and rules know them."""
    text = (DOCS / "examination.md").read_text()
    for kind in KINDS.values():
        assert f"| `{kind.name}` | {kind.severity} | {kind.meaning} |" in text
    assert {name for name in KINDS if KINDS[name].severity is not Severity.BROKEN} < set(NAMES)


def test_sealed_documents_are_sound(bench: Bench, key: Key, tmp_path: Path) -> None:
    """What we seal has nothing to be refused, and is sealed again."""
    sealed, _, _ = bench.seal(write_pdf(tmp_path / "x.pdf"), key)
    facts = bench.reader.examine(sealed)
    assert not refused(facts.findings)
    assert not [one for one in facts.findings if one.kind.severity is not Severity.NOTE]
    assert judged_by_pdfsig(sealed) == ["Signature is Valid."]
