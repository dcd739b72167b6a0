"""From `monitoring:` to its settings."""

from __future__ import annotations

from gateway.core.monitoring import MonitoringSettings
from gateway.settings.addresses import is_loopback, split_listen
from gateway.settings.monitoring_models import MonitoringPart
from gateway.settings.parsing import Notes
from gateway.settings.yaml_file import Location

_HERE: Location = ("monitoring", "listen")
_REMEDY = "Write an address and a port, such as 127.0.0.1:9464 or [::1]:9464."


def build_monitoring(part: MonitoringPart | None, notes: Notes) -> MonitoringSettings | None:
    """Return where to listen; None when nowhere, or with the problem noted."""
    if part is None:
        return None
    listen = split_listen(part.listen)
    if listen is None:
        notes.add(_HERE, "settings.wrong-value", "This is no address to listen on.", _REMEDY)
        return None
    host, port = listen
    if not is_loopback(host) and not part.anywhere:
        what = "Other machines could reach this address, and nobody has to log in."
        remedy = "Write 127.0.0.1, or anywhere: true if a firewall or a proxy guards the port."
        notes.add(_HERE, "settings.wrong-value", what, remedy)
        return None
    return MonitoringSettings(host, port)
