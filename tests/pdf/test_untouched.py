"""Pages are left undrawn only where nothing that they are drawn from can have changed."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

from gateway.core.errors import DocumentFault
from gateway.core.places import Place
from gateway.pdf import payloads, pictures
from gateway.pdf.rasters import Canvas
from gateway.pdf.untouched import only_marked_change
from tests.e2e.pages import assembled, write_pdf
from tests.pdf.conftest import Bench, Key
from tests.pdf.tampering import annotation, orphan, updated

STREAM = b"<< /Length 36 >>\nstream\nBT /F1 14 Tf 60 400 Td (Words) Tj ET\nendstream"
NEXT = 12
"""Number of the first object that an update of `document` adds."""


def document(
    path: Path, second: bytes = b"", catalog: bytes = b"", extra: bytes = b"<< >>"
) -> Path:
    """Write three pages; `second` goes into the dictionary of the second one."""
    font = b"/Resources << /Font << /F1 9 0 R >> >>"
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] %s /Contents %d 0 R >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
        b"<< /Type /Pages /Kids [3 0 R 4 0 R 5 0 R] /Count 3 >>",
        page % (font, 6),
        page % (second or font, 7),
        page % (font, 8),
        *[STREAM] * 3,
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        extra,
    ]
    path.write_bytes(assembled(objects))
    return path


def later(original: Path, change: Callable[[IncrementalPdfFileWriter], None]) -> Path:
    """Return a copy with an update."""
    return updated(shutil.copyfile(original, original.with_name("later.pdf")), change)


HARMLESS = {
    "plain": {},
    "links": {
        "second": b"/Annots [<< /Subtype /Link /Rect [0 0 9 9] /Dest [3 0 R /Fit] /P 3 0 R >>]"
    },
    "fields of a form that stays": {
        "catalog": b"/AcroForm << /Fields [10 0 R] /DA (/F1 9 Tf) >>",
        "second": b"/Annots [10 0 R]",
        "extra": b"<< /Subtype /Widget /T (a) /FT /Tx /Rect [0 0 9 9] /P 4 0 R >>",
    },
}


@pytest.mark.parametrize("name", sorted(HARMLESS))
def test_shown(tmp_path: Path, name: str) -> None:
    """An annotation on the marked page leaves the others as they are; unmarked, it does not."""
    original = document(tmp_path / "o.pdf", **HARMLESS[name])
    changed = later(original, annotation)
    assert only_marked_change(original, changed, {0})
    assert not only_marked_change(original, changed, {1})


DOUBTFUL = {
    "leads to a new object": {"second": b"/Resources << /XObject << /X %d 0 R >> >>" % NEXT},
    "leads there by a list": {"second": b"/Annots [<< /Subtype /Stamp /AP [10 0 R] >>]",
                              "extra": b"[[<< /N %d 0 R >>]]" % NEXT},
    "says it twice": {
        "second": b"/Resources << /XObject << >> /XObject << /X %d 0 R >> >>" % NEXT
    },
    "leads to another page": {"second": b"/Resources << /XObject << /X 3 0 R >> >>"},
    "fields without a form": {"second": b"/Annots [<< /Subtype /Widget /Rect [0 0 9 9] >>]"},
    "endless": {"second": b"/Resources << /X %s >>" % (b"<< /X " * 60 + b"1" + b" >>" * 60)},
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(DOUBTFUL))
def test_not_shown(tmp_path: Path, name: str) -> None:
    """Where a page could be drawn from what is new, or readers could differ, nothing is claimed."""
    original = document(tmp_path / "o.pdf", **DOUBTFUL[name])
    assert not only_marked_change(original, later(original, annotation), {0})


def test_later_revisions_count(tmp_path: Path) -> None:
    """Every revision after the original is looked at, not only the newest."""
    original = document(tmp_path / "o.pdf")
    changed = later(original, lambda writer: _redefine(writer, 7))
    assert not only_marked_change(original, updated(changed, orphan), {0})


def _redefine(writer: IncrementalPdfFileWriter, number: int) -> None:
    writer.mark_update(generic.Reference(number, 0, writer))


@pytest.mark.parametrize("number", [2, 4, 7, 9])
def test_redefined(tmp_path: Path, number: int) -> None:
    """A page tree, page, content or font that the update writes again must be drawn."""
    original = document(tmp_path / "o.pdf")
    assert not only_marked_change(original, later(original, lambda w: _redefine(w, number)), {0})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"%PDF-1.7\n", b"\n%PDF-1.7"),
        (b"%\xe2\xe3\xcf\xd3", b"<</Linearized 1>>"),
        (b"%%EOF\n", b"%%EOF\nstartxref\n9\n"),
    ],
)
def test_readers_that_may_differ(tmp_path: Path, old: bytes, new: bytes) -> None:
    """A file that some reader may open by another way is drawn."""
    original = document(tmp_path / "o.pdf")
    original.write_bytes(original.read_bytes().replace(old, new))
    changed = original.with_name("later.pdf")
    changed.write_bytes(original.read_bytes() + b"\n")
    assert not only_marked_change(original, changed, {0})


def test_another_file_of_the_same_name(tmp_path: Path) -> None:
    """Nothing is remembered of a file: another one under its name is looked at anew."""
    original = document(tmp_path / "o.pdf")
    assert only_marked_change(original, later(original, annotation), {0})
    document(original, second=b"/Resources << /XObject << /X %d 0 R >> >>" % NEXT)
    assert not only_marked_change(original, later(original, annotation), {0})


def test_only_the_sealed_page_is_drawn(
    bench: Bench, key: Key, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a plain document of many pages the gate draws the one with the seal."""
    original = write_pdf(tmp_path / "many.pdf", texts=("Page",) * 30)
    sealed, plan, _ = bench.seal(original, key, Place())
    drawn: list[int] = []
    draw = Canvas.draw
    monkeypatch.setattr(
        Canvas, "draw", lambda self, file, index: (drawn.append(index), draw(self, file, index))[1]
    )
    frames = bench.reader.examine(original).pages
    pictures.compare(original, sealed, plan.marks, frames)
    assert drawn == [29, 29]


