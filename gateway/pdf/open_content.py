"""What a page's content leaves open at its end, and how that is closed.

Much content in use saves a graphics state that it never restores, or restores one that it never
saved, which viewers pass over. Whatever is drawn behind it must know (ISO 32000-2, 8.4.2).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pyhanko.pdf_utils import generic

from gateway.core.errors import DocumentFault
from gateway.pdf.faults import reading

_TOKEN = re.compile(
    rb"%[^\r\n]*|[\[\](]|"
    rb"(?<![^\s\0\]\)>}])(?:q|Q|BT|ET|BMC|BDC|EMC|BI)(?![^\s\0()<>\[\]{}/%])"
)
"""Where something may open or close; whatever lies between is passed over."""
_IN_STRING = re.compile(rb"\\.|[()]", re.DOTALL)
_PICTURE = re.compile(
    rb"[\s\0]ID[\s\0].*?[\s\0]EI(?=[\s\0](?:[\0\t-~]{10}|[\0\t-~]{0,9}\Z)|\Z)", re.DOTALL
)
"""A picture in the page up to its end, behind which there are operators and no more of it."""
_PATH_OPEN = re.compile(rb"(?:^|[\s\0])(?:m|l|c|v|y|h|re|W\*?)[\s\0]*$")
_DIGITS_OPEN = re.compile(rb"<[0-9A-Fa-f\s\0]*\Z")
_MOST_OPEN = 1000


@dataclass(frozen=True)
class OpenContent:
    """What is open at the end of a page's content."""

    states: int = 0
    """Graphics states that are saved and not restored."""
    text: bool = False
    marks: int = 0
    """Sequences of marked content without their end."""
    path: bool = False
    unfinished: bytes = b""
    """The delimiters that a string or list lacks, with which the content breaks off."""
    surplus: tuple[int, ...] = ()
    """Where a state is restored that was never saved: offsets of the `Q` that viewers ignore."""

    @property
    def closing(self) -> bytes:
        """Return the operators that close everything, and the state that is saved before it."""
        words = [self.unfinished] if self.unfinished else []
        words += [b"n"] * self.path + [b"ET"] * self.text
        words += [b"EMC"] * min(self.marks, _MOST_OPEN)
        return b" ".join([*words, *[b"Q"] * (1 + min(self.states, _MOST_OPEN))])


def left_open(content: bytes) -> OpenContent:
    """Look through a page's content, all its streams joined, for what it leaves open."""
    return _Look(content).found()


class _Look:
    """Goes once through a page's content."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0
        self._states = self._marks = self._lists = self._brackets = 0
        self._text = False
        self._surplus: list[int] = []
        self._pictures = True
        """Whether a picture may still end somewhere."""

    def found(self) -> OpenContent:
        """Return what is open when the content has ended."""
        while (token := _TOKEN.search(self._content, self._at)) is not None:
            self._at = token.end()
            match token.group():
                case b"(" | b"[" | b"]" | b"BI" as delimiter:
                    self._pass(delimiter)
                case b"q" | b"Q" as operator:
                    self._count_state(operator, token.start())
                case b"BT" | b"ET" as operator:
                    self._text = operator == b"BT"
                case b"BMC" | b"BDC":
                    self._marks += 1
                case b"EMC":
                    self._marks = max(0, self._marks - 1)
        path = _PATH_OPEN.search(self._content[-20:]) is not None
        surplus = tuple(self._surplus)
        return OpenContent(self._states, self._text, self._marks, path, self._unfinished(), surplus)

    def _count_state(self, operator: bytes, place: int) -> None:
        if operator == b"q":
            self._states += 1
        elif self._states:
            self._states -= 1
        else:
            self._surplus.append(place)

    def _pass(self, delimiter: bytes) -> None:
        """Pass over strings and pictures, in which operators are none; count lists."""
        if delimiter == b"(":
            self._pass_string()
        elif delimiter == b"[":
            self._lists += 1
        elif delimiter == b"]":
            self._lists = max(0, self._lists - 1)
        elif self._pictures:
            picture = _PICTURE.search(self._content, self._at)
            self._at = picture.end() if picture else self._at
            self._pictures = picture is not None

    def _pass_string(self) -> None:
        self._brackets = 1
        while self._brackets:
            found = _IN_STRING.search(self._content, self._at)
            if found is None:
                self._at = len(self._content)
                return
            self._at = found.end()
            self._brackets += {b"(": 1, b")": -1}.get(found.group(), 0)

    def _unfinished(self) -> bytes:
        digits = _DIGITS_OPEN.search(self._content[-4096:]) is not None
        brackets, lists = min(self._brackets, _MOST_OPEN), min(self._lists, _MOST_OPEN)
        return b")" * brackets + b">" * digits + b"]" * lists


def joined(streams: list[generic.IndirectObject]) -> bytes | None:
    """Return a page's content as one, as viewers see it; None when it cannot be decoded."""
    parts: list[bytes] = []
    try:
        with reading():
            for reference in streams:
                found = reference.get_object()
                parts += [found.data] if isinstance(found, generic.StreamObject) else []
    except DocumentFault:
        return None
    return b"\n".join(parts)


def without(content: bytes, surplus: tuple[int, ...]) -> bytes:
    """Return the content without the operators at these offsets."""
    kept = bytearray(content)
    for place in surplus:
        kept[place : place + 1] = b" "
    return bytes(kept)
