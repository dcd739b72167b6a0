"""The sealing plan: the whole decision for one document, and its JSON round trip."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from gateway.core.duplicates import Earlier
from gateway.core.facts import Claims
from gateway.core.findings import Finding
from gateway.core.geometry import Box, unturned
from gateway.core.lengths import POINTS_PER_MILLIMETRE
from gateway.core.matching import Look
from gateway.core.repairing import Repaired
from gateway.core.rules import Delivery, Keep, Profile, Seal
from gateway.core.tickets import ReceivedTicket


@dataclass(frozen=True)
class Part:
    """The part of a seal that a mark shows: fractions of its extent, from its top left."""

    left: float = 0.0
    top: float = 0.0
    right: float = 1.0
    bottom: float = 1.0


WHOLE = Part()


@dataclass(frozen=True)
class Found:
    """What a mark was placed by: words, a field, a comment; and where that is, as displayed."""

    what: str
    box: Box


@dataclass(frozen=True)
class Mark:
    """A seal's place: page index from 0, box in the displayed frame in points."""

    page: int
    box: Box
    """Without extent for an invisible signature, which is only made in a field that asks for it.
    Of a part of a seal, the box of that part."""
    seal: int = 0
    """Index in the plan's seals."""
    part: Part = WHOLE
    asked: str = ""
    """`file:line` of the place in the rule that asked for it."""
    found: Found | None = None
    notes: tuple[str, ...] = ()
    """What was done so that it fits, in words: moved, scaled, another place taken."""
    rotation: float = 0.0
    """Degrees by which the seal is turned clockwise, as displayed; the box is that around it."""

    @property
    def visible(self) -> bool:
        """Tell whether there is anything to be seen."""
        return self.box.width > 0 and self.box.height > 0

    @property
    def whole(self) -> Box:
        """Return where the whole seal would be, of which the mark shows a part."""
        across = self.box.width / (self.part.right - self.part.left)
        down = self.box.height / (self.part.bottom - self.part.top)
        return Box(
            self.box.x - self.part.left * across,
            self.box.y - self.part.top * down,
            across,
            down,
        )


def seal_box(mark: Mark, ratio: float) -> Box:
    """Return where the whole seal is, of this ratio of width to height, before it is turned.

    Around the mark for a part of it, else fitted into the mark's box; nothing is stretched.
    """
    return unturned(mark.whole, ratio, mark.rotation)


def size_words(mark: Mark, seal: Seal) -> str:
    """Say how large a mark is, in millimetres, and what is turned in it."""

    def words(box: Box) -> str:
        across, down = (side / POINTS_PER_MILLIMETRE for side in (box.width, box.height))
        return f"{across:.1f} × {down:.1f} mm"

    if not mark.rotation:
        return words(mark.box)
    upright = seal_box(mark, seal.width / seal.height)
    return f"{words(mark.box)} around {words(upright)} turned by {mark.rotation:g}°"


def by_page(marks: Iterable[Mark]) -> dict[int, list[Mark]]:
    """Return marks by the index of their page, in the order in which they come."""
    found: dict[int, list[Mark]] = {}
    for mark in marks:
        found.setdefault(mark.page, []).append(mark)
    return found


@dataclass(frozen=True)
class SealingPlan:
    """Everything the stages after planning need; they look at no rule again."""

    rule: str
    snapshot: str
    seals: tuple[Seal, ...]
    """Every seal that is shown, each once; the first is the one that signs."""
    marks: tuple[Mark, ...]
    """Every place; the first is the signature field's own, the others become page content."""
    field: str
    """Name of the signature field."""
    profile: Profile
    delivery: Delivery
    trace: tuple[Look, ...]
    failover: tuple[str, ...] = ()
    """Services that may sign instead of the seal's own, in order."""
    fills: bool = False
    """The field is in the document already, empty; otherwise it is a new one."""
    claims: Claims = Claims()
    """What the document says of itself."""
    keep: tuple[Keep, ...] = ()
    """Which claims the rule insists on."""
    ticket: ReceivedTicket | None = None
    """What came beside the document, and was followed."""
    earlier: Earlier | None = None
    """The rule has sealed these bytes before."""
    findings: tuple[Finding, ...] = ()
    """What was found in the document."""
    repaired: Repaired | None = None
    """What is sealed is a mended file, not the original."""

    @property
    def seal(self) -> Seal:
        """Return the seal that signs."""
        return self.seals[0]

    @property
    def mark(self) -> Mark:
        """Return the signature field's own place."""
        return self.marks[0]

    @property
    def labels(self) -> str:
        """Name every seal with its look, the one that signs first."""
        return ", ".join(seal.label for seal in self.seals)

    @property
    def stamps(self) -> tuple[Mark, ...]:
        """Return the places that become page content."""
        return self.marks[1:]

    @property
    def terms(self) -> str:
        """Return a hash, in hex, of all that decides what the result will be.

        Two plans for the same bytes with the same terms have results of equal worth; where the
        result goes, and in which words or by which ticket the plan came about, is not among them.
        """
        bare = tuple(replace(mark, asked="", found=None, notes=()) for mark in self.marks)
        plain = replace(
            self,
            snapshot="",
            marks=bare,
            delivery=Delivery(),
            trace=(),
            failover=(),
            earlier=None,
            ticket=None,
        )
        # Of seals that stand upright it is as it was before they could be turned.
        upright = all(mark.rotation == 0 for mark in bare)
        of_marks: set[str] = {"rotation"} if upright else set()
        without: Mapping[str, Any] = {
            "findings": True,
            "repaired": True,
            "marks": {"__all__": of_marks},
        }
        return hashlib.sha256(_adapter().dump_json(plain, indent=1, exclude=without)).hexdigest()

    def to_json(self) -> bytes:
        """Write the plan as UTF-8 JSON."""
        return _adapter().dump_json(self, indent=1)

    @classmethod
    def from_json(cls, text: bytes) -> SealingPlan:
        """Read a plan that `to_json` wrote, in this version or in 0.2; raises `ValueError`."""
        try:
            return _adapter().validate_json(text)
        except ValidationError:
            return _adapter().validate_python(_from_one_seal(json.loads(text)))


def _from_one_seal(plan: object) -> object:
    """Bring a plan of version 0.2 forward: a job may have been paid for that rests on it."""
    if not isinstance(plan, dict) or not {"seal", "mark"} <= plan.keys():
        return plan
    former = {key: value for key, value in plan.items() if key not in ("seal", "mark")}
    return {**former, "seals": [plan["seal"]], "marks": [plan["mark"]]}


@cache
def _adapter() -> TypeAdapter[SealingPlan]:
    # Built when it is first needed: most commands read none.
    return TypeAdapter(SealingPlan)
