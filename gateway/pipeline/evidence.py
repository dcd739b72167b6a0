"""Evidence as it is stored, and the look at the signer before anything is paid for."""

from __future__ import annotations

from pydantic import TypeAdapter

from gateway.pipeline.equipment import Equipment
from gateway.ports import Credential, Evidence

_EVIDENCE: TypeAdapter[Evidence] = TypeAdapter(Evidence)


def written(evidence: Evidence) -> bytes:
    """Write evidence as JSON, its parts in hex."""
    plain = Evidence(*(tuple(one.hex().encode() for one in part) for part in _parts(evidence)))
    return _EVIDENCE.dump_json(plain)


def read(text: bytes) -> Evidence:
    """Read what `written` wrote."""
    plain = _EVIDENCE.validate_json(text)
    return Evidence(*(tuple(bytes.fromhex(one.decode()) for one in part) for part in _parts(plain)))


def joined(*several: Evidence) -> Evidence:
    """Put evidence together, each part once."""
    columns = zip(*map(_parts, several), strict=True)
    return Evidence(*(tuple(dict.fromkeys(one for part in c for one in part)) for c in columns))


def of_signer(equipment: Equipment, credential: Credential) -> bytes:
    """Return the signer's evidence as JSON; raises `ServiceFault` while it costs nothing."""
    return written(equipment.evidence.of_chain(credential.chain))


def _parts(evidence: Evidence) -> tuple[tuple[bytes, ...], ...]:
    return evidence.certificates, evidence.ocsps, evidence.crls
