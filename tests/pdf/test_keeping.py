"""What documents claim of themselves stays true: PDF/A, and a structure tree."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import ImageCms

from gateway.core.facts import Claims
from gateway.core.pages import ANYWHERE
from gateway.core.places import AtCorner, Corner, Place
from gateway.core.rules import Keep, Level, Profile
from gateway.pdf.reader import ReaderDocuments
from gateway.ports import Evidence
from tests.e2e.pages import assembled
from tests.e2e.test_corpus import CORPUS
from tests.pdf.conftest import SMALL, Bench, Key
from tests.pdf.drawings import seal_drawing
from tests.pdf.making import (
    judged_by_pdfsig,
    judged_by_pyhanko,
    refusal,
    time_stamp,
    time_stamps_hold,
)
from tests.pdf.test_claims import packet

PLACES = (
    Place(AtCorner(Corner.BOTTOM_RIGHT)),
    Place(AtCorner(Corner.TOP_LEFT), ANYWHERE),
    Place(AtCorner(Corner.TOP_RIGHT), seal=SMALL.name),
)
TRANSPARENT = re.compile(r'"/(SMask|ca|CA|BM|Group)"')
KEY = re.compile(r"obj:(\d+) 0 R")


def pdfa(path: Path, part: int, conformance: str = "B", catalog: str = "") -> Path:
    """Write a document that is PDF/A of a part, with an sRGB output intent."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    said = packet(f"<p:part>{part}</p:part><p:conformance>{conformance}</p:conformance>").encode()
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R /Metadata 5 0 R /OutputIntents [6 0 R] {catalog} >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>",
        "<< /Length 27 >>\nstream\n0.5 g 50 50 200 500 re f   \nendstream",
        f"<< /Type /Metadata /Subtype /XML /Length {len(said)} >>\nstream\n",
        "<< /Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB) "
        "/Info (sRGB) /DestOutputProfile 7 0 R >>",
        f"<< /N 3 /Length {len(profile)} >>\nstream\n",
    ]
    written = [one.encode() for one in objects]
    written[4] += said + b"\nendstream"
    written[6] += profile + b"\nendstream"
    content = assembled(written)
    identifier = b"<0123456789abcdef0123456789abcdef>"
    content = content.replace(b"/Root", b"/ID [%s %s] /Root" % (identifier, identifier))
    path.write_bytes(content.replace(b"%PDF-1.7", b"%PDF-1.4" if part == 1 else b"%PDF-1.7"))
    return path


def objects_of(path: Path) -> dict[str, Any]:
    """Return every object of a file as qpdf reads it, streams with their bytes as stored."""
    command = ("qpdf", "--json=2", "--json-stream-data=inline", "--decode-level=none", path)
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode in (0, 3), done.stderr
    found: dict[str, Any] = json.loads(done.stdout)["qpdf"][1]
    return found


def added_to(original: Path, sealed: Path) -> dict[str, Any]:
    """Return the objects that are new or changed."""
    before, after = objects_of(original), objects_of(sealed)
    assert not set(before) - set(after)
    return {
        key: value for key, value in after.items() if key != "trailer" and before.get(key) != value
    }


def assert_claims_kept(original: Path, sealed: Path) -> dict[str, Any]:
    """Hold metadata, output intents and fonts against what they were; return what was added."""
    added = added_to(original, sealed)
    before, after = objects_of(original), objects_of(sealed)
    root = before["trailer"]["value"]["/Root"]
    old, new = (found[f"obj:{root}"]["value"] for found in (before, after))
    for key in ("/Metadata", "/OutputIntents", "/MarkInfo", "/Lang"):
        assert old.get(key) == new.get(key)
    assert f"obj:{old.get('/Metadata')}" not in added
    kinds = [value.get("value", {}) for value in added.values() if "value" in value]
    assert not any(isinstance(one, dict) and one.get("/Type") == "/OutputIntent" for one in kinds)
    fonts = subprocess.run(("pdffonts", sealed), capture_output=True, text=True, check=True)
    known = subprocess.run(("pdffonts", original), capture_output=True, text=True, check=True)
    for line in fonts.stdout.splitlines()[2:]:
        embedded = line[53:].split()[-5]
        assert embedded == "yes" or line in known.stdout, line
    return added


