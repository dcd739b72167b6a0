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
    rb"%[^\r\n]*|\(|"
    rb"(?<![^\s\0\]\)>}])(?:q|Q|BT|ET|BMC|BDC|EMC|BI)(?![^\s\0()<>\[\]{}/%])"
)
"""Where something may open or close; whatever lies between is passed over."""
_IN_STRING = re.compile(rb"\\.|[()]", re.DOTALL)
_PICTURE = re.compile(
    rb"[\s\0]ID[\s\0].*?[\s\0]EI(?=[\s\0](?:[\0\t-~]{10}|[\0\t-~]{0,9}\Z)|\Z)", re.DOTALL
)
"""A picture in the page up to its end, behind which there are operators and no more of it."""
_PATH_OPEN = re.compile(rb"(?:^|[\s\0])(?:m|l|c|v|y|h|re|W\*?)[\s\0]*$")
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
    surplus: tuple[int, ...] = ()
    """Where a state is restored that was never saved: offsets of the `Q` that viewers ignore."""

    @property
    def closing(self) -> bytes:
        """Return the operators that close everything, and the state that is saved before it."""
        words = [b"n"] * self.path + [b"ET"] * self.text
        words += [b"EMC"] * min(self.marks, _MOST_OPEN)
        return b" ".join([*words, *[b"Q"] * (1 + min(self.states, _MOST_OPEN))])


def left_open(content: bytes) -> OpenContent:
    """Look through a page's content, all its streams joined, for what it leaves open."""
    states, marks, text, surplus = 0, 0, False, []
    position, pictures = 0, True
    while (found := _TOKEN.search(content, position)) is not None:
        position = found.end()
        match found.group():
            case b"(":
                position = _behind_string(content, position)
            case b"BI" if pictures:
                picture = _PICTURE.search(content, position)
                position = picture.end() if picture else position
                pictures = picture is not None
            case b"q":
                states += 1
            case b"Q" if states:
                states -= 1
            case b"Q":
                surplus.append(found.start())
            case b"BT" | b"ET" as operator:
                text = operator == b"BT"
            case b"BMC" | b"BDC":
                marks += 1
            case b"EMC":
                marks = max(0, marks - 1)
    path = _PATH_OPEN.search(content[-20:]) is not None
    return OpenContent(states, text, marks, path, tuple(surplus))


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


def _behind_string(content: bytes, position: int) -> int:
    depth = 1
    while depth:
        found = _IN_STRING.search(content, position)
        if found is None:
            return len(content)
        position = found.end()
        depth += {b"(": 1, b")": -1}.get(found.group(), 0)
    return position
