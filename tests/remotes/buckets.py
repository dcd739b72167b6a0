"""An S3 server on loopback: moto's, which checks signatures and conditions, behind TLS."""

from __future__ import annotations

import itertools
import json
import os
import re
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import requests

from gateway.core.remotes import RemoteSettings
from gateway.core.secret import Secret
from tests.certificates import ServerCertificate
from tests.remotes.front import Front

_PROGRAM = """
import sys
from moto.server import main
from werkzeug.serving import WSGIRequestHandler
WSGIRequestHandler.disable_nagle_algorithm = True  # else each answer waits 40 ms for our ACK
main(sys.argv[1:])
"""
_PAGE = 20
"""Names in one answer."""
_NUMBERS = itertools.count(1)
_ALLOWED = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
}


class MotoS3:
    """One server and its buckets, which live as long as it is not stopped."""

    def __init__(self, root: Path) -> None:
        self.certificate = ServerCertificate.make(root)
        self._root = root
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._behind = free.getsockname()[1]
        self._front = Front(self._behind)
        self.port = self._front.port
        self._login = ("", "")
        self.owner: Any = None
        """A client of the buckets' owner."""

    def start(self) -> None:
        """Start the server, or open the door to it again."""
        if self._process is None:
            self._launch()
        self._front.open()

    def kill(self) -> None:
        """Shut the door in the middle of what is done; the server would forget its buckets."""
        self._front.shut()

    def stop(self) -> None:
        """End the server."""
        self.kill()
        if self._process is not None:
            self._process.kill()
            self._process.wait(20)

    def shelf(self, name: str) -> BucketShelf:
        """Make a new bucket, and use a folder in it."""
        bucket = f"bucket-{next(_NUMBERS)}"
        self.owner.create_bucket(Bucket=bucket)
        return BucketShelf(self, bucket, re.sub(r"[^ -~]", "", name))

    def settings(self, **changes: object) -> RemoteSettings:
        """Return settings with which the server is reached."""
        usual: dict[str, object] = {
            "scheme": "s3",
            "host": "127.0.0.1",
            "port": self.port,
            "user": self._login[0],
            "password": Secret("password", self._login[1]),
            "path": "/none",
            "certificates": (self.certificate.fingerprint,),
            "settle": 0.0,
        }
        return RemoteSettings(**(usual | changes))  # type: ignore[arg-type]

    def _client(self, service: str = "s3") -> Any:
        """Return somebody else's client."""
        return boto3.client(
            service,
            endpoint_url=f"https://127.0.0.1:{self._behind}",
            region_name="us-east-1",
            aws_access_key_id=self._login[0] or "nobody",
            aws_secret_access_key=self._login[1] or "nothing",
            verify=str(self.certificate.certificate),
        )

    def _launch(self) -> None:
        files = ("-c", str(self.certificate.certificate), "-k", str(self.certificate.key))
        with (self._root / "words").open("ab") as words:
            self._process = subprocess.Popen(
                (sys.executable, "-c", _PROGRAM, "-p", str(self._behind), "-s", *files),
                stdout=words,
                stderr=words,
                env=os.environ | {"MOTO_S3_DEFAULT_MAX_KEYS": str(_PAGE)},
                start_new_session=True,
            )
        address, trust = f"https://127.0.0.1:{self._behind}", str(self.certificate.certificate)
        deadline = time.monotonic() + 60
        while True:
            try:
                requests.get(f"{address}/moto-api/", verify=trust, timeout=5)
                break
            except requests.ConnectionError:
                assert time.monotonic() < deadline, (self._root / "words").read_text()
                time.sleep(0.1)
        iam = self._client("iam")
        iam.create_user(UserName="sealgate")
        iam.put_user_policy(
            UserName="sealgate", PolicyName="all", PolicyDocument=json.dumps(_ALLOWED)
        )
        key = iam.create_access_key(UserName="sealgate")["AccessKey"]
        self._login = (key["AccessKeyId"], key["SecretAccessKey"])
        self.owner = self._client()
        requests.post(f"{address}/moto-api/reset-auth", data=b"0", verify=trust, timeout=10)


@dataclass(frozen=True)
class BucketShelf:
    """A folder in a bucket."""

    server: MotoS3
    bucket: str
    prefix: str
    many: int = 2 * _PAGE + 1

    def settings(self, **changes: object) -> RemoteSettings:
        """Return settings with which it is reached."""
        return self.server.settings(**({"path": f"/{self.bucket}/{self.prefix}"} | changes))

    def put(self, name: str, content: bytes) -> None:
        """Create or replace a file."""
        key = f"{self.prefix}/{name}"
        self.server.owner.put_object(Bucket=self.bucket, Key=key, Body=content)

    def get(self, name: str) -> bytes:
        """Return what a file holds."""
        got = self.server.owner.get_object(Bucket=self.bucket, Key=f"{self.prefix}/{name}")
        content: bytes = got["Body"].read()
        return content

    def names(self) -> list[str]:
        """Return the names of all files, those in sub-folders with their path."""
        pages = self.server.owner.get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        found = (entry["Key"] for page in pages for entry in page.get("Contents", ()))
        return sorted(key.removeprefix(f"{self.prefix}/") for key in found)