def test_a_page_that_waits_for_the_update_is_found_out(
    bench: Bench, key: Key, tmp_path: Path
) -> None:
    """A page that would show what sealing adds is drawn, seen to change, and refused."""
    resources = b" ".join(b"/X%d %d 0 R" % (at, NEXT + at) for at in range(9))
    content = b" ".join(b"q 300 0 0 300 100 100 cm /X%d Do Q" % at for at in range(9))
    extra = b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content)
    second = b"/Resources << /XObject << %s >> >> /Contents 10 0 R" % resources
    original = document(tmp_path / "o.pdf", second=second, extra=extra)
    text = original.read_bytes().replace(
        b"/Contents 10 0 R /Contents 7 0 R", b"/Contents 10 0 R" + b" " * 16
    )
    original.write_bytes(text)
    with pytest.raises(DocumentFault) as refused:
        bench.seal(original, key, Place())
    assert refused.value.code == "gate.page-changed"


def test_streams_are_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """References are followed without reading what streams hold; other readers still get it."""
    monkeypatch.setattr(generic, "_maybe_read_stream_payload", payloads.read_payload)
    read: list[object] = []
    slowly = payloads._READ
    monkeypatch.setattr(
        payloads, "_READ", lambda *call: (read.append(call[1].get("/Type")), slowly(*call))[1]
    )
    packed = tmp_path / "packed.pdf"
    plain = document(tmp_path / "plain.pdf")
    subprocess.run(["qpdf", "--object-streams=generate", plain, packed], check=True)
    for original in (plain, packed):
        changed = later(original, annotation)
        read.clear()
        assert only_marked_change(original, changed, {0})
        assert set(read) <= {"/ObjStm", "/XRef"}
        with changed.open("rb") as stream:
            page, _ = PdfFileReader(stream).find_page_for_modification(1)
            assert b"(Words) Tj" in page.get_object()["/Contents"].data
