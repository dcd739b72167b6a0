"""pyHanko as its documentation shows it: one visible seal with a picture, PAdES."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from pyhanko import stamp
from pyhanko.pdf_utils.images import PdfImage
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, fields, signers

BOX = (440, 40, 553, 153)
"""40 mm square, 15 mm from the corner of an A4 page."""


def arguments() -> argparse.ArgumentParser:
    """Return the parser of what all these programs are told."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--key", type=Path)
    parser.add_argument("--password", default="")
    parser.add_argument("--image", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("files", nargs="+", type=Path)
    return parser


def pdf_signer(signer: signers.Signer, image: Path) -> PdfSigner:
    """Return what signs documents with a signer and a picture."""
    return PdfSigner(
        PdfSignatureMetadata(field_name="Seal", subfilter=fields.SigSeedSubFilter.PADES),
        signer=signer,
        stamp_style=stamp.StaticStampStyle(background=PdfImage(str(image)), border_width=0),
        new_field_spec=fields.SigFieldSpec("Seal", on_page=-1, box=BOX),
    )


def sign(signer: PdfSigner, source: Path, target: Path) -> None:
    """Sign one file."""
    with source.open("rb") as document, target.open("wb") as result:
        signer.sign_pdf(IncrementalPdfFileWriter(document), output=result)


def local_signer(chosen: argparse.Namespace) -> signers.Signer:
    """Return a signer with the key of a PKCS#12 file."""
    found = signers.SimpleSigner.load_pkcs12(chosen.key, passphrase=chosen.password.encode())
    if found is None:
        raise SystemExit("the key cannot be read")
    return found


def shares(files: Sequence[Path], count: int) -> list[list[Path]]:
    """Deal files to so many processes."""
    return [list(files[number::count]) for number in range(count)]
