"""What may stand below `monitoring:` in `gateway.yaml`."""

from __future__ import annotations

from gateway.settings.written import Part, Words


class MonitoringPart(Part):
    """Where the daemon answers monitoring: /metrics, /healthz and /readyz."""

    listen: Words
    """ADDRESS:PORT, such as 127.0.0.1:9464 or [::1]:9464."""
    anywhere: bool = False
    """The address may be one that other machines reach; nobody has to log in."""
