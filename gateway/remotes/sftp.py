"""Remote folders by SFTP: the server's host key is pinned, nothing else vouches for it."""

from __future__ import annotations

import io
import os
import socket
import stat
import struct
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import paramiko
from paramiko.sftp import (
    CMD_CLOSE,
    CMD_DATA,
    CMD_NAME,
    CMD_OPENDIR,
    CMD_READ,
    CMD_READDIR,
    CMD_STATUS,
    int64,
)

from gateway.core.errors import ServiceFault
from gateway.core.names import display
from gateway.core.remotes import RemoteSettings
from gateway.ports.remotes import RemoteFile
from gateway.remotes.folders_above import make_folders
from gateway.remotes.local_copy import append

_SECONDS = 30.0
"""Longest silence of the server."""
_CHUNK = 32768
"""Bytes that every server gives in one answer."""
_AHEAD = 64
"""Answers asked for ahead of the one that is read."""
_PROBE = ".sealgate-probe"
"""An empty folder, there for a moment, by which one denied file is told from a denied folder."""
_KEYS: tuple[type[paramiko.PKey], ...] = (
    paramiko.Ed25519Key,
    paramiko.ECDSAKey,
    paramiko.RSAKey,
)


@contextmanager
def connected(settings: RemoteSettings) -> Iterator[SftpFolder]:
    """Log in and yield the folder; raises `ServiceFault`: a code of `remote.…`."""
    where = f"{settings.host}:{settings.port}"
    with _translated(where):
        plain = socket.create_connection((settings.host, settings.port), _SECONDS)
    try:
        with _translated(where):
            transport = _Transport(plain)
            transport.banner_timeout = transport.auth_timeout = _SECONDS
    except BaseException:
        plain.close()
        raise
    try:
        with _translated(where):
            transport.start_client(timeout=_SECONDS)
            _check_host(transport, settings, where)
            _log_in(transport, settings, where)
            client = _Client.from_transport(transport)
            if client is None:
                raise ServiceFault("remote.protocol", f"{where}: no SFTP")
            channel = client.get_channel()
            if channel is not None:
                channel.settimeout(_SECONDS)
        yield SftpFolder(client, settings.path)
    finally:
        transport.close()


def _check_host(transport: paramiko.Transport, settings: RemoteSettings, where: str) -> None:
    found = transport.get_remote_server_key().fingerprint
    if found not in settings.host_keys:
        raise ServiceFault("remote.host-key-changed", f"{where} has {found}")


def _log_in(transport: _Transport, settings: RemoteSettings, where: str) -> None:
    try:
        if settings.key is not None:
            transport.auth_publickey(settings.user, _key(settings.key.value))
        elif settings.password is not None:
            transport.auth_password(settings.user, settings.password.value)
    except paramiko.AuthenticationException as error:
        if transport.is_active() or transport.dismissed:
            raise
        raise ServiceFault("remote.unreachable", f"{where}: ended at the login") from error


def _key(text: str) -> paramiko.PKey:
    for kind in _KEYS:
        # Each kind has its own way of saying that this is another kind's key.
        with suppress(paramiko.SSHException, ValueError, TypeError, IndexError):
            return kind.from_private_key(io.StringIO(text.rstrip("\n") + "\n"))
    raise ServiceFault("remote.login-refused", "the private key cannot be read: is it encrypted?")


@contextmanager
def _translated(where: str) -> Iterator[None]:
    """Raise what paramiko raises in the block as a fault of ours."""
    try:
        yield
    except paramiko.AuthenticationException as error:
        raise ServiceFault("remote.login-refused", where) from error
    except FileNotFoundError as error:
        raise ServiceFault("remote.folder-missing", where) from error
    except PermissionError as error:
        raise ServiceFault("remote.denied", where) from error
    except (paramiko.SFTPError, struct.error, ValueError) as error:
        raise ServiceFault("remote.protocol", f"{where}: {error}"[:300]) from error
    except (paramiko.SSHException, EOFError, TimeoutError) as error:
        raise ServiceFault("remote.unreachable", f"{where}: {error or 'ended'}"[:300]) from error
    except OSError as error:
        # A refusal by the SFTP server has no number, trouble with the connection has one.
        code = "remote.protocol" if error.errno is None else "remote.unreachable"
        raise ServiceFault(code, f"{where}: {error}"[:300]) from error


