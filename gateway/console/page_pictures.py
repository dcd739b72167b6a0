"""Pages of documents as pictures."""

from __future__ import annotations

import tempfile
from pathlib import Path

from starlette.responses import Response

from gateway.console.visit import Visit, whole_number
from gateway.core.errors import UsageFault

_AT_ONCE = 40
"""Pages shown as pictures on one page of the console."""
_MOST_PAGES = 100_000
_PIXELS = 1100


def pages_shown(visit: Visit, pages: int) -> range:
    """Return the numbers of the pages to be shown: from the one that the query names (`from`)."""
    first = max(1, min(whole_number(visit.query("from")) or 1, pages))
    return range(first, min(first + _AT_ONCE - 1, pages) + 1)


def page_asked(visit: Visit) -> int:
    """Return which page the path names, from 1; raises `UsageFault` (`usage.wrong-number`)."""
    number = whole_number(visit.path("number"))
    if number is None or not 1 <= number <= _MOST_PAGES:
        raise UsageFault("usage.wrong-number", visit.path("number")[:20])
    return number


def page_picture(visit: Visit, path: Path, number: int, seconds: int) -> Response:
    """Draw a page, from 1, in a child process; browsers keep the picture for so many seconds."""
    with tempfile.TemporaryDirectory(prefix="sealgate-console-") as folder:
        png = Path(folder) / "page.png"
        visit.site.documents.draw(path, number - 1, png, longest=_PIXELS)
        headers = {"Cache-Control": f"private, max-age={seconds}"}
        return Response(png.read_bytes(), media_type="image/png", headers=headers)
