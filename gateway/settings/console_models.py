"""What may stand below `console:` in `gateway.yaml`."""

from __future__ import annotations

from gateway.settings.written import Names, Part, PathText, Span, Text, Words


class TlsPart(Part):
    """What the console proves itself with."""

    certificate: PathText
    """PEM of the certificate, followed by those between it and the root."""
    key: PathText
    """PEM of its private key, readable only by Sealgate's user."""


class SessionPart(Part):
    """How long somebody stays logged in."""

    idle: Span = "30m"  # type: ignore[assignment]
    """Without doing anything."""
    longest: Span = "12h"  # type: ignore[assignment]
    """Whatever is done."""


class ConsolePart(Part):
    """Where the console listens, and how browsers reach it."""

    listen: Words = "127.0.0.1:8470"
    """ADDRESS:PORT; another address than this machine's own needs tls or trusted_proxies."""
    url: Text = ""
    """How browsers reach it, such as https://seals.company.example; from listen when empty."""
    tls: TlsPart | None = None
    """Certificate and key, when the console itself does TLS."""
    trusted_proxies: Names = ()
    """Addresses or networks of proxies that are believed whose request they pass on."""
    session: SessionPart = SessionPart()
    """How long somebody stays logged in."""
