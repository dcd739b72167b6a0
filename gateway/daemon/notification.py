"""Notification of systemd (sd_notify(3)): ready, status, watchdog, stopping."""

from __future__ import annotations

import os
import socket


def notify(*lines: str) -> bool:
    """Send assignments such as `READY=1` to the supervisor; return whether there is one."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
        channel.sendto("\n".join(lines).encode(), address)
    return True


def watchdog_interval() -> float | None:
    """Return the seconds between two signs of life, half of what the supervisor allows."""
    allowed = os.environ.get("WATCHDOG_USEC", "")
    mine = os.environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    return int(allowed) / 2_000_000 if allowed.isdigit() and mine else None
