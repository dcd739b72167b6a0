"""Fields of a form that are not ours: the same objects, and the same to look at."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec

from gateway.core.lengths import Length
from gateway.core.pages import ANYWHERE
from gateway.core.places import AtCorner, AtField, Corner, IntoField, Place
from gateway.pdf.reader import ReaderDocuments
from tests.e2e.pages import assembled
from tests.pdf.conftest import SMALL, Bench, Key
from tests.pdf.making import add_fields, judged_by_pdfsig
from tests.pdf.rendering import RENDERERS, difference, draw, pixels, upright
from tests.pdf.test_keeping import added_to, objects_of

PLACES = (
    Place(AtCorner(Corner.BOTTOM_RIGHT, Length(4, "mm"))),
    Place(AtCorner(Corner.TOP_RIGHT, Length(4, "mm")), ANYWHERE, seal=SMALL.name),
    Place(AtField("name"), ANYWHERE, offset_x=Length(60, "mm"), seal=SMALL.name),
)
FORM = "/Fields [4 0 R 5 0 R 6 0 R 7 0 R] /DA (/F1 11 Tf 0 g) /DR << /Font << /F1 9 0 R >> >>"
FIELDS = (
    "/FT /Tx /T (name) /V (Ann Other) /Rect [30 240 180 262]",
    "/FT /Btn /T (agreed) /V /Yes /AS /Yes /Rect [30 200 50 220] /MK << /CA (4) /BC [0] >>",
    "/FT /Ch /T (colour) /Ff 131072 /Opt [(red) (green)] /V (green) /Rect [30 160 180 182]",
    "/FT /Ch /T (sizes) /Opt [(small) (large)] /V (large) /I [1] /Rect [30 100 180 140]",
)


def form(path: Path, entries: str) -> Path:
    """Write a form whose fields have values, and no appearances."""
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R /AcroForm << {FORM} {entries} >> >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 300] "
        "/Annots [4 0 R 5 0 R 6 0 R 7 0 R] /Contents 8 0 R >>",
        *(
            f"<< /Type /Annot /Subtype /Widget /F 4 /P 3 0 R /DA (/F1 11 Tf 0 g) {field} >>"
            for field in FIELDS
        ),
        "<< /Length 38 >>\nstream\n0.9 0.95 1 rg 20 90 200 190 re f 0 g   \nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    path.write_bytes(assembled([one.encode() for one in objects]))
    return path


@pytest.mark.parametrize("entries", ["/NeedAppearances true", "/NeedAppearances false", ""])
def test_fields_without_appearances(bench: Bench, key: Key, tmp_path: Path, entries: str) -> None:
    """Who draws the fields stays as it was, no field is written anew, and all look the same."""
    original = form(tmp_path / "form.pdf", entries)
    sealed, plan, _ = bench.seal(original, key, PLACES)
    added = added_to(original, sealed)
    assert not {f"obj:{number} 0 R" for number in (4, 5, 6, 7, 8, 9)} & set(added)
    before, after = (
        objects_of(path)["obj:1 0 R"]["value"]["/AcroForm"] for path in (original, sealed)
    )
    assert after.get("/NeedAppearances") == before.get("/NeedAppearances")
    assert after["/Fields"][:4] == before["/Fields"]
    assert len(after["/Fields"]) == 5
    assert {key: after[key] for key in ("/DA", "/DR")} == {
        key: before[key] for key in ("/DA", "/DR")
    }
    assert judged_by_pdfsig(sealed) == ["Signature is Valid."]
    (frame,) = bench.reader.examine(original).pages
    for renderer in RENDERERS:
        old, new = (draw(renderer, path, 0, 144) for path in (original, sealed))
        changed = difference(old, new, least=2)
        for mark in plan.marks:
            left, top, right, bottom = pixels(mark.box, frame, new)
            around = (left - 2, top - 2, right + 2, bottom + 2)
            assert changed.crop(tuple(round(edge) for edge in around)).getbbox() is not None
            changed.paste(0, tuple(round(edge) for edge in around))
        assert changed.getbbox() is None, renderer
        name = new.crop((60, 76, 360, 120)).convert("L").getextrema()
        assert name[0] < 100, f"{renderer}: the value is to be seen"


def test_a_field_that_waits(
    reader: ReaderDocuments, quadrants: Path, key: Key, tmp_path: Path
) -> None:
    """Where viewers draw the fields, a seal in a waiting field shows, unstretched, everywhere."""
    original = form(tmp_path / "form.pdf", "/NeedAppearances true")
    add_fields(original, SigFieldSpec("Here", box=(220, 100, 380, 160)))
    with original.open("r+b") as stream:
        writer = IncrementalPdfFileWriter(stream)
        writer.root["/AcroForm"]["/NeedAppearances"] = generic.BooleanObject(True)
        writer.update_container(writer.root["/AcroForm"])
        writer.write_in_place()
    bench = Bench(reader, quadrants, tmp_path)
    sealed, plan, _ = bench.seal(original, key, Place(IntoField("Here")))
    assert (plan.fills, plan.stamps) == (True, ())
    assert judged_by_pdfsig(sealed) == ["Signature is Valid."]
    for renderer in RENDERERS:
        assert upright(draw(renderer, sealed, 0, 144), (520, 280, 680, 400)), renderer
    shown = tmp_path / "sheet.png"
    reader.preview(original, plan, (quadrants,), png=shown)
    with Image.open(shown) as sheet:
        scale = 1400 / 400
        place = tuple(24 + edge * scale for edge in (260, 140, 340, 200))
        assert upright(sheet.convert("RGB"), place)
