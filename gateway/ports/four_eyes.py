"""What keepers have asked for, and what others have said to it."""

from __future__ import annotations

from typing import Protocol

from gateway.core.four_eyes import KeeperRequest


class KeeperRequests(Protocol):
    """Requests of keepers; `SealRegistry.save` confirms those of seals in its transaction."""

    def file(self, request: KeeperRequest) -> KeeperRequest:
        """Keep a new request; return it with its number; logged as `request.filed`."""

    def find(self, number: int) -> KeeperRequest | None:
        """Return a request, or None."""

    def all(self, *, waiting: bool = True, limit: int = 0) -> tuple[KeeperRequest, ...]:
        """Return the requests that wait for somebody, or all, newest first."""

    def check(self, number: int, actor: str) -> KeeperRequest:
        """Return a request that somebody may confirm now.

        Raises `UsageFault` (`usage.unknown-request`, `usage.request-decided`) and `AccessFault`
        (`access.same-person`): a user of the machine and the site's user who owns its files are
        one person.
        """

    def close(self, number: int, actor: str, *, confirmed: bool, why: str = "") -> KeeperRequest:
        """Confirm or refuse a request; logged as `request.confirmed` or `request.refused`.

        Raises as `check` does, but whoever asked may refuse it.
        """
