"""What of a JPEG goes into a document: what is needed to draw it.

A photograph carries where and when it was taken, by which camera, and a small copy of what was
there before it was cut to size. None of this belongs into every document that is sealed.
"""

from __future__ import annotations

_START, _END, _SCAN = 0xD8, 0xD9, 0xDA
_COMMENT = 0xFE
_DATA = (0x00, *range(0xD0, 0xD8))
"""After 0xFF within a scan: a plain byte, or a point to restart at (ITU-T T.81, B.1.1)."""
_NEEDED = (0xE0, 0xEE)
"""APP0 and APP14 say how colours are coded."""


def bare(content: bytes) -> bytes:
    """Return a JPEG without comments, application data and what follows its end.

    Raises `ValueError` when its segments cannot be followed.
    """
    kept = [content[:2]]
    position = 2
    while True:
        marker, length = _segment(content, position)
        if marker == _END:
            return b"".join([*kept, b"\xff\xd9"])
        following = position + 2 + length
        if marker == _SCAN:
            following = _after_scan(content, following)
        beside = marker == _COMMENT or (0xE0 <= marker <= 0xEF and marker not in _NEEDED)
        if not beside:
            kept.append(content[position:following])
        position = following


def _segment(content: bytes, position: int) -> tuple[int, int]:
    """Return the marker at a position, and the length of its segment after the marker."""
    head = content[position : position + 4]
    if len(head) < 2 or head[0] != 0xFF or head[1] in _DATA:
        raise ValueError("its segments are damaged")
    if head[1] == _END:
        return _END, 0
    if len(head) < 4:
        raise ValueError("it ends early")
    return head[1], max(2, int.from_bytes(head[2:4], "big"))


def _after_scan(content: bytes, position: int) -> int:
    """Return where the next marker stands."""
    while True:
        position = content.find(b"\xff", position)
        if position < 0 or position + 1 >= len(content):
            raise ValueError("it ends early")
        if content[position + 1] == 0xFF:
            position += 1
        elif content[position + 1] in _DATA:
            position += 2
        else:
            return position