@pytest.fixture(params=["picture", "drawn"])
def seals(
    request: pytest.FixtureRequest, reader: ReaderDocuments, artwork: Path, tmp_path: Path
) -> Bench:
    """Return a bench whose seals are transparent: a picture with alpha, ink that multiplies."""
    page = tmp_path / "drawn.pdf"
    drawing = replace(seal_drawing(alpha=140), opacity=0.8, multiply=True)
    reader.from_drawing(drawing, page)
    return Bench(reader, {"picture": artwork, "drawn": page}[request.param], tmp_path)


def test_first_part(seals: Bench, key: Key, tmp_path: Path) -> None:
    """In PDF/A-1 nothing that is added is transparent, and colours are calibrated."""
    original = pdfa(tmp_path / "first.pdf", 1)
    seals.keep = (Keep.PDFA,)
    sealed, plan, _ = seals.seal(original, key, PLACES)
    assert plan.claims == Claims("1b")
    added = assert_claims_kept(original, sealed)
    assert not TRANSPARENT.search(json.dumps(added))
    assert '"/DefaultRGB"' in json.dumps(added)
    assert judged_by_pdfsig(sealed) == ["Signature is Valid."]
    assert subprocess.run(("qpdf", "--check", sealed), check=False).returncode == 0


def test_second_part(seals: Bench, key: Key, tmp_path: Path) -> None:
    """In PDF/A-2 seals stay transparent, and their colours are calibrated all the same."""
    original = pdfa(tmp_path / "second.pdf", 2)
    seals.keep = (Keep.PDFA,)
    sealed, plan, _ = seals.seal(original, key, PLACES)
    assert plan.claims == Claims("2b")
    added = assert_claims_kept(original, sealed)
    assert TRANSPARENT.search(json.dumps(added))
    assert '"/DefaultRGB"' in json.dumps(added)


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not beside this checkout")
@pytest.mark.parametrize(
    "name", ["TWG_test_suite_A020-pdfa1-pass-b", "6-1-6-1-t02-fail-a", "6-7-2-t17-pass-a"]
)
def test_real_ones(seals: Bench, key: Key, name: str) -> None:
    """Documents of the veraPDF corpus keep what they claim."""
    (original,) = CORPUS.glob(f"veraPDF-corpus--*{name}.pdf")
    sealed, plan, _ = seals.seal(original, key, PLACES)
    assert plan.claims.pdfa
    added = assert_claims_kept(original, sealed)
    if plan.claims.pdfa.startswith("1"):
        assert not TRANSPARENT.search(json.dumps(added))
    assert judged_by_pdfsig(sealed) == ["Signature is Valid."]


def test_what_cannot_be_kept(bench: Bench, key: Key, tmp_path: Path) -> None:
    """A rule that insists on PDF/A refuses before anything is signed; one that does not, seals."""
    form = "/AcroForm << /Fields [] /NeedAppearances true >>"
    original = pdfa(tmp_path / "form.pdf", 1, catalog=form)
    bench.seal(original, key, PLACES)
    bench.keep = (Keep.PDFA,)
    fault = refusal(bench, key, original, PLACES)
    assert (fault.code, "asks viewers" in fault.detail) == ("pdf.claims-lost", True)
    bench.keep = (Keep.TAGGED,)
    bench.seal(original, key, PLACES)
    harmless = pdfa(tmp_path / "plain.pdf", 1, catalog=form.replace("true", "false"))
    bench.keep = (Keep.PDFA,)
    bench.seal(harmless, key, PLACES)


