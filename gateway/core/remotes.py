"""Folders on other machines, as `gateway.yaml` names them."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.core.secret import Secret


@dataclass(frozen=True)
class RemoteSettings:
    """The remote folder from which an inbox is filled; durations in seconds."""

    host: str
    port: int
    user: str
    path: str
    """Absolute on the server."""
    host_keys: tuple[str, ...]
    """Fingerprints that are accepted, each `SHA256:…`."""
    password: Secret | None = None
    key: Secret | None = None
    """A private key in OpenSSH's format."""
    poll: float = 30.0
    settle: float = 5.0
    keep: bool = False
    """Fetched files are kept in `.sealgate/taken` instead of being removed."""

    @property
    def where(self) -> str:
        """Return what tells this folder from all others."""
        return f"sftp://{self.user}@{self.host}:{self.port}{self.path}"


@dataclass(frozen=True)
class PushSettings:
    """A remote folder that gets copies of results."""

    name: str
    remote: RemoteSettings
    folder: str = ""
    """Only results in this folder below the outbox, or deeper; empty means all."""
    receipts: bool = True
    """Each result's receipt goes with it."""
