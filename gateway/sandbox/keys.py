"""The sandbox's files: keys, trust anchor, client secret and PIN, made once and kept."""

from __future__ import annotations

import fcntl
import os
import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from gateway.sandbox.entities import ENTITIES


def folder_of(state: Path) -> Path:
    """Return the folder of the sandbox's files below a site's state folder."""
    return state / "sandbox"


def prepare(state: Path) -> Path:
    """Make whatever is missing, and return the folder; done again, it changes nothing.

    The trust anchor is made last, so it tells whether all is there.
    """
    folder = folder_of(state)
    if (folder / "root.pem").exists():
        return folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(folder / "preparing"):
        for name in ENTITIES:
            _write_once(folder / f"{name}.key.pem", partial(_key, name))
        _write_once(folder / "client-secret", _client_secret)
        _write_once(folder / "pin", _pin)
        _write_once(folder / "port", _free_port)
        _write_once(folder / "root.pem", partial(_root, folder))
    return folder


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Let one process at a time do something: keys of two would not fit one anchor."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def port_of(folder: Path) -> int:
    """Return the port that is written into the certificates."""
    return int((folder / "port").read_text())


def _key(name: str) -> bytes:
    private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    if ENTITIES[name].elliptic:
        private = ec.generate_private_key(ec.SECP256R1())
    else:
        private = rsa.generate_private_key(65537, 2048)
    return private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _root(folder: Path) -> bytes:
    # Late, because certomancer takes longer to load than most commands to run.
    from gateway.sandbox.pki import architecture  # noqa: PLC0415

    return architecture(folder).certificate_pem("root")


def _client_secret() -> bytes:
    return secrets.token_urlsafe(24).encode()


def _pin() -> bytes:
    return f"{secrets.randbelow(10**8):08}".encode()


def _free_port() -> bytes:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return str(listener.getsockname()[1]).encode()


def _write_once(path: Path, make: Callable[[], bytes]) -> None:
    """Write a private file unless it is there; whole, or not at all."""
    if path.exists():
        return
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(make())
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
