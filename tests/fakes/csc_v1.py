"""A real CSC 1.0.4 server, by the author of pyHanko: certomancer-csc-dummy, on loopback."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from tests.fakes.signer import TestSigner

_STARTED = 30.0


@contextmanager
def csc_v1(folder: Path, keys: dict[str, TestSigner]) -> Iterator[str]:
    """Serve the keys as credentials `test/NAME`, and yield the base address of the API."""
    names = {"root": {}, **{name: {} for name in keys}}
    for name, signer in keys.items():
        signer.key_pem(folder / f"{name}.key.pem")
    root = next(iter(keys.values())).authority
    TestSigner(root.key, root.certificate, root).key_pem(folder / "root.key.pem")
    configuration = folder / "certomancer.yml"
    configuration.write_text(yaml.safe_dump(_configuration(folder, tuple(names))))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    process = subprocess.Popen(
        (sys.executable, "-m", "csc_dummy", configuration, str(port), "2"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(f"http://localhost:{port}/info")
        yield f"http://localhost:{port}/csc/v1"
    finally:
        process.terminate()
        process.wait(10)


def _wait(url: str) -> None:
    deadline = time.monotonic() + _STARTED
    while True:
        try:
            urllib.request.urlopen(url, timeout=2).close()  # noqa: S310
            return
        except (urllib.error.URLError, OSError):
            assert time.monotonic() < deadline, "certomancer-csc-dummy did not start"
            time.sleep(0.1)


def _configuration(folder: Path, names: tuple[str, ...]) -> dict[str, object]:
    validity = {"valid-from": "2020-01-01T00:00:00+0000", "valid-to": "2060-01-01T00:00:00+0000"}
    certificates = {
        name: {"issuer": "root", "serial": number, "validity": validity}
        | ({"profiles": ["digsig-commitment"]} if name != "root" else {})
        for number, name in enumerate(names, 1)
    }
    certificates["root"] |= {"profiles": [{"id": "simple-ca", "params": {"max-path-len": 0}}]}
    return {
        "external-url-prefix": "http://test.invalid",
        "keysets": {
            "test": {
                "path-prefix": str(folder),
                "keys": {name: {"path": f"{name}.key.pem"} for name in names},
            }
        },
        "pki-architectures": {
            "test": {
                "keyset": "test",
                "entity-defaults": {"country-name": "XX", "organization-name": "Test"},
                "entities": {name: {"common-name": f"Test {name}"} for name in names},
                "certs": certificates,
            }
        },
    }
