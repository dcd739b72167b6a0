"""Codes, read by programs that are not ours."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageDraw

from gateway.core.drawing import Drawing, Shape
from gateway.core.errors import DocumentFault
from gateway.seals.designs import parse_design
from tests.seals.drawing import ARTIST, draw, shapes

_SCALE = 8
"""Pixels a point."""


def _picture(drawing: Drawing, path: Path) -> None:
    """Fill the drawing's even-odd paths as a viewer would."""
    size = (round(drawing.width * _SCALE), round(drawing.height * _SCALE))
    ink = Image.new("1", size, 0)
    for shape in shapes(drawing):
        for loop in _loops(shape):
            one = Image.new("1", size, 0)
            spots = [(x * _SCALE, size[1] - y * _SCALE) for x, y in loop]
            ImageDraw.Draw(one).polygon(spots, fill=1)
            ink = ImageChops.logical_xor(ink, one)
    ImageChops.invert(ink.convert("L")).save(path)


def _loops(shape: Shape) -> list[list[tuple[float, float]]]:
    loops: list[list[tuple[float, float]]] = []
    numbers: list[float] = []
    for word in shape.path.split():
        if word in ("m", "l"):
            if word == "m":
                loops.append([])
            loops[-1].append((numbers[0], numbers[1]))
            numbers = []
        elif word != "h":
            numbers.append(float(word))
    return loops


@pytest.mark.parametrize("correction", ["low", "high"])
@pytest.mark.parametrize("content", ["https://example.com/v/{receipt}?h={hash}", "盖章 {serial}"])
def test_qr_is_read_by_others(tmp_path: Path, content: str, correction: str) -> None:
    """zbarimg reads from the drawn path what the design says, placeholders filled."""
    drawing = draw(kind="code", code={"content": content, "correction": correction})
    assert len(shapes(drawing)) == 1
    assert shapes(drawing)[0].even_odd
    _picture(drawing, tmp_path / "code.png")
    command = ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"]
    said = subprocess.run(
        [*command, tmp_path / "code.png"], capture_output=True, check=True, timeout=30
    )
    wanted = content.format(receipt="R-2026-42", hash="9f86d081884c", serial="000042")
    assert said.stdout.decode().strip() == wanted


def test_data_matrix_is_read_by_others(tmp_path: Path) -> None:
    """dmtxread reads from the drawn path what the design says."""
    code = {"content": "SG-{serial}-{hash}", "symbology": "data-matrix"}
    drawing = draw(kind="code", width=18, code=code)
    _picture(drawing, tmp_path / "code.png")
    said = subprocess.run(
        ["dmtxread", "-N1", "-m5000", tmp_path / "code.png"],
        capture_output=True,
        check=False,
        timeout=30,
    )
    assert said.stdout == b"SG-000042-9f86d081884c"


def test_quiet_zone() -> None:
    """White as wide as four modules is kept round a QR code, inside its extent."""
    drawing = draw(kind="code", width=29, code={"content": "A", "quiet": 4})
    spots = [spot for loop in _loops(shapes(drawing)[0]) for spot in loop]
    module = drawing.width / 29
    assert min(x for x, _ in spots) == pytest.approx(4 * module, abs=0.01)
    assert max(y for _, y in spots) == pytest.approx(drawing.height - 4 * module, abs=0.01)


@pytest.mark.parametrize("symbology", ["qr", "data-matrix"])
def test_too_much_for_a_code(symbology: str) -> None:
    """What no code can hold is refused."""
    code = {"content": "{reason}", "symbology": symbology}
    design = parse_design({"kind": "code", "code": code})
    with pytest.raises(DocumentFault) as refused:
        ARTIST.draw(design, {"reason": "字" * 4000})
    assert refused.value.code == "seal.text-too-long"
