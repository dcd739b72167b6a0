"""What the kinds of remote folders need in `gateway.yaml`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RemoteKind:
    """One scheme of addresses."""

    form: str
    """How an address is written."""
    keys: frozenset[str]
    """What may be said besides url and password."""
    module: str = ""
    """The library that it needs, where that is an extra."""
    extra: str = ""
    """Of that extra."""


KINDS = {
    "sftp": RemoteKind("sftp://USER@HOST/FOLDER", frozenset({"host_key", "key"})),
    "smb": RemoteKind("smb://USER@HOST/SHARE/FOLDER", frozenset(), "smbprotocol", "smb"),
    "s3": RemoteKind(
        "s3://KEY-ID@HOST/BUCKET/PREFIX",
        frozenset({"certificate", "ca_file", "region"}),
        "botocore",
        "s3",
    ),
    "davs": RemoteKind("davs://USER@HOST/FOLDER", frozenset({"certificate", "ca_file"})),
}
PECULIAR = ("host_key", "key", "certificate", "ca_file", "region")
"""Keys that not every kind takes."""
