"""From `monitoring:` to its settings."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from gateway.core.monitoring import MonitoringSettings
from gateway.settings.addresses import is_loopback
from gateway.settings.monitoring_models import MonitoringPart
from gateway.settings.parsing import Notes
from gateway.settings.yaml_file import Location

_HERE: Location = ("monitoring", "listen")
_REMEDY = "Write an address and a port, such as 127.0.0.1:9464 or [::1]:9464."


def build_monitoring(part: MonitoringPart | None, notes: Notes) -> MonitoringSettings | None:
    """Return where to listen; None when nowhere, or with the problem noted."""
    if part is None:
        return None
    host, port = _split(part.listen)
    if not port or not (host == "localhost" or _is_number(host)):
        notes.add(_HERE, "settings.wrong-value", "This is no address to listen on.", _REMEDY)
        return None
    if not is_loopback(host) and not part.anywhere:
        what = "Other machines could reach this address, and nobody has to log in."
        remedy = "Write 127.0.0.1, or anywhere: true if a firewall or a proxy guards the port."
        notes.add(_HERE, "settings.wrong-value", what, remedy)
        return None
    return MonitoringSettings(host, port)


def _split(written: str) -> tuple[str, int]:
    """Return host and port; the port is 0 when there is none that could be listened on."""
    try:
        parts = urlsplit(f"//{written}")
        host, port = parts.hostname or "", parts.port or 0
    except ValueError:
        return "", 0
    shown = f"[{host}]" if ":" in host else host
    return (host, port) if written.lower() == f"{shown}:{port}" else ("", 0)


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
