"""Form fields and annotations are told by what can be seen of them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from gateway.core.facts import NOTHING, DocumentFacts
from gateway.pdf.annotations import LONGEST_TEXT
from gateway.pdf.facts import examine
from tests.e2e.pages import assembled

RECT = "/Rect [100 600 200 650]"
BOX = (100, 192, 100, 50)


def write(
    path: Path, *annotations: str, page: str = "", more: tuple[str, ...] = (), annots: str = ""
) -> Path:
    """Write a document of one page with annotations, objects from 4, then more objects."""
    numbers = " ".join(f"{4 + index} 0 R" for index in range(len(annotations)))
    annots = annots or f"[{numbers}]"
    objects = (
        f"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [{numbers}] >> >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Annots {annots} {page} >>",
        *(f"<< /Type /Annot {annotation} >>" for annotation in annotations),
        *more,
    )
    path.write_bytes(assembled([entry.encode("latin-1") for entry in objects]))
    return path


def told(facts: DocumentFacts) -> list[tuple[str, str]]:
    """Return kind and text of each annotation."""
    return [(annotation.kind, annotation.text) for annotation in facts.annotations]


def test_annotations(tmp_path: Path) -> None:
    """Comments and drawn shapes are told with text, page and box; links and hidden ones are not."""
    kinds = ("Square", "FreeText", "Text", "Highlight", "Stamp", "Link", "Popup")
    path = write(
        tmp_path / "a.pdf",
        *(f"/Subtype /{kind} {RECT} /Contents (Seal)" for kind in kinds),
        f"/Subtype /Square {RECT} /F 2",
        f"/Subtype /Square {RECT} /F 32",
        "/Subtype /Square /Rect [700 600 800 650]",
        "/Subtype /Square /Rect [100 600 100 600]",
        "/Subtype /Square",
        RECT,
    )
    facts = examine(path, NOTHING)
    assert told(facts) == [(kind, "Seal") for kind in kinds[:5]]
    box = facts.annotations[0].box
    assert (box.x, box.y, box.width, box.height) == BOX
    assert facts.annotations[0].page == 0


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("(plain \\344\\\nline)", "plain äline"),
        ("(one\\rtwo\\r\\nthree)", "one\ntwo\nthree"),
        ("<FEFF76D67AE05904D842DFB7>", "盖章处𠮷"),
        (f"({'x' * 5000})", "x" * LONGEST_TEXT),
        ("/Name", ""),
        ("null", ""),
    ],
)
def test_contents(tmp_path: Path, written: str, text: str) -> None:
    """An annotation's text is decoded, its lines end alike, and not more than enough is kept."""
    path = write(tmp_path / "a.pdf", f"/Subtype /FreeText {RECT} /Contents {written}")
    assert told(examine(path, NOTHING)) == [("FreeText", text)]


@pytest.mark.parametrize(
    ("page", "box"),
    [
        ("/Rotate 90", (600, 100, 50, 100)),
        ("/CropBox [50 500 400 700]", (50, 50, 100, 50)),
        ("/UserUnit 2", (200, 384, 200, 100)),
    ],
)
def test_displayed(tmp_path: Path, page: str, box: tuple[float, ...]) -> None:
    """Boxes of fields and annotations are those of the page as displayed."""
    path = write(
        tmp_path / "a.pdf",
        f"/Subtype /Square {RECT}",
        f"/Subtype /Widget /FT /Tx /T (Name) {RECT}",
        page=page,
    )
    facts = examine(path, NOTHING)
    for found in (facts.annotations[0].box, facts.fields[0].box):
        assert (found.x, found.y, found.width, found.height) == box


def test_fields(tmp_path: Path) -> None:
    """Widgets are told by their fields' full names; signature fields and hidden ones are not."""
    path = write(
        tmp_path / "f.pdf",
        f"/Subtype /Widget /FT /Tx /T (Plain) {RECT}",
        f"/Subtype /Widget {RECT} /Parent 11 0 R",
        f"/Subtype /Widget {RECT} /Parent 11 0 R",
        f"/Subtype /Widget /FT /Sig /T (Signature) {RECT}",
        f"/Subtype /Widget /FT /Tx /T (Hidden) {RECT} /F 2",
        f"/Subtype /Widget /FT /Btn /T (Unseen) {RECT} /F 32",
        f"/Subtype /Widget {RECT}",
        more=(
            "<< /T (Kid) /Parent 12 0 R /Kids [5 0 R 6 0 R] >>",
            "<< /T (Group) /FT /Ch /Kids [11 0 R] /Parent 12 0 R >>",  # it is its own parent, too
        ),
    )
    names = [field.name for field in examine(path, NOTHING).fields]
    assert names[0] == "Plain"
    assert len(names) == 3
    assert all(name.endswith("Group.Kid") for name in names[1:])


def test_encrypted(tmp_path: Path) -> None:
    """Texts and names of an encrypted document are told in clear, directly written ones as well."""
    plain = write(
        tmp_path / "plain.pdf",
        f"/Subtype /FreeText {RECT} /Contents <FEFF76D67AE0>",
        f"/Subtype /Widget /FT /Tx /T (Name) {RECT}",
        annots="[<< /Subtype /Text /Rect [1 1 9 9] /Contents (Me) >> 4 0 R 5 0 R]",
    )
    locked = tmp_path / "locked.pdf"
    command = ("qpdf", "--encrypt", "", "owner", "256", "--", plain, locked)
    subprocess.run(command, check=True)
    facts = examine(locked, NOTHING)
    assert told(facts) == [("Text", "Me"), ("FreeText", "盖章")]
    assert [field.name for field in facts.fields] == ["Name"]


@pytest.mark.parametrize(
    "entry",
    [
        "/Subtype 7",
        f"/Subtype /Widget /FT /Tx /T 7 {RECT} /Parent 3",
        "/Subtype /Square /Rect 99 0 R",
    ],
)
def test_nonsense(tmp_path: Path, entry: str) -> None:
    """An annotation that makes no sense is left out, and the next one is told."""
    path = write(tmp_path / "n.pdf", entry, f"/Subtype /Square {RECT}")
    assert [kind for kind, _ in told(examine(path, NOTHING))][-1] == "Square"


def test_no_annotations(tmp_path: Path) -> None:
    """A page whose annotations are null, missing or nonsense has none."""
    for entry in ("null", "7", "99 0 R", "[null 7 99 0 R]"):
        facts = examine(write(tmp_path / "a.pdf", annots=entry), NOTHING)
        assert (facts.annotations, facts.fields) == ((), ())
