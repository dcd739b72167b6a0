"""Between registered seals and the rows of the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from gateway.core.registry import (
    ArtworkKind,
    Grant,
    GrantKind,
    RegisteredSeal,
    SealVersion,
    Standing,
)
from gateway.ledger.connection import Connection
from gateway.ledger.rows import Row

_SEALS = """
SELECT name, service, owner, keeper, valid_from, valid_until, per_day, per_month, approval,
  standing, revision, {fixed_size}
FROM seals WHERE :name = '' OR name = :name ORDER BY name
"""
_VERSIONS = """
SELECT seal, number, artwork, kind, width, height, made, actor, source, design
FROM seal_versions WHERE :name = '' OR seal = :name ORDER BY seal, number
"""
_GRANTS = """
SELECT seal, kind, pattern FROM seal_grants WHERE :name = '' OR seal = :name
ORDER BY seal, kind, pattern
"""


def seals_from(
    connection: Connection, name: str = "", *, former: bool = False
) -> tuple[RegisteredSeal, ...]:
    """Read one seal, or all; call it inside a transaction, for it takes several statements.

    A `former` ledger is one that was not brought forward yet, and knows of no fixed sizes.
    """
    wanted = {"name": name}
    statement = _SEALS.format(fixed_size="0" if former else "fixed_size")
    seals = connection.execute(statement, wanted).fetchall()
    versions = connection.execute(_VERSIONS, wanted).fetchall()
    grants = connection.execute(_GRANTS, wanted).fetchall()
    return tuple(_seal(row, _of(row, versions), _of(row, grants)) for row in seals)


def seal_parameters(seal: RegisteredSeal) -> dict[str, object]:
    """Return a seal's columns by name, but its revision."""
    return {
        "name": seal.name,
        "service": seal.service,
        "owner": seal.owner,
        "keeper": seal.keeper,
        "valid_from": seal.valid_from.isoformat() if seal.valid_from else "",
        "valid_until": seal.valid_until.isoformat() if seal.valid_until else "",
        "per_day": seal.per_day,
        "per_month": seal.per_month,
        "approval": int(seal.approval),
        "fixed_size": int(seal.fixed_size),
        "standing": seal.standing.value,
    }


def version_parameters(seal: RegisteredSeal, version: SealVersion) -> tuple[object, ...]:
    """Return the columns of one of its versions, in the order of the table."""
    return (
        seal.name,
        version.number,
        version.artwork,
        version.kind.value,
        version.width,
        version.height,
        version.made,
        version.actor,
        version.source,
        version.design,
    )


def _of(seal: Row, rows: Iterable[Row]) -> list[Row]:
    return [row[1:] for row in rows if row[0] == seal[0]]


def _seal(row: Row, versions: list[Row], grants: list[Row]) -> RegisteredSeal:
    name, service, owner, keeper, *terms = row
    first, last, per_day, per_month, approval, standing, revision, fixed_size = terms
    return RegisteredSeal(
        name=name,
        service=service,
        owner=owner,
        keeper=keeper,
        valid_from=date.fromisoformat(first) if first else None,
        valid_until=date.fromisoformat(last) if last else None,
        per_day=per_day,
        per_month=per_month,
        approval=bool(approval),
        fixed_size=bool(fixed_size),
        standing=Standing(standing),
        grants=tuple(Grant(GrantKind(kind), pattern) for kind, pattern in grants),
        versions=tuple(_version(version) for version in versions),
        revision=revision,
    )


def _version(row: Row) -> SealVersion:
    number, artwork, kind, width, height, made, actor, source, design = row
    return SealVersion(
        number, artwork, ArtworkKind(kind), width, height, made, actor, source, design
    )