PAGE = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 300] /Contents 4 0 R /StructParents 0 >>"
SOUND = {
    "a list of numbers, one element": (
        "/K 6 0 R /ParentTree 8 0 R /ParentTreeNextKey 1",
        "<< /Nums [0 [7 0 R]] >>",
    ),
    "elements in a list, no next key": ("/K [6 0 R] /ParentTree 8 0 R", "<< /Nums [0 [7 0 R]] >>"),
    "a tree of numbers": (
        "/K 6 0 R /ParentTree 8 0 R",
        "<< /Kids [<< /Limits [0 0] /Nums [0 [7 0 R]] >> 9 0 R] >>",
    ),
    "several elements at the top": (
        "/K [6 0 R 6 0 R] /ParentTree 8 0 R",
        "<< /Nums [0 [7 0 R] 41 7 0 R] >>",
    ),
    "numbers written in place": ("/K 6 0 R /ParentTree << /Nums [0 [7 0 R]] >>", "null"),
    "nothing in it yet": ("/ParentTree << >>", "null"),
    "a next key that is too low": (
        "/K 6 0 R /ParentTree 8 0 R /ParentTreeNextKey 0",
        "<< /Nums [0 [7 0 R] 7 7 0 R] >>",
    ),
}
HOSTILE = {
    "no parent tree": ("/K 6 0 R", "null"),
    "a parent tree that is null": ("/K 6 0 R /ParentTree 8 0 R", "null"),
    "a parent tree that is nowhere": ("/K 6 0 R /ParentTree 99 0 R", "null"),
    "a parent tree that is a list": ("/K 6 0 R /ParentTree 8 0 R", "[0 1]"),
    "a loop": ("/K 6 0 R /ParentTree 8 0 R", "<< /Kids [8 0 R 8 0 R] >>"),
    "numbers that are a number": ("/K 6 0 R /ParentTree 8 0 R", "<< /Nums 5 >>"),
    "numbers that are a name": ("/K 6 0 R /ParentTree 8 0 R", "<< /Nums /Five >>"),
    "numbers without their ends": ("/K 6 0 R /ParentTree 8 0 R", "<< /Nums [0 7 0 R 3] >>"),
    "kids that are a dictionary": ("/K 6 0 R /ParentTree 8 0 R", "<< /Kids << /A 8 0 R >> >>"),
    "the highest key there can be": (
        "/K 6 0 R /ParentTree 8 0 R /ParentTreeNextKey 2147483647",
        "<< /Nums [0 [7 0 R]] >>",
    ),
}
BEARABLE = {
    "an element that is nowhere": ("/K 99 0 R /ParentTree 8 0 R", "<< /Nums [] >>"),
    "an element that is a number": ("/K 5 /ParentTree 8 0 R", "<< /Nums [] >>"),
    "no elements but null": ("/K null /ParentTree 8 0 R", "<< /Nums [null null] >>"),
    "kids that are nowhere": ("/K 6 0 R /ParentTree 8 0 R", "<< /Kids [99 0 R null 5] >>"),
    "a next key that is a word": (
        "/K 6 0 R /ParentTree 8 0 R /ParentTreeNextKey /Three",
        "<< /Nums [0 [7 0 R]] >>",
    ),
}


def tagged(path: Path, tree: str, numbers: str) -> Path:
    """Write a tagged document: entries of its structure tree, and its parent tree (object 8)."""
    content = "/P << /MCID 0 >> BDC 10 10 20 20 re f EMC"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R /MarkInfo << /Marked true >> /StructTreeRoot 5 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        PAGE,
        f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        f"<< /Type /StructTreeRoot {tree} >>",
        "<< /Type /StructElem /S /Document /P 5 0 R /K 7 0 R >>",
        "<< /Type /StructElem /S /P /P 6 0 R /Pg 3 0 R /K 0 >>",
        numbers,
        "<< /Limits [3 8] /Nums [3 7 0 R 8 7 0 R] >>",
    ]
    path.write_bytes(assembled([one.encode() for one in objects]))
    return path


@pytest.mark.parametrize("kind", SOUND)
def test_field_is_in_the_tree(bench: Bench, key: Key, tmp_path: Path, kind: str) -> None:
    """The new field has its element, and the way back from the field leads to it."""
    original = tagged(tmp_path / "tagged.pdf", *SOUND[kind])
    bench.keep = (Keep.TAGGED,)
    sealed, plan, _ = bench.seal(original, key, PLACES)
    assert plan.claims.tagged
    found = objects_of(sealed)
    widget_at, widget = next(
        (key, value["value"])
        for key, value in found.items()
        if isinstance(value.get("value"), dict) and value["value"].get("/Subtype") == "/Widget"
    )
    numbered = _numbered(found)
    at = numbered[widget["/StructParent"]]
    assert len([one for one in numbered.values() if one == at]) == 1
    element = found[f"obj:{at}"]["value"]
    assert (element["/S"], element["/Pg"]) == ("/Form", "3 0 R")
    item = element["/K"]
    assert (item["/Type"], f"obj:{item['/Obj']}", item["/Pg"]) == ("/OBJR", widget_at, "3 0 R")
    parent = found[f"obj:{element['/P']}"]["value"]
    assert at in (parent["/K"] if isinstance(parent["/K"], list) else [parent["/K"]])
    tree = found["obj:5 0 R"]["value"]
    assert tree["/ParentTreeNextKey"] > max(set(numbered) - {widget["/StructParent"]}, default=-1)
    assert found["obj:3 0 R"]["value"]["/Tabs"] == "/S"
    assert widget["/Contents"].startswith("u:Seal: ")
    told = subprocess.run(
        ("pdfinfo", "-struct", sealed), capture_output=True, text=True, check=True
    )
    assert "Form" in told.stdout, told.stderr
    shown = subprocess.run(("qpdf", "--qdf", sealed, "-"), capture_output=True, check=False).stdout
    assert shown.count(b"/Artifact BMC") == 2
    assert judged_by_pdfsig(sealed) == ["Signature is Valid."]


