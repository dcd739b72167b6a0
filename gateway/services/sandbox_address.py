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
    try:
        address = (state / "sandbox" / "address").read_text().split()[0]
    except (OSError, IndexError) as error:
        raise ServiceFault("service.unreachable", "the sandbox is not running") from error
    return f"{address}/{url.removeprefix(SCHEME)}"
