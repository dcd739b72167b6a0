"""Answers of servers on which there are remote folders."""

from __future__ import annotations

import io
import struct
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from typing import Any
from unittest import mock

import urllib3
from paramiko import sftp as numbers
from smbprotocol.file_info import FileDirectoryInformation
from smbprotocol.open import SMB2QueryDirectoryRequest

from gateway.core.errors import ServiceFault
from gateway.core.names import display
from gateway.core.remotes import RemoteSettings
from gateway.core.secret import Secret
from gateway.ports.remotes import RemoteFile, RemoteFolder
from gateway.remotes import s3, sftp, smb, webdav
from gateway.remotes.fetching import _wanted
from tests.fuzz.answering import BETWEEN
from tests.fuzz.target import Target

_SETTINGS = RemoteSettings("server", 443, "user", "/bucket/a", password=Secret("s", "open sesame"))
_LARGEST = 1 << 20
_NAME, _CLAIM = "a.pdf", ".sealgate/id.a.pdf"


def _used(remote: RemoteFolder) -> None:
    """Do what fetching and pushing do, as far as the server lets it."""
    with suppress(ServiceFault):
        _looked_at(remote.list())
    with suppress(ServiceFault):
        _looked_at(remote.list(".sealgate"))
    with tempfile.TemporaryFile() as local:
        for do in (
            lambda: remote.rename(_NAME, _CLAIM),
            lambda: remote.read(_CLAIM, local.fileno(), 0, _LARGEST),
            lambda: remote.read(_CLAIM, local.fileno(), 3, _LARGEST),
            lambda: remote.write(local.fileno(), "b.pdf"),
            lambda: remote.remove(_CLAIM),
        ):
            with suppress(ServiceFault):
                do()


def _looked_at(files: Iterable[RemoteFile]) -> None:
    for file in files:
        display(file.name).encode()
        assert not _wanted(file.name) or file.name.encode()
        hash(file)
        assert isinstance(file.size, int)
        assert isinstance(file.modified, int)


class _Answers:
    """Stands in for kept connections: each part of an input is status, fields and body."""

    def __init__(self, data: bytes = b"") -> None:
        self._left = iter(data.split(BETWEEN))

    def answer(self, *_: object, **__: object) -> urllib3.HTTPResponse:
        """Return the next answer."""
        written = next(self._left, None)
        if written is None:
            raise urllib3.exceptions.ProtocolError("nobody answers any more")
        head, _, body = written.partition(b"\n\n")
        status, *fields = head.decode("latin-1").split("\n")
        pairs = [(name, value.strip()) for name, _, value in (one.partition(":") for one in fields)]
        number = int(status) if status.isascii() and status.isdigit() and len(status) < 4 else 200
        headers = urllib3.HTTPHeaderDict(pairs)
        return urllib3.HTTPResponse(io.BytesIO(body), headers, number, preload_content=False)

    request = urlopen = answer


def _webdav(data: bytes) -> None:
    answers: Any = _Answers(data)
    _used(webdav.DavFolder(_SETTINGS, answers))


_MULTISTATUS = b"""\
207
Content-Type: application/xml

<?xml version="1.0" encoding="utf-8"?>
<D:multistatus xmlns:D="DAV:"><D:response><D:href>/bucket/a/</D:href><D:propstat><D:prop>
<D:resourcetype><D:collection/></D:resourcetype></D:prop><D:status>HTTP/1.1 200 OK</D:status>
</D:propstat></D:response><D:response><D:href>http://server/a/%E7%9B%96%FF.pdf</D:href><D:propstat>
<D:prop><D:resourcetype/><D:getcontentlength>17</D:getcontentlength>
<D:getlastmodified>Fri, 13 Nov 2026 10:00:00 GMT</D:getlastmodified></D:prop>
<D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response></D:multistatus>"""


def _dav_seeds() -> tuple[bytes, ...]:
    moved = (b"201\n\n", b"201\n\n")
    read = (b"200\nContent-Length: 5\n\nbytes", b"206\nContent-Range: bytes 3-4/5\n\nes")
    whole = (_MULTISTATUS, _MULTISTATUS, *moved, *read, b"201\n\n", _MULTISTATUS, b"204\n\n")
    refused = (b"404\n\n", b"207\n\n", b"201\n\n", b"403\n\n", _MULTISTATUS, b"403\n\n")
    return BETWEEN.join(whole), BETWEEN.join(refused)