def _numbered(found: dict[str, Any]) -> dict[int, Any]:
    """Return what the parent tree leads to, by key; keys have to be in order."""
    tree = found["obj:5 0 R"]["value"]["/ParentTree"]
    leaves, waiting = [], [tree]
    while waiting:
        node = waiting.pop(0)
        node = found[f"obj:{node}"]["value"] if isinstance(node, str) else node
        waiting = [*node.get("/Kids", []), *waiting]
        leaves += node.get("/Nums", [])
    keys = leaves[::2]
    assert keys == sorted(set(keys)), "in order, each once"
    return dict(zip(keys, leaves[1::2], strict=True))


@pytest.mark.parametrize("kind", HOSTILE | BEARABLE)
def test_trees_that_make_no_sense(bench: Bench, key: Key, tmp_path: Path, kind: str) -> None:
    """A broken structure tree fails no document, unless the rule insists on the claim."""
    original = tagged(tmp_path / "broken.pdf", *(HOSTILE | BEARABLE)[kind])
    sealed, _, _ = bench.seal(original, key, PLACES)
    assert judged_by_pdfsig(sealed) == ["Signature is Valid."]
    bench.keep = (Keep.TAGGED,)
    if kind in HOSTILE:
        assert refusal(bench, key, original, PLACES).code == "pdf.claims-lost"
        assert "obj:5 0 R" not in added_to(original, sealed), "left alone"
    else:
        bench.seal(original, key, PLACES)


@pytest.mark.parametrize("catalog", ["/StructTreeRoot null", "/StructTreeRoot [ ]", ""])
def test_no_tree_at_all(bench: Bench, key: Key, tmp_path: Path, catalog: str) -> None:
    """A document that says that it is marked, but has no tree, is no tagged document."""
    original = pdfa(tmp_path / "none.pdf", 2, catalog=f"/MarkInfo << /Marked true >> {catalog}")
    bench.keep = (Keep.TAGGED,)
    _, plan, _ = bench.seal(original, key, PLACES)
    assert not plan.claims.tagged


def test_long_term(bench: Bench, key: Key, tmp_path: Path) -> None:
    """A tagged document's signature stays valid when evidence and time-stamps follow it."""
    original = tagged(tmp_path / "long.pdf", *SOUND["a tree of numbers"])
    bench.keep = (Keep.TAGGED,)
    sealed, _, _ = bench.seal(original, key, PLACES)
    extended = tmp_path / "extended.pdf"
    evidence = Evidence((key.certificate,))
    bench.reader.extend(sealed, extended, evidence, vri_field="Sealgate1", stamp=False)
    time_stamp(extended, key)
    assert judged_by_pyhanko(extended, key) == {"Sealgate1": True}
    assert time_stamps_hold(extended)
    assert "Signature is Valid." in judged_by_pdfsig(extended)


def test_long_term_is_rehearsed(bench: Bench, key: Key, tmp_path: Path) -> None:
    """With the archival level the rehearsal finds nothing wrong with a tagged document."""
    original = tagged(tmp_path / "long.pdf", *SOUND["a list of numbers, one element"])
    bench.keep = (Keep.TAGGED,)
    plan = bench.plan(bench.reader.examine(original), PLACES, Profile(level=Level.B_LTA))
    artwork = (bench.artwork,) * len(plan.seals)
    bench.reader.prepare(original, tmp_path / "draft", plan, artwork, key.signer)
