"""What rules can place, by the real program: explained, sealed for one payment, and judged."""

from __future__ import annotations

import io
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from PIL import Image, ImageDraw
from pyhanko.sign.fields import SigFieldSpec

import gateway.cli.explaining  # noqa: F401  # so that its opening of sites can be replaced
from gateway.cli import main
from gateway.sandbox.process import SandboxProcess
from gateway.wiring import open_site
from tests.e2e.pages import assembled, write_pdf
from tests.e2e.site import TestSite
from tests.pdf.conftest import make_key
from tests.pdf.lettering import at, chinese, lettered
from tests.pdf.making import add_fields, judged_by_pdfsig, sign

_RULES = r"""
inbox: documents
rules:
  - name: contracts
    match: {path: "contract*"}
    place:
      - {page: last, corner: bottom-right, margin: 15mm}
      - {straddle: {edge: right, along: 40%}}
      - {page: first, corner: top-right, margin: 10mm, seal: received}
      - {page: {text: "Annex +[AB]", pages: 2-5}, corner: bottom-left, margin: 8mm, seal: received}
      - {pages: "odd", edge: top, along: 30%, margin: 5mm, seal: received}
  - name: by-path
    match: {path: "*-7.pdf"}
    place:
      table:
        by: path
        pattern: "^(INV|PO)-"
        rows:
          INV: {page: last, corner: top-left, margin: 15mm}
          PO: [{page: 1, x: 120mm, y: 200mm}, {straddle: {edge: right}, fallback: skip}]
  - name: by-title
    match: {path: "title*"}
    place:
      table:
        by: Title
        pattern: "(?i)^(offer|order)"
        rows: {offer: {corner: center}}
        otherwise: {corner: bottom-left, margin: 15mm}
  - name: by-text
    match: {path: "typed*"}
    place: {table: {by: text, pattern: "Type ([A-Z])", rows: {B: {x: 10mm, y: 20mm}}}}
  - name: scan-else
    match: {path: "scan-else*"}
    place: {at: text, find: Signature, fallback: {page: last, corner: bottom-right, margin: 15mm}}
  - name: scan-skip
    match: {path: "scan-skip*"}
    place: [{corner: top-left}, {at: text, find: Signature, fallback: skip}]
  - name: scan
    match: {path: "scan*"}
    place: {at: text, find: Signature}
  - name: crowded
    match: {path: "crowded*"}
    place: {at: text, find: "Signature of", avoid: text}
  - name: move
    match: {path: "move*"}
    place: {x: -10mm, y: 290mm, fit: move}
  - name: scale
    match: {path: "scale*"}
    place: {corner: bottom-right, margin: 2mm, fit: scale}
  - name: fail
    match: {path: "fail*"}
    place: {x: 190mm, y: 20mm}
  - name: words
    match: {path: "words*"}
    place:
      - {at: text, find: "盖章处", occurrence: last, side: right, offset: {x: 2mm}}
      - {at: text, pattern: "No\\. ?[0-9]{3}", side: below, seal: received}
  - name: forms
    match: {path: "form*"}
    place:
      - {at: form-field, find: "seal.*", side: above}
      - {at: comment, find: "here", seal: received}
  - name: waiting
    match: {path: "waiting*"}
    place: [{field: Approval}, {page: all, corner: top-left, seal: received}]
  - name: signed
    match: {path: "signed*"}
    place: [{corner: bottom-right}, {page: all, corner: top-left}]
"""
FAILS = {
    "scan.pdf": "plan.no-text",
    "fail.pdf": "plan.seal-off-page",
    "signed.pdf": "plan.stamps-after-signature",
    "typed-c.pdf": "plan.type-unknown",
}
SEALS = {
    "contract.pdf": 1 + 5 + 1 + 2 + 3,
    "INV-7.pdf": 1,
    "PO-7.pdf": 1,
    "title.pdf": 1,
    "title-other.pdf": 1,
    "typed-b.pdf": 1,
    "scan-else.pdf": 1,
    "scan-skip.pdf": 1,
    "crowded.pdf": 1,
    "move.pdf": 1,
    "scale.pdf": 1,
    "words.pdf": 2,
    "form.pdf": 2,
    "waiting.pdf": 3,
}
"""Documents that are sealed, and how many seals are on each."""