_DAV = (b"<D:href>", b"</D:href>", b"http://[", b"%00", b"%2F", b"Jan 0001", b"-2359", b"&#55296;")


@cache
def _client() -> tuple[Any, Any]:
    connections: Any = mock.Mock()
    with mock.patch.object(s3.https, "pool", return_value=connections):
        return s3._client(_SETTINGS), connections


def _s3(data: bytes) -> None:
    client, connections = _client()
    connections.urlopen = _Answers(data).urlopen
    _used(s3.S3Folder(client, "bucket", "a/"))


_LISTED = b"""\
200
Content-Type: application/xml

<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bucket</Name>
<Prefix>a/%s</Prefix><KeyCount>1</KeyCount><MaxKeys>1000</MaxKeys><Delimiter>/</Delimiter>
<IsTruncated>false</IsTruncated><EncodingType>url</EncodingType><Contents><Key>a/%s</Key>
<LastModified>2026-11-13T10:00:00.000Z</LastModified><ETag>"e"</ETag><Size>17</Size>
<StorageClass>STANDARD</StorageClass></Contents></ListBucketResult>"""
_FOUND = (
    b'200\nETag: "e"\nLast-Modified: Fri, 13 Nov 2026 10:00:00 GMT\nContent-Length: 5\n'
    b"Date: Sat, 14 Nov 2026 10:00:00 GMT\n\n%s"
)
_COPIED = (
    b'200\n\n<?xml version="1.0"?><CopyObjectResult><LastModified>2026-11-13T10:00:00Z'
    b'</LastModified><ETag>"e"</ETag></CopyObjectResult>'
)


def _refused(status: int, code: bytes) -> bytes:
    return b"%d\n\n<?xml version='1.0'?><Error><Code>%s</Code></Error>" % (status, code)


def _s3_seeds() -> tuple[bytes, ...]:
    """Return a server that does all, and one on which a move was left behind."""
    put, removed = b'200\nETag: "e"\n\n', b"204\n\n"
    listed = (_LISTED % (b"", b"%E7%9B%96.pdf"), _LISTED % (b".sealgate/", b".sealgate/id.a.pdf"))
    sound = (put, _refused(412, b"PreconditionFailed"), removed)
    move = _FOUND % b'{"source": "a.pdf", "version": "\\"e\\"", "target": ".sealgate/id.a.pdf"}'
    left = _LISTED % (b".sealgate/moving/", b".sealgate/moving/0")
    moved = (_COPIED, _FOUND % b"", removed, removed)
    done = (_FOUND % b"bytes", _FOUND % b"es", put, _FOUND % b"", removed)
    return (
        BETWEEN.join((*listed, *sound, _LISTED % (b"", b""), _FOUND % b"", put, *moved, *done)),
        BETWEEN.join((*listed, *sound, left, move, *moved, _refused(404, b"404"), *done)),
    )


class _Channel:
    """Stands in for a connection on which a server says what an input says."""

    closed = False

    def __init__(self, data: bytes) -> None:
        self._left = io.BytesIO(data)

    def send(self, data: bytes) -> int:
        """Take all."""
        return len(data)

    def recv(self, size: int) -> bytes:
        """Return what comes next; nothing is the end of the connection."""
        found = self._left.read(size)
        self.closed = self.closed or not found
        return found

    def close(self) -> None:
        """Note that nobody listens any more."""
        self.closed = True

    def get_name(self) -> str:
        """Return what the library writes into its log."""
        return "0"


def _sftp(data: bytes) -> None:
    before = threading.active_count()
    channel: Any = _Channel(data)
    with suppress(ServiceFault):
        with sftp._translated("server"):
            client = sftp._Client(channel)
        _used(sftp.SftpFolder(client, "/a"))
    assert threading.active_count() <= before


