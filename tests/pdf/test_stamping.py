"""Stamps on pages that are unusual, shared or broken: in place, alone, and liked by others."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from gateway.core.lengths import Length
from gateway.core.pages import ANYWHERE
from gateway.core.places import AtCorner, Corner, Fit, Place
from gateway.core.secret import Secret
from gateway.core.site import Limits
from gateway.pdf.reader import ReaderDocuments
from tests.e2e.pages import assembled, write_pdf
from tests.pdf.conftest import SMALL, Bench, Key
from tests.pdf.making import judged_by_pdfsig, refusal
from tests.pdf.rendering import RENDERERS, difference, draw, pixels, upright

PLACES = (
    Place(AtCorner(Corner.BOTTOM_RIGHT, Length(5, "mm"))),
    Place(AtCorner(Corner.TOP_LEFT, Length(5, "mm")), ANYWHERE, seal=SMALL.name),
)
BOX = "/MediaBox [0 0 400 300]"
MARK = "0 0.6 0.6 rg 180 140 30 20 re f"
"""What pages show: a small rectangle in the middle."""


def stream(content: str, entries: str = "") -> bytes:
    """Return a stream object."""
    return f"<< /Length {len(content)} {entries} >>\nstream\n{content}\nendstream".encode("latin-1")


def book(*pages: str, tree: str = "", catalog: str = "", others: tuple[bytes, ...] = ()) -> bytes:
    """Return a document; pages are numbered from 3, `others` from 10."""
    kids = " ".join(f"{3 + number} 0 R" for number in range(len(pages)))
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {catalog} >>".encode(),
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} {tree} >>".encode(),
        *(f"<< /Type /Page /Parent 2 0 R {page} >>".encode() for page in pages),
    ]
    objects += [b"null"] * (9 - len(objects))
    return assembled([*objects, *others])


FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
CONTENT = stream(MARK)
TAKEN = stream(MARK, "/Type /XObject /Subtype /Form /BBox [0 0 400 300]")

STRANGE: dict[str, bytes] = {
    "no resources, no content": book(BOX),
    "null content and resources": book(f"{BOX} /Contents null /Resources null /Annots null"),
    "content that is not there": book(f"{BOX} /Contents 99 0 R /Resources 98 0 R /Annots 97 0 R"),
    "content that is null": book(f"{BOX} /Contents 9 0 R /Resources 9 0 R /Annots 9 0 R"),
    "no content in an array": book(f"{BOX} /Contents [] /Resources << >> /Annots []"),
    "an array with nulls": book(
        f"{BOX} /Contents [null 10 0 R 9 0 R 99 0 R null] /Annots [null 9 0 R]",
        others=(CONTENT,),
    ),
    "an array elsewhere": book(
        f"{BOX} /Contents 10 0 R", others=(b"[11 0 R 12 0 R]", stream("0 0.6 0.6 rg"), CONTENT)
    ),
    "the same content twice": book(*[f"{BOX} /Contents 10 0 R"] * 2, others=(CONTENT,)),
    "resources from above, written there": book(
        *["/Contents 10 0 R"] * 3,
        tree=f"{BOX} /Resources << /Font << /F1 11 0 R >> >>",
        others=(CONTENT, FONT),
    ),
    "resources from above, an object": book(
        *["/Contents 10 0 R"] * 3,
        tree=f"{BOX} /Resources 11 0 R",
        others=(CONTENT, b"<< /XObject 12 0 R >>", b"<< >>"),
    ),
    "forms shared, a name taken": book(
        *[f"{BOX} /Contents 10 0 R /Resources << /XObject 11 0 R >>"] * 3,
        others=(stream("/Sealgate1 Do"), b"<< /Sealgate1 12 0 R /Sealgate3 12 0 R >>", TAKEN),
    ),
    "a name taken by nothing": book(
        f"{BOX} /Contents 10 0 R /Resources << /XObject << /Sealgate1 99 0 R >> >>",
        others=(CONTENT,),
    ),
    "forms that are none": book(
        f"{BOX} /Contents 10 0 R /Resources << /XObject [1 2] >>", others=(CONTENT,)
    ),
    "resources that are none": book(
        f"{BOX} /Contents 10 0 R /Resources [/Font]", others=(CONTENT,)
    ),
    "annotations that pages share": book(
        *[f"{BOX} /Contents 10 0 R /Annots 11 0 R"] * 2, others=(CONTENT, b"[]")
    ),
    "a form that is null": book(
        f"{BOX} /Contents 10 0 R", catalog="/AcroForm null", others=(CONTENT,)
    ),
    "a form that is nowhere": book(
        f"{BOX} /Contents 10 0 R", catalog="/AcroForm 99 0 R", others=(CONTENT,)
    ),
    "a form whose fields are null": book(
        f"{BOX} /Contents 10 0 R",
        catalog="/AcroForm << /Fields null /NeedAppearances true >>",
        others=(CONTENT,),
    ),
    "boxes without extent": book("/MediaBox [0 0 0 0] /Contents 10 0 R", others=(CONTENT,)),
    "a page twice as large as it says": book(
        f"{BOX} /UserUnit 2 /Contents 10 0 R", others=(CONTENT,)
    ),
    "turned, its corner elsewhere": book(
        "/MediaBox [-100 50 300 350] /Rotate 270 /Contents 10 0 R",
        others=(stream("0 0.6 0.6 rg 80 190 30 20 re f"),),
    ),
}


@pytest.fixture
def quartered(reader: ReaderDocuments, quadrants: Path, tmp_path: Path) -> Bench:
    """Return a bench whose seals show whether they are upright."""
    return Bench(reader, quadrants, tmp_path)


DISPUTED = {
    "an array with nulls",
    "moved, then restored too often",
    "restored too often, then moved",
}
"""Of these, poppler shows less than other viewers before they are sealed."""


def seal_and_judge(bench: Bench, key: Key, original: Path, *, disputed: bool = False) -> Path:
    """Seal, and let others look: the seals are there, upright, and nothing else has changed."""
    sealed, plan, _ = bench.seal(original, key, PLACES)
    frames = bench.reader.examine(original).pages
    assert judged_by_pdfsig(sealed) == ["Signature is Valid."]
    assert complaints(sealed) <= complaints(original)
    for renderer in RENDERERS:
        for page, frame in enumerate(frames):
            unit = round(144 * frame.user_unit)
            before, after = (draw(renderer, path, page, unit) for path in (original, sealed))
            changed = difference(before, after)
            for mark in (mark for mark in plan.marks if mark.page == page):
                left, top, right, bottom = pixels(mark.box, frame, after)
                where = f"{renderer}, page {page + 1}"
                assert upright(after, (left, top, right, bottom)), f"{where}: not there, or turned"
                around = (left - 2, top - 2, right + 2, bottom + 2)
                changed.paste(0, tuple(round(edge) for edge in around))
            if renderer == "pdfium" or not disputed:
                assert changed.getbbox() is None, f"{where}: something else changed"
    return sealed


def complaints(path: Path) -> int:
    """Return qpdf's verdict: 0 for a file without faults, 1 for warnings, 2 for errors."""
    done = subprocess.run(("qpdf", "--check", path), capture_output=True, check=False)
    return {0: 0, 3: 1}.get(done.returncode, 2)


