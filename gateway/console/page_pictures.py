"""Pages of documents as pictures."""

from __future__ import annotations

import tempfile
from pathlib import Path

from starlette.responses import Response

from gateway.console.visit import Visit, whole_number
from gateway.core.errors import UsageFault

MOST_PAGES = 40
"""Pages shown as pictures."""
_PIXELS = 1100


def page_asked(visit: Visit) -> int:
    """Return which page the path names, from 1; raises `UsageFault` (`usage.wrong-number`)."""
    number = whole_number(visit.path("number"))
    if number is None or not 1 <= number <= MOST_PAGES:
        raise UsageFault("usage.wrong-number", visit.path("number")[:20])
    return number


def page_picture(visit: Visit, path: Path, number: int, seconds: int) -> Response:
    """Draw a page, from 1, in a child process; browsers keep the picture for so many seconds."""
    with tempfile.TemporaryDirectory(prefix="sealgate-console-") as folder:
        png = Path(folder) / "page.png"
        visit.site.documents.draw(path, number - 1, png, longest=_PIXELS)
        headers = {"Cache-Control": f"private, max-age={seconds}"}
        return Response(png.read_bytes(), media_type="image/png", headers=headers)
