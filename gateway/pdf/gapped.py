"""DER of which only some parts of known length change: built once, then filled in.

Encoding is most of what a signature costs, and between two documents that one certificate seals
it differs in digests and signature values alone. As their lengths are the same, so are all headers
around them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Gapped:
    """An encoding with its changing parts cut out."""

    parts: tuple[bytes, ...]
    lengths: tuple[int, ...]
    """Bytes of what goes between the parts."""

    @classmethod
    def cut(cls, der: bytes, *fills: bytes) -> Gapped | None:
        """Cut fills out of an encoding; None unless each is there once, in this order."""
        parts: list[bytes] = []
        rest = der
        for fill in fills:
            if not fill or der.count(fill) != 1 or fill not in rest:
                return None
            before, rest = rest.split(fill)
            parts.append(before)
        return cls((*parts, rest), tuple(map(len, fills)))

    def filled(self, *fills: bytes) -> bytes:
        """Return the encoding with other fills; raises `ValueError` if their lengths differ."""
        if tuple(map(len, fills)) != self.lengths:
            raise ValueError("a fill of another length")
        pairs = zip(self.parts, (*fills, b""), strict=True)
        return b"".join(part for pair in pairs for part in pair)
