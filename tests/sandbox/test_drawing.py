"""What the demonstration shows: a seal and six documents, correct and pleasant."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from gateway.sandbox import artwork
from gateway.sandbox.artwork import draw_company_seal
from gateway.sandbox.samples import write_samples


@pytest.mark.parametrize("font", ["the system's", "Pillow's"])
def test_seal(tmp_path: Path, font: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The seal is red on transparent, round, with a star in the middle, in any font."""
    if font == "Pillow's":
        monkeypatch.setattr(artwork, "_BOLD", tmp_path / "no-font")
    draw_company_seal(tmp_path / "seals" / "seal.png")
    with Image.open(tmp_path / "seals" / "seal.png") as picture:
        assert (picture.size, picture.mode) == ((1200, 1200), "RGBA")
        alpha = picture.getchannel("A")
        assert [alpha.getpixel(corner) for corner in ((0, 0), (1199, 1199))] == [0, 0]
        red, green, blue, opaque = picture.getpixel((600, 600))
        assert opaque > 200
        assert red > 150 > max(green, blue)
        left, top, right, bottom = alpha.point(lambda value: 255 if value > 128 else 0).getbbox()
        assert left == pytest.approx(1200 - right, abs=2) == pytest.approx(top, abs=2)
        assert right - left > 1150
        assert bottom - top > 1150


def test_long_name_fits(tmp_path: Path) -> None:
    """A long name is written smaller instead of running into itself."""
    draw_company_seal(tmp_path / "long.png", "A COMPANY WHOSE NAME HAS NO END AT ALL CO., LTD.")
    with Image.open(tmp_path / "long.png") as picture:
        below = picture.getchannel("A").crop((480, 1010, 720, 1130))
        assert below.getbbox() is None


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """Write the samples."""
    return write_samples(tmp_path_factory.mktemp("samples") / "inbox")


def test_samples_are_varied(samples: tuple[Path, ...]) -> None:
    """Six documents bring rotation, a cropped page, units and several pages, and no leftovers."""
    assert len(samples) == 6
    content = b"".join(path.read_bytes() for path in samples)
    for feature in (
        b"/Rotate 90",
        b"/Rotate 270",
        b"/CropBox [40 120",
        b"/UserUnit 2",
        b"/Count 3",
    ):
        assert feature in content
    inbox = samples[0].parent
    assert sorted(path for path in inbox.rglob("*") if path.is_file()) == sorted(samples)
    assert any(path.parent != inbox for path in samples)


def test_qpdf_has_nothing_to_say(samples: tuple[Path, ...]) -> None:
    """`qpdf --check` finds no error and gives no warning."""
    if shutil.which("qpdf") is None:
        pytest.skip("not installed: qpdf")
    for path in samples:
        done = subprocess.run(
            ("qpdf", "--check", path), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "warning" not in (done.stdout + done.stderr).lower()


def test_samples_read_upright(samples: tuple[Path, ...]) -> None:
    """On every displayed page the company's name is above the foot, whatever the rotation."""
    if shutil.which("pdftotext") is None:
        pytest.skip("not installed: pdftotext")
    for path in samples:
        done = subprocess.run(
            ("pdftotext", "-cropbox", "-bbox", path, "-"),
            capture_output=True,
            text=True,
            check=True,
        )
        tops = {
            word: float(top)
            for top, word in re.findall(r'yMin="([\d.]+)"[^>]*>(Example|VAT)<', done.stdout)
        }
        assert tops["VAT"] > 0
        lines = re.findall(r'xMin="([\d.]+)" yMin="([\d.]+)"[^>]*>(Example|Ltd)<', done.stdout)
        first, second = lines[0], lines[1]
        assert (first[2], second[2]) == ("Example", "Ltd")
        assert float(first[0]) < float(second[0]), f"{path.name} does not read left to right"
        assert float(first[1]) < tops["VAT"], f"{path.name} is upside down"
