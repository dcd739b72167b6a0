"""Damaged documents are mended without loss, or not at all."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest

from gateway.core.errors import DocumentFault
from gateway.core.repairing import REPAIRABLE
from gateway.pdf.reader import ReaderDocuments
from tests.e2e.pages import write_pdf
from tests.pdf.conftest import Bench, Key
from tests.pdf.making import BOX, judged_by_pdfsig, sign

Damage = Callable[[bytes], bytes]

DAMAGES: dict[str, Damage] = {
    "no end": lambda content: content[: content.rindex(b"startxref")],
    "wrong offset": lambda content: re.sub(rb"startxref\n\d+", b"startxref\n99999", content),
    "wrong length": lambda content: re.sub(rb"/Length \d+", b"/Length 3", content, count=1),
    "no size": lambda content: content.replace(b"/Size", b"/Sise"),
    "header": lambda content: content.replace(b"%PDF-1.7", b"%PDF-x.y"),
}


@pytest.mark.parametrize("damage", sorted(DAMAGES))
def test_damage(bench: Bench, key: Key, tmp_path: Path, damage: str) -> None:
    """What viewers still show is mended, and the mended file is sealed; qpdf finds no fault."""
    original = write_pdf(tmp_path / "x.pdf", ("First page", "Second page"), title="Kept")
    original.write_bytes(DAMAGES[damage](original.read_bytes()))
    with pytest.raises(DocumentFault) as fault:
        bench.reader.examine(original)
    assert fault.value.code in REPAIRABLE
    mended = tmp_path / "mended.pdf"
    changes = bench.reader.repair(original, mended)
    assert changes[0].startswith("its table of objects was written anew: ")
    assert not [change for change in changes if str(tmp_path) in change]
    facts = bench.reader.examine(mended)
    assert (len(facts.pages), facts.metadata) == (2, (("Title", "Kept"),))
    sealed, _, _ = bench.seal(mended, key)
    assert judged_by_pdfsig(sealed) == ["Signature is Valid."]
    assert subprocess.run(("qpdf", "--check", sealed), check=False).returncode == 0


def test_same_bytes_again(reader: ReaderDocuments, tmp_path: Path) -> None:
    """Mending twice gives the same file, so that a crash between changes nothing."""
    original = write_pdf(tmp_path / "x.pdf")
    original.write_bytes(DAMAGES["no end"](original.read_bytes()))
    for name in ("one.pdf", "two.pdf"):
        reader.repair(original, tmp_path / name)
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()


def refused(reader: ReaderDocuments, original: Path) -> str:
    """Return why a document is not mended."""
    with pytest.raises(DocumentFault) as fault:
        reader.repair(original, original.with_name("never.pdf"))
    assert fault.value.code == "pdf.not-repairable"
    return fault.value.detail


def test_signed_document(reader: ReaderDocuments, elliptic_key: Key, tmp_path: Path) -> None:
    """A document that somebody signed is never written anew, however damaged."""
    original = sign(write_pdf(tmp_path / "x.pdf"), elliptic_key, "First", box=BOX)
    original.write_bytes(DAMAGES["no end"](original.read_bytes()))
    assert refused(reader, original) == "it has a signature"


def test_signature_in_an_object_stream(
    reader: ReaderDocuments, elliptic_key: Key, tmp_path: Path
) -> None:
    """A signature is found where its words do not stand in the file, too."""
    signed = sign(write_pdf(tmp_path / "x.pdf"), elliptic_key, "First", box=BOX)
    packed = tmp_path / "packed.pdf"
    with pikepdf.open(signed) as document:
        document.save(packed, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    packed.write_bytes(re.sub(rb"/ByteRange", b"/ByteRan#67e", packed.read_bytes()))
    assert b"/ByteRange" not in packed.read_bytes()
    assert refused(reader, packed) == "it has a signature"


def test_encrypted_document(reader: ReaderDocuments, tmp_path: Path) -> None:
    """An encrypted document is not mended, with or without its password."""
    plain = write_pdf(tmp_path / "x.pdf")
    for number, password in enumerate(("", "secret")):
        locked = tmp_path / f"{number}.pdf"
        with pikepdf.open(plain) as document:
            document.save(locked, encryption=pikepdf.Encryption(owner="o", user=password))
        assert refused(reader, locked) == "it is encrypted"


def test_nothing_to_draw(reader: ReaderDocuments, tmp_path: Path) -> None:
    """What no viewer shows cannot be compared, and is not mended."""
    original = tmp_path / "x.pdf"
    original.write_bytes(b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\n%%EOF\n")
    assert refused(reader, original)
