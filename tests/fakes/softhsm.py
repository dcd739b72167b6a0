"""SoftHSM2: a real PKCS#11 module with real tokens, in a folder of the test run's own."""

from __future__ import annotations

import os
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import pkcs11
import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.core.secret import Secret
from gateway.core.services import Pkcs11Settings
from tests.fakes.signer import TestSigner

PIN = "4711-of-this-test"
MODULES = (
    Path("/usr/lib/softhsm/libsofthsm2.so"),
    Path("/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"),
    Path("/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"),
)


@cache
def module() -> Path:
    """Return the module, configured for this process and its children; skip when there is none.

    A module reads its configuration once in a process, so all tests share one folder.
    """
    found = next((path for path in MODULES if path.exists()), None)
    if found is None:
        pytest.skip("not installed: softhsm2")
    folder = Path(tempfile.mkdtemp(prefix="softhsm-"))
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(
        f"directories.tokendir = {folder}/tokens\nlog.level = ERROR\n"
    )
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    return found


def token(label: str, signer: TestSigner, folder: Path) -> Pkcs11Settings:
    """Make a token with a key and its certificates, and return settings for it."""
    path = module()
    _run("--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", "so-" + PIN)
    key = signer.key_pem(folder / f"{label}.pem")
    _run("--import", key, "--token", label, "--label", "seal", "--id", "a1", "--pin", PIN)
    pkcs11.lib(str(path)).reinitialize()
    with pkcs11.lib(str(path)).get_token(token_label=label).open(user_pin=PIN, rw=True) as session:
        for name, number, certificate in (
            ("seal", b"\xa1", signer.certificate),
            ("authority", b"\xa2", signer.authority.certificate),
        ):
            session.create_object(
                {
                    pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE,
                    pkcs11.Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
                    pkcs11.Attribute.TOKEN: True,
                    pkcs11.Attribute.LABEL: name,
                    pkcs11.Attribute.ID: number,
                    pkcs11.Attribute.SUBJECT: certificate.subject.public_bytes(),
                    pkcs11.Attribute.VALUE: certificate.public_bytes(Encoding.DER),
                }
            )
    return Pkcs11Settings(path, Secret("pin", PIN), label, "seal")


def _run(*arguments: str | Path) -> None:
    done = subprocess.run(
        ("softhsm2-util", *arguments), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
