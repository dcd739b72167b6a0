"""Seals as they look on real documents, imported and drawn, judged by programs not ours."""

from __future__ import annotations

import hashlib
import re
import shutil
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from gateway.sandbox.process import SandboxProcess
from tests.e2e.keeping import Keep, drop, keeper, receipts
from tests.e2e.pages import assembled
from tests.e2e.programs import said
from tests.e2e.site import TestSite
from tests.pdf.drawings import by_poppler, faultless, png, ring, scanned

SEALS = ("png", "jpeg", "svg", "page", "company", "block")
COMPANY = "北京某某科技有限公司"
ZONE = ZoneInfo("Pacific/Kiritimati")
"""Where it is another day than in UTC, most of the time."""
DOTS = 100
Spot = tuple[float, float]
"""Millimetres on the page, from its left and top."""
Colour = tuple[int, ...]
TOP, OUTERMOST = (70.0, 53.5), (70.0, 50.5)
"""Where the rims of imported seals and of the drawn one are."""
INSIDE = (70.0, 61.0)
"""Where most of them show the page, which is green."""
CENTRE = (70.0, 70.0)
"""Where the page has a black bar."""
GREEN, RED, BLACK = (0, 204, 0), (200, 0, 0), (0, 0, 0)
DARKENED = (0, 17, 0)
"""Seal red over the green of the page."""

SVG = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400">
<style>.ink { fill: rgb(200, 0, 0) }</style>
<path class="ink" fill-rule="evenodd" d="M200 10a190 190 0 1 1 0 380a190 190 0 1 1 0-380z
M200 60a140 140 0 1 0 0 280a140 140 0 1 0 0-280z"/><circle class="ink" cx="200" cy="200" r="40"/>
</svg>"""
PAGE = b"0.784 0 0 rg 0 350 400 50 re 0 0 400 50 re 160 160 80 80 re f"
DESIGN = """\
# The company's approval.
kind: block
width: 90mm
height: 40mm
colour: stamp-blue
border: {line: 0.5mm, corner: 1}
title: {text: "已批准 {signer}"}
lines:
  - {text: "{date}"}
  - {text: "No. {serial}", font: {weight: bold}}
  - {text: "{reason}"}
  - {text: "{hash}"}
code: {content: "{receipt}", side: right}
date: {format: yyyy年M月d日, time_zone: Pacific/Kiritimati}
"""
RULE = (
    '  - {{name: {0}, match: {{path: "{0}*"}}, seal: {0}, place: {{page: 1, x: 50mm, y: 50mm}},'
    ' profile: {{reason: "Contract approved"}}}}\n'
)


def ground(path: Path) -> None:
    """Write a green page with a black bar across the place of the seal."""
    content = b"0 0.8 0 rg 0 0 595 842 re f 0 g 120 640 160 7 re f"
    path.write_bytes(_drawn(content, (595, 842)))


def _drawn(content: bytes, size: tuple[int, int]) -> bytes:
    box = f"/MediaBox [0 0 {size[0]} {size[1]}]"
    return assembled(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            f"<< /Type /Page /Parent 2 0 R {box} /Contents 4 0 R >>".encode(),
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        ]
    )


def _register(keep: Keep, folder: Path) -> None:
    """Register a seal of each kind, from files as people have them."""
    pictures = {
        "png": png(ring(400)),
        "jpeg": png(scanned(400), "JPEG", quality=85),
        "svg": SVG.encode(),
        "page": _drawn(PAGE, (400, 400)),
    }
    own = ("--service", "sandbox", "--any")
    for name, content in pictures.items():
        file = folder / f"{name}.artwork"
        file.write_bytes(content)
        paper = ("--whiteness", "transparent") if name == "jpeg" else ()
        done = keep("seals", "add", name, str(file), "--width", "40mm", *own, *paper)
        assert done.returncode == 0, done.stderr
    design = folder / "approval.yaml"
    design.write_text(DESIGN)
    for name, how in (
        ("company", ("--template", "limited-company", "--text", COMPANY, "--serial", "1101081")),
        ("block", ("--design", str(design))),
    ):
        done = keep("seals", "draw", name, *how, *own)
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def sealed(kept_template: Path, tmp_path_factory: pytest.TempPathFactory) -> TestSite:
    """Return a site on which a document was sealed with each of the seals, two with the block."""
    folder = tmp_path_factory.mktemp("looks")
    shutil.copytree(kept_template, folder / "site", symlinks=True)
    site = TestSite(folder / "site")
    keep = keeper(site)
    _register(keep, folder)
    rules = "".join(RULE.format(name) for name in SEALS)
    (site.root / "rules" / "example.yaml").write_text(f"inbox: documents\nrules:\n{rules}")
    for name in SEALS:
        ground(site.inbox / f"{name}.pdf")
    drop(site, "block-too")
    with SandboxProcess(site.state):
        done = keep("sweep")
    assert done.returncode == 0, done.stdout + done.stderr
    return site


def result(site: TestSite, name: str) -> Path:
    """Return a sealed document."""
    (path,) = site.outbox.rglob(f"{name}-sealed.pdf")
    return path


def text(pdf: Path) -> str:
    """Return a document's text in the order in which it is drawn, without white."""
    return re.sub(r"\s", "", said("pdftotext", "-raw", pdf, "-"))


def colour(page: Image.Image, spot: Spot) -> Colour:
    """Return the colour at a spot in millimetres."""
    across, down = (round(value / 25.4 * DOTS) for value in spot)
    found = page.getpixel((across, down))
    assert isinstance(found, tuple)
    return found


