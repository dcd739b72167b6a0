"""A signed file that has nothing to be drawn that was not drawn and compared before it was signed.

Theory of operation
-------------------
`prepare` draws the pages of the original and of the file that it prepared, and refuses a seal that
changes anything else. `embed` puts a value into the hole of /Contents, and touches no other byte.
Where the release gate can show that of the very bytes that go out, drawing them proves nothing
that is not known. It is shown if

* the log says, in the entry of the transaction that stored the seam, that the pages of the file
  with this seam were compared with those of the original that the gate is given (by its hash);
  whoever asks the gate has made sure of that (`pipeline.sealing`);
* the signature covers the whole file but one gap, which begins and ends where the seam has its
  hole. So the file is as long as the prepared one, and as it is split there;
* the digest of these bytes, computed afresh, is the one that the seam has: that of the prepared
  file around its hole. Two files with one digest and one split are the same around it;
* the gap is one hexadecimal string, of digits and nothing else, as it was when the pages were
  drawn (digits 0). No reader can find another token there, or an object if it mends tables by
  itself; every offset is as before;
* it is /Contents of the very signature that was planned, in a dictionary that says of itself that
  it is one, and has no /Subtype. Nothing is drawn from that: it is no annotation, and the entry
  of this name by which a page is drawn is a stream, not a string.

Other signatures, stamps, forms, encryption, what was mended before, and which pages are looked at
of a longer document, make no difference: all of it lies in bytes that are the same. Anything else
(bytes behind the signature, another kind of hash, no such entry) is not shown here, and then the
gate draws.
"""

from __future__ import annotations

import os
import re

from pydantic import ValidationError

from gateway.pdf.embedded import Signature
from gateway.pdf.seam import Seam

_HEX = re.compile(rb"<(?:[0-9A-Fa-f]{2})*>")
_LONGEST_HOLE = 1 << 24
"""Bytes."""
_HASHES = frozenset({"sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512"})
"""Digest algorithms for which nobody can make two files of one digest."""


def is_as_prepared(embedded: Signature, seam_text: bytes) -> bool:
    """Tell whether a file is, but for the value of this signature, the one a seam was made of.

    False says no more than that it was not shown.
    """
    try:
        seam = Seam.model_validate_json(seam_text)
    except ValidationError:
        return False
    return (
        seam.digest_algorithm in _HASHES
        and _is_split_there(embedded, seam)
        and _is_value(embedded, seam)
        and embedded.compute_digest(seam.digest_algorithm) == seam.document_digest
    )


def _is_split_there(embedded: Signature, seam: Seam) -> bool:
    """Tell whether a signature covers all of its file but the hole."""
    size = embedded.reader.stream.seek(0, os.SEEK_END)
    start, end = seam.hole_start, seam.hole_end
    return 0 < start < end < size and embedded.covered == (0, start, end, size - end)


def _is_value(embedded: Signature, seam: Seam) -> bool:
    """Tell whether the hole is the value of the signature, and nothing besides."""
    said = embedded.sig_object
    if said.get("/Type") != "/Sig" or "/Subtype" in said:
        return False
    size = seam.hole_end - seam.hole_start
    if size > _LONGEST_HOLE:
        return False
    embedded.reader.stream.seek(seam.hole_start)
    gap = bytes(embedded.reader.stream.read(size))
    if not _HEX.fullmatch(gap):
        return False
    return bytes.fromhex(gap[1:-1].decode("ascii")) == embedded.pkcs7_content
