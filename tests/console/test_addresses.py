"""Hosts, clients behind proxies, targets; and the cookies of a console behind TLS."""

from __future__ import annotations

import pytest
from starlette.responses import Response

from gateway.console.addresses import client_of, hosts_of, origins_of, safe_target
from gateway.console.cookies import Cookies
from gateway.console.guarding import Pace
from gateway.core.people_settings import ConsoleSettings

_PROXIED = ConsoleSettings(url="https://seal.example", trusted_proxies=("10.0.0.0/8",))


def test_hosts_are_the_consoles_own() -> None:
    """Behind a proxy only the name in the browser counts; on loopback its other names do, too."""
    assert hosts_of(_PROXIED) == {"seal.example"}
    assert origins_of(_PROXIED) == {"https://seal.example"}
    assert "localhost:8470" in hosts_of(ConsoleSettings())


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9, 10.0.0.2", "203.0.113.9"),
        ("203.0.113.5", "198.51.100.1", "203.0.113.5"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9"),
    ],
)
def test_only_trusted_proxies_are_believed(peer: str, forwarded: str, client: str) -> None:
    """Nobody escapes a lock-out by inventing addresses before the proxy's own."""
    assert client_of(peer, forwarded, _PROXIED.trusted_proxies) == client


@pytest.mark.parametrize("target", ["//evil", "https://evil", "/\\evil", "/a\r\nX: y", "", "evil"])
def test_targets_stay_here(target: str) -> None:
    """What could lead elsewhere leads home."""
    assert safe_target(target) == "/"


def test_cookies_are_bound_to_tls() -> None:
    """Under TLS the session's cookie is sent nowhere else, and by no other host."""
    response = Response()
    Cookies(_PROXIED).begin_session(response, "token")
    cookie = response.headers.getlist("set-cookie")[0]
    assert cookie.startswith("__Host-sealgate=token; HttpOnly; Path=/; SameSite=lax; Secure")


def test_who_asks_too_often_has_to_wait() -> None:
    """Requests are counted by address, and forgiven with time."""
    now = [0.0]
    pace = Pace(lambda: now[0])
    assert sum(pace.allows("one") for _ in range(400)) == 240
    assert pace.allows("other")
    now[0] += 1.0
    assert sum(pace.allows("one") for _ in range(400)) == 20
