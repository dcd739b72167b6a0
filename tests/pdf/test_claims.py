"""What a document claims of itself is read from sound metadata, and from nothing else."""

from __future__ import annotations

import subprocess
import zlib
from pathlib import Path

import pytest

from gateway.core.facts import NOTHING, Claims
from gateway.pdf.claims import LARGEST
from gateway.pdf.facts import examine
from tests.e2e.pages import assembled

NAMESPACE = "http://www.aiim.org/pdfa/ns/id/"
RDF = 'xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'


def packet(inside: str = "", attributes: str = "", namespace: str = NAMESPACE) -> str:
    """Return a metadata packet with a description."""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><r:RDF {RDF}>'
        f'<r:Description r:about="" xmlns:p="{namespace}" {attributes}>{inside}</r:Description>'
        '</r:RDF></x:xmpmeta>\n<?xpacket end="w"?>   \n'
    )


def claimed(path: Path, data: bytes, entries: str = "", catalog: str = "") -> Claims:
    """Return the claims of a document with such metadata."""
    metadata = f"<< /Type /Metadata /Subtype /XML {entries} /Length {len(data)} >>\nstream\n"
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R /Metadata 4 0 R {catalog} >>".encode(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
        metadata.encode() + data + b"\nendstream",
        b"<< /Type /StructTreeRoot >>",
    ]
    path.write_bytes(assembled(objects))
    return examine(path, NOTHING).claims


ELEMENTS = "<p:part>3</p:part><p:conformance>U</p:conformance>"


@pytest.mark.parametrize(
    ("xmp", "pdfa"),
    [
        (packet(ELEMENTS), "3u"),
        (packet("", "p:part='1' p:conformance=\"B\""), "1b"),
        (packet("<p:part> 2\n</p:part>", 'p:conformance="A"'), "2a"),
        (packet("<p:part>4</p:part><p:rev>2020</p:rev>"), "4"),
        (packet("<p:part>4</p:part><p:conformance>F</p:conformance>"), "4f"),
        (packet("<p:part>1</p:part><p:part>2</p:part>"), "1"),
        (packet(ELEMENTS, namespace="http://www.aiim.org/pdfe/ns/id/"), ""),
        (packet("<p:part>three</p:part>"), ""),
        (packet("<p:conformance>B</p:conformance>"), ""),
        (packet(ELEMENTS).replace("</r:RDF>", ""), ""),
        ("<!DOCTYPE x [<!ENTITY e '3'>]>" + packet("<p:part>&e;</p:part>"), ""),
        (packet("<p:part>&e;</p:part>"), ""),
        ("", ""),
        ("nonsense", ""),
        (packet(ELEMENTS) + " " * LARGEST, ""),
    ],
)
def test_pdfa(tmp_path: Path, xmp: str, pdfa: str) -> None:
    """PDF/A is claimed by the identification schema in any XML form; broken XML claims none."""
    assert claimed(tmp_path / "c.pdf", xmp.encode()).pdfa == pdfa


def test_encodings(tmp_path: Path) -> None:
    """A packet may be UTF-16, and may be compressed, but not to burst."""
    path = tmp_path / "c.pdf"
    assert claimed(path, packet(ELEMENTS).encode("utf-16")).pdfa == "3u"
    flate = "/Filter /FlateDecode"
    assert claimed(path, zlib.compress(packet(ELEMENTS).encode()), flate).pdfa == "3u"
    listed = "/Filter [/FlateDecode]"
    assert claimed(path, zlib.compress(packet(ELEMENTS).encode()), listed).pdfa == "3u"
    bomb = zlib.compress(packet(ELEMENTS).encode() + bytes(3 * LARGEST))
    assert claimed(path, bomb, flate).pdfa == ""
    assert claimed(path, b"broken", flate).pdfa == ""
    assert claimed(path, b"broken", "/Filter /LZWDecode").pdfa == ""


@pytest.mark.parametrize(
    "method", [("128", "--use-aes=y"), ("256",), ("256", "--cleartext-metadata")]
)
def test_encrypted(tmp_path: Path, method: tuple[str, ...]) -> None:
    """Metadata of an encrypted document claims the same, encrypted itself or not."""
    path, locked = tmp_path / "c.pdf", tmp_path / "locked.pdf"
    claimed(path, packet(ELEMENTS).encode())
    command = ("qpdf", "--allow-weak-crypto", "--encrypt", "", "owner", *method, "--", path, locked)
    subprocess.run(command, check=True)
    assert examine(locked, NOTHING).claims.pdfa == "3u"


@pytest.mark.parametrize(
    ("catalog", "tagged"),
    [
        ("/MarkInfo << /Marked true >> /StructTreeRoot 5 0 R", True),
        ("/MarkInfo << /Marked false >> /StructTreeRoot 5 0 R", False),
        ("/MarkInfo << /Marked /true >> /StructTreeRoot 5 0 R", False),
        ("/MarkInfo << /Marked true >>", False),
        ("/MarkInfo true /StructTreeRoot 5 0 R", False),
        ("/StructTreeRoot 5 0 R", False),
        ("", False),
    ],
)
def test_tagged(tmp_path: Path, catalog: str, tagged: bool) -> None:
    """Tagged is what says that its content is marked and has a structure tree; both count."""
    assert claimed(tmp_path / "t.pdf", packet().encode(), catalog=catalog).tagged is tagged
