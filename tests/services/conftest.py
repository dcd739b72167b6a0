"""A sandbox of its own for the tests of services."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from gateway.core.secret import Secret
from gateway.core.services import (
    CscSettings,
    HttpAccess,
    OAuthSettings,
    ServiceSettings,
    TimestampSettings,
)
from gateway.sandbox.process import SandboxProcess
from gateway.services.csc import CscService
from gateway.services.sandbox_address import resolve
from gateway.services.tsa import HttpTimestamper
from gateway.wiring import SystemClock


class Sandbox:
    """A running sandbox and how to reach it."""

    def __init__(self, state: Path) -> None:
        self.state = state

    @property
    def folder(self) -> Path:
        """Return the folder of its files."""
        return self.state / "sandbox"

    @property
    def address(self) -> str:
        """Return where it listens."""
        return (self.folder / "address").read_text().split()[0]

    def family(self, credential: str = "sandbox-seal") -> CscSettings:
        """Return the family's settings that fit it."""
        secret = Secret("client-secret", (self.folder / "client-secret").read_text())
        return CscSettings(
            url="sandbox://csc/v2",
            credential=credential,
            oauth=OAuthSettings("sandbox://oauth2/token", "sealgate", secret),
            pin=Secret("pin", (self.folder / "pin").read_text()),
        )

    def service(self, credential: str = "sandbox-seal", **changes: object) -> CscService:
        """Return a client; `changes` are fields of `CscSettings` or of `HttpAccess`."""
        allowed = bool(changes.pop("sandbox_allowed", True))
        state = changes.pop("state", self.state)
        access = HttpAccess(read_timeout=5.0)
        for name in tuple(changes):
            if hasattr(access, name):
                access = replace(access, **{name: changes.pop(name)})  # type: ignore[arg-type]
        family = replace(self.family(credential), **changes)  # type: ignore[arg-type]
        return CscService(
            ServiceSettings("sandbox", family, access, idempotent=True),
            family,
            SystemClock(),
            sandbox_allowed=allowed,
            resolve=partial(resolve, state=state),
        )

    def timestamper(self, url: str = "sandbox://tsa") -> HttpTimestamper:
        """Return a client of its authority."""
        settings = TimestampSettings(url, access=HttpAccess(read_timeout=5.0))
        return HttpTimestamper(settings, resolve=partial(resolve, state=self.state))

    def tell(self, **fault: object) -> None:
        """Tell it to fail."""
        request = urllib.request.Request(  # noqa: S310
            f"{self.address}/faults", data=json.dumps(fault).encode()
        )
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            assert answer.status == 200

    def forget_faults(self) -> None:
        """Let it have no more faults."""
        request = urllib.request.Request(f"{self.address}/faults", method="DELETE")  # noqa: S310
        urllib.request.urlopen(request, timeout=10).close()  # noqa: S310

    def usage(self) -> dict[str, int]:
        """Return its counters."""
        with urllib.request.urlopen(f"{self.address}/usage", timeout=10) as answer:  # noqa: S310
            return json.loads(answer.read())

    def usage_list(self) -> str:
        """Return its list of what it charged, as CSV."""
        with urllib.request.urlopen(f"{self.address}/usage.csv", timeout=10) as answer:  # noqa: S310
            return str(answer.read().decode())


@pytest.fixture(scope="session")
def sandbox_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a state folder that all tests of a run share."""
    return tmp_path_factory.mktemp("services") / "state"


@pytest.fixture(scope="session")
def sandbox(sandbox_state: Path) -> Iterator[Sandbox]:
    """Run a sandbox for all tests."""
    with SandboxProcess(sandbox_state):
        yield Sandbox(sandbox_state)
