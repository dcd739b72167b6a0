"""What the positioning page may ask: the edge at which its JSON is parsed. Lengths are in mm."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from gateway.core.dragging import Size
from gateway.core.geometry import Box
from gateway.core.lengths import POINTS_PER_MILLIMETRE
from gateway.settings.rule_editing import RuleEdit
from gateway.settings.yaml_nodes import Value

_DEEPEST = 8


def _texts(value: object, deep: int = 0) -> Value:
    """Take every scalar for the text it is in a rule file; raises `ValueError`."""
    if deep > _DEEPEST:
        raise ValueError("nested too deeply")
    match value:
        case None | str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"{value:g}"
        case dict():
            return {str(key): _texts(one, deep + 1) for key, one in value.items()}
        case list():
            return [_texts(one, deep + 1) for one in value]
        case _:
            raise ValueError("no value of a rule file")


Words = Annotated[dict[str, Any], BeforeValidator(_texts)]
"""A place; what is in it was brought into the form of a rule file by `_texts`."""
Millimetres = Annotated[float, Field(ge=-10_000, le=10_000, allow_inf_nan=False)]
Name = Annotated[str, Field(min_length=1, max_length=300)]
SampleId = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Asked(BaseModel):
    """A request: closed, so that a mistake in the page is seen."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class RuleAsked(Asked):
    """One rule."""

    file: Name
    rule: Name


class DraftAsked(RuleAsked):
    """A rule as it would be."""

    known: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    """SHA-256, in hex, of the file that the draft was made from."""
    places: Annotated[tuple[Words, ...], Field(min_length=1, max_length=50)]
    seal: Name | None = None
    """The rule's own; as it is when not given."""

    @property
    def edit(self) -> RuleEdit:
        """Return what the rule is to say."""
        return RuleEdit(places=self.places, seal=self.seal)


class ShowAsked(DraftAsked):
    """A draft on a sample."""

    sample: SampleId
    source: Annotated[str, Field(max_length=4096)] = "sample.pdf"
    """Path below the inbox that it has, or would have."""


class DragAsked(ShowAsked):
    """A mark of the draft was put somewhere else."""

    mark: Annotated[int, Field(ge=0)]
    page: Annotated[int, Field(ge=0)]
    x: Millimetres
    y: Millimetres
    width: Millimetres
    height: Millimetres
    seal_width: Annotated[float, Field(gt=0, le=10_000)] | None = None
    """Of the whole seal before it is turned; as it is when not given."""
    rotation: Annotated[float, Field(ge=-360, le=360)] | None = None
    """Degrees clockwise; as it is when not given."""

    @property
    def size(self) -> Size:
        """Return what else was asked for, in points and degrees."""
        width = self.seal_width * POINTS_PER_MILLIMETRE if self.seal_width is not None else None
        return Size(width, self.rotation)

    @property
    def box(self) -> Box:
        """Return where it was put, in points."""
        mm = POINTS_PER_MILLIMETRE
        return Box(self.x * mm, self.y * mm, self.width * mm, self.height * mm)


class ProofAsked(ShowAsked):
    """A page with its seals, pixel by pixel as it will be."""

    page: Annotated[int, Field(ge=0)]
    longest: Annotated[int, Field(ge=100, le=4000)] = 1800


class HitsAsked(Asked):
    """Words that are looked for in a sample."""

    sample: SampleId
    words: Name
    expression: bool = False


class SamplesAsked(Asked):
    """What could be samples for an inbox's rules."""

    inbox: Name


class TakeAsked(SamplesAsked):
    """A file of the site that is to be the sample."""

    whence: Name
    source: Annotated[str, Field(max_length=4096)]
    job: Annotated[str, Field(max_length=100)] = ""


class SaveAsked(DraftAsked):
    """A draft that is to be written."""

    reason: Annotated[str, Field(max_length=2000)]


class HandAsked(DraftAsked):
    """Documents that wait, whose seals are to be where the draft has them."""

    inbox: Name
    sources: Annotated[
        tuple[Annotated[str, Field(max_length=4096)], ...], Field(min_length=1, max_length=200)
    ]


class UndoAsked(Asked):
    """A change that is to be taken back."""

    number: Annotated[int, Field(ge=1)]
    reason: Annotated[str, Field(max_length=2000)]


class EffectsAsked(DraftAsked):
    """A draft whose effect on the archive is asked for, behind a job."""

    after: Annotated[str, Field(max_length=100)] = ""


class EffectPictureAsked(DraftAsked):
    """An archived document with the draft's seals."""

    job: Name