@pytest.fixture
def site(site: TestSite) -> TestSite:
    """Return a site whose rules place in every way, with a second seal."""
    mark = Image.new("RGBA", (200, 100))
    ImageDraw.Draw(mark).rectangle((5, 5, 195, 95), outline=(0, 0, 160, 255), width=9)
    mark.save(site.root / "seals" / "received.png")
    second = "seals:\n  received: {image: seals/received.png, width: 20mm, service: sandbox}"
    site.edit("gateway.yaml", lambda text: text.replace("\nseals:", f"\n{second}", 1))
    common = "\n    seal: company-seal\n    profile: {level: B-B}\n    match"
    rules = _RULES.replace("\n    match", common)
    site.edit("rules/example.yaml", lambda _: rules)
    return site


def write_documents(folder: Path) -> None:
    """Write the documents whose names the rules know."""
    pages = ("Contract", "Annex A", "Annex B", "Annexes", "The end")
    write_pdf(folder / "contract.pdf", pages)
    for name in ("INV-7", "PO-7", "move", "fail"):
        write_pdf(folder / f"{name}.pdf")
    write_pdf(folder / "title.pdf", title="Offer 12")
    write_pdf(folder / "title-other.pdf", title="Letter")
    write_pdf(folder / "typed-b.pdf", ("This is of Type B",))
    write_pdf(folder / "typed-c.pdf", ("This is of Type C",))
    write_pdf(folder / "scale.pdf", size=(80, 200))
    for name in ("scan", "scan-else", "scan-skip"):
        scan(folder / f"{name}.pdf")
    lines = b"".join(at(60, 430 - 16 * row, b"(Signature of the parties)") for row in range(4))
    lettered(folder / "crowded.pdf", lines)
    first = at(60, 700, chinese("盖章处"), "G") + at(60, 300, b"(No. 417 of 900)")
    lettered(folder / "words.pdf", first, at(60, 500, chinese("盖 章 处"), "G"))
    form(folder / "form.pdf")
    waiting = write_pdf(folder / "waiting.pdf", ("One", "Two"))
    add_fields(waiting, SigFieldSpec("Approval", box=(300, 100, 500, 160)))
    key = make_key(rsa.generate_private_key(65537, 2048), "Somebody")
    sign(write_pdf(folder / "signed.pdf"), key, "First")


def scan(path: Path) -> Path:
    """Write a page that is one picture."""
    page = Image.new("L", (600, 800), 250)
    ImageDraw.Draw(page).line((100, 700, 400, 700), fill=0, width=3)
    page.save(path, "PDF", resolution=72)
    return path


