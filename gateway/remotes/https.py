"""Connections by TLS to a server for which a chain, or its certificate's fingerprint, vouches."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import urllib3

from gateway.core.errors import ServiceFault
from gateway.core.remotes import RemoteSettings

_SECONDS = 30.0
"""Longest silence of the server."""


class _PinnedContext(ssl.SSLContext):
    """Accepts the certificates whose SHA-256 it has been given, and no others."""

    accepted: tuple[str, ...] = ()

    def wrap_socket(self, *arguments: Any, **named: Any) -> ssl.SSLSocket:
        """Agree on TLS, and leave before a word is said when it is another certificate."""
        wrapped = super().wrap_socket(*arguments, **named)
        found = hashlib.sha256(wrapped.getpeercert(binary_form=True) or b"").hexdigest()
        if found not in self.accepted:
            wrapped.close()
            raise ssl.SSLCertVerificationError(f"the certificate's SHA-256 is {found}")
        return wrapped


def address(settings: RemoteSettings) -> str:
    """Return how a server is called in an address: host and port."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{host}:{settings.port}"


def pool(settings: RemoteSettings) -> urllib3.PoolManager:
    """Return kept connections to a server; nothing is repeated or redirected there."""
    context = _context(settings)
    return urllib3.PoolManager(
        ssl_context=context,
        cert_reqs=context.verify_mode,
        assert_hostname=None if context.check_hostname else False,
        timeout=urllib3.Timeout(_SECONDS, _SECONDS),
        retries=False,
        maxsize=4,
    )


def _context(settings: RemoteSettings) -> ssl.SSLContext:
    if not settings.certificates:
        return ssl.create_default_context(cafile=settings.ca_file)
    # Nothing of this room goes unverified, though the library believes it of pinned servers.
    urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    pinned = _PinnedContext(ssl.PROTOCOL_TLS_CLIENT)
    pinned.accepted = settings.certificates
    pinned.check_hostname = False
    pinned.verify_mode = ssl.CERT_NONE
    pinned.minimum_version = ssl.TLSVersion.TLSv1_2
    return pinned


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Raise trouble with the connection in the block as a fault of ours."""
    try:
        yield
    except urllib3.exceptions.SSLError as error:
        refused = isinstance(error.args[0], ssl.SSLCertVerificationError)
        code = "remote.certificate-refused" if refused else "remote.unreachable"
        raise ServiceFault(code, f"{where}: {error}"[:300]) from error
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise ServiceFault("remote.unreachable", f"{where}: {error}"[:300]) from error
