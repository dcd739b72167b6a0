"""Addresses of remote services: what may be written, and what must not be."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from gateway.settings.problems import Objection

_EXAMPLES = ("example.com", "example.org", "example.net")
"""Reserved for documentation (RFC 2606), and used in the site that `sealgate init` writes."""
_HTTPS = "Write https://HOST/PATH."


def check_address(address: str, *, sandbox: bool) -> None:
    """Refuse an address that cannot be right, or would betray something; raises `Objection`."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        # Not shown: a login may stand in it.
        raise Objection("settings.wrong-value", "This is no address.", _HTTPS) from None
    if "@" in parts.netloc:
        what = "A login stands in the address."
        remedy = "Remove it, change it, and refer to it: {secret: NAME}."
        raise Objection("settings.secret-in-yaml", what, remedy)
    if parts.scheme == "sandbox":
        if not sandbox:
            what = "sandbox:// is the embedded evaluation service."
            remedy = "Name a real service, or set sandbox: true."
            raise Objection("settings.sandbox", what, remedy)
    elif parts.scheme not in ("http", "https") or not host or _has_space(address):
        raise Objection("settings.wrong-value", "This is no address.", _HTTPS)
    elif parts.query or parts.fragment:
        what = "Nothing may follow the path of an address."
        raise Objection("settings.wrong-value", what, "Leave out what begins with ? or #.")
    elif parts.scheme == "http" and not is_loopback(host):
        what = "Logins and digests would travel unencrypted."
        raise Objection("settings.wrong-value", what, _HTTPS)
    elif host in _EXAMPLES or host.endswith(tuple("." + name for name in _EXAMPLES)):
        what = f"{host} is only an example."
        raise Objection("settings.wrong-value", what, "Write your service's own address.")


def _has_space(address: str) -> bool:
    return any(character.isspace() or not character.isprintable() for character in address)


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine by its very name or number."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def split_listen(written: str) -> tuple[str, int] | None:
    """Return host and port of `ADDRESS:PORT`; None when nobody could listen there."""
    try:
        parts = urlsplit(f"//{written}")
        host, port = parts.hostname or "", parts.port or 0
    except ValueError:
        return None
    shown = f"[{host}]" if ":" in host else host
    if not port or written.lower() != f"{shown}:{port}":
        return None
    return (host, port) if host == "localhost" or _is_number(host) else None


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
