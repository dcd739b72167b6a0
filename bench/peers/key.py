"""A key and certificate of the peers that sign with a local one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

NICKNAME = "bench"
PASSWORD = "benchmark"  # noqa: S105  # of a key that is made for one run


def write_key(path: Path) -> Path:
    """Write a PKCS#12 file with an RSA key of 2048 bits and its own certificate."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Benchmark")])
    now = datetime.now(UTC)
    usage = {name: False for name in x509.KeyUsage.__init__.__annotations__ if name != "return"}
    usage |= {"digital_signature": True, "content_commitment": True}
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365))
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .sign(key, hashes.SHA256())
    )
    # Derived in one round: some signers open the file anew for every document.
    form = serialization.PrivateFormat.PKCS12.encryption_builder()
    sealed = form.kdf_rounds(1).build(PASSWORD.encode())
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(NICKNAME.encode(), key, made, None, sealed)
    )
    return path