class _Transport(paramiko.Transport):
    """Tells a server that ends the talk, for which it has reasons, from one that is gone."""

    dismissed = False

    def _parse_disconnect(self, message: paramiko.Message) -> None:
        self.dismissed = True
        super()._parse_disconnect(message)  # type: ignore[misc]


class _Answer(paramiko.Message):
    """An answer that must hold what it says it holds, where paramiko makes up zeros."""

    def get_bytes(self, n: int) -> bytes:
        """Return the next bytes; raises `SFTPError` when there are fewer."""
        found: bytes = self.packet.read(n)
        if len(found) < n:
            raise paramiko.SFTPError("an answer ends too early")
        return found


class _Client(paramiko.SFTPClient):
    """Lists names that are not UTF-8, too, where paramiko gives up the whole listing."""

    def _request(self, kind: int, *arguments: Any) -> tuple[int, _Answer]:
        told, answer = super()._request(kind, *arguments)  # type: ignore[misc]
        return told, _Answer(answer.get_remainder())

    def _convert_status(self, status: paramiko.Message) -> None:
        """Go by a refusal's number, whatever its words are written in."""
        plain = paramiko.Message()
        plain.add_int(status.get_int())
        plain.add_string(status.get_string().decode("utf-8", "replace"))
        plain.rewind()
        super()._convert_status(plain)  # type: ignore[misc]

    def entries(self, path: str) -> Iterator[tuple[str, paramiko.SFTPAttributes]]:
        """Yield names, each byte that is no UTF-8 as a surrogate, and attributes."""
        _, opened = self._request(CMD_OPENDIR, path.encode())
        handle = opened.get_binary()
        try:
            while True:
                kind, answer = self._request(CMD_READDIR, handle)
                if kind != CMD_NAME:
                    raise paramiko.SFTPError("a listing was expected")
                for _ in range(answer.get_int()):
                    name = answer.get_string().decode("utf-8", "surrogateescape")
                    answer.get_string()  # a line as of ls, for people
                    attributes = paramiko.SFTPAttributes._from_msg(answer)  # type: ignore[attr-defined]
                    yield name, attributes
        except EOFError:  # how the end of a listing is told, and the end of a connection, too
            if self.get_channel().closed:  # type: ignore[union-attr]
                raise
        self._request(CMD_CLOSE, handle)


class _Download:
    """Asks for parts of an open file ahead of the one that is read.

    paramiko's own way lists all parts that a file claims to have, and leaves a thread behind for
    each file that does not come whole.
    """

    def __init__(self, client: _Client, handle: Any, size: int) -> None:
        self._client: Any = client
        self._handle = handle
        self._size = size
        self._answers: dict[int, tuple[int, paramiko.Message]] = {}

    def _async_response(self, kind: int, answer: paramiko.Message, number: int) -> None:
        """Keep an answer, in whatever order they come; paramiko calls this."""
        self._answers[number] = kind, answer

    def parts(self, offset: int) -> Iterator[bytes]:
        """Yield the bytes from an offset to the end, wherever that is by now."""
        asked: deque[int] = deque()
        ahead = offset
        while True:
            # The claimed size decides only how many are asked for at a time.
            while not asked or (len(asked) < _AHEAD and ahead < self._size):
                wanted = (CMD_READ, self._handle, int64(ahead), _CHUNK)
                asked.append(self._client._async_request(self, *wanted))
                ahead += _CHUNK
            part = self._part(asked.popleft())
            if not part:
                return
            yield part
            offset += len(part)
            if len(part) != _CHUNK:  # a server may give less than was asked for
                asked.clear()
                ahead = offset

    def _part(self, number: int) -> bytes:
        """Wait for an answer; nothing at the end of the file."""
        while number not in self._answers:
            self._client._read_response()
        kind, answer = self._answers.pop(number)
        if kind == CMD_STATUS:
            with suppress(EOFError):
                self._client._convert_status(answer)
                raise paramiko.SFTPError("a part of a file was expected")
            return b""
        if kind != CMD_DATA:
            raise paramiko.SFTPError("a part of a file was expected")
        return bytes(_Answer(answer.get_remainder()).get_string())


