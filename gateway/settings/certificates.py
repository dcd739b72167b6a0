"""Certificate files: trust anchors and private authorities for TLS."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.core.site import SANDBOX_ORGANISATION
from gateway.settings.problems import Objection

_BEGIN = b"-----BEGIN"
_LARGEST = 4 * 1024 * 1024


def check_anchor(path: Path, *, sandbox: bool) -> None:
    """Refuse a file that is not exactly one certificate, or is a sandbox's; raises `Objection`."""
    certificate = _only_certificate(path)
    try:
        owners = certificate.subject.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)
    except (ValueError, x509.InvalidVersion) as error:
        raise _no_certificate(path) from error
    if not sandbox and any(owner.value == SANDBOX_ORGANISATION for owner in owners):
        what = "This authority is a sandbox's, whose key anybody may have."
        remedy = "Name a real authority, or set sandbox: true."
        raise Objection("settings.sandbox", what, remedy)


def check_authority(path: Path) -> None:
    """Refuse a file that TLS could not use as authorities (PEM); raises `Objection`."""
    if _BEGIN not in _content(path):
        what = f"{path} is not in PEM format."
        raise Objection("settings.wrong-value", what, "Convert it: openssl x509 -inform DER.")
    _certificates(path)


def authority_pem(path: Path) -> str:
    """Return a file's one certificate as PEM; raises `Objection`."""
    return _only_certificate(path).public_bytes(Encoding.PEM).decode("ascii")


def _only_certificate(path: Path) -> x509.Certificate:
    certificates = _certificates(path)
    if len(certificates) > 1:
        what = f"{path} holds {len(certificates)} certificates; only the first would count."
        raise Objection("settings.wrong-value", what, "Name one file for each certificate.")
    return certificates[0]


def _certificates(path: Path) -> list[x509.Certificate]:
    content = _content(path)
    try:
        if _BEGIN in content:
            return x509.load_pem_x509_certificates(content)
        return [x509.load_der_x509_certificate(content)]
    except (ValueError, x509.InvalidVersion) as error:
        raise _no_certificate(path) from error


def _no_certificate(path: Path) -> Objection:
    what, remedy = f"{path} is no certificate.", "Name a PEM or DER certificate."
    return Objection("settings.wrong-value", what, remedy)


def _content(path: Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                what = f"{path} is no plain file."
                raise Objection("settings.unreadable", what, "Check the name.")
            return file.read(_LARGEST)
    except OSError as error:
        what = f"{path} cannot be read: {error.strerror}."
        raise Objection("settings.unreadable", what, "Check the name.") from error
