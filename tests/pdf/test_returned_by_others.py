"""Documents that come back from signing tools that are neither ours nor pyHanko."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from pyhanko.sign.fields import MDPPerm, SigFieldSpec

from gateway.core.errors import DocumentFault
from gateway.pdf.reader import ReaderDocuments
from gateway.ports.returning import Awaited
from tests.e2e.pages import write_pdf
from tests.pdf.conftest import Key
from tests.pdf.making import BOX, add_fields, sign
from tests.pdf.parties import Holder


class Poppler:
    """A partner who signs with poppler's pdfsig, as Okular does, and keys of NSS."""

    def __init__(self, folder: Path) -> None:
        authority = Holder.authority("Partner CA")
        self.holder = authority.issue("Partner", private=rsa.generate_private_key(65537, 2048))
        self._keys = folder / "keys"
        self._keys.mkdir()
        bundle = folder / "partner.p12"
        sealed = serialization.BestAvailableEncryption(b"x")
        key, above = self.holder.private, self.holder.above
        bundle.write_bytes(
            pkcs12.serialize_key_and_certificates(
                b"partner", key, self.holder.certificate, above, sealed
            )
        )
        root = folder / "root.pem"
        root.write_text(authority.pem)
        trusted = ("-A", "-n", "root", "-t", "CT,C,C", "-i", str(root))
        self._run("certutil", "-N", "--empty-password")
        self._run("pk12util", "-i", str(bundle), "-W", "x", "-K", "")
        self._run("certutil", *trusted)

    def _run(self, *command: str) -> None:
        subprocess.run((*command, "-d", f"sql:{self._keys}"), check=True, capture_output=True)

    def sign(self, sent: Path, *options: str) -> Path:
        """Sign a document with pdfsig."""
        returned = sent.with_name("returned.pdf")
        returned.unlink(missing_ok=True)
        keys = ("-nssdir", f"sql:{self._keys}", "-nick", "partner", "-nss-pwd", "")
        subprocess.run(("pdfsig", *keys, *options, sent, returned), check=True, capture_output=True)
        return returned


@pytest.fixture(scope="module")
def poppler(tmp_path_factory: pytest.TempPathFactory) -> Poppler:
    """Return the partner."""
    return Poppler(tmp_path_factory.mktemp("nss"))


def test_signed_with_pdfsig(
    reader: ReaderDocuments, poppler: Poppler, key: Key, tmp_path: Path
) -> None:
    """What pdfsig adds to our document is accepted, as first signature or after others."""
    awaited = Awaited(poppler.holder.expected, ())
    sent = write_pdf(tmp_path / "sent.pdf")
    found = reader.check_return(sent, poppler.sign(sent, "-add-signature"), awaited)
    assert (found.signer, found.level) == ("Partner", "CMS")
    sign(sent, key, "First", MDPPerm.FILL_FORMS)
    named = ("-add-signature", "-new-signature-field-name", "Here")
    found = reader.check_return(sent, poppler.sign(sent, *named), awaited)
    assert (found.field, found.level) == ("Here", "CMS")


def test_pdfsig_in_a_prepared_field(
    reader: ReaderDocuments, poppler: Poppler, tmp_path: Path
) -> None:
    """In a field that is there, pdfsig puts other objects in the place of its own: refused."""
    sent = add_fields(write_pdf(tmp_path / "sent.pdf"), SigFieldSpec("Partner", box=BOX))
    awaited = Awaited(poppler.holder.expected, (), "Partner")
    with pytest.raises(DocumentFault) as caught:
        reader.check_return(sent, poppler.sign(sent, "-sign", "Partner"), awaited)
    assert caught.value.code == "outside.changed"
