"""Small drawings within pages, as SVG paths."""

from __future__ import annotations

from gateway.seals.codes import modules


def code_path(text: str) -> tuple[int, str]:
    """Return side and path of a QR code in modules, with its quiet zone."""
    rows = modules(text, "qr")
    quiet = 4
    path = "".join(
        f"M{column + quiet} {row + quiet}h1v1h-1z"
        for row, cells in enumerate(rows)
        for column, dark in enumerate(cells)
        if dark
    )
    return len(rows) + 2 * quiet, path
