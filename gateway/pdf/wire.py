"""The words parent and child exchange: one JSON request, one JSON answer, length first.

Never pickle: a child that a hostile file took over can answer falsely, but cannot make the
parent run anything.
"""

from __future__ import annotations

import struct
from dataclasses import replace
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, Protocol

from pydantic import BaseModel, ConfigDict, Field

from gateway.core.drawing import Drawing, FontSubset, Picture
from gateway.core.errors import Scope
from gateway.core.facts import DocumentFacts, Wanted
from gateway.core.flow_definition import OutsideSigner
from gateway.core.flow_fields import FieldInAdvance
from gateway.core.plan import SealingPlan
from gateway.pdf.given import trial_beside
from gateway.ports import Credential, Evidence, Expectation, Prepared, SignatureReport, Signer
from gateway.ports.returning import Awaited, Returned
from gateway.ports.seals import MadePage, Wish
from gateway.ports.signers import SignatureParts

FILES = b"files"
"""What comes with descriptors of files: they cannot travel alone."""
LENGTH = struct.Struct(">Q")
LONGEST = 256 * 1024 * 1024
"""Bytes of one message; more is taken for a broken child."""


class Message(BaseModel):
    """A value on the wire: immutable, closed, binary parts in base64."""

    model_config = ConfigDict(
        defer_build=True,
        frozen=True,
        extra="forbid",
        ser_json_bytes="base64",
        val_json_bytes="base64",
        hide_input_in_errors=True,
    )


class Ready(Message):
    """A child's first words: what the kernel keeps it from."""

    network: bool
    """And from other programs and processes."""
    files: bool
    """All but those that it is given, and what it runs on."""


_MADE = "made"
Made = Annotated[Path, _MADE]
"""A file that a request makes; all others are only read."""


class ExamineRequest(Message):
    """Ask for `Documents.examine`."""

    verb: Literal["examine"] = "examine"
    path: Path
    wanted: Wanted


class PrepareRequest(Message):
    """Ask for `Documents.prepare`."""

    verb: Literal["prepare"] = "prepare"
    original: Path
    draft: Made
    plan: SealingPlan
    artwork: tuple[Path, ...]
    chain: tuple[bytes, ...]
    credential: Credential
    """Without its chain: that travels beside it, in base64."""
    anchors: tuple[bytes, ...]

    @property
    def signer(self) -> Signer:
        """Return the port's value, put together again."""
        return Signer(replace(self.credential, chain=self.chain), self.anchors)


class FieldsRequest(Message):
    """Ask for `FieldMaking.prepare_fields`."""

    verb: Literal["fields"] = "fields"
    original: Path
    draft: Made
    fields: tuple[FieldInAdvance, ...]


class RepairRequest(Message):
    """Ask for `Repairing.repair`."""

    verb: Literal["repair"] = "repair"
    original: Path
    draft: Made


class StampRequest(Message):
    """Ask for `Documents.to_stamp`."""

    verb: Literal["to-stamp"] = "to-stamp"
    seam: bytes
    signature: bytes


class EmbedRequest(Message):
    """Ask for `Documents.embed`."""

    verb: Literal["embed"] = "embed"
    prepared: Path
    draft: Made
    seam: bytes
    signature: bytes
    timestamp: bytes | None


class ExtendRequest(Message):
    """Ask for `Documents.extend`."""

    verb: Literal["extend"] = "extend"
    signed: Path
    draft: Made
    certificates: tuple[bytes, ...]
    ocsps: tuple[bytes, ...]
    crls: tuple[bytes, ...]
    vri_field: str
    stamp: bool

    @property
    def evidence(self) -> Evidence:
        """Return the port's value."""
        return Evidence(self.certificates, self.ocsps, self.crls)


class FillRequest(Message):
    """Ask for `Documents.fill`."""

    verb: Literal["fill"] = "fill"
    extended: Path
    draft: Made
    hole: bytes
    token: bytes


class TokenRequest(Message):
    """Ask for `Documents.last_token`."""

    verb: Literal["token"] = "token"  # of a time-stamp
    path: Path


class SignaturePartsRequest(Message):
    """Ask for `SignatureReading.signature_parts`."""

    verb: Literal["signature-parts"] = "signature-parts"
    path: Path


class VerifyRequest(Message):
    """Ask for `Documents.verify`."""

    verb: Literal["verify"] = "verify"
    path: Path
    anchors: tuple[bytes, ...]
    original: Path | None = None
    plan: SealingPlan | None = None
    certificate: bytes = b""
    seam: bytes = b""

    @property
    def expected(self) -> Expectation | None:
        """Return the release gate's expectation, or None for a plain validation."""
        if self.original is None or self.plan is None:
            return None
        return Expectation(self.original, self.plan, self.certificate, self.seam)


class CheckReturnRequest(Message):
    """Ask for `ReturnedFiles.check_return`."""

    verb: Literal["check-return"] = "check-return"
    sent: Path
    returned: Path
    signer: OutsideSigner
    anchors: tuple[bytes, ...]
    field: str
    others: tuple[str, ...]
    last: bool

    @property
    def awaited(self) -> Awaited:
        """Return the port's value, put together again."""
        return Awaited(self.signer, self.anchors, self.field, self.others, self.last)


class DrawRequest(Message):
    """Ask for `PagePictures.draw`."""

    verb: Literal["draw"] = "draw"
    path: Path
    page: int
    png: Made
    longest: int
    paper: bool


class DrawSealedRequest(Message):
    """Ask for `PagePictures.draw_sealed`."""

    verb: Literal["draw-sealed"] = "draw-sealed"
    path: Path
    plan: SealingPlan
    artwork: tuple[Path, ...]
    page: int
    png: Made
    longest: int


