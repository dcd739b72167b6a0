"""Remote folders by SMB 3: every message is signed and encrypted, or nothing is said.

No key of the server is pinned: the session's keys come from the login, so a server that knows
nothing of the password can neither read what we say nor answer it.
"""

from __future__ import annotations

import logging
import os
import struct
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import smbclient
from smbclient._io import (
    SMBDirectoryIO,
    SMBFileTransaction,
    SMBRawIO,
    set_info,
)
from smbprotocol.connection import Connection
from smbprotocol.exceptions import (
    InsufficientResources,
    InsuffServerResources,
    RequestNotAccepted,
    SMBAuthenticationError,
    SMBConnectionClosed,
    SMBException,
    SMBOSError,
    SMBResponseException,
)
from smbprotocol.file_info import FileInformationClass, FileRenameInformation
from smbprotocol.header import NtStatus
from smbprotocol.open import (
    CreateOptions,
    FileAttributes,
    FilePipePrinterAccessMask,
)
from smbprotocol.session import Session

from gateway.core.errors import ServiceFault
from gateway.core.names import display
from gateway.core.remotes import RemoteSettings
from gateway.ports.remotes import RemoteFile
from gateway.remotes.folders_above import make_folders
from gateway.remotes.local_copy import append

# What goes wrong is told by our faults; the library would also print it, with its way there.
for _name in ("smbprotocol", "smbclient", "spnego"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)
# The library's only way to end the wait for a silent server; read when a connection is made.
os.environ.setdefault("SMB_EXPERIMENTAL_TRANSPORT_RECEIVE_TIMEOUT", "15")

_SECONDS = 30.0
"""Longest wait for a connection."""
_READ = 1 << 20
_WRITE = 1 << 16
"""Bytes of one message: so few that a server which reads no more cannot block us in sending."""
_PROBE = ".sealgate-probe"
"""An empty folder, there for a moment, by which one denied file is told from a denied folder."""
_NOT_PLAIN = FileAttributes.FILE_ATTRIBUTE_DIRECTORY | FileAttributes.FILE_ATTRIBUTE_REPARSE_POINT
_IN_USE = (NtStatus.STATUS_SHARING_VIOLATION, NtStatus.STATUS_DELETE_PENDING)
_MISSING = (
    NtStatus.STATUS_OBJECT_NAME_NOT_FOUND,
    NtStatus.STATUS_OBJECT_PATH_NOT_FOUND,
    NtStatus.STATUS_NOT_FOUND,
    NtStatus.STATUS_NO_SUCH_FILE,
    NtStatus.STATUS_BAD_NETWORK_NAME,
    NtStatus.STATUS_NOT_A_DIRECTORY,
)
_DENIED = (NtStatus.STATUS_ACCESS_DENIED, NtStatus.STATUS_CANNOT_DELETE)
_BUSY = (InsufficientResources, InsuffServerResources, RequestNotAccepted)


@contextmanager
def connected(settings: RemoteSettings) -> Iterator[SmbFolder]:
    """Log in and yield the folder; raises `ServiceFault`: a code of `remote.…`."""
    where = f"{settings.host}:{settings.port}"
    password = settings.password.value if settings.password else ""
    connection = Connection(uuid.uuid4(), settings.host, settings.port, require_signing=True)
    try:
        with _translated(where):
            connection.connect(timeout=_SECONDS)
        if not connection.supports_encryption:
            raise ServiceFault("remote.unprotected", where)
        session = Session(connection, settings.user, password, require_encryption=True)
        with _translated(where):
            _log_in(session, where)
        connections = {f"{settings.host.lower()}:{settings.port}": connection}
        try:
            yield SmbFolder(settings, connections)
        finally:
            # Also those by which the library has replaced ours.
            smbclient.reset_connection_cache(fail_on_error=False, connection_cache=connections)
    finally:
        with suppress(SMBException, OSError, ValueError):
            connection.disconnect()


def _log_in(session: Session, where: str) -> None:
    """Log in; whatever a server says but that it is busy is a refusal, for it may be counting."""
    try:
        session.connect()
    except (*_BUSY, SMBConnectionClosed):
        raise
    except (SMBAuthenticationError, SMBResponseException) as error:
        raise ServiceFault("remote.login-refused", where) from error
    except SMBException as error:
        # Who is let in as a guest has not been known.
        code = "remote.login-refused" if "guest" in str(error) else "remote.unreachable"
        raise ServiceFault(code, f"{where}: {error}"[:300]) from error


@contextmanager
def _translated(where: str) -> Iterator[None]:
    """Raise what the library raises in the block as a fault of ours."""
    try:
        yield
    except (SMBOSError, SMBResponseException) as error:
        status = error.ntstatus if isinstance(error, SMBOSError) else error.status
        if status in _MISSING:
            raise ServiceFault("remote.folder-missing", where) from error
        if status == NtStatus.STATUS_LOGON_FAILURE:
            raise ServiceFault("remote.login-refused", where) from error
        code = "remote.denied" if status in _DENIED else "remote.protocol"
        code = "remote.file-busy" if status in _IN_USE else code
        raise ServiceFault(code, f"{where}: {error}"[:300]) from error
    except SMBAuthenticationError as error:
        raise ServiceFault("remote.login-refused", where) from error
    except struct.error as error:
        raise ServiceFault("remote.protocol", f"{where}: {error}"[:300]) from error
    except (SMBException, OSError, ValueError) as error:
        # A connection that cannot be made is a ValueError there.
        raise ServiceFault("remote.unreachable", f"{where}: {error}"[:300]) from error