@pytest.mark.parametrize("strange", STRANGE)
def test_strange_pages(quartered: Bench, key: Key, tmp_path: Path, strange: str) -> None:
    """However a page keeps its content and resources, it gets its stamps and keeps the rest."""
    original = tmp_path / "strange.pdf"
    original.write_bytes(STRANGE[strange])
    seal_and_judge(quartered, key, original, disputed=strange in DISPUTED)


LEFT_OPEN = {
    "nothing": MARK,
    "a state, never restored": f"q q {MARK} 3 0 0 3 50 50 cm",
    "a moved state below another": f"2 0 0 2 -200 -150 cm q q 0.5 0 0 0.5 0 0 cm {MARK}",
    "states moved at every level": f"q 2 0 0 2 0 0 cm q 2 0 0 2 9 9 cm q q {MARK}",
    "one restored too often": f"{MARK} Q Q",
    "moved, then restored too often": f"0.5 0 0 0.5 100 75 cm Q {MARK} Q q 3 0 0 3 0 0 cm",
    "restored too often, then moved": f"Q Q {MARK} 3 0 0 3 9 9 cm",
    "text": f"{MARK} BT /F1 12 Tf 30 30 Td (Open) Tj",
    "marked content": f"/Span << /Lang (de) >> BDC /Artifact BMC {MARK}",
    "a clip": f"{MARK} 0 0 9 9 re W n",
    "a path": f"{MARK} 0 0 30 30 re W",
    "words that look like operators": f"(q q \\) Q) pop <51> /q [(Q)] << /q (Q) >> % q q\n{MARK}",
    "a picture in the page": f"q 2 0 0 2 0 0 cm BI /W 4 /H 1 /BPC 8 /CS /G ID Q q  EI q {MARK}",
    "a picture that holds its end": (
        f"2 0 0 2 0 0 cm q BI /W 4 /H 2 /BPC 8 /CS /G ID Q EI q\xff\xff EI Q q {MARK}"
    ),
    "a comment": f"q {MARK} 2 0 0 2 0 0 cm q % the end",
    "a string": f"{MARK} q 2 0 0 2 0 0 cm (never (ended)",
    "a string in a list": f"q {MARK} BT /F1 12 Tf [(never",
    "a list": f"{MARK} 2 w [1 2",
    "a string of digits": f"q {MARK} <ab c",
    "colours and lines": f"{MARK} 0.2 g 5 w [9 9] 0 d 1 Tr 50 Tz",
}