def form(path: Path) -> Path:
    """Write a page with a text field and a comment."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [4 0 R] >> >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Annots [4 0 R 5 0 R] >>",
        b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (seal.place) /F 4 /Rect [100 300 300 320] >>",
        b"<< /Type /Annot /Subtype /Square /Contents (seal here) /F 4 /Rect [100 600 200 700] >>",
    ]
    path.write_bytes(assembled(objects))
    return path


def explained(site: TestSite, *arguments: str) -> tuple[int, Any, str]:
    """Explain a file in this process, with real readers; return code, JSON and complaints."""
    out, complaints = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(complaints):
        code = main(["explain", *arguments, "--json", "--site", str(site.root)])
    return code, json.loads(out.getvalue() or "null"), complaints.getvalue()


@contextmanager
def warm(site: TestSite) -> Iterator[None]:
    """Let explanations meanwhile share an open site and its readers, for speed."""
    shared = open_site(site.root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gateway.cli.explaining.opened", lambda _: nullcontext(shared))
        yield
    shared.close()


def test_every_way_to_place(site: TestSite) -> None:
    """Explained, sealed and told in the receipt are the same places; each document is paid once."""
    write_documents(site.inbox)
    told: dict[str, Any] = {}
    with warm(site):
        for path in sorted(site.inbox.iterdir()):
            _, told[path.name], complaints = explained(site, str(path))
            assert complaints == "", path.name
    assert {name: told[name]["error"]["code"] for name in told if "error" in told[name]} == FAILS
    assert {name: len(told[name].get("places", ())) for name in SEALS} == SEALS
    _check_places(told)
    with SandboxProcess(site.state):
        before = site.usage()["charged"]
    done = site.call("sweep")
    assert done.returncode == 1, done.stderr
    assert site.failures() == FAILS
    assert len(site.delivered()) == len(SEALS)
    with SandboxProcess(site.state):
        assert site.usage()["charged"] - before == len(SEALS)
    for result in site.delivered():
        receipt = json.loads(result.with_name(f"{result.name}.receipt.json").read_text())
        name = receipt["original"]["name"]
        assert _measures(receipt) == [
            (one["shown_seal"], one["page"], one["x_mm"], one["y_mm"], one["width_mm"], one["part"])
            for one in told[name]["places"]
        ], name
        assert set(receipt["notes"]) == {
            note for place in told[name]["places"] for note in place["notes"]
        }
        _judge(result, seals={place["shown_seal"] for place in told[name]["places"]})


def _check_places(told: dict[str, Any]) -> None:
    """Hold what is explained against what the rules ask, reckoned by hand in millimetres."""
    places = {name: told[name].get("places", ()) for name in told}
    contract = places["contract.pdf"]
    assert contract[0]["page"] == 5
    assert [place["page"] for place in contract[1:6]] == [1, 2, 3, 4, 5]
    assert [place["page"] for place in contract[6:]] == [1, 2, 3, 1, 3, 5]
    assert {place["shown_seal"] for place in contract[6:]} == {"received"}
    (first, *_) = places["INV-7.pdf"]
    assert (first["x_mm"], first["y_mm"]) == (15.0, 15.0)
    (first, *_) = places["PO-7.pdf"]
    assert (first["x_mm"], first["y_mm"]) == (120.0, 200.0)
    width, height = first["width_mm"], first["height_mm"]
    across, down = 595 / 72 * 25.4, 842 / 72 * 25.4
    (first,) = places["title.pdf"]
    assert first["x_mm"] == pytest.approx((across - width) / 2, abs=0.01)
    (first,) = places["title-other.pdf"]
    assert first["y_mm"] == pytest.approx(down - 15 - height, abs=0.01)
    (first,) = places["scan-else.pdf"]
    assert "placed here instead: " in first["notes"][0]
    (first,) = places["crowded.pdf"]
    assert "clear of text" in first["notes"][0]
    (first,) = places["move.pdf"]
    assert (first["x_mm"], first["y_mm"]) == (0.0, pytest.approx(down - height, abs=0.01))
    (first,) = places["scale.pdf"]
    assert first["width_mm"] == pytest.approx(80 / 72 * 25.4, abs=0.01)
    assert first["notes"][0].startswith("scaled to ")
    chinese_words, number = places["words.pdf"]
    assert (chinese_words["page"], number["page"]) == (2, 1)
    assert number["anchor"] == "text No. 417"
    left, _, wide, _ = chinese_words["anchor_mm"]
    assert chinese_words["x_mm"] == pytest.approx(left + wide + 2, abs=0.02)
    field, comment = places["form.pdf"]
    assert field["y_mm"] == pytest.approx((842 - 320) / 72 * 25.4 - height, abs=0.02)
    assert (field["anchor"], comment["anchor"]) == ("field seal.place", "comment seal here")
    assert comment["x_mm"] + 10 == pytest.approx(150 / 72 * 25.4, abs=0.02)
    offered = told["form.pdf"]
    assert [one["name"] for one in offered["form_fields"]] == ["seal.place"]
    assert [one["text"] for one in offered["comments"]] == ["seal here"]
    waiting = places["waiting.pdf"]
    assert waiting[0]["shown_seal"] == "company-seal"
    assert [place["page"] for place in waiting] == [1, 1, 2]
    assert all("example.yaml:" in place["asked"] for name in places for place in places[name])


def _measures(receipt: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Return every place that a receipt tells, the signature field's first."""
    own = {"seal": receipt["seal"]["name"], "part": [0.0, 0.0, 1.0, 1.0]}
    return [
        (one["seal"], one["page"], one["x"], one["y"], one["width"], one["part"])
        for one in (own | receipt["seal"]["place"], *receipt["stamps"])
    ]


