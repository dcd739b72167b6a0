"""What can be wrong with monitoring: the daemon does not start without what it was told to do."""

from __future__ import annotations

from gateway.core.error_code import site

MONITORING_CODES = (
    site(
        "monitoring.cannot-listen",
        "The address for monitoring cannot be used.",
        "Let listen: below monitoring: name an address of this machine and a port that nobody "
        "else uses.",
    ),
)