@pytest.mark.parametrize("left", LEFT_OPEN)
def test_whatever_a_page_leaves_open(quartered: Bench, key: Key, tmp_path: Path, left: str) -> None:
    """States, text, marks and paths that a page's content leaves open move or hide no stamp."""
    original = tmp_path / "open.pdf"
    page = f"{BOX} /Contents [10 0 R 11 0 R] /Resources << /Font << /F1 12 0 R >> >>"
    first, second = LEFT_OPEN[left].rsplit(" ", 1)
    original.write_bytes(book(page, others=(stream(first), stream(second), FONT)))
    seal_and_judge(quartered, key, original, disputed=left in DISPUTED)


def test_endless_pictures(bench: Bench, key: Key, tmp_path: Path) -> None:
    """Pictures that begin a hundred thousand times and never end hold nothing up."""
    original = tmp_path / "endless.pdf"
    content = f"{MARK} {'BI ' * 100_000} ID (" + "(" * 100_000
    original.write_bytes(book(f"{BOX} /Contents 10 0 R", others=(stream(content),)))
    began = time.monotonic()
    assert refusal(bench, key, original, PLACES).code in ("gate.seal-misplaced", "pdf.unsupported")
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("bits", ["40", "128", "128 --use-aes=y", "256"])
def test_encrypted(quadrants: Path, key: Key, tmp_path: Path, bits: str) -> None:
    """In an encrypted document the seals are encrypted with the rest."""
    clear, locked = write_pdf(tmp_path / "clear.pdf", ("One", "Two")), tmp_path / "locked.pdf"
    command = ("qpdf", "--allow-weak-crypto", "--encrypt", "", "owner", *bits.split(), "--")
    subprocess.run((*command, clear, locked), check=True)
    reader = ReaderDocuments(Limits(), (Secret("owner", "owner"),))
    try:
        seal_and_judge(Bench(reader, quadrants, tmp_path), key, locked)
    finally:
        reader.close()


@pytest.mark.parametrize(
    "options",
    [
        ("--object-streams=generate",),
        ("--linearize",),
        ("--linearize", "--object-streams=generate"),
        ("--newline-before-endstream", "--min-version=1.4", "--object-streams=disable"),
    ],
)
def test_kinds_of_files(
    quartered: Bench, key: Key, tmp_path: Path, options: tuple[str, ...]
) -> None:
    """Objects in streams, tables in streams and linearised files get their stamps."""
    plain, written = tmp_path / "plain.pdf", tmp_path / "written.pdf"
    plain.write_bytes(STRANGE["resources from above, an object"])
    subprocess.run(("qpdf", *options, plain, written), check=True)
    sealed = seal_and_judge(quartered, key, written)
    assert sealed.read_bytes().startswith(written.read_bytes())


