"""All that is known of a registered seal, as a value for JSON."""

from __future__ import annotations

from gateway.core.lengths import POINTS_PER_MILLIMETRE
from gateway.core.registry import RegisteredSeal, SealVersion
from gateway.core.seal_use import day_of
from gateway.pipeline.equipment import Equipment
from gateway.ports import SealUse

_LAST_USES = 20


def facts_of(equipment: Equipment, seal: RegisteredSeal) -> dict[str, object]:
    """Return a seal's terms, versions, grants, uses and history from the signing log."""
    today, this_month = equipment.seal_uses.counted(seal.name, day_of(equipment.clock.now()))
    entries = equipment.log.entries(event="seal.*", text=f"seal={seal.name}")
    uses = equipment.seal_uses.uses(seal=seal.name, limit=_LAST_USES)
    return {
        "name": seal.name,
        "standing": seal.standing.value,
        "service": seal.service,
        "owner": seal.owner,
        "keeper": seal.keeper,
        "valid_from": str(seal.valid_from) if seal.valid_from else None,
        "valid_until": str(seal.valid_until) if seal.valid_until else None,
        "per_day": seal.per_day,
        "per_month": seal.per_month,
        "approval": seal.approval,
        "fixed_size": seal.fixed_size,
        "used_today": today,
        "used_this_month": this_month,
        "grants": [f"{grant.kind} {grant.pattern}" for grant in seal.grants],
        "versions": [_version(version) for version in seal.versions],
        "last_uses": [_use(use) for use in uses],
        "history": [
            {"at": entry.at, "event": entry.event, "actor": entry.actor} | dict(entry.details)
            for entry in entries
            # The search finds the name anywhere in a detail; here it must be the seal's.
            if dict(entry.details).get("seal") == seal.name
        ],
    }


def millimetres(points: float) -> float:
    """Return a length in millimetres, to a hundredth."""
    return round(points / POINTS_PER_MILLIMETRE, 2)


def _version(version: SealVersion) -> dict[str, object]:
    facts: dict[str, object] = {
        "number": version.number,
        "artwork": version.artwork,
        "kind": version.kind.value,
        "width_mm": millimetres(version.width),
        "height_mm": millimetres(version.height),
        "made": version.made,
        "actor": version.actor,
        "source": version.source,
    }
    return facts | ({"design": version.design} if version.design else {})


def _use(use: SealUse) -> dict[str, object]:
    facts: dict[str, object] = {
        "used": use.used,
        "version": use.version,
        "job": use.job,
        "inbox": use.inbox,
        "rule": use.rule,
        "user": use.user,
    }
    return facts | ({"approved_by": use.decider} if use.decider else {})
