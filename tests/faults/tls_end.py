"""The TLS end before a service on loopback, whose certificate can expire or be a stranger's."""

from __future__ import annotations

import contextlib
import ipaddress
import select
import socket
import ssl
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_LONG = timedelta(days=30)
"""Longer than any step of a clock."""


class Shown(StrEnum):
    """Which certificate the end shows."""

    GOOD = "good"
    EXPIRED = "expired"
    FOREIGN = "foreign"


@dataclass(frozen=True)
class _Authority:
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def made(cls, name: str) -> _Authority:
        key = ec.generate_private_key(ec.SECP256R1())
        named = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.now(UTC)
        certificate = (
            _building(named, named, key, now - _LONG, now + _LONG)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, hashes.SHA256())
        )
        return cls(key, certificate)

    def issue(self, path: Path, name: str, *, valid_until: datetime) -> None:
        """Write key and certificate of a server into one file."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
        certificate = (
            _building(subject, self.certificate.subject, key, valid_until - 2 * _LONG, valid_until)
            .add_extension(
                x509.SubjectAlternativeName([x509.DNSName(name), address]), critical=False
            )
            .sign(self.key, hashes.SHA256())
        )
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))


def _building(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    begin: datetime,
    end: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
    )


class TlsEnd:
    """Listens on loopback, speaks TLS there, and plainly to the service at `target`."""

    def __init__(self, folder: Path, target: str, name: str) -> None:
        folder.mkdir()
        found = urlsplit(target)
        self._target = (found.hostname or "", found.port or 80)
        self.authority = folder / "authority.pem"
        """What a client has to trust."""
        self._contexts = _contexts(folder, name, self.authority)
        self._shown = Shown.GOOD
        self._open: set[ssl.SSLSocket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"https://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def show(self, which: Shown) -> None:
        """Show another certificate from now on, as a server does that is started anew."""
        with self._lock:
            self._shown = which
            ending, self._open = self._open, set()
        for one in ending:
            _shut(one)

    def close(self) -> None:
        """End everything."""
        _shut(self._listener)
        self._listener.close()
        self.show(self._shown)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, raw: socket.socket) -> None:
        context = self._contexts[self._shown]
        # Not ours to tell: a client that does not like the certificate, or was cut off.
        with contextlib.suppress(OSError), context.wrap_socket(raw, server_side=True) as client:
            with self._lock:
                self._open.add(client)
            try:
                with socket.create_connection(self._target, 10) as service:
                    service.settimeout(None)
                    _relay(client, service)
            finally:
                with self._lock:
                    self._open.discard(client)


def _relay(client: ssl.SSLSocket, service: socket.socket) -> None:
    """Pass bytes both ways until one side ends; in one thread, as TLS wants it."""
    while True:
        ready = [client] if client.pending() else select.select((client, service), (), ())[0]
        for come, go in ((client, service), (service, client)):
            if come in ready:
                part = come.recv(1 << 16)
                if not part:
                    return
                go.sendall(part)


def _shut(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)


def _contexts(folder: Path, name: str, trusted: Path) -> dict[Shown, ssl.SSLContext]:
    own, stranger, now = _Authority.made("Stand"), _Authority.made("Stranger"), datetime.now(UTC)
    trusted.write_bytes(own.certificate.public_bytes(serialization.Encoding.PEM))
    issued = {
        Shown.GOOD: (own, now + _LONG),
        Shown.EXPIRED: (own, now - _LONG / 2),
        Shown.FOREIGN: (stranger, now + _LONG),
    }
    contexts = {}
    for shown, (authority, end) in issued.items():
        path = folder / f"{shown.value}.pem"
        authority.issue(path, name, valid_until=end)
        contexts[shown] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        contexts[shown].load_cert_chain(path)
    return contexts
