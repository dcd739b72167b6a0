"""Files as few producers write them: each gets a seal that others approve of, or a plain code."""

from __future__ import annotations

import re
from pathlib import Path

import pikepdf
import pytest

from gateway.core.admission import admit
from gateway.core.errors import DocumentFault
from gateway.core.findings import refused
from tests.pdf.conftest import Bench, Key
from tests.pdf.making import judged_by_pdfsig, refusal
from tests.pdf.rendering import difference, draw, pixels, upright
from tests.pdf.test_stamping import PLACES, complaints
from tests.pdf.unusual import SHAPES

REFUSED = {
    "a form that is a list": "pdf.unsupported: its form is no dictionary",
    "a node that two nodes have": "pdf.page-tree: it loops",
    "a page that calls itself something else": "pdf.unrenderable: ",
    "annotations shared, other number written": "gate.page-changed: page 2",
    "catalog's offset of zero": "shadow-objects",
    "crop box outside of the media box": "pdf.page-tree: size of page 1 is ambiguous",
    "field as no object of its own": "pdf.unsupported: a field of its form is not an object",
    "fields on pages, and no form": "gate.page-changed: page 1",
    "fields that are no list": "pdf.unsupported: its form has no list of fields",
    "fields that contain each other": "pdf.unreadable: ",
    "kids null among kids": "pdf.page-tree: a page is not an object of its own",
    "names with broken escapes": "pdf.unreadable: ",
    "offset beyond the file": "pdf.unreadable: ",
    "table of a negative width": "pdf.unreadable: ",
    "table of another width": "pdf.unreadable: ",
    "table that begins at one": "pdf.unreadable: ",
    "too many counted": "pdf.page-tree: 1 or 7 pages",
    "usage rights that nobody signed": "pdf.usage-rights: no right to sign",
    "words of the syntax in a string": "shadow-objects",
}
"""What neither is sealed nor could be mended, and why."""
MENDED = {
    "header behind junk, offsets from it": "pdf.unreadable: ",
    "header behind junk, offsets from the file": "pdf.unreadable: ",
    "highest number of all": "pdf.unsafe-structure: its objects are numbered up to 8388607",
    "keys there twice": "pdf.page-tree: ",
    "keys there twice, other boxes": "pdf.page-tree: ",
    "no end of objects": "pdf.unreadable: ",
    "number beyond 31 bits": "pdf.unsafe-structure: ",
    "number beyond the highest": "pdf.unsafe-structure: ",
    "past that is negative": "pdf.unreadable: ",
    "past that is nowhere": "pdf.unreadable: ",
    "table in two wrong parts": "pdf.unreadable: ",
    "table one object short": "pdf.unreadable: ",
    "table that is its own past": "pdf.unreadable: ",
    "tables that are each other's past": "pdf.unreadable: ",
    "two ends": "pdf.unreadable: ",
}
"""What is sealed once it was mended, and why not before."""
SEALED = sorted(SHAPES.keys() - REFUSED.keys() - MENDED.keys())
SEEN_OTHERWISE = {
    "box of names",
    "content through another object",
    "count is a name",
    "crop box as large as a point",
    "crop box beyond the media box",
    "fewer than none counted",
    "free object that is used",
    "huge box",
    "no count",
    "no pages counted",
    "turned by a real",
}
"""Of these, poppler shows another page than pdfium and MuPDF do, or none, already unsealed."""


@pytest.mark.parametrize("shape", SEALED)
def test_sealed(bench: Bench, quadrants: Path, key: Key, tmp_path: Path, shape: str) -> None:
    """It is sealed as it is; others find signature, structure, seals and the rest in order."""
    original = tmp_path / "unusual.pdf"
    original.write_bytes(SHAPES[shape])
    bench.artwork = quadrants
    _seal_and_judge(bench, key, original, drawn=shape not in SEEN_OTHERWISE)


@pytest.mark.parametrize("shape", sorted(MENDED))
def test_mended(bench: Bench, quadrants: Path, key: Key, tmp_path: Path, shape: str) -> None:
    """It is refused with its code; where the rule wants that it is mended, and sealed then."""
    original, mended = tmp_path / "unusual.pdf", tmp_path / "mended.pdf"
    original.write_bytes(SHAPES[shape])
    with pytest.raises(DocumentFault) as fault:
        bench.reader.examine(original)
    assert f"{fault.value.code}: {fault.value.detail}".startswith(MENDED[shape])
    bench.reader.repair(original, mended)
    bench.artwork = quadrants
    _seal_and_judge(bench, key, mended)
    assert complaints(bench.folder / "mended.sealed.pdf") == 0


@pytest.mark.parametrize("shape", sorted(REFUSED))
def test_refused(bench: Bench, key: Key, tmp_path: Path, shape: str) -> None:
    """It is refused before anything is spent, with a code that says why."""
    original = tmp_path / "unusual.pdf"
    original.write_bytes(SHAPES[shape])
    if REFUSED[shape] == "shadow-objects":
        found = refused(bench.reader.examine(original).findings)
        assert [one.name for one in found] == ["shadow-objects"]
        return
    fault = refusal(bench, key, original, PLACES)
    assert f"{fault.code}: {fault.detail}".startswith(REFUSED[shape])


def test_reals_stay_as_they_are(bench: Bench, key: Key, tmp_path: Path) -> None:
    """A page that is written anew keeps its numbers: no exponents, and no reals made whole."""
    original = tmp_path / "reals.pdf"
    original.write_bytes(SHAPES["small reals beside it"])
    sealed, _, _ = bench.seal(original, key)
    update = sealed.read_bytes()[original.stat().st_size :]
    assert re.search(rb"\[ 0\.0000001 -0?\.5 3 \]", update), "as written, or as good"
    with pikepdf.open(sealed) as document:
        private = document.pages[0].PieceInfo.Made.Private
        assert [float(number) for number in private] == [0.0000001, -0.5, 3.0]


def _seal_and_judge(bench: Bench, key: Key, original: Path, *, drawn: bool = True) -> None:
    facts = bench.reader.examine(original)
    admit(facts)
    assert not refused(facts.findings)
    sealed, plan, _ = bench.seal(original, key, PLACES)
    assert sealed.read_bytes().startswith(original.read_bytes())
    assert judged_by_pdfsig(sealed) == ["Signature is Valid."]
    assert complaints(sealed) <= complaints(original)
    for page, frame in enumerate(facts.pages if drawn else ()):
        dots = round(72 * frame.user_unit)
        before, after = (draw("poppler", path, page, dots) for path in (original, sealed))
        changed = difference(before, after)
        for mark in (mark for mark in plan.marks if mark.page == page):
            left, top, right, bottom = pixels(mark.box, frame, after)
            assert upright(after, (left, top, right, bottom)), f"page {page + 1}"
            around = (left - 2, top - 2, right + 2, bottom + 2)
            changed.paste(0, tuple(round(edge) for edge in around))
        assert changed.getbbox() is None, f"something else changed on page {page + 1}"
