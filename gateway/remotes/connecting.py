"""Which adapter speaks to a remote folder; each is loaded when first needed."""

from __future__ import annotations

from contextlib import AbstractContextManager
from importlib import import_module

from gateway.core.remotes import RemoteSettings
from gateway.ports.remotes import RemoteFolder

_ROOMS = {"sftp": "sftp", "smb": "smb", "s3": "s3", "davs": "webdav"}
"""Scheme of the address, and the module of this package that has its `connected`."""


def connected(settings: RemoteSettings) -> AbstractContextManager[RemoteFolder]:
    """Log in and yield the folder; raises `ServiceFault`: a code of `remote.…`."""
    room = import_module(f"gateway.remotes.{_ROOMS[settings.scheme]}")
    folder: AbstractContextManager[RemoteFolder] = room.connected(settings)
    return folder
