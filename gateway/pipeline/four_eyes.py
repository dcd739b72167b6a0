"""Four eyes: keepers' changes are filed as requests, and done when another keeper confirms.

Theory of operation: a request holds all that is needed, pinned to what it changes (a seal's
revision, a file's hash). So it is done as it was shown, or not at all. That of a seal is done and
confirmed in one transaction. Anything else is done first and confirmed after it: a crash in
between leaves an open request that cannot be done a second time, because what it was pinned to is
no more; it is refused then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from pydantic import TypeAdapter

from gateway.core.errors import AccessFault, UsageFault
from gateway.core.four_eyes import ALONE, KeeperRequest
from gateway.core.job import Job
from gateway.core.people_settings import PeopleSettings
from gateway.core.registry import RegisteredSeal
from gateway.core.visiting import actor_of
from gateway.ports import Clock, Droppers, KeeperRequests, SealRegistry

SEAL = "seal"
_SEAL = TypeAdapter(RegisteredSeal)
_LONGEST = 200


@dataclass(frozen=True)
class FourEyes:
    """Files, confirms and refuses requests."""

    requests: KeeperRequests
    registry: SealRegistry
    droppers: Droppers
    clock: Clock
    rules: PeopleSettings
    """Without four eyes every keeper acts alone; what was filed before can still be confirmed."""

    def needs(self, event: str) -> bool:
        """Tell whether something has to be filed, by what the log will call it."""
        return self.rules.four_eyes and event not in ALONE

    def file(
        self,
        kind: str,
        subject: str,
        event: str,
        content: str,
        details: Mapping[str, str],
        *,
        asker: str,
    ) -> KeeperRequest:
        """File a request; logged as `request.filed`. `kind` is told to who applies it."""
        now = self.clock.now()
        expires = now + timedelta(days=self.rules.four_eyes_days)
        told = tuple(details.items())
        request = KeeperRequest(kind, subject, event, content, told, asker, now, expires)
        return self.requests.file(request)

    def file_seal(
        self, seal: RegisteredSeal, event: str, details: Mapping[str, str], asker: str
    ) -> KeeperRequest:
        """File what a seal is to be; its revision is the one that it is made from."""
        content = _SEAL.dump_json(seal).decode()
        return self.file(SEAL, seal.name, event, content, details, asker=asker)

    def confirm(
        self,
        number: int,
        actor: str,
        apply: Callable[[KeeperRequest], None] | None = None,
        *,
        why: str = "",
    ) -> KeeperRequest:
        """Do what was asked for, and confirm it; logged as if the asker had done it.

        `apply` does requests of other kinds than seals; it raises when it cannot. Raises
        `UsageFault` (`usage.unknown-request`, `usage.request-decided`, `usage.request-kind`, and
        of seals as `SealRegistry.save` does), `AccessFault` (`access.same-person`).
        """
        _check_why(why)
        request = self.requests.check(number, actor)
        if request.kind == SEAL:
            details = dict(request.details) | {"request": str(number), "confirmed by": actor}
            seal = _SEAL.validate_json(request.content)
            confirmed = (number, actor)
            self.registry.save(seal, request.event, details, request.asker, confirmed=confirmed)
        elif apply is None:
            raise UsageFault("usage.request-kind", f"request {number} is about a {request.kind}")
        else:
            apply(request)
            self.requests.close(number, actor, confirmed=True, why=why)
        return self.requests.find(number) or request

    def check_approval(self, job: Job, actor: str) -> None:
        """Refuse that somebody approves the use of a seal for what he dropped himself.

        Raises `AccessFault` (`access.same-person`), only where four eyes are asked for.
        """
        if not self.rules.four_eyes:
            return
        dropper = self.droppers.who(job.inbox, job.source, job.dropper, job.sha256)
        dropped = actor_of(dropper.person.login) if dropper.person else f"user:{job.dropper}"
        if self.droppers.known_as(actor) == self.droppers.known_as(dropped):
            raise AccessFault("access.same-person", f"{job.id} was dropped by {actor}")

    def refuse(self, number: int, actor: str, why: str = "") -> KeeperRequest:
        """Refuse a request, or take back one's own; logged as `request.refused`.

        Raises `UsageFault` (`usage.unknown-request`, `usage.request-decided`).
        """
        _check_why(why)
        return self.requests.close(number, actor, confirmed=False, why=why)


def seal_of(request: KeeperRequest) -> RegisteredSeal:
    """Return what a seal is to be, to be shown."""
    return _SEAL.validate_json(request.content)


def _check_why(why: str) -> None:
    if len(why) > _LONGEST or not why.isprintable():
        raise UsageFault("usage.user-option", "why is one short line of text")