@pytest.mark.parametrize(
    ("name", "centre", "rim"),
    [
        ("png", BLACK, (TOP, RED)),
        ("jpeg", BLACK, (TOP, RED)),
        ("svg", RED, (TOP, RED)),
        ("page", RED, (TOP, RED)),
        ("company", BLACK, (OUTERMOST, DARKENED)),
    ],
)
def test_seal_on_a_page(
    sealed: TestSite, name: str, centre: Colour, rim: tuple[Spot, Colour]
) -> None:
    """A seal's ink covers the page or darkens it, so that black stays black; what is clear in it,
    a scan's paper, too, shows the page."""
    page = by_poppler(result(sealed, name), DOTS)
    for (spot, expected), most in (((INSIDE, GREEN), 12), ((CENTRE, centre), 12), (rim, 30)):
        found = colour(page, spot)
        apart = max(abs(one - other) for one, other in zip(found, expected, strict=True))
        assert apart <= most, (spot, found)


def test_vectors_and_letters(sealed: TestSite, tmp_path: Path) -> None:
    """Vectors stay vectors, and drawn letters are letters of embedded fonts that can be copied."""
    keep = keeper(sealed)
    for name in ("svg", "page", "company"):
        assert keep("seals", "export", name, str(tmp_path / f"{name}.pdf")).returncode == 0
        for pdf in (tmp_path / f"{name}.pdf", result(sealed, name)):
            assert faultless(pdf)
            assert not said("pdfimages", "-list", pdf).splitlines()[2:]
    for pdf in (tmp_path / "company.pdf", result(sealed, "company"), result(sealed, "block")):
        fonts = said("pdffonts", pdf).splitlines()[2:]
        assert fonts
        assert all(re.search(r"\byes yes yes\b", line) for line in fonts), fonts
    for pdf in (tmp_path / "company.pdf", result(sealed, "company")):
        assert COMPANY in text(pdf)
        assert "1101081" in text(pdf)


def test_changing_lines(sealed: TestSite, tmp_path: Path) -> None:
    """Each document's seal says when, under which number, by whom, why, and of which file."""
    signer = re.search(r"Common Name: (.*)", said("pdfsig", result(sealed, "block")))
    assert signer is not None
    numbers = set()
    for name in ("block", "block-too"):
        receipt, pdf = receipts(sealed)[f"{name}.pdf"], result(sealed, name)
        (original,) = sealed.archive.rglob(f"{name}.pdf")
        shown = text(pdf)
        # The tests may run over midnight there.
        day = datetime.fromisoformat(receipt["signature"]["signed_at"]).astimezone(ZONE)
        assert f"{day.year}年{day.month}月{day.day}日" in shown
        assert "已批准" + re.sub(r"\s", "", signer.group(1)) in shown
        assert "Contractapproved" in shown
        assert hashlib.sha256(original.read_bytes()).hexdigest()[:12] in shown
        numbers.update(re.findall(r"No\.(\d+)", shown))
        picture = tmp_path / f"{name}.png"
        by_poppler(pdf, 200).save(picture)
        assert said("zbarimg", "-q", "--raw", picture).strip() == receipt["job"]
    assert numbers == {"000001", "000002"}


def test_number_stays_with_its_document(kept: TestSite, keep: Keep, tmp_path: Path) -> None:
    """A document that failed keeps its number for a retry, and another takes the next."""
    design = tmp_path / "numbered.yaml"
    design.write_text(
        '{kind: text, height: 20, lines: [{text: "No. {serial}"}, {text: "{reason}"}]}'
    )
    done = keep("seals", "draw", "one", "--design", str(design), "--service", "sandbox", "--any")
    assert done.returncode == 0, done.stderr
    rules = (
        "inbox: documents\nrules:\n  - {name: all, seal: one, place: {}, profile: {reason: %s}}\n"
    )
    written = kept.root / "rules" / "example.yaml"
    written.write_text(rules % r'"No glyph: \uE000"')
    drop(kept, "first")
    assert keep("sweep").returncode == 1
    assert kept.failures() == {"first.pdf": "seal.glyph-missing"}
    written.write_text(rules % "Approved")
    drop(kept, "second")
    assert keep("retry", "--all-failed").returncode == 0
    assert keep("sweep").returncode == 0
    assert "No.000001Approved" in text(result(kept, "first"))
    assert "No.000002Approved" in text(result(kept, "second"))
    assert kept.usage()["charged"] == 2


def test_coarse_scan(kept: TestSite, keep: Keep, tmp_path: Path) -> None:
    """A scan that would be printed coarsely is refused with the width up to which it would do."""
    scan = tmp_path / "scan.jpg"
    scan.write_bytes(png(scanned(200), "JPEG", quality=85))
    add = (
        "seals",
        "add",
        "scanned",
        str(scan),
        "--service",
        "sandbox",
        "--whiteness",
        "transparent",
    )
    refused = keep(*add, "--width", "40mm")
    assert (refused.returncode, "usage.seal-too-coarse" in refused.stderr) == (2, True)
    assert "127 dots per inch at 40 mm, of at least 150" in refused.stderr
    told = re.search(r"up to ([\d.]+) mm wide", refused.stderr)
    assert told is not None
    assert keep(*add, "--width", f"{float(told.group(1)) + 0.2:g}mm").returncode == 2
    done = keep(*add, "--width", f"{told.group(1)}mm")
    assert done.returncode == 0, done.stderr
