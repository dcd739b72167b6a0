"""What changed about a registered seal, as the signing log tells it: old and new."""

from __future__ import annotations

from gateway.core.differences import differences
from gateway.core.lengths import POINTS_PER_MILLIMETRE
from gateway.core.registry import Grant, RegisteredSeal, SealVersion

_TOLD_ELSEWHERE = frozenset({"name", "grants", "versions", "revision"})


def changes(old: RegisteredSeal | None, new: RegisteredSeal) -> dict[str, str]:
    """Return the changed facts by name, each as `old -> new`; all that are set of a new seal."""
    told = {"seal": new.name} | differences(old, new, _TOLD_ELSEWHERE)
    before_grants = set(old.grants) if old is not None else set()
    told |= _grants("granted", set(new.grants) - before_grants)
    told |= _grants("removed", before_grants - set(new.grants))
    former = old.versions if old is not None else ()
    for version in new.versions[len(former) :]:
        told |= _version(version)
    return told


def _grants(key: str, grants: set[Grant]) -> dict[str, str]:
    written = sorted(f"{grant.kind} {grant.pattern}" for grant in grants)
    return {key: ", ".join(written)} if written else {}


def _version(version: SealVersion) -> dict[str, str]:
    width, height = (size / POINTS_PER_MILLIMETRE for size in (version.width, version.height))
    told = {
        "version": str(version.number),
        "artwork": version.artwork,
        "kind": version.kind.value,
        "size": f"{width:.1f} x {height:.1f} mm",
        "source": version.source,
        "design": version.design,
    }
    return {key: value for key, value in told.items() if value}
