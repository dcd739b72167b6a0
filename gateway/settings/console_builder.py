"""From `console:` to its settings."""

from __future__ import annotations

import ipaddress
import os
import ssl
from collections.abc import Mapping
from pathlib import Path

from gateway.core.people_settings import ConsoleSettings, SessionTimes, TlsFiles
from gateway.settings.addresses import is_loopback, split_listen
from gateway.settings.console_models import ConsolePart, TlsPart
from gateway.settings.parsing import Notes
from gateway.settings.service_builder import ServiceBuilder
from gateway.settings.yaml_file import Location

_HERE: Location = ("console",)


def build_console(
    part: ConsolePart, services: ServiceBuilder, environment: Mapping[str, str], notes: Notes
) -> ConsoleSettings:
    """Return where the console listens; look at the notes before using it."""
    listen = split_listen(part.listen)
    if listen is None:
        remedy = "Write an address and a port, such as 127.0.0.1:8470 or [::1]:8470."
        what = "This is no address to listen on."
        notes.add((*_HERE, "listen"), "settings.wrong-value", what, remedy)
    host, port = listen or ("127.0.0.1", 0)
    tls = _tls(part.tls, services, environment, notes) if part.tls is not None else None
    if not is_loopback(host) and part.tls is None and not part.trusted_proxies:
        what = "Passwords would travel unencrypted."
        remedy = "Add tls, or trusted_proxies when a proxy in front of the console does TLS."
        notes.add((*_HERE, "listen"), "settings.wrong-value", what, remedy)
    if part.session.idle > part.session.longest:
        what = "Nobody could be idle for longer than a session lasts."
        remedy = "Let longest be at least idle."
        notes.add((*_HERE, "session", "longest"), "settings.wrong-value", what, remedy)
    return ConsoleSettings(
        host=host,
        port=port,
        url=_url(part, host, port, services, notes),
        tls=tls,
        trusted_proxies=_networks(part.trusted_proxies, notes),
        session=SessionTimes(part.session.idle, part.session.longest),
    )


def _url(part: ConsolePart, host: str, port: int, services: ServiceBuilder, notes: Notes) -> str:
    here = (*_HERE, "url")
    if part.url:
        services.check_address(here, part.url)
        return part.url.rstrip("/")
    if host in ("0.0.0.0", "::"):  # noqa: S104  # looked for, not listened on
        what = "Nobody can tell how browsers reach the console."
        notes.add(_HERE, "settings.missing-key", what, "Add url: https://HOST.")
    scheme = "https" if part.tls is not None else "http"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def _networks(written: tuple[str, ...], notes: Notes) -> tuple[str, ...]:
    networks = []
    for index, one in enumerate(written):
        try:
            networks.append(str(ipaddress.ip_network(one)))
        except ValueError:
            what = f"{one} is neither an address nor a network."
            remedy = "Write 10.1.2.3 or 10.1.2.0/24."
            here = (*_HERE, "trusted_proxies", index)
            notes.add(here, "settings.wrong-value", what, remedy)
    return tuple(networks)


def _tls(
    part: TlsPart, services: ServiceBuilder, environment: Mapping[str, str], notes: Notes
) -> TlsFiles | None:
    here = (*_HERE, "tls")
    certificate = services.file((*here, "certificate"), part.certificate)
    key = services.file((*here, "key"), part.key)
    if certificate is None or key is None or not certificate.is_file() or not key.is_file():
        return None
    if _is_exposed(key, environment):
        what = f"The private key {key} can be read by others."
        notes.add((*here, "key"), "settings.secret-exposed", what, f"chmod 600 {key}")
        return None
    try:
        # An empty password, so that an encrypted key is refused instead of asked about.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
        what = f"Certificate and key cannot be used together: {reason}."
        remedy = "Name a certificate in PEM, and its own private key in PEM, not encrypted."
        notes.add((*here, "certificate"), "settings.wrong-value", what, remedy)
        return None
    return TlsFiles(certificate, key)


def _is_exposed(key: Path, environment: Mapping[str, str]) -> bool:
    """Tell whether others can read a key; systemd sees to its own folder."""
    credentials = environment.get("CREDENTIALS_DIRECTORY")
    if credentials and key.is_relative_to(credentials):
        return False
    try:
        return bool(os.stat(key).st_mode & 0o077)  # noqa: PTH116  # links are followed alike
    except OSError:
        return False
