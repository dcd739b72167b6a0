"""Where a site's own sandbox is: `sandbox://…` addresses become addresses on loopback."""

from __future__ import annotations

from pathlib import Path

from gateway.core.errors import ServiceFault

SCHEME = "sandbox://"


def resolve(url: str, state: Path) -> str:
    """Replace `sandbox://` by the address the running sandbox wrote below `state`.

    Asked at every call, because a sandbox may come back at another port. Raises
    `ServiceFault` (`service.unreachable`) when none is running.
    """
    if not url.startswith(SCHEME):
        return url
    return f"{_address(state)}/{url.removeprefix(SCHEME)}"


def resolve_written(url: str, state: Path) -> str:
    """Replace the address that stands in the sandbox's certificates by the one it has now.

    Their OCSP and CRL addresses hold the port it had at first; another process may have it.
    """
    try:
        written = f"http://127.0.0.1:{(state / 'sandbox' / 'port').read_text().strip()}/"
    except OSError:
        return url
    return f"{_address(state)}/{url.removeprefix(written)}" if url.startswith(written) else url


def _address(state: Path) -> str:
    try:
        return (state / "sandbox" / "address").read_text().split()[0]
    except (OSError, IndexError) as error:
        raise ServiceFault("service.unreachable", "the sandbox is not running") from error
