"""From a document to a released result, and what must not pass."""

from __future__ import annotations

from pathlib import Path

import pypdfium2 as pdfium
import pytest
from pyhanko.sign.fields import SigFieldSpec

from gateway.core.errors import DocumentFault, ServiceFault
from gateway.core.lengths import Length
from gateway.core.places import AtCorner, Corner, IntoField, Place
from gateway.core.rules import Certify, Profile
from gateway.ports import Expectation
from tests.e2e.pages import write_pdf
from tests.pdf.conftest import SMALL, Bench, Key
from tests.pdf.making import add_fields, sign

RED = (200, 0, 0)


def red_box(pdf: Path, page: int = -1) -> tuple[tuple[float, float, float, float], float, float]:
    """Return where red is on a drawn page, as shares of its size, and red in upper/lower half."""
    document = pdfium.PdfDocument(pdf)
    document.init_forms()
    picture = document[len(document) - 1 if page < 0 else page].render(scale=2).to_pil()
    picture = picture.convert("RGB")
    mask = picture.point(lambda value: value)
    pixels = mask.load()
    red = [
        (x, y)
        for x in range(picture.width)
        for y in range(picture.height)
        if pixels[x, y][0] > 150 and pixels[x, y][1] < 80
    ]
    assert red, "no seal is visible"
    left, right = min(x for x, _ in red), max(x for x, _ in red) + 1
    top, bottom = min(y for _, y in red), max(y for _, y in red) + 1
    middle = (top + bottom) / 2
    upper = sum(1 for _, y in red if y < middle)
    box = (
        left / picture.width,
        top / picture.height,
        right / picture.width,
        bottom / picture.height,
    )
    return box, upper, len(red) - upper


@pytest.mark.parametrize("unit", [1, 2])
@pytest.mark.parametrize("crop", ["", "/CropBox [40 60 500 700]"])
@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_upright_at_its_place(
    bench: Bench, key: Key, tmp_path: Path, rotate: int, crop: str, unit: int
) -> None:
    """On any rotation, crop and unit the seal stands upright where the displayed page has it."""
    entries = f"/Rotate {rotate} {crop} /UserUnit {unit}"
    original = write_pdf(tmp_path / "page.pdf", page_entries=entries)
    place = Place(AtCorner(Corner.TOP_RIGHT, Length(10, "mm")))
    sealed, plan, _ = bench.seal(original, key, place)
    frame = bench.reader.examine(original).pages[0]
    box = plan.mark.box
    expected = (
        box.x / frame.width,
        box.y / frame.height,
        (box.x + box.width) / frame.width,
        (box.y + box.height) / frame.height,
    )
    found, upper, lower = red_box(sealed)
    assert found == pytest.approx(expected, abs=0.004)
    assert upper > lower, "the arrow points up, so more red is above the middle"


def test_elliptic_curve(bench: Bench, elliptic_key: Key, tmp_path: Path) -> None:
    """A seal with an elliptic curve key passes the gate."""
    _, _, reports = bench.seal(write_pdf(tmp_path / "ec.pdf"), elliptic_key)
    assert [report.good for report in reports] == [True]


def test_embedding_again_gives_the_same_bytes(bench: Bench, key: Key, tmp_path: Path) -> None:
    """Embedding the stored answer again after a crash makes the same file."""
    original = write_pdf(tmp_path / "again.pdf")
    plan = bench.plan(bench.reader.examine(original), Place(), Profile())
    draft = tmp_path / "prepared"
    prepared = bench.reader.prepare(original, draft, plan, (bench.artwork,), key.signer)
    signature = key.sign(prepared.digest)
    results = []
    for name in ("first", "second"):
        bench.reader.embed(draft, tmp_path / name, prepared.seam, signature, None)
        results.append((tmp_path / name).read_bytes())
    assert results[0] == results[1]


def test_second_seal_keeps_the_first(bench: Bench, key: Key, tmp_path: Path) -> None:
    """A sealed document can be sealed again; both signatures are good."""
    first, _, _ = bench.seal(write_pdf(tmp_path / "twice.pdf"), key)
    place = Place(AtCorner(Corner.TOP_LEFT))
    _, plan, reports = bench.seal(first, key, place)
    assert [report.good for report in reports] == [True, True]
    assert plan.field == "Sealgate2"


def test_certified_document_refuses_a_second_seal(bench: Bench, key: Key, tmp_path: Path) -> None:
    """A new seal on a document certified for form filling is refused before it is paid for."""
    profile = Profile(certify=Certify.FORMS)
    certified, _, reports = bench.seal(write_pdf(tmp_path / "c.pdf"), key, profile=profile)
    assert reports[0].good
    with pytest.raises(DocumentFault) as refused:
        bench.seal(certified, key)
    assert refused.value.code == "pdf.earlier-signature-affected"


def test_untrusted_signer_is_refused_before_paying(
    bench: Bench, key: Key, elliptic_key: Key, tmp_path: Path
) -> None:
    """A signer that the site does not trust holds the service; nothing is prepared for it."""
    original = write_pdf(tmp_path / "u.pdf")
    plan = bench.plan(bench.reader.examine(original), Place(), Profile())
    stranger = type(key.signer)(key.signer.credential, (elliptic_key.certificate,))
    with pytest.raises(ServiceFault) as refused:
        bench.reader.prepare(original, tmp_path / "d", plan, (bench.artwork,), stranger)
    assert refused.value.code == "service.credential-untrusted"