def _judge(result: Path, seals: set[str]) -> None:
    assert judged_by_pdfsig(result) == ["Signature is Valid."], result.name
    subprocess.run(("qpdf", "--check", result), capture_output=True, check=True)
    command = ("qpdf", "--json=2", "--json-key=qpdf", result)
    found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    streams = [one["stream"]["dict"] for one in found["qpdf"][1].values() if "stream" in one]
    pictures = [one for one in streams if one.get("/Subtype") == "/Image" and "/SMask" in one]
    assert len(pictures) == len(seals), "each seal's artwork is there once"


def test_preview_of_the_real_program(site: TestSite, tmp_path: Path) -> None:
    """Sheet and PDF are written where they were asked, and nothing is spent or left behind."""
    write_documents(site.inbox)
    contract = site.inbox / "contract.pdf"
    kept = {path: path.read_bytes() for path in sorted(site.root.rglob("*")) if path.is_file()}
    sheet, pages = tmp_path / "sheet.png", tmp_path / "pages.pdf"
    sheet.write_bytes(b"an older one")
    done = site.call("explain", str(contract), "--png", str(sheet), "--pdf", str(pages))
    assert (done.returncode, done.stderr) == (0, "")
    assert f"picture   {sheet}" in done.stdout
    with Image.open(sheet) as opened:
        assert opened.format == "PNG"
    told = subprocess.run(("pdfinfo", pages), capture_output=True, text=True, check=True)
    assert "Pages:           5\n" in told.stdout
    assert {path.name for path in tmp_path.iterdir()} >= {"sheet.png", "pages.pdf"}
    now = {path for path in site.root.rglob("*") if path.is_file()}
    assert {path.relative_to(site.root).parts[0] for path in now - set(kept)} <= {"state"}
    assert all(path.read_bytes() == kept[path] for path in kept if path.parent == site.inbox)
    with SandboxProcess(site.state):
        assert site.usage()["charged"] == 0
    with warm(site):
        for target in (tmp_path / "nowhere" / "x.png", tmp_path, contract, Path("/proc/x.png")):
            code, _, complaints = explained(site, str(contract), "--png", str(target))
            assert (code, "usage.no-output" in complaints) == (2, True), complaints
    assert contract.read_bytes() == kept[contract]


def test_preview_of_designs(site: TestSite, tmp_path: Path) -> None:
    """A seal whose lines change can be previewed, filled with samples."""
    drawn = site.call(
        *("seals", "draw", "dated", "--template", "received-stamp"),
        *("--service", "sandbox"),
    )
    assert drawn.returncode == 0, drawn.stderr
    assert site.call("seals", "grant", "dated", "--any").returncode == 0
    site.edit(
        "rules/example.yaml",
        lambda _: "inbox: documents\nrules: [{name: all, seal: dated, place: {margin: 10mm}}]\n",
    )
    document = write_pdf(site.inbox / "a.pdf")
    sheet = tmp_path / "sheet.png"
    code, told, complaints = explained(site, str(document), "--png", str(sheet))
    assert (code, complaints, told["seal"]) == (0, "", "dated")
    with Image.open(sheet) as opened:
        assert opened.width > 1000


def test_log_that_cannot_be_written(site: TestSite, tmp_path: Path) -> None:
    """An export is never written over a file, nor where there is no folder, and says so."""
    older = tmp_path / "older.csv"
    older.write_text("kept")
    for target in (older, tmp_path / "nowhere" / "log.csv"):
        complaints = io.StringIO()
        with redirect_stderr(complaints):
            code = main(["log", "export", "--output", str(target), "--site", str(site.root)])
        assert (code, "usage.no-output" in complaints.getvalue()) == (2, True)
    assert older.read_text() == "kept"
