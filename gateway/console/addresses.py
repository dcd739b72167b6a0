"""Where requests come from and where they wanted to go: addresses, hosts, targets."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from gateway.core.people_settings import ConsoleSettings

_LONGEST_TARGET = 1000
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def hosts_of(settings: ConsoleSettings) -> frozenset[str]:
    """Return what `Host` may say: the console's own name; on loopback, its other names too."""
    url = urlsplit(settings.url)
    hosts = {url.netloc.lower()}
    if url.hostname in _LOOPBACK and settings.host in _LOOPBACK:
        hosts |= {f"{host}:{settings.port}" for host in ("127.0.0.1", "localhost", "[::1]")}
    return frozenset(hosts)


def origins_of(settings: ConsoleSettings) -> frozenset[str]:
    """Return what `Origin` of our own pages may say."""
    scheme = urlsplit(settings.url).scheme
    return frozenset(f"{scheme}://{host}" for host in hosts_of(settings))


def client_of(peer: str, forwarded: str, trusted: tuple[str, ...]) -> str:
    """Return the browser's address: the last one that no trusted proxy of ours has.

    `forwarded` is `X-Forwarded-For`; without trusted proxies it counts for nothing.
    """
    address = peer
    for told in reversed([part.strip() for part in forwarded.split(",") if part.strip()]):
        if not _within(address, trusted):
            break
        address = told[:64]
    return address


def safe_target(target: str, otherwise: str = "/") -> str:
    """Return a path on this console to go to; anything that could lead elsewhere is not taken."""
    plain = target.isprintable() and target.isascii() and "\\" not in target
    if plain and target.startswith("/") and not target.startswith("//"):
        return target[:_LONGEST_TARGET]
    return otherwise


def _within(address: str, networks: tuple[str, ...]) -> bool:
    try:
        number = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(number, "ipv4_mapped", None)
    return any((mapped or number) in ip_network(network, strict=False) for network in networks)