class PreviewRequest(Message):
    """Ask for `Documents.preview`."""

    verb: Literal["preview"] = "preview"
    path: Path
    plan: SealingPlan
    artwork: tuple[Path, ...]
    png: Annotated[Path | None, _MADE]
    pdf: Annotated[Path | None, _MADE]


class ImportRequest(Message):
    """Ask for `SealPages.from_file`."""

    verb: Literal["import"] = "import"
    source: Path
    page: Made
    wish: Wish


class DrawingRequest(Message):
    """Ask for `SealPages.from_drawing`."""

    verb: Literal["drawing"] = "drawing"
    page: Made
    outline: Drawing
    """Without its binary parts: they travel beside it, in base64, in the order of the drawing."""
    pictures: tuple[bytes, ...]
    programs: tuple[bytes, ...]

    @classmethod
    def of(cls, drawing: Drawing, page: Path) -> DrawingRequest:
        """Take a drawing apart for the wire."""
        pictures = tuple(mark.png for mark in drawing.marks if isinstance(mark, Picture))
        programs = tuple(font.program for font in drawing.fonts)
        return cls(
            page=page,
            outline=_filled(drawing, (b"",) * len(pictures), (b"",) * len(programs)),
            pictures=pictures,
            programs=programs,
        )

    @property
    def drawing(self) -> Drawing:
        """Return the port's value, put together again."""
        return _filled(self.outline, self.pictures, self.programs)


def _filled(drawing: Drawing, pictures: tuple[bytes, ...], programs: tuple[bytes, ...]) -> Drawing:
    """Return the drawing with these binary parts in the places of its own."""
    waiting = iter(pictures)
    marks = tuple(
        replace(mark, png=next(waiting)) if isinstance(mark, Picture) else mark
        for mark in drawing.marks
    )
    fonts: tuple[FontSubset, ...] = tuple(
        replace(font, program=program)
        for font, program in zip(drawing.fonts, programs, strict=True)
    )
    return replace(drawing, marks=marks, fonts=fonts)


WritingCall = (
    PrepareRequest
    | FieldsRequest
    | RepairRequest
    | StampRequest
    | EmbedRequest
    | ExtendRequest
    | FillRequest
)
"""Calls that make a sealed document, step by step."""

ReadingCall = (
    ExamineRequest | TokenRequest | SignaturePartsRequest | VerifyRequest | CheckReturnRequest
)
ShowingCall = DrawRequest | DrawSealedRequest | PreviewRequest
Call = WritingCall | ReadingCall | ShowingCall | ImportRequest | DrawingRequest


class Use(Enum):
    """What a file is given for."""

    READ = "read"
    MADE = "made"
    TRIAL = "trial"
    """It is nobody's, and gone with the request."""


class Given(NamedTuple):
    """A file that a child is given for a request."""

    path: Path
    use: Use


def given_for(call: Call) -> tuple[Given, ...]:
    """Return the files that a call is about, each once, in an order that both sides know."""
    found: dict[Path, Use] = {}
    for name, use in _files_of(type(call)):
        value: object = getattr(call, name)
        for path in value if isinstance(value, tuple) else (value,):
            if isinstance(path, Path):
                found.setdefault(path, use)
    match call:
        case PrepareRequest() | FieldsRequest():
            found[trial_beside(call.draft)] = Use.TRIAL
        case PreviewRequest() | DrawSealedRequest():
            found[trial_beside(call.path)] = Use.TRIAL
    return tuple(Given(path, use) for path, use in found.items())


@cache
def _files_of(kind: type[Message]) -> tuple[tuple[str, Use], ...]:
    """Return the names of a request's members that name files, and what for."""
    members = kind.model_fields.items()
    return tuple(
        (name, Use.MADE if _MADE in member.metadata else Use.READ)
        for name, member in members
        if "Path" in str(member.annotation)
    )


class Request(Message):
    """One request."""

    call: Annotated[Call, Field(discriminator="verb")]
    seconds: float
    """Of processor time that it may take."""
    passwords: tuple[str, ...] = Field(default=(), repr=False)
    """What may be tried on an encrypted document; secret."""


class PreparedAnswer(Message):
    """`Prepared` on the wire."""

    digest: bytes
    seam: bytes
    notes: tuple[str, ...]

    def value(self) -> Prepared:
        """Return the port's value."""
        return Prepared(self.digest, self.seam, self.notes)


class ExtensionAnswer(Message):
    """`Extension` on the wire."""

    digest: bytes
    hole: bytes


class Fault(Message):
    """An error of the house's tree on the wire."""

    scope: Scope
    code: str
    detail: str


class Answer(Message):
    """One answer; which member is set follows from the request, or it is `fault`."""

    seconds: float = 0.0
    """Of processor time that it took."""
    fault: Fault | None = None
    facts: DocumentFacts | None = None
    prepared: PreparedAnswer | None = None
    changes: tuple[str, ...] = ()
    """What was done to mend a document, in words."""
    to_stamp: bytes | None = None
    extension: ExtensionAnswer | None = None
    token: bytes = b""
    reports: tuple[SignatureReport, ...] = ()
    parts: tuple[SignatureParts, ...] = ()
    made: MadePage | None = None
    returned: Returned | None = None


class Readable(Protocol):
    """Where messages come from."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes; fewer only at the end."""


def frame(text: bytes) -> bytes:
    """Return a message with its length before it."""
    return LENGTH.pack(len(text)) + text


def unframe(stream: Readable) -> bytes | None:
    """Read one message; None when the other side has ended."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    size = LENGTH.unpack(head)[0]
    if size > LONGEST:
        return None
    text = stream.read(size)
    return text if len(text) == size else None
