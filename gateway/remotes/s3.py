"""Remote folders in S3 buckets: a folder is a prefix, a file an object.

S3 cannot rename, and two gateways that copy the same object to names of their own would both
have it. So a claim is decided by a *move*, an object whose name follows from the file's and its
version, made by a conditional PUT (`If-None-Match: *`): of two gateways one makes it, and it says
where the file goes. Then the file is copied there by the server, removed, and last of all the
move, too. A move whose gateway died is completed by whoever meets it; since it names the target,
the file goes to the one who had won it.

A result gets its name by a conditional PUT of its bytes, so that no name is ever overwritten.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import IO, Any

import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from gateway.core.errors import ServiceFault
from gateway.core.names import display
from gateway.core.remotes import RemoteSettings
from gateway.ports.remotes import RemoteFile
from gateway.remotes import https
from gateway.remotes.local_copy import append

_OURS = ".sealgate/"
_MOVES = f"{_OURS}moving/"
_STALE = 60.0
"""Seconds after which a move counts as left behind by a gateway that died."""
_PROBE = "probe-"
_OLD = 86400.0
"""Seconds after which no probe is under way, whatever the clocks say."""
_CHUNK = 1 << 20
_LONGEST_MOVE = 1 << 16
"""Bytes; keys have 1024 at most."""
_GONE = ("NoSuchKey", "404")
_FAILED = ("PreconditionFailed", "412")
_REFUSED = (
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "InvalidToken",
    "ExpiredToken",
    "InvalidSecurity",
    "AccountProblem",
    "InvalidClientTokenId",
    "AuthFailure",
)
_DENIED = ("AccessDenied", "AllAccessDisabled", "403")
_BUSY = ("SlowDown", "ServiceUnavailable", "InternalError", "RequestTimeout", "500", "502", "503")
_NOTHING = (None, None, None, None)
_NO_FILE = (None, None, os.devnull, None)


@contextmanager
def connected(settings: RemoteSettings) -> Iterator[S3Folder]:
    """Yield the folder, whose connections are kept; its requests log in, each by itself."""
    yield _folder(settings)


@lru_cache(maxsize=64)
def _folder(settings: RemoteSettings) -> S3Folder:
    # Making a client takes a quarter of a second.
    bucket, _, prefix = settings.path.strip("/").partition("/")
    return S3Folder(_client(settings), bucket, f"{prefix}/" if prefix else "")


def _client(settings: RemoteSettings) -> Any:
    """Return a client that takes nothing from the environment and repeats nothing by itself."""
    session = botocore.session.Session(
        {"profile": _NOTHING, "config_file": _NO_FILE, "credentials_file": _NO_FILE}
    )
    endpoint = f"https://{https.address(settings)}"
    client = session.create_client(
        "s3",
        region_name=settings.region or "us-east-1",
        endpoint_url=endpoint,
        aws_access_key_id=settings.user,
        aws_secret_access_key=settings.password.value if settings.password else "",
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            retries={"total_max_attempts": 1},
            # Many servers that are not Amazon's know no other checksum than Content-MD5.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )
    connections = https.pool(settings)

    def send(request: Any, **_: object) -> AWSResponse:
        if not request.url.startswith(f"{endpoint}/"):
            raise ServiceFault("remote.protocol", f"{settings.host} sends us to another server")
        headers = {name: value for name, value in request.headers.items() if name != "Expect"}
        with https.translated(https.address(settings)):
            answer = connections.urlopen(
                request.method,
                request.url,
                redirect=False,
                body=request.body,
                headers=headers,
                preload_content=False,
            )
        return AWSResponse(request.url, answer.status, answer.headers, answer)

    client.meta.events.register("before-send.s3", send)
    return client


@contextmanager
def _translated(where: str) -> Iterator[None]:
    """Raise what the library raises in the block as a fault of ours."""
    try:
        with https.translated(where):
            yield
    except ClientError as error:
        code, said = _code(error), "remote.protocol"
        if code in _REFUSED:
            said = "remote.login-refused"
        elif code in _DENIED:
            said = "remote.denied"
        elif code == "NoSuchBucket":
            said = "remote.folder-missing"
        elif code in _BUSY:
            said = "remote.unreachable"
        raise ServiceFault(said, f"{where}: {error}"[:300]) from error
    except BotoCoreError as error:
        raise ServiceFault("remote.unreachable", f"{where}: {error}"[:300]) from error
    except KeyError as error:
        raise ServiceFault("remote.protocol", f"{where}: an answer without {error}") from error
    except (ResponseParserError, ValueError, TypeError, OverflowError) as error:
        # The library takes what it cannot read for a mistake of its caller's.
        raise ServiceFault("remote.protocol", f"{where}: {error}"[:300]) from error


def _age(answered: str, made: datetime) -> float:
    try:
        return (parsedate_to_datetime(answered) - made).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return 0.0


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


@dataclass(frozen=True)
class _Move:
    """What the object that decides a claim says."""

    source: str
    version: str
    """Its ETag."""
    target: str

    @classmethod
    def read(cls, text: bytes) -> _Move:
        """Read what `_claim` wrote; raises `ServiceFault` when it is something else."""
        try:
            move = cls(**json.loads(text))
            if all(isinstance(value, str) for value in asdict(move).values()):
                return move
        except (ValueError, TypeError, RecursionError):
            pass
        raise ServiceFault("remote.protocol", f"what lies in {_MOVES} is no gateway's move")


class S3Folder:
    """The port `RemoteFolder`, below one prefix of a bucket."""

    def __init__(self, client: Any, bucket: str, prefix: str) -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = prefix
        self._sound = False
        """The server was seen to keep two from making the same object."""

    def list(self, below: str = "") -> tuple[RemoteFile, ...]:
        """Return the plain files of the folder, or of one below it, which need not be there."""
        with _translated(self._where(below)):
            return tuple(self._listed(f"{below}/" if below else ""))

    def rename(self, source: str, target: str) -> bool:
        """Rename, making no folder, for there are none; False when source is gone or target taken.

        Who claims, by renaming into `.sealgate/`, is decided at once, and so is who gets a name;
        the rest follows, and is completed by the next one when the process is killed.
        """
        with _translated(self._where(source)):
            self._check()
            if not target.startswith(_OURS):
                return self._name(source, target)
            if source.startswith(_OURS):
                return self._copied(_Move(source, "", target)) or self._found(target) is not None
            return self._claim(source, target)

    def read(self, name: str, into: int, offset: int, size: int) -> None:
        """Append the file's bytes from `offset` on to an open local file, up to `size` in all."""
        with _translated(self._where(name)):
            try:
                got = self._client.get_object(**self._at(name), Range=f"bytes={offset}-")
            except ClientError as error:
                if _code(error) in ("InvalidRange", "416"):
                    return  # there is nothing beyond
                raise
            if offset and "ContentRange" not in got:
                raise ServiceFault("remote.protocol", "the server cannot go on in a file's middle")
            with got["Body"] as body:
                while chunk := body.read(_CHUNK):
                    append(into, chunk, size)

    def write(self, local: int, name: str) -> None:
        """Create or replace a file with all bytes of an open local file; its size is checked."""
        with _translated(self._where(name)), os.fdopen(os.dup(local), "rb") as source:
            size = self._put(source, name)
            found = self._found(name)
        if found is None or found.get("ContentLength") != size:
            raise ServiceFault("remote.protocol", f"{self._where(name)} did not arrive whole")

    def remove(self, name: str) -> None:
        """Remove a file; nothing happens when it is gone."""
        with _translated(self._where(name)):
            self._client.delete_object(**self._at(name))

    def _listed(self, below: str) -> Iterator[RemoteFile]:
        prefix = f"{self._prefix}{below}"
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=prefix, Delimiter="/"
        )
        for page in pages:
            for entry in page.get("Contents", ()):
                name = entry["Key"].removeprefix(prefix)
                if name and "/" not in name:  # what ends in / stands for a folder
                    yield RemoteFile(name, entry["Size"], int(entry["LastModified"].timestamp()))

    def _claim(self, source: str, target: str) -> bool:
        found = self._found(source)
        if found is None:
            return False
        version = f"{source}\n{found['ETag']}\n{found['LastModified']}"
        name = f"{_MOVES}{hashlib.sha256(version.encode()).hexdigest()}"
        move = _Move(source, found["ETag"], target)
        if self._make(name, json.dumps(asdict(move)).encode()):
            return self._complete(name, move) or self._found(target) is not None
        self._complete_stale(name)
        return False

    def _complete(self, name: str, move: _Move) -> bool:
        """Carry a move out; False when the file was gone already."""
        moved = self._copied(move)
        self._client.delete_object(**self._at(name))
        return moved

    def _complete_stale(self, name: str) -> None:
        """Carry out a move that another gateway has left behind, and leave a young one to it."""
        try:
            got = self._client.get_object(**self._at(name))
        except ClientError as error:
            if _code(error) in _GONE:
                return
            raise
        with got["Body"] as body:
            move = _Move.read(body.read(_LONGEST_MOVE))
        # Both by the server's clock.
        answered = got["ResponseMetadata"]["HTTPHeaders"].get("date", "")
        if _age(answered, got["LastModified"]) >= _STALE:
            self._complete(name, move)

    def _copied(self, move: _Move) -> bool:
        """Let the server copy, then remove the source unless it has changed; False when gone."""
        source = {"Bucket": self._bucket, "Key": f"{self._prefix}{move.source}"}
        wanted = {"CopySourceIfMatch": move.version} if move.version else {}
        try:
            self._client.copy_object(**self._at(move.target), CopySource=source, **wanted)
        except ClientError as error:
            if _code(error) in (*_GONE, *_FAILED):
                return False
            raise
        self._delete(move.source, move.version)
        return True

    def _delete(self, name: str, version: str) -> None:
        """Remove a file unless it is another version by now."""
        try:
            if not version:
                self._client.delete_object(**self._at(name))
            elif (found := self._found(name)) is not None and found["ETag"] == version:
                self._client.delete_object(**self._at(name), IfMatch=version)
        except ClientError as error:
            if _code(error) not in (*_GONE, *_FAILED):
                raise

    def _name(self, source: str, target: str) -> bool:
        """Put the bytes of a file under a name that nothing has, then remove the file."""
        try:
            got = self._client.get_object(**self._at(source))
        except ClientError as error:
            if _code(error) in _GONE:
                return False
            raise
        with tempfile.TemporaryFile() as copy, got["Body"] as body:
            while chunk := body.read(_CHUNK):
                copy.write(chunk)
            if copy.tell() != got["ContentLength"]:
                raise ServiceFault("remote.unreachable", f"{self._where(source)} came in part")
            copy.seek(0)
            try:
                self._put(copy, target, IfNoneMatch="*")
            except ClientError as error:
                if _code(error) in _FAILED:
                    return False
                raise
        self._client.delete_object(**self._at(source))
        return True

    def _make(self, name: str, content: bytes) -> bool:
        """Make an object that is not there; False when it is, or is just being made."""
        with tempfile.TemporaryFile() as body:
            body.write(content)
            body.seek(0)
            try:
                self._put(body, name, IfNoneMatch="*")
            except ClientError as error:
                if _code(error) in (*_FAILED, "ConditionalRequestConflict", "409"):
                    return False
                raise
        return True

    def _put(self, source: IO[bytes], name: str, **conditions: str) -> int:
        """Upload an open file from its start; return its size."""
        source.seek(0)
        digest = hashlib.md5(usedforsecurity=False)
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
        size = source.tell()
        source.seek(0)
        self._client.put_object(
            **self._at(name),
            Body=source,
            ContentLength=size,
            ContentMD5=base64.b64encode(digest.digest()).decode(),
            **conditions,
        )
        return size

    def _check(self) -> None:
        """See once whether the server keeps two from making the same object."""
        if self._sound:
            return
        probe = f"{_MOVES}{_PROBE}{secrets.token_hex(8)}"
        kept_apart = self._make(probe, b"") and not self._make(probe, b"")
        self._client.delete_object(**self._at(probe))
        if not kept_apart:
            what = "the server ignores If-None-Match, so two gateways would get one file"
            raise ServiceFault("remote.protocol", what)
        for left in self._listed(_MOVES):
            if not left.name.startswith(_PROBE):
                self._complete_stale(f"{_MOVES}{left.name}")
            elif time.time() - left.modified > _OLD:
                self._client.delete_object(**self._at(f"{_MOVES}{left.name}"))
        self._sound = True

    def _found(self, name: str) -> Any:
        try:
            return self._client.head_object(**self._at(name))
        except ClientError as error:
            if _code(error) in _GONE:
                return None
            raise

    def _at(self, name: str) -> dict[str, str]:
        return {"Bucket": self._bucket, "Key": f"{self._prefix}{name}"}

    def _where(self, name: str) -> str:
        return display(f"s3:{self._bucket}/{self._prefix}{name}")