def gate_code(bench: Bench, key: Key, sealed: Path, original: Path, plan: object) -> str:
    """Return the code with which the gate refuses."""
    with pytest.raises(DocumentFault) as refused:
        expected = Expectation(original, plan, key.certificate)
        bench.reader.verify(sealed, (key.certificate,), expected)
    return refused.value.code


def test_gate_sees_a_changed_original(bench: Bench, key: Key, tmp_path: Path) -> None:
    """A result that does not begin with the original's bytes is not released."""
    original = write_pdf(tmp_path / "g.pdf", ("Once",))
    sealed, plan, _ = bench.seal(original, key)
    other = write_pdf(tmp_path / "other.pdf", ("Else",))
    assert gate_code(bench, key, sealed, other, plan) == "gate.original-changed"


def test_gate_sees_a_wrong_signature(bench: Bench, key: Key, tmp_path: Path) -> None:
    """A signature over another digest is not released."""
    original = write_pdf(tmp_path / "w.pdf")
    plan = bench.plan(bench.reader.examine(original), Place(), Profile())
    prepared = bench.reader.prepare(original, tmp_path / "p", plan, (bench.artwork,), key.signer)
    wrong = key.sign(bytes(32))
    bench.reader.embed(tmp_path / "p", tmp_path / "s", prepared.seam, wrong, None)
    code = gate_code(bench, key, tmp_path / "s", original, plan)
    assert code == "gate.signature-invalid"


def test_gate_sees_another_signer(
    bench: Bench, key: Key, elliptic_key: Key, tmp_path: Path
) -> None:
    """A signature by another certificate than planned is not released."""
    original = write_pdf(tmp_path / "o.pdf")
    sealed, plan, _ = bench.seal(original, key)
    with pytest.raises(DocumentFault) as refused:
        expected = Expectation(original, plan, elliptic_key.certificate)
        bench.reader.verify(sealed, (key.certificate,), expected)
    assert refused.value.code == "gate.signer-unexpected"


def test_gate_sees_a_seal_elsewhere(bench: Bench, key: Key, tmp_path: Path) -> None:
    """A seal that is not where the plan has it is not released."""
    original = write_pdf(tmp_path / "e.pdf")
    sealed, _, _ = bench.seal(original, key)
    elsewhere = bench.plan(
        bench.reader.examine(original), Place(AtCorner(Corner.CENTER)), Profile()
    )
    assert gate_code(bench, key, sealed, original, elsewhere) == "gate.seal-misplaced"


def test_need_appearances_is_kept(bench: Bench, key: Key, tmp_path: Path) -> None:
    """A form whose values viewers must draw themselves keeps the flag that says so."""
    original = write_pdf(tmp_path / "form.pdf")
    data = original.read_bytes().replace(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [] /NeedAppearances true >> >>",
    )
    original.write_bytes(_with_offsets(data))
    sealed, _, _ = bench.seal(original, key)
    appended = sealed.read_bytes()[len(original.read_bytes()) :]
    assert b"/NeedAppearances true" in appended


def test_small_size_entry_overwrites_nothing(bench: Bench, key: Key, tmp_path: Path) -> None:
    """New objects are numbered above every live one even if the trailer's /Size is too small."""
    original = write_pdf(tmp_path / "size.pdf", ("Still here",))
    data = original.read_bytes()
    original.write_bytes(data.replace(b"/Size 6", b"/Size 4"))
    sealed, _, _ = bench.seal(original, key)
    text = pdfium.PdfDocument(sealed)[0].get_textpage().get_text_bounded()
    assert "Still here" in text


def _with_offsets(data: bytes) -> bytes:
    """Write the cross-reference table of a simple file anew."""
    import re

    offsets = [match.start() for match in re.finditer(rb"(?m)^\d+ 0 obj", data)]
    start = data.rindex(b"xref\n0 ")
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(offsets) + 1)
    table += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    trailer = data[data.index(b"trailer") : data.index(b"startxref")]
    return data[:start] + table + trailer + b"startxref\n%d\n%%%%EOF\n" % start


def test_signature_tells_its_seals(bench: Bench, key: Key, tmp_path: Path) -> None:
    """What was signed says which seals there are and which look of each, in new fields and old."""
    places = (Place(), Place(AtCorner(Corner.TOP_LEFT), seal=SMALL.name))
    original = write_pdf(tmp_path / "told.pdf")
    _, plan, (told,) = bench.seal(original, key, places)
    assert told.seals == plan.labels
    assert plan.labels == "test-seal artwork 000000000000, small-seal artwork 111111111111"
    field = SigFieldSpec("Here", box=(300, 100, 500, 200))
    waiting = add_fields(write_pdf(tmp_path / "waiting.pdf"), field)
    _, plan, (told,) = bench.seal(waiting, key, Place(IntoField("Here")))
    assert told.seals == plan.labels


def test_others_tell_nothing_of_seals(bench: Bench, key: Key, tmp_path: Path) -> None:
    """The signature of another program is of no seal."""
    original = sign(write_pdf(tmp_path / "other.pdf"), key, "Theirs")
    (told,) = bench.reader.verify(original, (key.certificate,))
    assert told.seals == ""
