"""Who has a key in the sandbox."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Entity:
    """Somebody with a key."""

    common_name: str
    elliptic: bool = False


ENTITIES = {
    "root": Entity("Sandbox Root CA"),
    "issuing": Entity("Sandbox Issuing CA"),
    "ocsp": Entity("Sandbox OCSP Responder"),
    "tsa": Entity("Sandbox Time-Stamp Authority"),
    "sandbox-seal": Entity("Sandbox Company Seal"),
    "sandbox-seal-ec": Entity("Sandbox Company Seal (EC)", elliptic=True),
}
"""Keys by name; those that begin with `sandbox-seal` are signing credentials."""

CREDENTIALS = tuple(name for name in ENTITIES if name.startswith("sandbox-seal"))