class SftpFolder:
    """The port `RemoteFolder`, over an SFTP session."""

    def __init__(self, client: _Client, path: str) -> None:
        self._client = client
        self._path = path

    def list(self, below: str = "") -> tuple[RemoteFile, ...]:
        """Return the plain files of the folder, or of one below it, which need not be there."""
        path = self._at(below) if below else self._path
        with _translated(display(path)):
            try:
                entries = list(self._client.entries(path))
            except FileNotFoundError:
                if below:
                    return ()
                raise
        return tuple(
            RemoteFile(name, entry.st_size or 0, entry.st_mtime or 0)
            for name, entry in entries
            if stat.S_ISREG(entry.st_mode or 0)
        )

    def rename(self, source: str, target: str) -> bool:
        """Rename at once, making the target's folder; False when source is gone or target taken."""
        old, new = self._at(source), self._at(target)
        with _translated(display(old)):
            self._make_folders(target)
            try:
                self._client.rename(old, new)
            except PermissionError as error:
                self._check_writable(source)
                self._check_writable(target)
                raise ServiceFault("remote.file-denied", display(old)) from error
            except OSError:
                if self._there(old) and not self._there(new):
                    raise
                return False
        return True

    def read(self, name: str, into: int, offset: int, size: int) -> None:
        """Append the file's bytes from `offset` on to an open local file, up to `size` in all."""
        path = self._at(name)
        with _translated(display(path)):
            try:
                remote = self._client.open(path, "rb")
            except PermissionError as error:
                raise ServiceFault("remote.file-denied", display(path)) from error
        with _translated(display(path)), remote:
            there = remote.stat().st_size or 0
            for part in _Download(self._client, remote.handle, there).parts(offset):
                append(into, part, size)

    def write(self, local: int, name: str) -> None:
        """Create or replace a file with all bytes of an open local file; its size is checked."""
        path = self._at(name)
        with _translated(display(path)), os.fdopen(os.dup(local), "rb") as source:
            source.seek(0)
            self._client.putfo(source, path)

    def remove(self, name: str) -> None:
        """Remove a file; nothing happens when it is gone."""
        path = self._at(name)
        with _translated(display(path)), suppress(FileNotFoundError):
            self._client.remove(path)

    def _at(self, name: str) -> str:
        return f"{self._path.rstrip('/')}/{name}"

    def _make_folders(self, target: str) -> None:
        make_folders(
            target,
            lambda folder: self._there(self._at(folder)),
            lambda folder: self._client.mkdir(self._at(folder), 0o700),
            OSError,
        )

    def _check_writable(self, name: str) -> None:
        """Raise `PermissionError` when the folder of a name takes no new entry."""
        above = name.rpartition("/")[0]
        probe = self._at(f"{above}/{_PROBE}" if above else _PROBE)
        try:
            self._client.mkdir(probe, 0o700)
            self._client.rmdir(probe)
        except PermissionError:
            raise
        except OSError:
            # Another gateway's probe was there: so it can be written to.
            if not self._there(self._at(above) if above else self._path):
                raise

    def _there(self, path: str) -> bool:
        try:
            self._client.lstat(path)
        except FileNotFoundError:
            return False
        return True
