"""Keeping seals: what a seal keeper does, each time with an entry in the signing log."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fnmatch import fnmatchcase

from gateway.core.errors import UsageFault
from gateway.core.four_eyes import RequestFiled
from gateway.core.people import Role
from gateway.core.registry import Grant, GrantKind, RegisteredSeal, SealVersion, Standing
from gateway.core.seal_changes import changes
from gateway.pipeline.four_eyes import FourEyes
from gateway.pipeline.seal_looks import SealLook
from gateway.ports import Clock, SealRegistry

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")
_LONGEST = 200
_TERMS = frozenset(
    {"service", "owner", "keeper", "valid_from", "valid_until", "per_day", "per_month", "approval"}
    | {"fixed_size"}
)
"""What may change about a seal, besides its looks, its grants and its standing."""

Term = str | int | bool | date | None


@dataclass(frozen=True)
class SealKeeping:
    """Changes registered seals on behalf of one person.

    All methods return the seal as it then is and raise `UsageFault`: `usage.unknown-seal`,
    `usage.seal-revoked`, `usage.seal-changed`, `usage.seal-option`, `usage.seal-standing`; or
    `RequestFiled`, when the change is filed for another keeper to confirm.
    """

    registry: SealRegistry
    clock: Clock
    actor: str
    services: tuple[str, ...]
    """Those that are configured."""
    taken: tuple[str, ...] = ()
    """Names of seals of `gateway.yaml`."""
    four_eyes: FourEyes | None = field(kw_only=True)
    """Files what another keeper has to confirm; None where nobody has to."""

    def get(self, name: str) -> RegisteredSeal:
        """Return a registered seal."""
        seal = self.registry.find(name)
        if seal is None:
            raise UsageFault("usage.unknown-seal", name)
        return seal

    def check_new(self, name: str, service: str) -> None:
        """Refuse a name or service before anything is made; also raises `usage.seal-exists`."""
        if _NAME.fullmatch(name) is None:
            detail = f"{name!r} as name: use small letters, digits, - and _"
            raise UsageFault("usage.seal-option", detail)
        if name in self.taken:
            raise UsageFault("usage.seal-exists", f"{name}, in gateway.yaml")
        if self.registry.find(name) is not None:
            raise UsageFault("usage.seal-exists", name)
        self._check_service(service)

    def add(self, seal: RegisteredSeal, look: SealLook) -> RegisteredSeal:
        """Register a new seal with its first version; logged as `seal.added`."""
        self.check_new(seal.name, seal.service)
        _check(seal)
        return self._save(None, replace(seal, versions=(self._version(1, look),)), "seal.added")

    def add_version(self, name: str, look: SealLook) -> RegisteredSeal:
        """Let a seal look otherwise from now on; logged as `seal.version-added`."""
        seal = self._changeable(name)
        version = self._version(seal.newest.number + 1, look)
        return self._save(
            seal, replace(seal, versions=(*seal.versions, version)), "seal.version-added"
        )

    def grant(self, name: str, grants: tuple[Grant, ...]) -> RegisteredSeal:
        """Allow more; logged as `seal.granted`, unless all of it was allowed already."""
        seal = self._changeable(name)
        fresh = tuple(grant for grant in grants if grant not in seal.grants)
        return self._save(seal, replace(seal, grants=(*seal.grants, *fresh)), "seal.granted")

    def remove(self, name: str, grants: tuple[Grant, ...]) -> RegisteredSeal:
        """Allow less; logged as `seal.grant-removed`."""
        seal = self._changeable(name)
        for grant in grants:
            if grant not in seal.grants:
                detail = f"{name} is not granted to {grant.kind} {grant.pattern}"
                raise UsageFault("usage.seal-option", detail)
        kept = tuple(grant for grant in seal.grants if grant not in grants)
        return self._save(seal, replace(seal, grants=kept), "seal.grant-removed")

    def change(self, name: str, terms: Mapping[str, Term]) -> RegisteredSeal:
        """Change terms by their names; logged as `seal.changed`."""
        seal = self._changeable(name)
        if terms.keys() - _TERMS:
            raise TypeError(f"no terms of a seal: {sorted(terms.keys() - _TERMS)}")
        changed = replace(seal, **terms)  # type: ignore[arg-type]  # the names were looked at
        if changed.service != seal.service:
            self._check_service(changed.service)
        _check(changed)
        return self._save(seal, changed, "seal.changed")

    def revoke(self, name: str, why: str) -> RegisteredSeal:
        """End a seal for ever; logged as `seal.revoked`."""
        return self._stand(self._changeable(name), Standing.REVOKED, "seal.revoked", why)

    def retire(self, name: str, why: str = "") -> RegisteredSeal:
        """Take a seal out of use in good order; logged as `seal.retired`."""
        seal = self._changeable(name)
        if seal.standing is not Standing.ACTIVE:
            raise UsageFault("usage.seal-standing", f"{name} is {seal.standing}")
        return self._stand(seal, Standing.RETIRED, "seal.retired", why)

    def restore(self, name: str, why: str = "") -> RegisteredSeal:
        """Bring a retired seal back; logged as `seal.restored`."""
        seal = self._changeable(name)
        if seal.standing is not Standing.RETIRED:
            raise UsageFault("usage.seal-standing", f"{name} is {seal.standing}")
        self._check_service(seal.service)
        return self._stand(seal, Standing.ACTIVE, "seal.restored", why)

    def _changeable(self, name: str) -> RegisteredSeal:
        seal = self.get(name)
        if seal.standing is Standing.REVOKED:
            raise UsageFault("usage.seal-revoked", name)
        return seal

    def _check_service(self, service: str) -> None:
        if service not in self.services:
            raise UsageFault("usage.unknown-service", service)

    def _version(self, number: int, look: SealLook) -> SealVersion:
        return SealVersion(
            number=number,
            artwork=look.artwork,
            kind=look.kind,
            width=look.width,
            height=look.height,
            made=self.clock.now().isoformat(timespec="seconds").replace("+00:00", "Z"),
            actor=self.actor,
            source=look.source,
            design=look.design,
        )

    def _stand(
        self, seal: RegisteredSeal, standing: Standing, event: str, why: str
    ) -> RegisteredSeal:
        return self._save(seal, replace(seal, standing=standing), event, why)

    def _save(
        self, old: RegisteredSeal | None, new: RegisteredSeal, event: str, why: str = ""
    ) -> RegisteredSeal:
        """Save what changed; nothing is written where nothing did."""
        if old == new:
            return new
        details = changes(old, new) | ({"why": why} if why else {})
        if self.four_eyes is not None and self.four_eyes.needs(event):
            raise RequestFiled(self.four_eyes.file_seal(new, event, details, self.actor))
        self.registry.save(new, event, details, self.actor)
        return self.get(new.name)


def grant_of(kind: GrantKind, pattern: str) -> Grant:
    """Return a grant; raises `UsageFault` (`usage.seal-option`) when it could never fit."""
    inbox, slash, rest = pattern.partition("/")
    shaped = bool(inbox and rest) if kind in (GrantKind.RULE, GrantKind.STEP) else bool(pattern)
    if not shaped or len(pattern) > _LONGEST or (kind is GrantKind.INBOX and slash):
        shape = {GrantKind.RULE: "INBOX/RULE", GrantKind.STEP: "FLOW/STEP"}.get(kind, "one name")
        raise UsageFault("usage.seal-option", f"grant to {kind} {pattern!r}: write {shape}")
    if kind is GrantKind.ROLE and not any(fnmatchcase(role, pattern) for role in Role):
        detail = f"grant to role {pattern!r}: there are {', '.join(Role)}"
        raise UsageFault("usage.seal-option", detail)
    return Grant(kind, pattern)


def _check(seal: RegisteredSeal) -> None:
    """Refuse terms that cannot be."""
    for noun, most in (("a day", seal.per_day), ("a month", seal.per_month)):
        if most is not None and most < 1:
            raise UsageFault("usage.seal-option", f"{most} uses {noun}: at least 1, or none")
    first, last = seal.valid_from, seal.valid_until
    if first is not None and last is not None and first > last:
        raise UsageFault("usage.seal-option", f"its last day, {last}, is before its first, {first}")
    for text in (seal.owner, seal.keeper):
        if len(text) > _LONGEST or not text.isprintable():
            raise UsageFault("usage.seal-option", "owner and keeper are short lines of text")
