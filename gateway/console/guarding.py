"""What is true of every answer and asked of every request, whatever the page: ASGI middleware.

Host and origin are ours, nobody asks too often, and each answer carries the headers that keep
browsers from running, framing, sniffing or remembering what they should not.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.console.addresses import client_of, hosts_of, origins_of
from gateway.core.people_settings import ConsoleSettings

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
_HSTS = "max-age=31536000"
_PER_SECOND, _AT_ONCE = 20.0, 240.0
"""Requests of one address: on average, and in one go."""
_ADDRESSES = 10_000
"""Addresses remembered; the ones unheard of longest are forgotten."""
_SAFE = ("GET", "HEAD", "OPTIONS")


class Pace:
    """Counts requests by address: a bucket that fills itself again."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allows(self, address: str) -> bool:
        """Count a request; False when there were too many."""
        now = self._monotonic()
        left, at = self._left.pop(address, (_AT_ONCE, now))
        left = min(_AT_ONCE, left + (now - at) * _PER_SECOND)
        self._left[address] = (max(0.0, left - 1), now)
        while len(self._left) > _ADDRESSES:
            self._left.popitem(last=False)
        return left >= 1


class Guard:
    """Stands before the application."""

    def __init__(
        self, app: ASGIApp, settings: ConsoleSettings, monotonic: Callable[[], float]
    ) -> None:
        self._app = app
        self._hosts, self._origins = hosts_of(settings), origins_of(settings)
        self._trusted = settings.trusted_proxies
        self._secure = settings.url.startswith("https:")
        self._pace = Pace(monotonic)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._dress(MutableHeaders(scope=message))
            await send(message)

        headers = Headers(scope=scope)
        peer = scope["client"][0] if scope.get("client") else ""
        address = client_of(peer, headers.get("x-forwarded-for", ""), self._trusted)
        scope["state"] = scope.get("state", {}) | {"address": address}
        refusal = self._refusal(scope["method"], headers, address)
        await (refusal or self._app)(scope, receive, sending)

    def _refusal(self, method: str, headers: Headers, address: str) -> PlainTextResponse | None:
        if headers.get("host", "").lower() not in self._hosts:
            return PlainTextResponse("This console has another name.\n", 421)
        origin = headers.get("origin")
        if method not in _SAFE and origin is not None and origin not in self._origins:
            return PlainTextResponse("That request came from another site's page.\n", 403)
        if not self._pace.allows(address):
            return PlainTextResponse("Too many requests.\n", 429, {"Retry-After": "5"})
        return None

    def _dress(self, headers: MutableHeaders) -> None:
        for name, value in HEADERS.items():
            headers.setdefault(name, value)
        headers.setdefault("Cache-Control", "no-store")
        if self._secure:
            headers["Strict-Transport-Security"] = _HSTS
