"""The positioning page as somebody works on it, and where ink lies in what was sealed."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageChops
from playwright.sync_api import Locator, Page, expect

from tests.e2e.programs import said

SECONDS = 30_000.0
"""Milliseconds that a page may take on a busy machine, as Playwright counts."""
DOTS_PER_MILLIMETRE = 10


class Opened:
    """The page, with the words of its template."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))

    def part(self, name: str) -> Locator:
        """Return a part of the page."""
        return self.page.locator(f'[data-part="{name}"]').first

    @property
    def mark(self) -> Locator:
        """Return the first seal on the page."""
        return self.page.locator(".mark").first

    def measured(self, side: str) -> float:
        """Return what the page says of the chosen seal's distance from a side, in mm."""
        return float(self.page.locator(f'[data-part="measures"] [name="{side}"]').input_value())

    def settle(self) -> None:
        """Wait until the server has answered."""
        self.page.wait_for_timeout(300)
        expect(self.page.locator("[data-positioning]")).not_to_have_attribute(
            "aria-busy", "true", timeout=SECONDS
        )

    def drag(self, across: float, down: float) -> None:
        """Drag the seal by so many pixels, without snapping."""
        box = self.mark.bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.keyboard.down("Alt")
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + across / 2, y + down / 2, steps=3)
        self.page.mouse.move(x + across, y + down, steps=3)
        self.page.mouse.up()
        self.page.keyboard.up("Alt")
        self.settle()

    def pull(self, handle: str, across: float, down: float) -> None:
        """Pull a handle of the chosen seal by so many pixels."""
        box = self.page.locator(f".handle.{handle}").bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + across / 2, y + down / 2, steps=3)
        self.page.mouse.move(x + across, y + down, steps=3)
        self.page.mouse.up()
        self.settle()

    def save(self, reason: str) -> None:
        """Save with a reason."""
        self.part("save").click()
        self.part("reason").fill(reason)
        self.part("write").click()
        expect(self.part("undo")).to_be_visible(timeout=SECONDS)


def changed_box(before: Path, after: Path, folder: Path) -> tuple[float, ...]:
    """Return left, top, right and bottom of what poppler shows differently, in mm, on page 1.

    Poppler leaves UserUnit out, which MuPDF tells.
    """
    pictures = []
    unit = float(said("mutool", "show", before, "pages/1/UserUnit").strip().replace("null", "1"))
    for number, pdf in enumerate((before, after)):
        stem = folder / f"page-{number}"
        dots = str(DOTS_PER_MILLIMETRE * 25.4)
        said("pdftoppm", "-r", dots, "-f", "1", "-l", "1", "-cropbox", "-singlefile", pdf, stem)
        pictures.append(Image.open(stem.with_suffix(".ppm")).convert("RGB"))
    difference = ImageChops.difference(*pictures).convert("L").point(lambda dot: 255 * (dot > 40))
    box = difference.getbbox()
    assert box is not None, "nothing differs"
    return tuple(edge * unit / DOTS_PER_MILLIMETRE for edge in box)
