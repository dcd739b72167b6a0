"""Small documents made for a test: real PDFs with text, page sizes and rotation as asked."""

from __future__ import annotations

from pathlib import Path


def write_pdf(
    path: Path,
    texts: tuple[str, ...] = ("A page",),
    *,
    size: tuple[float, float] = (595, 842),
    page_entries: str = "",
    title: str = "",
) -> Path:
    """Write a PDF with one page for each text; `page_entries` go into every page dictionary."""
    objects: list[bytes] = []
    count = len(texts)
    kids = " ".join(f"{4 + 2 * index} 0 R" for index in range(count))
    objects.append(b"<< /Type /Catalog /Pages 2 0 R >>")
    objects.append(f"<< /Type /Pages /Kids [{kids}] /Count {count} >>".encode())
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    for index, text in enumerate(texts):
        box = f"/MediaBox [0 0 {size[0]:g} {size[1]:g}]"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R {box} {page_entries} "
            f"/Resources << /Font << /F1 3 0 R >> >> /Contents {5 + 2 * index} 0 R >>".encode()
        )
        stream = f"BT /F1 14 Tf 60 {size[1] / 2:g} Td ({text}) Tj ET".encode("latin-1")
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
    if title:
        objects.append(f"<< /Title ({title}) >>".encode())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(assembled(objects, bool(title)))
    return path


def assembled(objects: list[bytes], information: bool = False) -> bytes:
    """Return a file of objects numbered from 1, the first of which is the catalog."""
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for offset in offsets:
        out += b"%010d 00000 n \n" % offset
    info = b" /Info %d 0 R" % len(objects) if information else b""
    out += b"trailer\n<< /Size %d /Root 1 0 R%s >>\n" % (len(objects) + 1, info)
    out += b"startxref\n%d\n%%%%EOF\n" % start
    return bytes(out)
