"""Remote folders by WebDAV (RFC 4918), over TLS only, logging in with HTTP Basic.

A claim is a MOVE with `Overwrite: F`. What the server answers to one that fails says little, and
servers differ in it, so that is asked again by PROPFIND.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from typing import IO
from urllib.parse import quote, unquote, urlsplit
from xml.etree.ElementTree import Element, ParseError

import urllib3
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from gateway.core.errors import ServiceFault
from gateway.core.names import display
from gateway.core.remotes import RemoteSettings
from gateway.ports.remotes import RemoteFile
from gateway.remotes import https
from gateway.remotes.folders_above import folders_above
from gateway.remotes.local_copy import append

_CHUNK = 1 << 18
_LARGEST = 1 << 26
"""Bytes of a listing."""
_PROBE = ".sealgate-probe"
"""An empty folder, there for a moment, by which one denied file is told from a denied folder."""
_WANTED = (
    b'<?xml version="1.0" encoding="utf-8"?><propfind xmlns="DAV:"><prop>'
    b"<resourcetype/><getcontentlength/><getlastmodified/></prop></propfind>"
)
_GOOD = (200, 201, 204, 207)
_MISSING = (404, 409, 410)
_PASSING = (408, 425, 429, 500, 502, 503, 504)
Body = bytes | IO[bytes] | None


@contextmanager
def connected(settings: RemoteSettings) -> Iterator[DavFolder]:
    """Yield the folder; each request logs in by itself."""
    connections = https.pool(settings)
    try:
        yield DavFolder(settings, connections)
    finally:
        connections.clear()


class DavFolder:
    """The port `RemoteFolder`, below one collection."""

    def __init__(self, settings: RemoteSettings, connections: urllib3.PoolManager) -> None:
        self._connections = connections
        self._server = https.address(settings)
        self._base = f"https://{self._server}{quote(settings.path.rstrip('/'))}"
        password = settings.password.value if settings.password else ""
        login = base64.b64encode(f"{settings.user}:{password}".encode()).decode()
        self._headers = {
            "Authorization": f"Basic {login}",
            "Accept-Encoding": "identity",
            "User-Agent": "Sealgate",
        }
        self._made: set[str] = set()

    def list(self, below: str = "") -> tuple[RemoteFile, ...]:
        """Return the plain files of the folder, or of one below it, which need not be there."""
        found = self._properties(f"{below}/" if below else "", depth="1")
        if found is None:
            if below:
                return ()
            raise ServiceFault("remote.folder-missing", self._where(""))
        return tuple(file for file in found if file is not None)

    def rename(self, source: str, target: str) -> bool:
        """Rename at once, making the target's folder; False when source is gone or target taken."""
        self._make_folders(target)
        headers = {"Destination": self._url(target), "Overwrite": "F"}
        status = self._asked("MOVE", source, headers=headers)
        if status in _GOOD:
            return True
        if status == 412 or not self._there(source) or self._there(target):
            return False
        if status != 403:
            raise self._fault(status, source)
        self._check_writable(source)
        self._check_writable(target)
        raise ServiceFault("remote.file-denied", self._where(source))

    def read(self, name: str, into: int, offset: int, size: int) -> None:
        """Append the file's bytes from `offset` on to an open local file, up to `size` in all."""
        headers = {"Range": f"bytes={offset}-"} if offset else {}
        with self._answer("GET", name, headers=headers) as answer:
            if answer.status == 416:
                return  # there is nothing beyond
            if answer.status == 403:
                raise ServiceFault("remote.file-denied", self._where(name))
            if answer.status not in (200, 206):
                raise self._fault(answer.status, name)
            if answer.headers.get("Content-Encoding", "identity") != "identity":
                raise ServiceFault("remote.protocol", f"{self._where(name)} comes encoded")
            # Who knows no ranges sends all of it.
            vain = offset if answer.status == 200 else 0
            for chunk in answer.stream(_CHUNK, decode_content=False):
                append(into, chunk[vain:], size)
                vain = max(0, vain - len(chunk))

    def write(self, local: int, name: str) -> None:
        """Create or replace a file with all bytes of an open local file; its size is checked."""
        with os.fdopen(os.dup(local), "rb") as source:
            size = os.fstat(local).st_size
            source.seek(0)
            headers = {"Content-Length": str(size), "Content-Type": "application/octet-stream"}
            status = self._asked("PUT", name, source if size else b"", headers)
        if status not in _GOOD:
            raise self._fault(status, name)
        found = self._properties(name, depth="0")
        if not found or found[0] is None or found[0].size != size:
            raise ServiceFault("remote.protocol", f"{self._where(name)} did not arrive whole")

    def remove(self, name: str) -> None:
        """Remove a file; nothing happens when it is gone."""
        status = self._asked("DELETE", name)
        if status not in (*_GOOD, *_MISSING):
            raise self._fault(status, name)

    def _make_folders(self, target: str) -> None:
        for folder in folders_above(target):
            made = f"{folder}/"
            if made not in self._made:
                # One that is there already is refused, in several ways; so the MOVE decides.
                self._asked("MKCOL", made)
                self._made.add(made)

    def _check_writable(self, name: str) -> None:
        """Raise a fault when the folder of a name takes no new entry."""
        above, slash, _ = name.rpartition("/")
        probe = f"{above}{slash}{_PROBE}/"
        status = self._asked("MKCOL", probe)
        if status in _GOOD:
            self._asked("DELETE", probe)
        elif status == 403:
            raise self._fault(status, name)

    def _there(self, name: str) -> bool:
        return self._properties(name, depth="0") is not None

    def _properties(self, name: str, depth: str) -> tuple[RemoteFile | None, ...] | None:
        """Return what a PROPFIND tells, folders as None; None when nothing is there."""
        headers = {"Depth": depth, "Content-Type": "application/xml"}
        with self._answer("PROPFIND", name, _WANTED, headers) as answer:
            if answer.status in _MISSING:
                return None
            if answer.status != 207:
                raise self._fault(answer.status, name)
            told = answer.read(_LARGEST)
        try:
            return tuple(map(_file, fromstring(told).iterfind("{DAV:}response")))
        except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
            raise ServiceFault("remote.protocol", f"{self._where(name)}: {error}"[:300]) from error

    def _asked(
        self, method: str, name: str, body: Body = None, headers: Mapping[str, str] | None = None
    ) -> int:
        """Make a request; return the status of its answer."""
        with self._answer(method, name, body, headers) as answer:
            answer.drain_conn()
            return answer.status

    @contextmanager
    def _answer(
        self, method: str, name: str, body: Body = None, headers: Mapping[str, str] | None = None
    ) -> Iterator[urllib3.BaseHTTPResponse]:
        """Make a request; yield its answer, the body of which is still to come."""
        where = self._where(name)
        with https.translated(where):
            answer = self._connections.request(
                method,
                self._url(name),
                body=body,
                headers=self._headers | dict(headers or {}),
                redirect=False,
                preload_content=False,
            )
            try:
                if answer.status == 401:
                    raise ServiceFault("remote.login-refused", where)
                yield answer
            finally:
                # One whose answer was not read to its end cannot be used again.
                answer.close()

    def _fault(self, status: int, name: str) -> ServiceFault:
        code = "remote.protocol"
        if status == 403:
            code = "remote.denied"
        elif status == 423:
            code = "remote.file-busy"
        elif status in _MISSING:
            code = "remote.folder-missing"
        elif status in _PASSING:
            code = "remote.unreachable"
        return ServiceFault(code, f"{self._where(name)}: the server answers {status}")

    def _url(self, name: str) -> str:
        return f"{self._base}/{quote(name)}"

    def _where(self, name: str) -> str:
        return display(f"{self._server}: {name}" if name else self._server)


def _file(entry: Element) -> RemoteFile | None:
    """Return the plain file that a part of a listing tells of; raises `ValueError`."""
    size, modified = None, 0
    for found in entry.iterfind("{DAV:}propstat"):
        if " 200" not in (found.findtext("{DAV:}status") or ""):
            continue
        properties = found.find("{DAV:}prop")
        if properties is None or properties.find("{DAV:}resourcetype/{DAV:}collection") is not None:
            return None
        if length := properties.findtext("{DAV:}getcontentlength"):
            size = int(length)
        if when := properties.findtext("{DAV:}getlastmodified"):
            modified = _moment(when)
    path = urlsplit((entry.findtext("{DAV:}href") or "").strip()).path
    name = unquote(path, errors="surrogateescape").rpartition("/")[2]
    return RemoteFile(name, size, modified) if name and size is not None else None


def _moment(written: str) -> int:
    """Read a date in seconds since the epoch; 0 for one that is none, or is beyond all time."""
    try:
        return int(parsedate_to_datetime(written).timestamp())
    except (ValueError, OverflowError):
        return 0
