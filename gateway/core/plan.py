"""The sealing plan: the whole decision for one document, and its JSON round trip."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import TypeAdapter

from gateway.core.geometry import Box
from gateway.core.matching import Look
from gateway.core.rules import Delivery, Profile, Seal


@dataclass(frozen=True)
class Mark:
    """A seal's place: page index from 0, box in the displayed frame in points."""

    page: int
    box: Box
    """Without extent for an invisible signature, which is only made in a field that asks for it."""

    @property
    def visible(self) -> bool:
        """Tell whether there is anything to be seen."""
        return self.box.width > 0 and self.box.height > 0


@dataclass(frozen=True)
class SealingPlan:
    """Everything the stages after planning need; they look at no rule again."""

    rule: str
    snapshot: str
    seal: Seal
    mark: Mark
    field: str
    """Name of the signature field."""
    profile: Profile
    delivery: Delivery
    trace: tuple[Look, ...]
    failover: tuple[str, ...] = ()
    """Services that may sign instead of the seal's own, in order."""
    fills: bool = False
    """The field is in the document already, empty; otherwise it is a new one."""

    def to_json(self) -> bytes:
        """Write the plan as UTF-8 JSON."""
        return _ADAPTER.dump_json(self, indent=1)

    @classmethod
    def from_json(cls, text: bytes) -> SealingPlan:
        """Read a plan that `to_json` wrote; raises `ValueError` on anything else."""
        return _ADAPTER.validate_json(text)


_ADAPTER = TypeAdapter(SealingPlan)