def test_hybrid_file(quartered: Bench, key: Key, tmp_path: Path) -> None:
    """A file with a table of either kind gets its stamps."""
    seal_and_judge(quartered, key, hybrid(tmp_path / "hybrid.pdf"))


def hybrid(path: Path) -> Path:
    """Write a file whose page's resources only readers of cross-reference streams can find."""
    out = bytearray(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
    members = b"5 0 << /ExtGState << >> >>"
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: f"<< /Type /Page /Parent 2 0 R {BOX} /Contents 4 0 R /Resources 5 0 R >>".encode(),
        4: CONTENT,
        6: stream(members.decode(), "/Type /ObjStm /N 1 /First 4"),
    }
    offsets = {}
    for number, content in objects.items():
        offsets[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    hidden = len(out)
    rows = b"\x02\x00\x06\x00" + b"\x01" + offsets[6].to_bytes(2) + b"\x00"
    out += b"7 0 obj\n<< /Type /XRef /Size 8 /W [1 2 1] /Index [5 2] /Length 8 >>\nstream\n"
    out += rows + b"\nendstream\nendobj\n"
    start = len(out)
    out += b"xref\n0 5\n0000000000 65535 f \n"
    out += b"".join(b"%010d 00000 n \n" % offsets[number] for number in range(1, 5))
    out += b"5 3\n" + b"0000000000 00000 f \n" * 3
    out += b"trailer\n<< /Size 8 /Root 1 0 R /XRefStm %d >>\n" % hidden
    out += b"startxref\n%d\n%%%%EOF\n" % start
    path.write_bytes(out)
    return path


def test_a_page_that_is_there_twice(bench: Bench, key: Key, tmp_path: Path) -> None:
    """A seal on a page object that stands for two pages would show twice: it is refused before."""
    original = tmp_path / "twice.pdf"
    content = book(f"{BOX} /Contents 10 0 R", BOX, others=(CONTENT,))
    original.write_bytes(content.replace(b"[3 0 R 4 0 R] /Count 2", b"[3 0 R 3 0 R] /Count 2"))
    places = (Place(AtCorner()), Place(AtCorner(Corner.TOP_LEFT), ANYWHERE))
    fault = refusal(bench, key, original, places)
    assert fault.code == "pdf.page-tree"


def test_seal_larger_than_its_page(quartered: Bench, key: Key, tmp_path: Path) -> None:
    """It fails, or is scaled to the page where the rule says so."""
    original = write_pdf(tmp_path / "small.pdf", size=(60, 60))
    assert refusal(quartered, key, original).code == "plan.seal-off-page"
    assert refusal(quartered, key, original, Place(fit=Fit.MOVE)).code == "plan.seal-off-page"
    sealed, plan, _ = quartered.seal(original, key, Place(fit=Fit.SCALE))
    assert plan.mark.notes == ("scaled to 53%",)
    for renderer in RENDERERS:
        assert upright(draw(renderer, sealed, 0, 144), (0, 30, 120, 120)), "in its corner"


def test_many_pages(bench: Bench, key: Key, tmp_path: Path) -> None:
    """A stamp on each of 2,000 pages takes seconds, and a few hundred bytes a page."""
    original = write_pdf(tmp_path / "long.pdf", ("A page of many",) * 2000, size=(400, 300))
    began = time.monotonic()
    sealed, plan, _ = bench.seal(original, key, PLACES)
    assert time.monotonic() - began < 40
    assert len(plan.stamps) == 2000
    assert (sealed.stat().st_size - original.stat().st_size) / 2000 < 420
    assert judged_by_pdfsig(sealed) == ["Signature is Valid."]
    assert complaints(sealed) == 0
