"""Folders on other machines, as `gateway.yaml` names them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gateway.core.secret import Secret

SCHEMES = {"sftp": 22, "smb": 445, "s3": 443, "davs": 443}
"""How remote folders are reached, and the usual ports."""


@dataclass(frozen=True)
class RemoteSettings:
    """The remote folder from which an inbox is filled; durations in seconds."""

    host: str
    port: int
    user: str
    path: str
    """Absolute on the server; begins with the share (SMB) or the bucket (S3)."""
    host_keys: tuple[str, ...] = ()
    """SFTP: fingerprints that are accepted, each `SHA256:…`."""
    password: Secret | None = None
    key: Secret | None = None
    """SFTP: a private key in OpenSSH's format."""
    scheme: str = "sftp"
    """One of `SCHEMES`."""
    certificates: tuple[str, ...] = ()
    """TLS: SHA-256 of certificates that are accepted, in hex; none: chain and name decide."""
    ca_file: Path | None = None
    """TLS: PEM of a private authority."""
    region: str = ""
    """S3: what requests are signed for."""
    poll: float = 30.0
    settle: float = 5.0
    keep: bool = False
    """Fetched files are kept in `.sealgate/taken` instead of being removed."""

    @property
    def where(self) -> str:
        """Return what tells this folder from all others."""
        return f"{self.scheme}://{self.user}@{self.host}:{self.port}{self.path}"


@dataclass(frozen=True)
class PushSettings:
    """A remote folder that gets copies of results."""

    name: str
    remote: RemoteSettings
    folder: str = ""
    """Only results in this folder below the outbox, or deeper; empty means all."""
    receipts: bool = True
    """Each result's receipt goes with it."""