class SmbFolder:
    """The port `RemoteFolder`, over an SMB session."""

    def __init__(self, settings: RemoteSettings, connections: dict[str, Connection]) -> None:
        self._root = f"\\\\{settings.host}{settings.path.rstrip('/')}".replace("/", "\\")
        self._session: dict[str, Any] = {
            "username": settings.user,
            "password": settings.password.value if settings.password else "",
            "port": settings.port,
            "encrypt": True,
            "require_signing": True,
            "connection_timeout": _SECONDS,
            "connection_cache": connections,
        }

    def list(self, below: str = "") -> tuple[RemoteFile, ...]:
        """Return the plain files of the folder, or of one below it, which need not be there."""
        path = self._at(below) if below else self._root
        with _translated(display(path)):
            try:
                return tuple(self._entries(path))
            except SMBOSError as error:
                if below and error.ntstatus in _MISSING:
                    return ()
                raise

    def rename(self, source: str, target: str) -> bool:
        """Rename at once, making the target's folder; False when source is gone or target taken."""
        old, new = self._at(source), self._at(target)
        with _translated(display(old)):
            self._make_folders(target)
            try:
                self._rename(old, new)
            except SMBOSError as error:
                if not self._there(old) or self._there(new):
                    return False
                if error.ntstatus not in _DENIED:
                    raise
                self._check_writable(source)
                self._check_writable(target)
                raise ServiceFault("remote.file-denied", display(old)) from error
        return True

    def read(self, name: str, into: int, offset: int, size: int) -> None:
        """Append the file's bytes from `offset` on to an open local file, up to `size` in all."""
        path = self._at(name)
        with _translated(display(path)):
            try:
                remote = self._opened(path, "rb", "rd")
            except SMBOSError as error:
                if error.ntstatus in _DENIED:
                    raise ServiceFault("remote.file-denied", display(path)) from error
                raise
            with remote:
                remote.seek(offset)
                while chunk := remote.read(_READ):
                    append(into, chunk, size)

    def write(self, local: int, name: str) -> None:
        """Create or replace a file with all bytes of an open local file; its size is checked."""
        path, size = self._at(name), 0
        with _translated(display(path)):
            with self._opened(path, "wb", "") as remote:
                while chunk := os.pread(local, _WRITE, size):
                    rest = memoryview(chunk)
                    while rest:
                        rest = rest[remote.write(rest) :]
                    size += len(chunk)
                remote.flush()
            found = smbclient.stat(path, follow_symlinks=False, **self._session).st_size
        if found != size:
            raise ServiceFault("remote.protocol", f"{display(path)}: {found} bytes, not {size}")

    def remove(self, name: str) -> None:
        """Remove a file; nothing happens when it is gone."""
        path = self._at(name)
        with _translated(display(path)):
            try:
                smbclient.remove(path, **self._session)
            except SMBOSError as error:
                if error.ntstatus not in _MISSING:
                    raise

    def _rename(self, old: str, new: str) -> None:
        """Rename while nobody else has the file open for writing, deleting or renaming.

        The library's own way shares it: then two renames at once both succeed, since they follow
        the file to where it went.
        """
        source = SMBRawIO(
            old,
            share_access="r",
            desired_access=FilePipePrinterAccessMask.DELETE,
            create_options=CreateOptions.FILE_OPEN_REPARSE_POINT,
            **self._session,
        )
        with source, SMBFileTransaction(source) as transaction:
            wish = FileRenameInformation()
            wish["replace_if_exists"] = False
            wish["file_name"] = new.removeprefix("\\\\").split("\\", 2)[2]
            set_info(transaction, wish)

    def _entries(self, path: str) -> Iterator[RemoteFile]:
        # Its public listing fails for half surrogate pairs.
        kind = FileInformationClass.FILE_DIRECTORY_INFORMATION
        with SMBDirectoryIO(path, share_access="rwd", **self._session) as folder:
            for entry in folder.query_directory("*", kind):
                name = entry["file_name"].get_value().decode("utf-16-le", "surrogatepass")
                if entry["file_attributes"].get_value() & _NOT_PLAIN or set(name) & {"/", "\\"}:
                    continue
                written = entry["last_write_time"].get_value()
                size = entry["end_of_file"].get_value()
                yield RemoteFile(name, size, int(written.timestamp()))

    def _opened(self, path: str, mode: str, share: str) -> Any:
        return smbclient.open_file(path, mode, 0, share_access=share, **self._session)

    def _at(self, name: str) -> str:
        return f"{self._root}\\{name.replace('/', chr(92))}"

    def _make_folders(self, target: str) -> None:
        make_folders(
            target,
            lambda folder: self._there(self._at(folder)),
            lambda folder: smbclient.mkdir(self._at(folder), **self._session),
            SMBOSError,
        )

    def _check_writable(self, name: str) -> None:
        """Raise what the server says when the folder of a name takes no new entry."""
        above = name.rpartition("/")[0]
        probe = self._at(f"{above}/{_PROBE}" if above else _PROBE)
        try:
            smbclient.mkdir(probe, **self._session)
            smbclient.rmdir(probe, **self._session)
        except SMBOSError as error:
            # Another gateway's probe may have been there: then it can be written to.
            if error.ntstatus in _DENIED:
                raise

    def _there(self, path: str) -> bool:
        try:
            smbclient.stat(path, follow_symlinks=False, **self._session)
        except SMBOSError as error:
            if error.ntstatus in _MISSING:
                return False
            raise
        return True