def _said(kind: int, number: int | None, *parts: int | bytes) -> bytes:
    """Return a message of SFTP 3 (draft-ietf-secsh-filexfer-02): four-byte numbers, strings."""
    body = bytes([kind]) + (b"" if number is None else struct.pack(">I", number))
    for part in parts:
        if isinstance(part, bytes):
            body += struct.pack(">I", len(part)) + part
        else:
            body += struct.pack(">I", part)
    return struct.pack(">I", len(body)) + body


def _attributes(kind: int = 0o100600) -> tuple[int, ...]:
    """Return size, permissions, times and one more, as flags and numbers."""
    return (1 | 4 | 8, 0, 5, kind, 7, 7)


def _sftp_seeds() -> tuple[bytes, ...]:
    ended, fine = (numbers.SFTP_EOF, b"end", b""), (numbers.SFTP_OK, b"fine", b"")
    status, handle, names = numbers.CMD_STATUS, numbers.CMD_HANDLE, numbers.CMD_NAME
    attributes = numbers.CMD_ATTRS

    def listing(first: int, name: bytes) -> Iterator[bytes]:
        extended = (1 << 31 | 4, 0o100600, 1, b"x", b"y")
        yield _said(handle, first, b"h")
        entries = (name, b"-rw", *_attributes(), b"d", b"drw", *extended)
        yield _said(names, first + 1, 2, *entries)
        yield _said(status, first + 2, *ended)
        yield _said(status, first + 3, *fine)

    whole = (
        _said(numbers.CMD_VERSION, None, 3),
        *listing(1, b"\xe7\x9b\x96\xff.pdf"),
        *listing(5, b"id.a.pdf"),
        _said(attributes, 9, *_attributes(0o40700)),
        _said(status, 10, *fine),
        _said(handle, 11, b"h"),
        _said(attributes, 12, *_attributes()),
        _said(numbers.CMD_DATA, 13, b"bytes"),
        _said(status, 14, *ended),
        *(_said(status, number, *fine) for number in range(15, 30)),
    )
    refused = tuple(
        _said(status, number, code, b"no", b"en") for number, code in enumerate((2, 3, 4, 3, 3), 1)
    )
    return b"".join(whole), _said(numbers.CMD_VERSION, None, 3) + b"".join(refused)


class _Directory:
    """Stands in for an open folder; its entries are unpacked by the library."""

    def __init__(self, parts: list[bytes]) -> None:
        self._parts = parts

    def __enter__(self) -> _Directory:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def query_directory(self, _: str, kind: int) -> Iterator[object]:
        """Yield what each answer lists."""
        for part in self._parts:
            yield from SMB2QueryDirectoryRequest.unpack_response(kind, part)


def _smb(data: bytes) -> None:
    folder = _Directory(data.split(BETWEEN))
    with mock.patch.object(smb, "SMBDirectoryIO", return_value=folder):
        _looked_at(smb.SmbFolder(_SETTINGS, {}).list())


def _smb_seeds() -> tuple[bytes, ...]:
    entries = []
    for name in ("盖.pdf".encode("utf-16-le"), b"\x00\xd8.\x00"):
        entry = FileDirectoryInformation()
        entry["file_name"] = name
        entry["end_of_file"] = 17
        entries.append(entry)
    first = entries[0].pack()
    padded = first + bytes(-len(first) % 8)
    entries[0]["next_entry_offset"] = len(padded)
    both = entries[0].pack().ljust(len(padded), b"\0") + entries[1].pack()
    return both, BETWEEN.join((first, both))


_S3 = (b"<Contents>", b"</Contents>", b"<Size>", b"<Key>", b"true", b"0001-01-01", b'{"source"')

REMOTE_TARGETS = (
    Target("webdav", _webdav, _dav_seeds, (*_DAV, BETWEEN)),
    Target("s3", _s3, _s3_seeds, (*_S3, BETWEEN), tries=40),
    Target("sftp", _sftp, _sftp_seeds, (b"\xff\xff\xff\xff", b"\0\0\0\1", b"\x80\0\0\4")),
    Target("smb", _smb, _smb_seeds, (b"\xff\xff\xff\xff", b"\0\xd8", b"/\0", BETWEEN)),
)
